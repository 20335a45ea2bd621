"""How fast openclets is, beside what it stands on.

`python -m benchmarks` prints the table of docs/benchmarks.md.
"""
