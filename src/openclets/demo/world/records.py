"""Every record of every system of the invented state and its neighbour, as the record systems keep them.

Field codes follow field-codes.csv where it has them. Ours beside them: `RVF` and `RVT` registered from and
to, `INS` insurance, `SLD` year sold new, `RCD` and `OCD` card and ownership dates, `L/O` lien holder, `PKV`
unpaid citations, `AMT` dollars owed, `ISU` issuer, `VIO` violation, `DLS` licence standing, `CLS` class,
`CYC` arrest cycles, `CCD` county.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from openclets.demo.world import property
from openclets.demo.world.chance import stream
from openclets.demo.world.dmv_records import driver, off_highway, parking, vehicle, vessel
from openclets.demo.world.doj_records import (
    criminal_history,
    firearm,
    national_history,
    national_index,
    restraining_order,
    stolen_vehicle,
    wanted_person,
)
from openclets.demo.world.person_files import (
    driver_history,
    missing_persons,
    national_persons,
    neighbour_persons,
    registrants,
    supervised,
)
from openclets.demo.world.property_files import property_on_file
from openclets.records.answer import Record
from openclets.switch.routing import load_routes

if TYPE_CHECKING:
    from openclets.demo.world.world import Neighbour, World

LOCAL_SYSTEMS = (
    "dmv.vehicle",
    "dmv.driver",
    "dmv.vessel",
    "dmv.off_highway",
    "dmv.parking",
    "doj.criminal_history",
    "doj.wanted_person",
    "doj.restraining_order",
    "doj.stolen_vehicle",
    "doj.firearm",
    "dmv.driver_history",
    "doj.missing_person",
    "doj.supervised_release",
    "doj.registrant",
    "doj.stolen_firearm",
    "doj.article",
    "doj.boat",
)
NATIONAL_SYSTEMS = (
    "ncic.vehicle",
    "ncic.wanted_person",
    "ncic.protection_order",
    "ncic.iii_index",
    "ncic.iii_record",
    "ncic.missing_person",
    "ncic.supervised_release",
    "ncic.sex_offender",
    "ncic.foreign_fugitive",
    "ncic.violent_person",
    "ncic.gang",
    "ncic.identity_theft",
    "ncic.gun",
    "ncic.article",
    "ncic.boat",
    "ncic.security",
)


def neighbour_systems(state: str) -> tuple[str, ...]:
    """The record systems of another state, by the files it is linked for."""
    return tuple(row.name for row in load_routes().states[state].files.values())


def all_records(world: World) -> Iterator[tuple[str, Record]]:
    """(system name, record) for each record; a record may be filed in several."""
    yield from _dmv(world)
    yield from _doj(world)
    yield from _national(world)
    yield from more_of_the_state(world)
    yield from _other_state(world, "NV", world.neighbour)
    for state, near in world.further.items():
        yield from _other_state(world, state, near)


def _dmv(world: World) -> Iterator[tuple[str, Record]]:
    unpaid: dict[int, list[str]] = {}
    for citation in world.citations:
        if not citation.paid:
            line = f"{citation.issuer} {citation.number} ${citation.dollars} {citation.on:%m/%d/%y}"
            unpaid.setdefault(citation.vehicle, []).append(line)
    stolen = {theft.vehicle for theft in world.thefts if theft.in_state_file}
    for place, car in enumerate(world.vehicles):
        owner = world.persons[car.owner]
        home = world.households[owner.household]
        yield (
            "dmv.vehicle",
            vehicle(car, owner, home, unpaid.get(place, []), stolen=place in stolen),
        )
    for licence in world.licences:
        holder = world.persons[licence.holder]
        yield "dmv.driver", driver(licence, holder, world.households[holder.household])
    for boat in world.vessels:
        owner = world.persons[boat.owner]
        yield "dmv.vessel", vessel(boat, owner, world.households[owner.household])
    for other in world.off_highway:
        owner = world.persons[other.owner]
        yield "dmv.off_highway", off_highway(other, owner, world.households[owner.household])
    for citation in world.citations:
        car = world.vehicles[citation.vehicle]
        yield "dmv.parking", parking(citation, car, world.persons[car.owner])


def _doj(world: World) -> Iterator[tuple[str, Record]]:
    licences = {licence.holder: licence.number for licence in world.licences}
    for history in world.histories:
        yield (
            "doj.criminal_history",
            criminal_history(history, world.persons[history.subject], licences.get(history.subject, "")),
        )
    for warrant in world.warrants:
        if warrant.in_state_file:
            subject = world.persons[warrant.subject]
            yield "doj.wanted_person", wanted_person(warrant, subject, licences.get(warrant.subject, ""))
    for order in world.orders:
        yield (
            "doj.restraining_order",
            restraining_order(
                order,
                world.persons[order.restrained],
                world.persons[order.protected],
                licences.get(order.restrained, ""),
                world.today,
            ),
        )
    for theft in world.thefts:
        if theft.in_state_file:
            car = world.vehicles[theft.vehicle]
            yield "doj.stolen_vehicle", stolen_vehicle(theft, car, world.persons[car.owner])
    for gun in world.firearms:
        yield "doj.firearm", firearm(gun, world.persons[gun.owner], licences.get(gun.owner, ""))


def _national(world: World) -> Iterator[tuple[str, Record]]:
    near = world.neighbour
    licences = {licence.holder: licence.number for licence in world.licences}
    for theft in world.thefts:
        car = world.vehicles[theft.vehicle]
        yield "ncic.vehicle", stolen_vehicle(theft, car, world.persons[car.owner])
    for theft in near.thefts:
        car = near.vehicles[theft.vehicle]
        yield "ncic.vehicle", stolen_vehicle(theft, car, near.persons[car.owner])
    for warrant in world.warrants:
        if warrant.in_national_file:
            subject = world.persons[warrant.subject]
            yield "ncic.wanted_person", wanted_person(warrant, subject, licences.get(warrant.subject, ""))
    for warrant in near.warrants:
        yield "ncic.wanted_person", wanted_person(warrant, near.persons[warrant.subject], "")
    for order in world.orders:
        if order.national:
            restrained, protected = world.persons[order.restrained], world.persons[order.protected]
            number = licences.get(order.restrained, "")
            yield (
                "ncic.protection_order",
                restraining_order(order, restrained, protected, number, world.today),
            )
    for history in world.histories:
        if history.national:
            subject = world.persons[history.subject]
            yield "ncic.iii_index", national_index(history, subject)
            yield "ncic.iii_record", national_history(history, subject)


def more_of_the_state(world: World) -> Iterator[tuple[str, Record]]:
    """Files beside those that follow from the tables of the world, driver histories last."""
    licences = {licence.holder: licence.number for licence in world.licences}
    ori = tuple(agency.ori for agency in world.agencies)
    seed, today, persons = world.seed, world.today, world.persons
    for record in missing_persons(persons, ori, seed, today):
        yield "doj.missing_person", record
        yield "ncic.missing_person", record
    for record in supervised(world.histories, persons, licences, ori, seed, today):
        yield "doj.supervised_release", record
        if record.kind in ("parole", "probation"):
            yield "ncic.supervised_release", record
    for record in registrants(world.histories, persons, world.households, ori, seed, today):
        yield "doj.registrant", record
        if record.kind == "sex_registrant":
            yield "ncic.sex_offender", record
    yield from national_persons(persons, seed, today)
    things = property_on_file(world.vehicles, world.vessels, world.firearms, persons, ori, seed, today)
    for of_state, of_nation, record in things:
        if of_state:
            yield of_state, record
        yield of_nation, record
    chance = stream(seed, "driver histories")
    for licence in world.licences:
        yield "dmv.driver_history", driver_history(licence, persons[licence.holder], chance, today)


def _other_state(world: World, state: str, near: Neighbour) -> Iterator[tuple[str, Record]]:
    """What another state holds, in the files it is linked for."""
    files = load_routes().states[state].files
    filed = chain(
        _registers(state, near, world),
        neighbour_persons(state, near.persons, f"{state}9010100", world.seed, world.today),
    )
    for file, record in filed:
        row = files.get(file)
        if row is not None:
            yield row.name, record


def _registers(state: str, near: Neighbour, world: World) -> Iterator[tuple[str, Record]]:
    chance = stream(world.seed, f"driver histories {state}")
    for car in near.vehicles:
        owner = near.persons[car.owner]
        yield "vehicle", vehicle(car, owner, near.households[owner.household], [], stolen=False)
    for licence in near.licences:
        holder = near.persons[licence.holder]
        yield "driver", driver(licence, holder, near.households[holder.household])
        yield "driver_history", driver_history(licence, holder, chance, world.today)
    for boat in property.make_vessels(world.seed, near.persons, world.today)[:40]:
        owner = near.persons[boat.owner]
        yield "vessel", vessel(boat, owner, near.households[owner.household])
    for other in property.make_off_highway(world.seed, near.persons, world.today)[:80]:
        owner = near.persons[other.owner]
        record = off_highway(other, owner, near.households[owner.household])
        if record.kind == "snowmobile":
            yield "snowmobile", record
    for warrant in near.warrants:
        yield "wanted_person", wanted_person(warrant, near.persons[warrant.subject], "")
