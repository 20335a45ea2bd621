"""Whether a record is the one asked for, and in which words: pure rules over inquiry fields and a record.

Rules: messages.md 7. Identifiers win: where one is asked, the name is not searched and sex and race do not
narrow. Tables: `matching.toml`. It finds nothing itself; a record system hands in what its index gave.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from openclets.foundation.errors import BrokenInvariant
from openclets.records.answer import Record
from openclets.records.names import FoldedName, Phonetics, fold_name, sound

VIN_RIGHT = 8
"""How many last characters of a VIN make a possible match."""

_DROPPED = dict.fromkeys(range(0x21)) | {ord("-"): None, 0x7F: None}
_O_AS_ZERO = {**_DROPPED, ord("O"): "0"}
_ZERO_FOLDED = frozenset({"LIC", "SER"})


class RaceRule(StrEnum):
    """How the race asked narrows a search by name."""

    MATRIX = "matrix"
    EXACT = "exact"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NameRule:
    """How one class of record system compares persons; a row of `matching.toml`. Years: either way."""

    name: str
    phonetics: tuple[Phonetics, ...]
    years: int
    years_expanded: int
    filters_sex: bool
    race: RaceRule

    def years_allowed(self, fields: Mapping[str, str]) -> int:
        """How far the birth year may differ for this inquiry (EBS/1 asks for the wider search)."""
        return self.years_expanded if fields.get("EBS") == "1" else self.years


@dataclass(frozen=True, slots=True)
class Identifier:
    """A field that names one thing or person by itself; `state` is the field that narrows it, or empty."""

    code: str
    words: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a record matched, as printed after `MATCHED ON:`. A possible match must be checked by eye."""

    words: str
    possible: bool = False
    rank: int = 0
    """Among several: the higher first."""
    candidate: bool = False
    """Fits a description or a part of a number only: never a hit by itself."""


@dataclass(frozen=True, slots=True)
class _Tables:
    rules: dict[str, NameRule]
    races: dict[str, frozenset[str]]
    identifiers: dict[str, Identifier]


@cache
def _tables() -> _Tables:
    text = tomllib.loads((files("openclets.records") / "matching.toml").read_text("utf-8"))
    rules = {
        r["name"]: NameRule(
            r["name"],
            tuple(Phonetics(code) for code in r["phonetics"]),
            r["years"],
            r["years_expanded"],
            r["sex"] == "filter",
            RaceRule(r["race"]),
        )
        for r in text["rule"]
    }
    races = {r["asked"]: frozenset(r["searches"]) for r in text["race"]}
    identifiers = {
        r["code"]: Identifier(r["code"], r["words"], r.get("state", "")) for r in text["identifier"]
    }
    return _Tables(rules, races, identifiers)


def name_rule(name: str) -> NameRule:
    """The rule of that name. Raises BrokenInvariant when the table has none."""
    rule = _tables().rules.get(name)
    if rule is None:
        raise BrokenInvariant(f"matching.toml has no rule {name}")
    return rule


def identifier(code: str) -> Identifier:
    """The identifier of that field code. Raises BrokenInvariant when the table has none."""
    row = _tables().identifiers.get(code)
    if row is None:
        raise BrokenInvariant(f"matching.toml has no identifier {code}")
    return row


def values(record: Record, code: str) -> Sequence[str]:
    """What a record holds under a field code, in its facts or else its identifiers; empty when nothing."""
    held = record.facts.get(code) or record.identifiers.get(code)
    if not held:
        return ()
    return (held,) if isinstance(held, str) else held


def fold_identifier(value: str) -> str:
    """An identifier as compared: upper case, without spaces, controls and hyphens."""
    return value.translate(_DROPPED).upper()


def index_form(code: str, value: str) -> str:
    """What an identifier is filed under: wide enough that every possible match is found, then judged."""
    if code in _ZERO_FOLDED:
        return value.upper().translate(_O_AS_ZERO)
    folded = fold_identifier(value)
    return folded[-VIN_RIGHT:] if code == "VIN" else folded


def match_identifier(fields: Mapping[str, str], wanted: Identifier, record: Record) -> Match | None:
    """Does the record hold the identifier asked? Right eight of a VIN, O for 0 in a plate: possible only."""
    asked = fields[wanted.code]
    held = values(record, wanted.code)
    if asked not in held:
        folded = [fold_identifier(value) for value in held]
        if fold_identifier(asked) not in folded:
            return _possible(wanted, asked, held) if _state_agrees(fields, wanted, record) else None
    return _exact(wanted) if _state_agrees(fields, wanted, record) else None


@cache
def _exact(wanted: Identifier) -> Match:
    return Match(f"{wanted.words} exact")


def _possible(wanted: Identifier, asked: str, held: Sequence[str]) -> Match | None:
    form = index_form(wanted.code, asked)
    if form not in [index_form(wanted.code, value) for value in held]:
        return None
    if wanted.code == "VIN":
        return (
            Match(f"last {VIN_RIGHT} of VIN (possible match)", possible=True)
            if len(form) == VIN_RIGHT
            else None
        )
    if wanted.code in _ZERO_FOLDED:
        return Match(f"{wanted.words} with O read as 0 (possible match)", possible=True)
    return None


def _state_agrees(fields: Mapping[str, str], wanted: Identifier, record: Record) -> bool:
    if not wanted.state:
        return True
    asked = fields.get(wanted.state)
    if not asked:
        return True
    held = values(record, wanted.state)
    return not held or asked in held


def match_person(
    fields: Mapping[str, str], name_code: str, birth_code: str, record: Record, rule: NameRule
) -> Match | None:
    """Does the record hold a person of this name and birth date, by the rule?

    `name_code` and `birth_code` are NAM and DOB, or PPN and PPB for the person an order protects; sex and
    race asked describe the former only.
    """
    birth = _match_birth(fields[birth_code], values(record, birth_code), rule.years_allowed(fields))
    if birth is None:
        return None
    protected = name_code == "PPN"
    if not protected and not _sex_and_race_agree(fields, record, rule):
        return None
    asked = fold_name(fields[name_code])
    found = _match_name(asked, values(record, name_code), rule.phonetics)
    if found:
        return Match(f"{'protected person ' if protected else ''}name {found}, {birth}")
    if is_expanded(fields) and _in_other_order(asked, values(record, name_code), rule.phonetics):
        return Match(f"name (other order), {birth}")
    if not protected and (found := _match_name(asked, values(record, "AKA"), rule.phonetics)):
        return Match(f"alias {found}, {birth}")
    return None


def race_searched(asked: str) -> Sequence[str]:
    """The races that a search for `asked` takes in (race matrix); every one where the matrix has no row."""
    searched = _tables().races.get(asked)
    return sorted(searched) if searched is not None else sorted(frozenset().union(*_tables().races.values()))


def is_expanded(fields: Mapping[str, str]) -> bool:
    """Whether the inquiry asks for names in other orders too (ENS/Y)."""
    return fields.get("ENS") == "Y"


def _match_birth(asked: str, held: Sequence[str], years: int) -> str | None:
    if asked in held:
        return "DOB exact"
    if not years or len(asked) != 8 or not asked.isdigit():
        return None
    for value in held:
        if len(value) == 8 and value[4:] == asked[4:] and value[:4].isdigit():
            apart = int(value[:4]) - int(asked[:4])
            if abs(apart) <= years:
                return f"DOB month and day exact, year {apart:+d}"
    return None


def _match_name(asked: FoldedName, held: Sequence[str], phonetics: tuple[Phonetics, ...]) -> str:
    """`exact`, `(initial)` or `(phonetic)`, or empty when no held name agrees. The best of several wins."""
    best = ""
    for text in held:
        name = fold_name(text)
        if asked.surname in name.surnames:
            if _given_equal(asked, name):
                return "exact"
            if _given_agree(asked, name):
                best = "(initial)"
        elif not best and _sounds_alike(asked, name, phonetics) and _given_agree(asked, name):
            best = "(phonetic)"
    return best


def _in_other_order(asked: FoldedName, held: Sequence[str], phonetics: tuple[Phonetics, ...]) -> bool:
    """Is the surname held among the names asked, and the surname asked among the names held?"""
    for text in held:
        name = fold_name(text)
        if _any_alike((asked.surname,), (*name.surnames, *name.given), phonetics) and _any_alike(
            name.surnames, (*asked.surnames, *asked.given), phonetics
        ):
            return True
    return False


def _any_alike(ones: Sequence[str], others: Sequence[str], phonetics: tuple[Phonetics, ...]) -> bool:
    if not set(ones).isdisjoint(others):
        return True
    return any(
        not {sound(one, code) for one in ones if one}.isdisjoint(
            sound(other, code) for other in others if other
        )
        for code in phonetics
    )


def _given_equal(asked: FoldedName, held: FoldedName) -> bool:
    return bool(asked.given) and bool(held.given) and asked.given[0] == held.given[0]


def _given_agree(asked: FoldedName, held: FoldedName) -> bool:
    if not asked.given or not held.given:
        return True
    return asked.given[0][0] == held.given[0][0] or not set(asked.given).isdisjoint(held.given)


def _sounds_alike(asked: FoldedName, held: FoldedName, phonetics: tuple[Phonetics, ...]) -> bool:
    for code in phonetics:
        wanted = sound(asked.surname, code)
        if wanted and any(sound(surname, code) == wanted for surname in held.surnames):
            return True
    return False


def _sex_and_race_agree(fields: Mapping[str, str], record: Record, rule: NameRule) -> bool:
    sex = fields.get("SEX")
    if rule.filters_sex and sex in ("M", "F"):
        held = values(record, "SEX")
        if held and sex not in held and "U" not in held and "X" not in held:
            return False
    race = fields.get("RAC")
    if not race or rule.race is RaceRule.NONE:
        return True
    held = values(record, "RAC")
    if not held:
        return True
    if rule.race is RaceRule.EXACT:
        return race == "U" or race in held
    searched = _tables().races.get(race)
    return searched is None or not searched.isdisjoint(held)
