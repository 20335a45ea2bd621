"""Notices to look out for people and vehicles: which of the sought are broadcast on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from openclets.demo.world.chance import stream
from openclets.demo.world.world import World

LASTING = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LivedBroadcast:
    """A notice. `person` and `vehicle` are positions in the world's tables; a stolen car's person is its
    owner."""

    id: str
    agency_ori: str
    starts: datetime
    ends: datetime
    text: str
    person: int
    vehicle: int | None


def broadcasts_of(world: World, day: date) -> tuple[LivedBroadcast, ...]:
    """One stolen vehicle and one wanted person a day, where the world has any; a day each."""
    chance = stream(world.seed, f"broadcasts {day}")
    midnight = datetime.combine(day, time(), ZoneInfo("America/Los_Angeles")).astimezone(UTC)
    found: list[LivedBroadcast] = []
    if world.thefts:
        theft = world.thefts[chance.randrange(len(world.thefts))]
        car = world.vehicles[theft.vehicle]
        starts = midnight + timedelta(minutes=chance.randrange(1440))
        text = f"STOLEN {car.colour} {car.year} {car.make} {car.model}"
        found.append(
            LivedBroadcast(
                f"{theft.nic}-{day}",
                theft.agency_ori,
                starts,
                starts + LASTING,
                text,
                car.owner,
                theft.vehicle,
            )
        )
    felonies = [warrant for warrant in world.warrants if warrant.offence.gravity == "felony"]
    if felonies:
        warrant = felonies[chance.randrange(len(felonies))]
        starts = midnight + timedelta(minutes=chance.randrange(1440))
        text = f"WANTED {warrant.offence.text}"
        found.append(
            LivedBroadcast(
                f"{warrant.nic}-{day}",
                warrant.agency_ori,
                starts,
                starts + LASTING,
                text,
                warrant.subject,
                None,
            )
        )
    return tuple(found)
