"""Reading feeds: every fault of every line at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclets.duty.feed import FAULTS_MAX, LINE_BYTES_MAX, read_feed, read_line
from openclets.duty.work import KINDS, Incident
from openclets.foundation.errors import BadInput

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
GOOD = {
    "kind": "incident",
    "id": "1",
    "incident_id": "26-0001",
    "agency_ori": "CA9010100",
    "opened": "2026-11-22T17:00:00Z",
    "nature": "TRAFFIC STOP",
}


def encoded(**changes: object) -> bytes:
    return msgspec.json.encode({name: value for name, value in (GOOD | changes).items() if value is not ...})


def test_a_good_line_reads_as_its_noun() -> None:
    """The set-up of every refusal below, unchanged, is taken."""
    assert read_line(encoded(), 1, NOW) == Incident(
        id="1",
        incident_id="26-0001",
        agency_ori="CA9010100",
        opened=NOW - timedelta(hours=1),
        nature="TRAFFIC STOP",
    )


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        (b"{", "line 1", "JSON_INVALID"),
        (b"[1]", "line 1", "JSON_INVALID"),
        (b"\xff\xfe", "line 1", "JSON_INVALID"),
        (b'{"a": "' + b"x" * LINE_BYTES_MAX + b'"}', "line 1", "LINE_TOO_LONG"),
        (encoded(kind="incidnet"), "line 1 kind", "KIND_UNKNOWN"),
        (encoded(kind=["incident"]), "line 1 kind", "KIND_UNKNOWN"),
        (encoded(id=...), "line 1 id", "FIELD_MISSING"),
        (encoded(id=""), "line 1 id", "FIELD_INVALID"),
        (encoded(id=7), "line 1 id", "FIELD_INVALID"),
        (encoded(opend="x"), "line 1 opend", "FIELD_UNKNOWN"),
        (encoded(opened="2026-11-22T17:00:00"), "line 1 opened", "FIELD_INVALID"),
        (encoded(opened="2026-02-30T17:00:00Z"), "line 1 opened", "FIELD_INVALID"),
        (encoded(agency_ori="CA90101"), "line 1 agency_ori", "FIELD_INVALID"),
        (encoded(nature="A\u0000B"), "line 1 nature", "CHARACTER_INVALID"),
        (encoded(nature="A\u202eB"), "line 1 nature", "CHARACTER_INVALID"),
        (encoded(closed="2026-11-22T16:00:00Z"), "line 1 closed", "TIMES_REVERSED"),
        (encoded(opened="2206-11-22T17:00:00Z"), "line 1", "TIME_TOO_FAR"),
    ],
)
def test_a_bad_line_names_field_fault_and_remedy(line: bytes, field: str, code: str) -> None:
    """Each fault says where, what, and what to do."""
    faults = read_line(line, 1, NOW)
    assert isinstance(faults, tuple)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]
    assert faults[0].fault and faults[0].remedy


def test_a_misspelt_field_is_answered_with_the_right_one() -> None:
    """A near miss is named, so that the sender need not look it up."""
    faults = read_line(encoded(opend="x"), 1, NOW)
    assert isinstance(faults, tuple) and faults[0].remedy == "did you mean `opened`?"


def test_all_faults_of_all_lines_come_at_once() -> None:
    """Two bad fields on line 1 and one on line 3 are one answer."""
    with pytest.raises(BadInput) as refused:
        read_feed([encoded(id="", nature=5), encoded(), encoded(closed="x"), b""], NOW)
    assert [fault.field for fault in refused.value.faults] == ["line 1 id", "line 1 nature", "line 3 closed"]


def test_a_feed_of_nothing_but_faults_is_answered_briefly() -> None:
    """The answer stays readable however bad the feed is."""
    with pytest.raises(BadInput) as refused:
        read_feed([b"{"] * 1000, NOW)
    assert len(refused.value.faults) == FAULTS_MAX + 1
    assert "800" in refused.value.faults[-1].fault


def test_a_system_speaks_only_for_agencies_it_was_enrolled_for() -> None:
    """Otherwise one agency could furnish another's look-ups with incidents."""
    assert read_feed([encoded()], NOW, agencies=frozenset({"CA9010100"})).lines == 1
    with pytest.raises(BadInput) as refused:
        read_feed([encoded()], NOW, agencies=frozenset({"CA9020300"}))
    assert refused.value.faults[0].code == "AGENCY_NOT_YOURS"


def test_the_last_line_of_one_id_stands() -> None:
    """A feed that amends itself says its last word."""
    read = read_feed([encoded(nature="A"), encoded(nature="B")], NOW)
    assert [record.nature for record in read.records if isinstance(record, Incident)] == ["B"]
    assert (read.lines, read.counts()) == (2, {"incident": 1})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_faults(line: bytes) -> None:
    """No input makes the reader fail in a third way."""
    read = read_line(line, 1, NOW)
    assert isinstance(read, tuple(KINDS.values())) or (isinstance(read, tuple) and read)


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.none(), st.text(max_size=20), st.integers(), st.lists(st.text(max_size=3)))
            for name in GOOD
        }
    )
)
def test_any_object_is_read_or_refused_with_faults(found: dict[str, object]) -> None:
    """The same for whole objects with right names and wrong values."""
    read = read_line(msgspec.json.encode(GOOD | found), 1, NOW)
    assert isinstance(read, tuple(KINDS.values())) or (isinstance(read, tuple) and read)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_record_written_as_json_reads_back_the_same(kind: str, data: st.DataObject) -> None:
    """The feed's form is the nouns' own JSON."""
    instants = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
    first, second = sorted((data.draw(instants), data.draw(instants)))
    number = st.from_regex(r"[A-Z0-9][A-Z0-9 ._:/-]{0,10}", fullmatch=True)
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(KINDS[kind]):
        if field.name in {"opened", "starts", "at"}:
            values[field.name] = first
        elif field.name in {"closed", "ends"}:
            values[field.name] = second
        elif field.name == "on":
            values[field.name] = first.date()
        elif field.name == "operator_ids":
            values[field.name] = tuple(data.draw(st.lists(number, max_size=3)))
        elif field.name == "agency_ori":
            values[field.name] = "CA9010100"
        elif field.name == "plate":
            values[field.name] = data.draw(st.from_regex(r"[A-Z0-9]{0,10}", fullmatch=True))
        else:
            values[field.name] = data.draw(number)
    record = KINDS[kind](**values)
    assert read_line(msgspec.json.encode(record), 1, NOW) == record
