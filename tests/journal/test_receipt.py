"""Receipts: what a connector lets through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openclets.journal.entry import Receipt
from openclets.journal.receipt import issue_receipt, verify_receipt

GATE_KEY = bytes(range(32))
TEXT = st.text(max_size=40)


@given(TEXT, st.integers(0, 2**60), st.binary(min_size=32, max_size=32), TEXT)
def test_a_receipt_verifies_as_it_was_issued_and_not_otherwise(
    origin: str, index: int, leaf: bytes, transaction: str
):
    """T7: every field is under the seal, and so is where one ends and the next begins."""
    receipt = issue_receipt(origin, index, leaf, transaction, GATE_KEY)

    assert verify_receipt(receipt, GATE_KEY)
    for forged in (
        replace(receipt, origin=origin + "x"),
        replace(receipt, index=index + 1),
        replace(receipt, entry_sha256="00" * 32 + "0"),
        replace(receipt, transaction=transaction + "x"),
        replace(receipt, seal=""),
        replace(receipt, seal="é" * 64),
        replace(receipt, seal=receipt.seal.upper() + " "),
        replace(receipt, origin=origin + "\n", transaction=transaction[1:]),
    ):
        assert not verify_receipt(forged, GATE_KEY)
    assert not verify_receipt(receipt, bytes(32))


def test_a_receipt_that_nobody_issued_is_refused():
    """Text of any kind in its place is a refusal and never an error."""
    assert not verify_receipt(Receipt("\ud800", -1, "\udfff", "\x00", "\ud800"), GATE_KEY)
