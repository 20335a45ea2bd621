"""The making of the invented state, table by table."""

from __future__ import annotations

from datetime import date

from openclets.demo.world import courts, people, property
from openclets.demo.world.agencies import Precinct, make_precincts, make_terminals
from openclets.demo.world.citations import make_citations
from openclets.demo.world.size import SIZES, Size
from openclets.demo.world.staff import make_postings
from openclets.demo.world.thefts import make_thefts
from openclets.demo.world.world import Neighbour, World

_NEIGHBOUR_AGENCIES = ("9020200", "9010100", "9030000")


def make_world(size: str | Size, seed: int, today: date) -> World:
    """The state of that size, wholly determined by its arguments. Raises KeyError for a size without a
    name.
    """
    of_size = SIZES[size] if isinstance(size, str) else size
    precincts = make_precincts(seed, of_size, today)
    households, persons = people.make_people(seed, of_size.persons, _places(precincts), today)
    vehicles = property.make_vehicles(seed, persons, today)
    licences = property.make_licences(seed, persons, vehicles, today)
    terminals = make_terminals(precincts)
    policing = tuple(precinct.agency.ori for precinct in precincts if precinct.polices)
    orders = courts.make_orders(seed, persons, households, today)
    histories = courts.make_histories(seed, persons, today, policing)
    warrants = courts.make_warrants(seed, persons, today, policing)
    unfit = frozenset(
        (*(o.restrained for o in orders), *(h.subject for h in histories), *(w.subject for w in warrants))
    )
    return World(
        size=of_size,
        seed=seed,
        today=today,
        precincts=precincts,
        terminals=terminals,
        postings=make_postings(
            seed, precincts, terminals, persons, households, vehicles, licences, unfit, today
        ),
        households=households,
        persons=persons,
        vehicles=vehicles,
        licences=licences,
        vessels=property.make_vessels(seed, persons, today),
        off_highway=property.make_off_highway(seed, persons, today),
        firearms=property.make_firearms(seed, persons, today),
        citations=make_citations(seed, vehicles, today, _issuers(precincts)),
        orders=orders,
        histories=histories,
        warrants=warrants,
        thefts=make_thefts(seed, vehicles, today, policing),
        neighbour=_make_neighbour(seed, of_size, today, "NV", "N", "W"),
        further={
            "OR": _make_neighbour(seed + 1, of_size, today, "OR", "O", "X"),
            "AZ": _make_neighbour(seed + 2, of_size, today, "AZ", "Z", "Y"),
        },
    )


def _make_neighbour(
    seed: int, size: Size, today: date, state: str, people_prefix: str, vehicle_prefix: str
) -> Neighbour:
    places = [(901, "SILVER SAMPLE", 0.7), (902, "DRY EXAMPLE", 0.3)]
    households, persons = people.make_people(
        seed, max(200, size.persons // 20), places, today, prefix=people_prefix
    )
    vehicles = property.make_vehicles(seed, persons, today, state=state, prefix=vehicle_prefix)
    return Neighbour(
        households=households,
        persons=persons,
        vehicles=vehicles,
        licences=property.make_licences(seed, persons, vehicles, today, state=state),
        warrants=courts.make_warrants(seed, persons, today, _agencies_of(state), national_only=True),
        thefts=make_thefts(seed, vehicles, today, _agencies_of(state), neighbour=True),
    )


def _agencies_of(state: str) -> tuple[str, ...]:
    return tuple(state + number for number in _NEIGHBOUR_AGENCIES)


def _places(precincts: tuple[Precinct, ...]) -> list[tuple[int, str, float]]:
    return [(p.county, p.city, p.population) for p in precincts if p.population > 0]


def _issuers(precincts: tuple[Precinct, ...]) -> tuple[str, ...]:
    return tuple(f"{p.short} {p.city}" for p in precincts if p.polices)
