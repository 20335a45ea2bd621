"""The invented state's past in the audit exchange form: its people, its police work, and the look-ups that
followed.

Ordinary work only. Front page: `generate.py`. What it writes is `openclets world generate`'s; interfaces.md
4.
"""
