"""Every corpus row on names, dates, identifiers, headers and fields, against the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from openclets.foundation.errors import BadInput
from openclets.foundation.instant import read_instant
from openclets.messages.characters import fold
from openclets.messages.keyed import parse
from openclets.messages.read import read_envelope, read_fields
from openclets.messages.vocabulary import load
from wrong.corpus import Row, codes, rows, run_elsewhere

TODAY = date(2026, 11, 22)
TRAINING, LIVE = load(training=True), load(training=False)


@dataclass(frozen=True)
class Outcome:
    """What came of an input: the codes of its faults, or its fields and warnings."""

    faults: frozenset[str] = frozenset()
    fields: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def taken(fields: dict[str, object], key: str = "QW", vocabulary=TRAINING) -> Outcome:
    """Fields as the JSON door hands them over."""
    try:
        read = read_fields(vocabulary, key, fields, day=TODAY)
    except BadInput as bad:
        assert all(fault.field and fault.fault and fault.remedy for fault in bad.faults)
        return Outcome(frozenset(fault.code for fault in bad.faults))
    return Outcome(fields=tuple(read.fields.items()), warnings=read.warnings)


def keyed(text: str) -> Outcome:
    """Keyed text, its envelope split off as the switch does."""
    try:
        message = parse(text, TRAINING)
    except BadInput as bad:
        return Outcome(frozenset(fault.code for fault in bad.faults))
    fields: dict[str, object] = dict(message.fields)
    beside = [fields.pop(code, None) for code in ("PUR", "RSN", "OCA", "ATN")]
    outcome = taken(fields, message.message_key)
    envelope, faults = read_envelope(
        TRAINING,
        TRAINING.resolve(message.message_key),
        purpose_code=beside[0],
        reason=beside[1],
        incident=beside[2],
        attention=beside[3],
        destinations=list(message.destinations),
    )
    found = outcome.faults | {fault.code for fault in faults}
    return Outcome(found, outcome.fields, outcome.warnings + envelope.warnings)


def named(name: str) -> Outcome:
    """A person inquiry with that name."""
    return taken({"NAM": name, "DOB": "19790101"})


def born(day: str) -> Outcome:
    """A person inquiry with that date of birth."""
    return taken({"NAM": "DOE,SAM", "DOB": day})


def moment(text: str, **how: object) -> frozenset[str]:
    """The fault codes of a moment, none where it is read."""
    try:
        read_instant(text, **how)
    except BadInput as bad:
        return frozenset(fault.code for fault in bad.faults)
    return frozenset()


def five_thousand_fields(row: Row) -> Iterable[Outcome]:
    names = [
        f"{first}{second}{number:02}" for first in "ABCDE" for second in "FGHIJKLMNO" for number in range(100)
    ]
    yield keyed("QW.CA9010100." + ".".join(f"{name}/1" for name in names))
    yield taken(dict.fromkeys(names, "1"))


def statement_in_a_name(row: Row) -> Iterable[Outcome]:
    outcome = keyed(f"{row.text}.DOB/19790101")
    assert ("NAM", row.text.partition("NAM/")[2]) in outcome.fields
    yield outcome


def attention_that_names_nobody(row: Row) -> Iterable[Outcome]:
    outcome = keyed(f"{row.text}.DOB/19790101.SEX/M.RAC/U.OCA/26-0417-003")
    assert any("ASDF names nobody" in warning for warning in outcome.warnings)
    yield outcome


def hour_that_comes_twice(row: Row) -> Iterable[Outcome]:
    text, zone = row.text.split()[:2]
    first, second = read_instant(text, zone=zone), read_instant(text, zone=zone, second_time=True)
    assert first.ambiguous
    assert (second.at - first.at).total_seconds() == 3600
    assert (first.offset - second.offset).total_seconds() == 3600
    yield Outcome()


def hour_that_was_skipped(row: Row) -> Iterable[Outcome]:
    text, zone = row.text.split()[:2]
    yield Outcome(moment(text, zone=zone))


def leap_second(row: Row) -> Iterable[Outcome]:
    read = read_instant(row.text)
    assert read.leap_second
    assert read.at == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    yield Outcome()


def offset_of_no_place(row: Row) -> Iterable[Outcome]:
    yield Outcome(moment(row.text))


def placeholder_date(row: Row) -> Iterable[Outcome]:
    outcome = born(row.text)
    assert any("placeholder" in warning for warning in outcome.warnings)
    yield outcome


def marked_letters(row: Row) -> Iterable[Outcome]:
    outcome = named(row.text)
    assert ("NAM", "GARCIA,JOSE") in outcome.fields
    assert any(row.text in warning for warning in outcome.warnings)
    yield outcome


def letter_of_another_alphabet(row: Row) -> Iterable[Outcome]:
    outcome = named(row.text)
    assert ("NAM", "DOE,JOHN") in outcome.fields
    assert any("mixes alphabets" in warning for warning in outcome.warnings)
    yield outcome


def composed_and_decomposed(row: Row) -> Iterable[Outcome]:
    composed, decomposed = named("PE\u00d1A,JOS\u00e9"), named("PEN\u0303A,JOSe\u0301")
    assert composed.fields == decomposed.fields
    yield composed


def picture(row: Row) -> Iterable[Outcome]:
    _, faults = read_envelope(
        TRAINING,
        TRAINING.resolve("QW"),
        purpose_code=None,
        reason=f"graffiti of {row.text} seen",
        incident=None,
        attention=None,
        destinations=None,
    )
    assert not faults
    yield named(f"{row.text},{row.text}")


def letters_whose_capitals_are_odd(row: Row) -> Iterable[Outcome]:
    for letter in row.text.split(" / "):
        assert fold(fold(letter).text) == fold(letter)
        outcome = named(f"{letter}O,ANNA")
        assert (
            outcome == named(f"{letter}O,ANNA".lower())
            or outcome.fields == named(f"{letter}O,ANNA".lower()).fields
        )
        yield outcome


def sixteen_characters(row: Row) -> Iterable[Outcome]:
    assert not taken({"VIN": "1SYNC2D44KP00041", "VYR": "1974"}, "RQ").faults
    yield taken({"VIN": "1SYNC2D44KP00041"}, "RQ")
    yield taken({"VIN": "1SYNC2D44KP00041", "VYR": "1994"}, "RQ")


def plate_with_letter_or_zero(row: Row) -> Iterable[Outcome]:
    letter, zero = taken({"LIC": "0SYNO01"}, "RQ"), taken({"LIC": "0SYN001"}, "RQ")
    assert letter.fields != zero.fields
    yield from (letter, zero)


def agency_of_eight(row: Row) -> Iterable[Outcome]:
    yield keyed("RQ.CA001000.NV.TXT\nLIC/0SYN001")


def numbers_never_issued(row: Row) -> Iterable[Outcome]:
    for number in ("000-00-0000", "666123456", "900123456", "999-12-3456"):
        assert not taken({"SOC": number}).faults
        yield taken({"SOC": number}, vocabulary=LIVE)


def number_of_another_file(row: Row) -> Iterable[Outcome]:
    yield taken({"NIC": "V990000417"}, "QW")
    yield taken({"NIC": "W990000417"}, "QV")
    yield taken({"NIC": "W990000417"}, "QPO")


SCENARIOS: dict[str, Callable[[Row], Iterable[Outcome]]] = {
    "B019": attention_that_names_nobody,
    "B023": five_thousand_fields,
    "B024": statement_in_a_name,
    "B161": placeholder_date,
    "B163": hour_that_comes_twice,
    "B164": hour_that_was_skipped,
    "B165": leap_second,
    "B166": offset_of_no_place,
    "B172": marked_letters,
    "B178": letter_of_another_alphabet,
    "B180": composed_and_decomposed,
    "B183": picture,
    "B184": letters_whose_capitals_are_odd,
    "B194": sixteen_characters,
    "B198": plate_with_letter_or_zero,
    "B199": agency_of_eight,
    "B201": numbers_never_issued,
    "B202": number_of_another_file,
}

LITERALS: dict[tuple[str, str], Callable[[str], Outcome]] = {
    ("switch", "header"): keyed,
    ("switch", "field"): keyed,
    ("names", "text"): named,
    ("dates", "value"): born,
    ("identifiers", "value"): lambda vin: taken({"VIN": vin}, "RQ"),
}


def runner_of(row: Row) -> Callable[[Row], Iterable[Outcome]] | None:
    """The function that runs the row here, or None."""
    if row.id in SCENARIOS:
        return SCENARIOS[row.id]
    literal = LITERALS.get((row.interface, row.category))
    return (lambda each: [literal(each.text)]) if literal and row.encoding == "py" else None


HERE = [row for row in rows().values() if not run_elsewhere(row)]


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.id)
def test_a_row_of_the_corpus_comes_out_as_it_says(row: Row):
    """Each input is taken or refused as its row says, for the fault it names."""
    runner = runner_of(row)
    assert runner is not None, f"{row.id} has no function that runs it"
    outcomes = list(runner(row))
    assert outcomes
    for outcome in outcomes:
        assert bool(outcome.faults) == row.is_refused, outcome
        if row.is_refused and row.our_codes:
            assert outcome.faults & row.our_codes, outcome


def test_no_row_of_the_corpus_is_left_out():
    """Each row has a runner, here or named; a scenario that no row asks for is a slip."""
    assert len(rows()) >= 190
    places = [*codes()["elsewhere"], *codes()["not_yet"]]
    assert all({"id", "interface"} & set(place) for place in places)
    assert set(SCENARIOS) <= {row.id for row in HERE}
    assert [row.id for row in HERE if runner_of(row) is None] == []


def test_a_row_without_a_runner_is_seen():
    """The guard above can fail: a new kind of row has no function."""
    row = Row("B999", "switch", "new-kind", "x", "desc", "refused", "SW-NEW", "refusal", "")
    assert not run_elsewhere(row)
    assert runner_of(row) is None
