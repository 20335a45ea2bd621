"""From answers to a reply: states, banners from codes, what is withheld, the one-line summary.

Pure: it is given everything and keeps nothing. A silent or refusing source is never counted as "no record".
Tables: `banners.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from openclets.records.answer import ANSWERED, Answer, LegState, Record
from openclets.switch.asking import Arrival
from openclets.switch.reply import Banner, Leg, Reply, ShownRecord
from openclets.switch.routing import PlannedLeg

STATE_CODE_LENGTH = 2
"""A record system of another state is named by the state's two letters; ours and the national one by more."""


@dataclass(frozen=True, slots=True)
class _Withholding:
    facts: frozenset[str]
    roles_entitled: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Tables:
    by_code: dict[tuple[str, str], tuple[int, str, str]]
    by_hit: dict[str, str]
    withheld: dict[str, _Withholding]


@cache
def _tables() -> _Tables:
    text = tomllib.loads((files("openclets.switch") / "banners.toml").read_text("utf-8"))
    return _Tables(
        by_code={(r["code"], r["value"]): (n, r["kind"], r["text"]) for n, r in enumerate(text["banner"])},
        by_hit={r["kind"]: r["text"] for r in text["hit"]},
        withheld={
            r["kind"]: _Withholding(frozenset(r["facts"]), frozenset(r["roles_entitled"]))
            for r in text["withhold"]
        },
    )


def not_asked(planned: PlannedLeg, reason: str) -> Leg:
    """A leg that a rule or an outage kept out: shown, with the reason."""
    return Leg(
        planned.system,
        planned.title,
        planned.message_key,
        LegState.NOT_ASKED,
        reason=reason,
        cause=planned.cause,
    )


def pending(planned: PlannedLeg) -> Leg:
    """A leg that has been asked and has not answered yet."""
    return Leg(planned.system, planned.title, planned.message_key, LegState.PENDING, cause=planned.cause)


def timed_out(planned: PlannedLeg, after_s: float) -> Leg:
    """A leg that did not answer within the deadline; it may still come, as LATE."""
    return Leg(
        planned.system,
        planned.title,
        planned.message_key,
        LegState.TIMED_OUT,
        elapsed_ms=after_s * 1000,
        reason=f"no answer within {after_s:g} s",
        cause=planned.cause,
    )


def given_up(reply: Reply, reason: str) -> Reply:
    """`reply` with every leg still out given up for `reason`, and therefore final."""
    legs = tuple(
        msgspec.structs.replace(leg, state=LegState.TIMED_OUT, reason=reason)
        if leg.state is LegState.PENDING
        else leg
        for leg in reply.legs
    )
    return msgspec.structs.replace(reply, legs=legs, final=True, summary=summary(legs))


def answered(planned: PlannedLeg, arrival: Arrival, role: str, *, late: bool = False) -> Leg:
    """A leg with its answer, as an operator in `role` may see it.

    The state of a late leg that was answered whole is LATE; what it says is in its records and
    text, as for any other. One that came late and could not be read, or was denied, keeps that
    state.
    """
    answer = arrival.answer
    return Leg(
        planned.system,
        planned.title,
        planned.message_key,
        LegState.LATE if late and answer.state in ANSWERED else answer.state,
        elapsed_ms=arrival.elapsed_ms,
        records=tuple([_shown(record, role) for record in answer.records]),
        text="" if planned.drops_negatives and answer.state is LegState.NO_RECORD else answer.text,
        reason=answer.detail,
        cause=planned.cause,
    )


def _shown(record: Record, role: str) -> ShownRecord:
    withholding = _tables().withheld.get(record.kind)
    if withholding is None or role in withholding.roles_entitled:
        return ShownRecord(record.kind, record.facts, record.matched_on, record.hit)
    withheld = tuple(code for code in record.facts if code in withholding.facts)
    facts = {code: value for code, value in record.facts.items() if code not in withholding.facts}
    return ShownRecord(record.kind, facts, record.matched_on, record.hit, withheld)


def banners(legs: Sequence[PlannedLeg], answers: Iterable[tuple[int, Answer]]) -> tuple[Banner, ...]:
    """HIT banners first, then cautions in the order of the table, each once."""
    hits: list[Banner] = []
    coded: dict[tuple[int, str, str], str] = {}
    for n, answer in answers:
        for record in answer.records:
            if record.hit:
                text = _tables().by_hit.get(record.kind, "HIT")
                hits.append(Banner("HIT", f"{text} ({legs[n].title})", confirm=True, system=legs[n].system))
            for code, values in record.codes.items():
                for value in values:
                    row = _tables().by_code.get((code, value))
                    if row is not None:
                        coded.setdefault(row, legs[n].system)
    cautions = [Banner(kind, text, system=system) for (_, kind, text), system in sorted(coded.items())]
    return tuple(dict.fromkeys(hits)) + tuple(cautions)


def summary(legs: Sequence[Leg]) -> str:
    """One line that cannot be mistaken for "no record" unless every source answered so."""
    hits = [leg.title for leg in legs if leg.state is LegState.HIT or any(r.hit for r in leg.records)]
    waiting = [leg.title for leg in legs if leg.state is LegState.PENDING]
    silent = [leg.title for leg in legs if leg.state not in ANSWERED | {LegState.PENDING, LegState.LATE}]
    found = [leg.title for leg in legs if leg.records]
    states = _states_named(legs)
    if hits:
        first = f"HIT from {_joined(hits)}."
    elif found:
        first = f"Record from {_joined(found)}."
    elif not silent and not waiting:
        return f"No record: every source asked has answered.{states}"
    else:
        first = (
            "No record from those that answered."
            if len(silent) + len(waiting) < len(legs)
            else "No source answered."
        )
    if waiting:
        first += f" Waiting for {_joined(waiting)}."
    if silent:
        first += f" Not answered or not asked: {_joined(silent)}."
    return first + states


def _states_named(legs: Sequence[Leg]) -> str:
    """Where several states were asked: which hold something, which do not, which are silent."""
    asked = [(leg.system.partition(".")[0].upper(), leg) for leg in legs]
    if sum(len(state) == STATE_CODE_LENGTH for state, _ in asked) < 2:
        return ""
    found: dict[str, list[str]] = {"with records": [], "without": [], "silent": []}
    for state, leg in asked:
        if len(state) != STATE_CODE_LENGTH:
            continue
        if leg.records:
            found["with records"].append(state)
        elif leg.state is LegState.NO_RECORD or (leg.state is LegState.LATE and not leg.reason):
            found["without"].append(state)
        else:
            found["silent"].append(state)
    said = [f"{words} {_joined(list(dict.fromkeys(states))) or 'none'}" for words, states in found.items()]
    return f" Other states: {'; '.join(said)}."


def result_class(legs: Sequence[Leg]) -> str:
    """The one word an entry keeps in clear: HIT, RECORD, NO_RECORD, or INCOMPLETE when a source is
    missing.
    """
    if any(r.hit for leg in legs for r in leg.records):
        return "HIT"
    if any(leg.records for leg in legs):
        return "RECORD"
    if all(leg.state in ANSWERED or (leg.state is LegState.LATE and not leg.reason) for leg in legs):
        return "NO_RECORD"
    return "INCOMPLETE"


def _joined(titles: Sequence[str]) -> str:
    return ", ".join(titles)
