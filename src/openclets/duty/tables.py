"""How each noun lies in its table of schema `duty`: the one place that names columns, used by `store.py`."""

from __future__ import annotations

import msgspec

from openclets.duty.work import KINDS, DutyRecord


def columns(noun: type[msgspec.Struct]) -> tuple[str, ...]:
    """The table's columns for the noun's own members: `id` is kept as `source_id`."""
    return tuple(
        "source_id" if field.name == "id" else f'"{field.name}"' if field.name == "on" else field.name
        for field in msgspec.structs.fields(noun)
    )


def upsert(kind: str) -> str:
    """Insert a fact, or amend it where it differs from what is known. Values: the noun's members, source,
    now.
    """
    names = columns(KINDS[kind])
    facts = [name for name in names if name != "source_id"]
    changed = ", ".join(f"{name} = excluded.{name}" for name in facts)
    held = ", ".join(f"kept.{name}" for name in facts)
    sent = ", ".join(f"excluded.{name}" for name in facts)
    places = ", ".join(["%s"] * (len(names) + 2))
    # Names come from the nouns above and from nowhere else; every value is a parameter.
    return (
        f"INSERT INTO duty.{kind} AS kept ({', '.join(names)}, source, recorded_at) VALUES ({places})"  # noqa: S608
        f" ON CONFLICT (source, source_id) DO UPDATE SET {changed}, amended_at = excluded.recorded_at"
        f" WHERE ({held}) IS DISTINCT FROM ({sent})"
    )


def values(record: DutyRecord) -> tuple[object, ...]:
    """The noun's members in the order of `columns`."""
    return tuple(
        list(value) if isinstance(value, tuple) else value for value in msgspec.structs.astuple(record)
    )
