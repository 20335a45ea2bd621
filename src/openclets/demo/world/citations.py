"""Parking and toll citations, as their issuers notice them to the motor vehicle department."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from openclets.demo.world.chance import Weighted, poisson, stream
from openclets.demo.world.property import Vehicle


class Citation(msgspec.Struct, frozen=True, gc=False):
    """A parking or toll citation on a plate. `dollars` is what is owed, 0 once `paid`."""

    number: str
    vehicle: int
    issuer: str
    violation: str
    on: date
    dollars: int
    paid: bool


_PARKING = Weighted(
    (
        ("EXPIRED METER", 40),
        ("STREET SWEEPING", 30),
        ("NO PARKING ZONE", 14),
        ("RED ZONE", 8),
        ("TOLL EVASION", 8),
    )
)


def make_citations(
    seed: int, vehicles: tuple[Vehicle, ...], today: date, issuers: tuple[str, ...]
) -> tuple[Citation, ...]:
    """Parking and toll citations of the last two years; a few plates collect many."""
    chance = stream(seed, "parking citations")
    citations: list[Citation] = []
    for place, vehicle in enumerate(vehicles):
        habit = chance.random()
        for _ in range(poisson(chance, 3.0) if habit < 0.03 else poisson(chance, 0.16)):
            on = today - timedelta(days=int(chance.random() * 730) + 1)
            if on < vehicle.bought:
                continue
            paid = chance.random() < 0.7
            citations.append(
                Citation(
                    number=f"SYN{len(citations):07d}",
                    vehicle=place,
                    issuer=chance.choice(issuers),
                    violation=_PARKING.pick(chance),
                    on=on,
                    dollars=0 if paid else chance.choice((45, 63, 73, 93)),
                    paid=paid,
                )
            )
    return tuple(citations)
