"""Record systems in other processes, over HTTP and JSON: the connector, and the outside processes of the
demo.

Front pages: `system.py` for the asking side, `outside_server.py` for the answering side; the form both speak
is `wire.py`. Nothing outside the agreed form is ever taken for an answer.
"""
