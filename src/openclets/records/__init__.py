"""The port to record systems: what they are asked, what they may answer, and the kit that checks an adapter.

It holds no record and knows no network. Adapters live in `openclets.adapters`. It journals nothing: the
switch enters the intent before a system is asked and the reply before it is shown.
"""
