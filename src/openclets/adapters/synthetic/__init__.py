"""The invented state's own record systems, over PostgreSQL schema `synthetic`.

Front page: `system.py`. `systems.toml` says what each system holds and how it is searched; `keys.py` is the
one rule by which records are filed and found; `load.py` fills the tables; `texts/` prints answers. It stands
where a real state's connectors would stand, and knows of the journal only the receipt.
"""
