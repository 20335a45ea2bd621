"""The terminal site: an operator logs in, runs a look-up, reads the returns, confirms hits, gives reasons.

Every page works as plain HTML; scripts only shorten the way. Contents page: `routes.py`.
"""
