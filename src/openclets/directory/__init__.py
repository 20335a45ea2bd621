"""Agencies, operators, terminals, agreements, training: who is entitled to transact now.

Keeps the rows, the credentials and the keyed digests of operators' own identifiers; gives the switch one
versioned view in memory. Enters `OperatorLoggedIn`, `LogInFailed`, `DirectoryChanged` and their like.
Contents page: `standing.py`.
"""
