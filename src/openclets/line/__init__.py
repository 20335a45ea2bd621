"""The line protocol CLX/1 (messages.md 4.5): agencies' own systems on long-lived TLS connections.

`openclets line` is a process of its own beside the network: it takes messages durably (`intake.py`), asks the
network over its HTTP interface (`asking.py`) and keeps each answer until the line has acknowledged it. It
decides nothing and reads no record; who may ask what is the network's affair, inquiry by inquiry. `client.py`
is the other end, for systems that connect; `legacy.py` lets terminals of STX and ETX speak to it.

Enters, by way of the network's process (`entering.py`): `LineEnrolled`, `LineWithdrawn`, `LineConnected`,
`LineRefused`.
"""
