"""Forward-only steps of the database's shape, and the runner that applies them (`apply.py`).

Each step is SQL in `versions/`, run by the owner's role; a slice's step makes its tables and grants rights.
"""
