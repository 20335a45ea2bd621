"""The sites and the HTTP interface: pages rendered on the server, one site per audience, and the API.

Pages only translate: they hold no SQL and no rule. What they may ask of the system is one protocol,
`counter.Counter`.
"""
