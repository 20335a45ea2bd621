"""The audit exchange: the tables by which any look-up log comes in and ranked cases go out (interfaces.md 4).

The tables are data (`tables.toml`); `read.py` takes a folder of Parquet or CSV, `check.py` holds its tables
against each other, `write.py` writes them. It knows no journal and judges nobody. Enters nothing.
"""
