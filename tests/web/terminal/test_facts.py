"""A record's facts are all shown, the telling ones first, in words."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from openclets.messages import vocabulary
from openclets.switch.reply import ShownRecord
from openclets.web.terminal.facts import fact_rows, facts_shown

_CODES = sorted(vocabulary.load().fields)
_ROWS = tomllib.loads((files("openclets.web.terminal") / "facts.toml").read_text("utf-8"))["fact"]


@given(
    st.dictionaries(
        st.sampled_from([*_CODES, "ZZ9"]), st.from_regex(r"[A-Z]{3,8}", fullmatch=True), max_size=12
    )
)
def test_no_fact_is_lost(facts: dict[str, str]) -> None:
    """Whatever a source says is on the page, whether the table knows its code or not."""
    shown = " ".join(line for row in fact_rows(facts) for line in row.values)
    assert all(value in shown for value in facts.values())


def test_facts_that_belong_together_are_one_row() -> None:
    """A plate and its state, a vehicle and its colour, are read in one glance."""
    rows = {
        row.label: row.values
        for row in fact_rows({"LIS": "CA", "LIC": "0ABC123", "VYR": "2019", "VMA": "TOYT"})
    }
    assert rows == {"Plate": ("0ABC123 CA",), "Vehicle": ("2019 TOYT",)}


def test_a_date_is_written_with_dashes_and_a_number_is_not() -> None:
    """Only fields that hold dates are written as dates."""
    rows = {row.label: row.values for row in fact_rows({"DOB": "19880417", "OLN": "19880417"})}
    assert rows["Born"] == ("1988-04-17",) and rows["License"] == ("19880417",)


def test_what_is_withheld_is_named() -> None:
    """An operator sees that something is kept back, and not what."""
    rows = facts_shown(ShownRecord("protection_order", {"PNO": "26DV00417"}, withheld=("PPN",)))
    assert rows[-1].values == ("Withheld: not for your role",)


def test_no_code_stands_in_two_rows() -> None:
    """A second row for the same kinds would never be shown."""
    codes = [(code, kind) for row in _ROWS for code in row["codes"] for kind in row.get("kinds", [""])]
    assert len(codes) == len(set(codes))


def test_one_code_reads_differently_in_records_of_different_kinds() -> None:
    """A licence is issued without any order, and its restrictions are no registration."""
    facts = {"ISD": "20231211", "RST": "CORRECTIVE LENSES"}
    assert {row.label for row in fact_rows(facts, "driver")} == {"Issued", "Restrictions"}
    assert [row.label for row in fact_rows({"ISD": "20231211"}, "protection_order")] == ["Order issued"]
