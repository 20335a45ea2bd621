"""From the records an index gave to the answer a record system makes: judged, limited to the key, printed.

Used by the systems over PostgreSQL and by the outside processes alike. Pure: it is given the records and the
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openclets.adapters.synthetic.systems import SystemRow
from openclets.adapters.synthetic.texts.printing import Moment, print_negative, print_records
from openclets.records.answer import Answer, LegState, Record
from openclets.records.matching import Match, match_identifier, match_person, values
from openclets.records.partial import match_description, match_name_alone, match_part_of_plate
from openclets.records.query import Query
from openclets.records.scope import as_entitled

RECORDS_MAX = 40
"""More matches than this are counted, not sent: the inquiry is too wide."""


def answer(row: SystemRow, query: Query, found: Iterable[Record], moment: Moment) -> Answer:
    """What `row`'s system says to `query`, given every record its index found."""
    exact: list[Record] = []
    possible: list[Record] = []
    ranks: dict[str, int] = {}
    kinds = row.of_key.get(query.message_key)
    for record in found:
        if kinds is not None and record.kind not in kinds:
            continue
        match = _match(row, query, record, moment.today)
        if match is None:
            continue
        entitled = as_entitled(record, query, moment.today)
        if entitled is not None:
            ranks[record.ref] = match.rank
            (possible if match.possible else exact).append(_as_sent(entitled, match, row, query))
    # Whoever holds exactly what was asked is meant; look-alikes are for when nobody does.
    matched = exact or possible
    if not matched:
        return Answer(LegState.NO_RECORD, text=print_negative(row, query, moment))
    if len(matched) > 1:
        matched.sort(key=lambda record: (not record.hit, -ranks[record.ref], record.ref))
    sent, left_out = tuple(matched[:RECORDS_MAX]), len(matched) - RECORDS_MAX
    text = print_records(row, query, sent, moment, max(left_out, 0))
    if is_pick_list(row, query):
        text += "\nPICK LIST - ASK AGAIN BY NUMBER FOR THE WHOLE RECORD"
    if left_out > 0:
        return Answer(LegState.TRUNCATED, sent, text, f"{left_out} more records match; narrow the inquiry")
    return Answer(LegState.HIT if sent[0].hit else LegState.RECORD, sent, text)


def cannot_be_searched(row: SystemRow, query: Query) -> Answer:
    """The answer where a system holds nothing that could be found by what was asked: it was not searched."""
    asked = ", ".join(query.fields)
    by = ", ".join([*(w.code for w in row.search), *(f"{name}+{birth}" for name, birth in row.names)])
    return Answer(
        LegState.NOT_ASKED,
        text=f"NOT SEARCHED  {' '.join(f'{code}/{value}' for code, value in query.fields.items())}",
        detail=f"{row.name} cannot be searched by {asked}; it is searched by {by}",
    )


def _match(row: SystemRow, query: Query, record: Record, today: str) -> Match | None:
    fields = query.fields
    if query.message_key in row.part_of and "LIC" in fields:
        return match_part_of_plate(fields, record)
    by_identifier = False
    for wanted in row.search:
        if wanted.code in fields:
            by_identifier = True
            match = match_identifier(fields, wanted, record)
            if match is not None and _is_narrowed_to(row, fields, record):
                return match
    if by_identifier:
        return None
    for name_code, birth_code in row.names:
        if name_code in fields and birth_code in fields:
            return match_person(fields, name_code, birth_code, record, row.rule)
    if query.message_key in row.lists_names and "NAM" in fields:
        return match_name_alone(fields, record)
    if row.described and {"SEX", "RAC", "AGE"} <= fields.keys():
        return match_description(fields, record, today)
    return None


def _is_narrowed_to(row: SystemRow, fields: Mapping[str, str], record: Record) -> bool:
    return all(
        code not in fields or not values(record, code) or fields[code] in values(record, code)
        for code in row.narrowed_by
    )


def is_pick_list(row: SystemRow, query: Query) -> bool:
    """Whether this system answers this inquiry with a list to pick a number from, not with whole records."""
    return bool(row.picks) and not any(wanted.code in query.fields for wanted in row.search)


def _as_sent(record: Record, match: Match, row: SystemRow, query: Query) -> Record:
    facts = record.facts
    shown = row.picks if is_pick_list(row, query) else row.brief.get(query.message_key)
    if shown is not None:
        facts = {code: value for code, value in facts.items() if code in shown}
    return Record(
        record.kind,
        record.ref,
        facts,
        record.subjects,
        # What only may be the one meant warns of nothing yet.
        {} if match.candidate else record.codes,
        match.words,
        record.identifiers,
        record.hit and not match.candidate,
    )
