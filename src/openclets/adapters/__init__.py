"""The outside: record systems, each behind the port of `openclets.records`. One folder each."""
