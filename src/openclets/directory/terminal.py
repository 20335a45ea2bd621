"""Terminals: enrolled devices, addressed by mnemonic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terminal:
    """A device of an agency. `kind` is `fixed` or `mobile`; criminal history is for fixed ones (network.md
    3).
    """

    mnemonic: str
    agency_ori: str
    kind: str
    place: str
    enrolled: bool = True
