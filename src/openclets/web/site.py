"""What every page handler is given: the counter, the clock, and how this installation presents itself."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from openclets.foundation.clock import Clock
from openclets.foundation.identifiers import Randomness
from openclets.web.counter import Counter, Session


@dataclass(frozen=True, slots=True)
class Site:
    """`invented` shows the ribbon that says so; `secure_cookies` is True wherever the browser speaks TLS."""

    counter: Counter
    clock: Clock
    randomness: Randomness
    invented: bool = True
    secure_cookies: bool = False


SiteGiven = NamedDependency[SkipValidation[Site]]
SessionGiven = NamedDependency[SkipValidation[Session]]
