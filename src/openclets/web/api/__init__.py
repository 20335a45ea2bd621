"""The programs' side of the network: JSON and keyed text over HTTP, the public log, the feeds.
Pages live beside it.
"""
