"""Rows of the exchange that do not change from day to day: operators, persons, relations, vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from openclets.demo.world.chance import stream
from openclets.demo.world.people import Household, Person
from openclets.demo.world.world import World

Row = tuple[object, ...]


def instant(on: date) -> datetime:
    """The first instant of that day in UTC; day-grained facts of the world carry no hour."""
    return datetime.combine(on, time(), UTC)


def operators(world: World) -> Iterator[Row]:
    """Everybody certified, and the machines."""
    chance = stream(world.seed, "operator careers")
    for posting in world.postings:
        began = world.today - timedelta(days=chance.randrange(200, 6_000))
        yield (
            posting.operator.id,
            posting.operator.agency_ori,
            posting.unit,
            posting.operator.role,
            world.persons[posting.person].id if posting.person is not None else None,
            instant(began),
            None,
        )


def persons(world: World) -> Iterator[Row]:
    """Everybody, the neighbouring state's people last."""
    protected: dict[int, list[str]] = {}
    for order in world.orders:
        if order.expires >= world.today:
            protected.setdefault(order.protected, []).append("protective_order")
    for posting in world.postings:
        if posting.person is not None:
            protected.setdefault(posting.person, []).append("peace_officer")
    for place, person in enumerate(world.persons):
        kinds = ";".join(dict.fromkeys(protected.get(place, ()))) or None
        yield _person(person, world.households[person.household], kinds)
    for person in world.neighbour.persons:
        yield _person(person, world.neighbour.households[person.household], None)


def _person(person: Person, home: Household, protected: str | None) -> Row:
    return (person.id, person.surname, home.id, person.sex, person.birth_year, protected)


def vehicles(world: World) -> Iterator[Row]:
    """One row an ownership: every vehicle has had one owner that we know of."""
    for car in world.vehicles:
        yield (car.id, world.persons[car.owner].id, instant(car.bought), None)
    for car in world.neighbour.vehicles:
        yield (car.id, world.neighbour.persons[car.owner].id, instant(car.bought), None)


def relations(world: World) -> Iterator[Row]:
    """Ties of households, courts, neighbours and personnel files, each once."""
    told: set[tuple[str, str, str]] = set()
    for row in _relations(world):
        key = (str(row[0]), str(row[1]), str(row[2]))
        if key not in told and row[0] != row[1]:
            told.add(key)
            yield row


def _relations(world: World) -> Iterator[Row]:
    for home in world.households:
        yield from _of_household([world.persons[place] for place in home.members], home)
    for one, other in pairwise(world.households):
        near = one.street.split(" ", 1)[1] == other.street.split(" ", 1)[1] and one.city == other.city
        if near and one.members and other.members:
            yield _tie(
                world.persons[one.members[0]], world.persons[other.members[0]], "neighbour", "addresses"
            )
    for order in world.orders:
        restrained, protected = world.persons[order.restrained], world.persons[order.protected]
        ends = instant(order.expires)
        yield (restrained.id, protected.id, "protective_order", "court", instant(order.issued), ends)
        yield (restrained.id, protected.id, "court_opponent", "court", instant(order.issued), None)
        if order.ex_partners:
            yield (restrained.id, protected.id, "ex_partner", "court", None, None)
    for posting in world.postings:
        for tie in posting.ties:
            if posting.person is not None:
                own = world.persons[posting.person]
                yield _tie(own, world.persons[tie], "emergency_contact", "personnel file")


def _of_household(members: list[Person], home: Household) -> Iterator[Row]:
    head = members[0]
    partner = next((member for member in members if member.place == "partner"), None)
    children = [member for member in members if member.place == "child"]
    if partner is not None:
        # One couple in five is not married; whose, is fixed by the household's number.
        kind = "cohabitant" if int(home.id[1:]) % 5 == 0 else "spouse"
        yield _tie(head, partner, kind, "household")
    for child in children:
        for parent in (head, partner):
            if parent is not None:
                yield _tie(parent, child, "parent", "household")
    for n, child in enumerate(children):
        for other in children[n + 1 :]:
            yield _tie(child, other, "sibling", "household")
    for member in members:
        if member.place == "parent":
            yield _tie(member, head, "parent", "household")
        elif member.place == "sharer":
            yield _tie(head, member, "cohabitant", "household")


def _tie(one: Person, other: Person, kind: str, source: str) -> Row:
    return (one.id, other.id, kind, source, None, None)
