"""Vehicles reported stolen and not recovered."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from openclets.demo.world import numbers
from openclets.demo.world.chance import stream
from openclets.demo.world.property import Vehicle


class Theft(msgspec.Struct, frozen=True, gc=False):
    """A vehicle reported stolen and not recovered; `vehicle` is a position in `World.vehicles` (or the
    neighbour's).
    """

    nic: str
    case_number: str
    agency_ori: str
    vehicle: int
    on: date
    hold_for_prints: bool
    armed: bool
    in_state_file: bool


def make_thefts(
    seed: int,
    vehicles: tuple[Vehicle, ...],
    today: date,
    agencies: tuple[str, ...],
    *,
    neighbour: bool = False,
) -> tuple[Theft, ...]:
    """About one vehicle in 140 is out stolen. All are in the national file; the neighbour's are only
    there.
    """
    chance = stream(seed, "neighbour thefts" if neighbour else "thefts")
    count = min(len(vehicles), max(6, len(vehicles) // 140))
    return tuple(
        Theft(
            nic=numbers.nic("V", number + (5_000_000 if neighbour else 0)),
            case_number=f"{on:%y}-{on:%m%d}-{number % 1000:03d}",
            agency_ori=chance.choice(agencies),
            vehicle=vehicle,
            on=on,
            hold_for_prints=chance.random() < 0.15,
            armed=chance.random() < 0.05,
            in_state_file=not neighbour,
        )
        for number, vehicle in enumerate(chance.sample(range(len(vehicles)), count))
        for on in (max(vehicles[vehicle].bought, today - timedelta(days=int(chance.expovariate(1 / 90)))),)
    )
