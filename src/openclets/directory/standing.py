"""Is this operator, at this terminal, of this agency, entitled to transact now; and if not, why not.

Pure: the view and the time come in. What may then be asked is `policy`'s affair. Days are legal days in the
agency's own time zone (decisions.md 22): certification holds to the end of its last day there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from openclets.directory.agency import Agency
from openclets.directory.operator import Operator
from openclets.directory.terminal import Terminal
from openclets.directory.view import DirectoryView
from openclets.foundation.errors import RuleCited

_MINUTE_S = 60


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Who stands at the counter, as far as known, and every reason why they may not transact. No faults: they
    may.
    """

    operator: Operator | None
    agency: Agency | None
    terminal: Terminal | None
    faults: tuple[RuleCited, ...]

    @property
    def entitled(self) -> bool:
        return not self.faults


def check_standing(view: DirectoryView, operator_id: str, terminal_id: str | None, now: datetime) -> Standing:
    """The standing of `operator_id` at `terminal_id`; None where the operator is asked for and sits at no
    terminal.
    """
    rules = standing_rules()
    faults: list[RuleCited] = []
    operator = view.operators.get(operator_id)
    agency = view.agencies.get(operator.agency_ori) if operator else None
    terminal = view.terminals.get(terminal_id) if terminal_id is not None else None
    if operator is None or agency is None:
        faults.append(rules["operator-known"])
    else:
        if operator.suspended:
            faults.append(rules["operator-suspended"])
        if days_left(operator, agency, now) < 0:
            faults.append(rules["training-expired"])
        if agency.suspended:
            faults.append(rules["agency-suspended"])
        if not agreement_current(agency, now):
            faults.append(rules["agreement-not-current"])
    if terminal_id is not None:
        if terminal is None:
            faults.append(rules["terminal-known"])
        else:
            if not terminal.enrolled:
                faults.append(rules["terminal-enrolled"])
            if operator is not None and terminal.agency_ori != operator.agency_ori:
                faults.append(rules["terminal-of-agency"])
    return Standing(operator, agency, terminal, tuple(faults))


def days_left(operator: Operator, agency: Agency, now: datetime) -> int:
    """Whole days of certification left: 0 on its last day, negative after it."""
    return (operator.training_until - legal_day(agency, now)).days


def agreement_current(agency: Agency, now: datetime) -> bool:
    """Whether a subscriber agreement holds today."""
    return agency.agreement_until is not None and legal_day(agency, now) <= agency.agreement_until


def legal_day(agency: Agency, now: datetime) -> date:
    """Today, where the agency is."""
    return _day_in(agency.time_zone, int(now.timestamp()) // _MINUTE_S)


@lru_cache(maxsize=1024)
def _day_in(zone: str, minute: int) -> date:
    """The day in `zone` in a minute of the UTC epoch: wherever days begin, they begin with a minute."""
    return datetime.fromtimestamp(minute * _MINUTE_S, ZoneInfo(zone)).date()


@cache
def standing_rules() -> Mapping[str, RuleCited]:
    """The rows of `standing.toml`, by id."""
    text = (files("openclets.directory") / "standing.toml").read_text("utf-8")
    return {
        row["id"]: RuleCited(row["id"], row["text"], row["citation"]) for row in tomllib.loads(text)["rule"]
    }
