"""Agencies, operators, terminals, agreements, training: who is entitled to transact now.

Keeps the rows, the credentials and the keyed digests of operators' own identifiers; gives the switch one
versioned view in memory. What may then be asked is the rules' affair. Contents page: `standing.py`.

Enters `OperatorLoggedIn`, `LogInFailed`, `OperatorLoggedOut`, `OperatorChangedTerminal`, `AccountLocked`,
`AccountReleased`, `TokenIssued`, `TokenRevoked`, `LogInLinkIssued`, `PasswordSet`, `DirectoryChanged`.
"""
