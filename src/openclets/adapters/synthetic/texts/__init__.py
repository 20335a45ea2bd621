"""What a terminal prints for an answer, in the manner of messages.md 5. Front page: `printing.py`; texts are
data.
"""
