"""The vocabulary of the network as data: message keys, fields, edits, purpose codes; keyed text in and out.

No clock, no store, no opinion about permission: a terminal form, an adapter, the demo and the reference pages
all read the same tables. Adding a message key is a row, not code. Front page: `vocabulary.py`; what was typed
is read by `read.py`, keyed text by `keyed.py`. Enters nothing.
"""
