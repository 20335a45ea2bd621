"""The public site: what the log holds and how anybody can check it. No log-in, nothing about anybody.

Contents page: `routes.py`.
"""
