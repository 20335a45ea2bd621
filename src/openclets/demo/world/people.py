"""People in households: who lives with whom, where, and what they look like.

Household shapes follow the ordinary ones of the state (single, couple, family, one parent, three generations,
shared); shares are our own round figures, checked by tests for plausibility, not taken from a census.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import msgspec

from openclets.demo.world.chance import Weighted, stream
from openclets.demo.world.names import Names, load_names


class Household(msgspec.Struct, frozen=True, gc=False):
    """An address and the people at it. `members` are positions in `World.persons`."""

    id: str
    street: str
    city: str
    county: int
    shape: str
    members: tuple[int, ...]


class Person(msgspec.Struct, frozen=True, gc=False):
    """An invented person. `dob` is CCYYMMDD; `household` a position in `World.households`.

    `place` is what they are in the household: `head`, `partner`, `child`, `parent`, `sharer`.
    """

    id: str
    name: str
    dob: str
    sex: str
    race: str
    height: str
    weight: str
    eyes: str
    hair: str
    household: int
    place: str

    @property
    def surname(self) -> str:
        return self.name.split(",", 1)[0]

    @property
    def birth_year(self) -> int:
        return int(self.dob[:4])

    def age(self, today: date) -> int:
        """Whole years on that day."""
        had_birthday = f"{today:%m%d}" >= self.dob[4:]
        return today.year - self.birth_year - (not had_birthday)


ZIP = "90000"
"""No post office has it, so no invented address can be a real one."""

_SHAPES = Weighted(
    (
        ("single", 26),
        ("couple", 25),
        ("family", 26),
        ("one parent", 9),
        ("three generations", 7),
        ("shared", 7),
    )
)
_CHILDREN = Weighted(((1, 40), (2, 38), (3, 16), (4, 6)))
_RACES = Weighted((("W", 61), ("A", 16), ("B", 7), ("I", 2), ("U", 14)))
_EYES = Weighted((("BRO", 60), ("BLU", 18), ("HAZ", 11), ("GRN", 8), ("GRY", 3)))
_HAIR = Weighted((("BLK", 34), ("BRO", 44), ("BLN", 12), ("RED", 3), ("GRY", 7)))
_STREETS = tuple(
    f"{side}EXAMPLE {kind}"
    for kind in ("ST", "AV", "RD", "LN", "DR", "CT", "WY", "PL")
    for side in ("", "N ", "S ")
)


class _Street:
    """Gives addresses of one city, each once, house after house, so that neighbours are neighbours."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        block, house = divmod(self._count, 60)
        street = _STREETS[block % len(_STREETS)]
        self._count += 1
        return f"{100 * (1 + block // len(_STREETS)) + house} {street}"


def make_people(
    seed: int, count: int, places: list[tuple[int, str, float]], today: date, *, prefix: str = "P"
) -> tuple[tuple[Household, ...], tuple[Person, ...]]:
    """`count` people in households over `places` (county, city, share). Ids begin with `prefix`."""
    shapes, looks = stream(seed, f"households {prefix}"), stream(seed, f"persons {prefix}")
    names = load_names()
    where = Weighted(((county, city), share) for county, city, share in places)
    streets = {(county, city): _Street() for county, city, _ in places}
    households: list[Household] = []
    persons: list[Person] = []
    while len(persons) < count:
        county, city = where.pick(shapes)
        shape = _SHAPES.pick(shapes)
        first = len(persons)
        for surname, sex, age, place in _members(shape, shapes, names):
            if len(persons) == count:
                break
            persons.append(
                _person(
                    f"{prefix}{len(persons):07d}",
                    surname,
                    sex,
                    age,
                    place,
                    len(households),
                    looks,
                    names,
                    today,
                )
            )
        households.append(
            Household(
                id=f"{'H' if prefix == 'P' else 'X'}{len(households):07d}",
                street=streets[county, city].next(),
                city=city,
                county=county,
                shape=shape,
                members=tuple(range(first, len(persons))),
            )
        )
    return tuple(households), tuple(persons)


def _members(shape: str, chance: random.Random, names: Names) -> Iterator[tuple[str, str, int, str]]:
    """Surname, sex, age and place of each member, head first."""
    surname = names.surnames.pick(chance)
    sex = "M" if chance.random() < 0.5 else "F"
    other = "F" if sex == "M" else "M"
    if shape == "single":
        yield surname, sex, _age(chance, 46, 19, 20, 96), "head"
        return
    if shape == "shared":
        age = _age(chance, 27, 7, 18, 70)
        yield surname, sex, age, "head"
        for _ in range(chance.randrange(1, 4)):
            yield (
                names.surnames.pick(chance),
                chance.choice("MF"),
                max(18, age + chance.randrange(-6, 7)),
                "sharer",
            )
        return
    age = _age(chance, 55, 16, 20, 94) if shape == "couple" else _age(chance, 41, 8, 21, 62)
    yield surname, sex, age, "head"
    if shape != "one parent":
        partner_sex = other if chance.random() < 0.93 else sex
        shared_name = chance.random() < 0.72
        partner = surname if shared_name else names.surnames.pick(chance)
        yield partner, partner_sex, min(96, max(19, round(age + chance.gauss(0, 3.5)))), "partner"
    if shape != "couple":
        for _ in range(_CHILDREN.pick(chance)):
            yield surname, chance.choice("MF"), max(0, min(30, age - 19 - int(chance.random() * 17))), "child"
    if shape == "three generations":
        for _ in range(chance.randrange(1, 3)):
            yield surname, chance.choice("FFM"), min(98, age + 20 + chance.randrange(0, 14)), "parent"


def _age(chance: random.Random, middle: float, spread: float, least: int, most: int) -> int:
    return min(most, max(least, round(chance.gauss(middle, spread))))


def _person(
    number: str,
    surname: str,
    sex: str,
    age: int,
    place: str,
    household: int,
    chance: random.Random,
    names: Names,
    today: date,
) -> Person:
    born = date.fromordinal(today.toordinal() - int((age + chance.random()) * 365.2425) - 1)
    given = (names.male if sex == "M" else names.female).pick(chance)
    draw = chance.random()
    middle = f" {'ABCDEFGHIJKLMNOPRSTVW'[int(draw * 28)]}" if draw < 0.75 else ""
    suffix = " JR" if place == "child" and sex == "M" and chance.random() < 0.02 else ""
    inches = min(82, max(50, round(chance.gauss(69.5 if sex == "M" else 64.0, 2.8)))) if age >= 14 else 50
    weight = min(380, max(60, round(chance.gauss(188 if sex == "M" else 160, 32)))) if age >= 14 else 90
    return Person(
        id=number,
        name=f"{surname},{given}{middle}{suffix}",
        dob=f"{born.year:04d}{born.month:02d}{born.day:02d}",
        sex=sex,
        race=_RACES.pick(chance),
        height=f"{inches // 12}{inches % 12:02d}",
        weight=f"{weight:03d}",
        eyes=_EYES.pick(chance),
        hair="GRY" if age > 62 and chance.random() < 0.6 else _HAIR.pick(chance),
        household=household,
        place=place,
    )
