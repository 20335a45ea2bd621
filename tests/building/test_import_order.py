"""The order of the building: who may import whom (docs/design/decisions.md 12)."""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from typing import Any

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from building.building import ROOT, slices

configure()

ORDER = "The order of the building"
NARROW = {
    "adapters": {"records", "journal", "messages", "foundation"},
    "policy": {"messages", "foundation"},
    "released": {"exchange", "foundation"},
}
"""Slices that may import less than their place would allow (decisions.md 12)."""
FILES_BESIDE = ("wiring",)


def narrow(name: str) -> str:
    return f"{name} imports only what it stands on"


@cache
def contract_rows() -> dict[str, dict[str, Any]]:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {row["name"]: row for row in options["contracts"]}


@cache
def contracts() -> tuple[Contract, ...]:
    kinds = {"layers": LayersContract, "forbidden": ForbiddenContract}
    session = {"root_packages": ["openclets"]}
    return tuple(
        kinds[row["type"]](name, session, {k: _plain(v) for k, v in row.items() if k not in ("name", "type")})
        for name, row in contract_rows().items()
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, bool) else value


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("openclets", cache_dir=None)


def broken(*made_up: tuple[str, str]) -> list[str]:
    """The contracts that do not hold, with these imports added."""
    tried = copy.deepcopy(graph())
    for importer, imported in made_up:
        tried.add_import(importer=importer, imported=imported)
    return [each.name for each in contracts() if not each.check(copy.deepcopy(tried), verbose=False).kept]


def test_every_module_keeps_the_order():
    """No slice imports one that stands above it or beside it. `lint-imports` shows which import does."""
    assert broken() == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("openclets.foundation.clock", "openclets.journal.append"),
        ("openclets.journal.append", "openclets.switch.process"),
        ("openclets.records.system", "openclets.policy.decide"),
        ("openclets.messages.read", "openclets.journal.append"),
        ("openclets.web.app", "openclets.cli.main"),
    ],
)
def test_an_import_upwards_or_sideways_is_noticed(importer, imported):
    """The guard is shown red: one made-up import, and the order is broken."""
    assert ORDER in broken((importer, imported))


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("openclets.adapters.gate", "openclets.directory.view"),
        ("openclets.policy.decide", "openclets.journal.leaf"),
    ],
)
def test_a_narrow_slice_that_reaches_further_down_is_noticed(importer, imported):
    """Adapters and rules may import less than their place would allow; the guard is shown red."""
    assert broken((importer, imported)) == [narrow(importer.split(".")[1])]


def test_no_slice_is_left_out_of_the_order():
    """A new slice gets its place in the order, and its narrow contract where it is to have one."""
    assert contract_rows()[ORDER]["exhaustive"] is True
    everything = {f"openclets.{name}" for name in (*slices(), *FILES_BESIDE)}
    for name in set(slices()) & set(NARROW):
        allowed = {f"openclets.{each}" for each in (*NARROW[name], name)}
        assert set(contract_rows()[narrow(name)]["forbidden_modules"]) == everything - allowed, name
