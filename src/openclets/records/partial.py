"""Searches that find more than one: by a name alone, by part of a plate, by a description.

Pure rules over inquiry fields and a record, as `matching.py`, whose tables they use (messages.md 2.1 RNQ RPQ
DNQ, 7 block search). What they find is a candidate, ranked, and says why; it is never a hit by itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from openclets.records.answer import Record
from openclets.records.matching import Match, fold_identifier, race_searched, values
from openclets.records.names import fold_name

KNOWN_MIN = 3
"""How many characters of a plate must be known for a search by part of it."""

_TOLD = {"VMA": "make", "VYR": "year", "LIT": "plate type", "LIY": "plate year"}


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of a described person; a row of `matching.toml`. `within` in its unit, 0 for equal or not."""

    code: str
    words: str
    within: int


@cache
def traits() -> tuple[Trait, ...]:
    """Every trait a block search scores, in order."""
    rows = tomllib.loads((files("openclets.records") / "matching.toml").read_text("utf-8"))["trait"]
    return tuple(Trait(row["code"], row["words"], row["within"]) for row in rows)


def match_name_alone(fields: Mapping[str, str], record: Record) -> Match | None:
    """Surname exact (or a part of a double one), given names agreeing; a birth date asked must be exact."""
    birth = fields.get("DOB")
    if birth and birth not in values(record, "DOB"):
        return None
    sex, held_sex = fields.get("SEX"), values(record, "SEX")
    if sex in ("M", "F") and held_sex and sex not in held_sex:
        return None
    asked = fold_name(fields["NAM"])
    for held in values(record, "NAM"):
        name = fold_name(held)
        if asked.surname not in name.surnames or not asked.given or not name.given:
            continue
        whole = asked.given[0] == name.given[0]
        if whole or (len(asked.given[0]) == 1 and asked.given[0] == name.given[0][0]):
            words = f"name {'exact' if whole else '(initial)'}{', DOB exact' if birth else ', no DOB'}"
            return Match(words, rank=int(whole))
    return None


@lru_cache(maxsize=1024)
def known_parts(pattern: str) -> tuple[str, ...]:
    """The runs of known characters of a plate pattern, `*` standing for any number of unknown ones."""
    return tuple(fold_identifier(part) for part in pattern.split("*"))


def match_part_of_plate(fields: Mapping[str, str], record: Record) -> Match | None:
    """Does the plate held fit the pattern? What else was told ranks, and never keeps a candidate out."""
    parts = known_parts(fields["LIC"])
    if sum(map(len, parts)) < KNOWN_MIN:
        return None
    state = fields.get("LIS")
    if state and values(record, "LIS") and state not in values(record, "LIS"):
        return None
    form = re.compile(".*".join(map(re.escape, parts)))
    held = next((plate for plate in values(record, "LIC") if form.fullmatch(fold_identifier(plate))), None)
    if held is None:
        return None
    agree = [
        words for code, words in _TOLD.items() if fields.get(code) and fields[code] in values(record, code)
    ]
    words = f"plate {held} fits {fields['LIC']}" + "".join(f", {told}" for told in agree)
    return Match(words, possible=True, rank=len(agree), candidate=True)


def match_description(fields: Mapping[str, str], record: Record, today: str) -> Match | None:
    """Block search: sex, race (by the matrix) and age are hard; each further trait scores for or against.

    `today` is CCYYMMDD: a missing person is as old as today makes them; one unidentified, as was estimated.
    """
    held_sex = values(record, "SEX")
    if fields["SEX"] in ("M", "F") and held_sex and fields["SEX"] not in held_sex and "U" not in held_sex:
        return None
    held_race = values(record, "RAC")
    if held_race and set(race_searched(fields["RAC"])).isdisjoint(held_race):
        return None
    asked, held_age = ages(fields["AGE"]), _ages_held(record, today)
    if held_age is None or held_age[0] > asked[1] or held_age[1] < asked[0]:
        return None
    said = "-".join(str(year) for year in dict.fromkeys(held_age))
    agree = ["sex", "race", f"age {said}"]
    differ: list[str] = []
    rank = 0
    for trait in traits():
        told, held = fields.get(trait.code), values(record, trait.code)
        if not told or not held:
            continue
        near = _is_near(trait, told, held)
        rank += 1 if near else -1
        (agree if near else differ).append(trait.words)
    words = ", ".join(agree) + (f"; not {', '.join(differ)}" if differ else "")
    return Match(words, possible=True, rank=rank, candidate=True)


def ages(text: str) -> tuple[int, int]:
    """`34` or `30-45` as least and most years."""
    least, _, most = text.partition("-")
    return int(least), int(most or least)


def _ages_held(record: Record, today: str) -> tuple[int, int] | None:
    estimated = values(record, "AGE")
    if estimated:
        return ages(estimated[0])
    births = values(record, "DOB")
    if not births or len(births[0]) != 8 or not births[0].isdigit():
        return None
    years = int(today[:4]) - int(births[0][:4]) - (today[4:] < births[0][4:])
    return years, years


def _is_near(trait: Trait, told: str, held: Sequence[str]) -> bool:
    if not trait.within:
        return told in held
    return any(
        value.isdigit() and abs(_size(trait, told) - _size(trait, value)) <= trait.within for value in held
    )


def _size(trait: Trait, value: str) -> int:
    return int(value[0]) * 12 + int(value[1:]) if trait.code == "HGT" else int(value)
