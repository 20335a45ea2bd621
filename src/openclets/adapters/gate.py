"""The gate before every record system: a message passes with a journal receipt that verifies and is its own.

The rule: architecture.md 4, step 5.
"""

from __future__ import annotations

from openclets.journal.receipt import verify_receipt
from openclets.records.query import Query


def may_pass(query: Query, gate_key: bytes) -> bool:
    """Whether the query carries a receipt of the journal for its own transaction."""
    return query.transaction == query.receipt.transaction and verify_receipt(query.receipt, gate_key)
