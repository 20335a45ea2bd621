"""What a matched record may say today under the key it was asked by: messages.md 5.2, 5.3."""

from __future__ import annotations

import msgspec
import pytest

from adapters.samples import ASKER, order, query, vehicle, wanted
from openclets.records.query import Query
from openclets.records.scope import NOT_EXTRADITABLE, as_entitled

TODAY = "20261122"


def asked(sweep: bool = False, state: str = "CA") -> Query:
    asker = msgspec.structs.replace(ASKER, agency_ori=f"{state}9010100")
    return query("doj.restraining_order", {"PNO": "26DV00417"}, "QPO", sweep=sweep, asker=asker)


def test_an_order_holds_through_its_last_day_and_then_is_no_hit() -> None:
    """Expired orders answer QPO as INACTIVE and carry no codes that a banner could come from."""
    last_day, day_after = order(EXP=TODAY), order(EXP="20261121")

    assert as_entitled(last_day, asked(), TODAY) is last_day
    over = as_entitled(day_after, asked(), TODAY)
    assert over is not None and not over.hit
    assert over.facts["STA"] == "INACTIVE - EXPIRED"
    assert over.codes["PCO"] == [] and over.codes["BRD"] == ["N"]


def test_a_sweep_leaves_inactive_orders_out() -> None:
    """Never on a sweep (design): neither the expired nor the withdrawn."""
    assert as_entitled(order(EXP="20261121"), asked(sweep=True), TODAY) is None
    assert as_entitled(order(STA="INACTIVE"), asked(sweep=True), TODAY) is None
    assert as_entitled(order(EXP="NONEXP"), asked(sweep=True), TODAY) is not None


@pytest.mark.parametrize(
    ("limit", "state", "reaches"),
    [
        ("1", "NY", True),
        ("4", "NY", True),
        ("A", "NY", True),
        ("C", "CA", True),
        ("C", "NY", False),
        ("D", "CA", False),
        ("D", "NV", True),
        ("E", "NY", True),
    ],
)
def test_misdemeanors_stay_within_their_limit_on_a_sweep(limit: str, state: str, reaches: bool) -> None:
    """Felonies always; misdemeanors only inside the extradition limit. The warrant is a Nevada one."""
    warrant = wanted(EXL=limit)

    assert (as_entitled(warrant, asked(sweep=True, state=state), TODAY) is not None) is reaches


def test_an_out_of_limit_warrant_asked_for_by_itself_is_labeled() -> None:
    """Outside a sweep it is shown, as NOT EXTRADITABLE TO YOUR LOCATION, and only then."""
    assert as_entitled(wanted(EXL="D"), asked(state="CA"), TODAY).facts["LIM"] == NOT_EXTRADITABLE
    assert "LIM" not in as_entitled(wanted(EXL="D"), asked(state="NV"), TODAY).facts


def test_a_registration_is_current_through_its_last_day() -> None:
    """Standing follows from today, not from a stored word."""
    assert as_entitled(vehicle(RVT=TODAY), asked(), TODAY).facts["STA"] == "CURRENT"
    assert as_entitled(vehicle(RVT="20261121"), asked(), TODAY).facts["STA"] == "EXPIRED"
    assert as_entitled(vehicle(STA="SALVAGE"), asked(), TODAY).facts["STA"] == "SALVAGE"
