"""Every record of every system of the invented state and its neighbour, as the record systems keep them.

Field codes follow field-codes.csv where it has them. Ours beside them: `RVF` and `RVT` registered from and
to, `INS` insurance, `SLD` year sold new, `RCD` and `OCD` card and ownership dates, `L/O` lien holder, `PKV`
unpaid citations, `AMT` dollars owed, `ISU` issuer, `VIO` violation, `DLS` licence standing, `CLS` class,
`CYC` arrest cycles, `CCD` county.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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
from openclets.records.answer import Record

if TYPE_CHECKING:
    from openclets.demo.world.world import World

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
)
NATIONAL_SYSTEMS = (
    "ncic.vehicle",
    "ncic.wanted_person",
    "ncic.protection_order",
    "ncic.iii_index",
    "ncic.iii_record",
)
NEIGHBOUR_SYSTEMS = ("nv.vehicle", "nv.driver")


def all_records(world: World) -> Iterator[tuple[str, Record]]:
    """(system name, record) for each record; systems come one after another."""
    yield from _dmv(world)
    yield from _doj(world)
    yield from _national(world)
    yield from _neighbour(world)


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


def _neighbour(world: World) -> Iterator[tuple[str, Record]]:
    near = world.neighbour
    for car in near.vehicles:
        owner = near.persons[car.owner]
        yield (
            "nv.vehicle",
            vehicle(car, owner, near.households[owner.household], [], stolen=False),
        )
    for licence in near.licences:
        holder = near.persons[licence.holder]
        yield "nv.driver", driver(licence, holder, near.households[holder.household])
