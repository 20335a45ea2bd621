"""One demo and one browser for all browser tests; and the log-ins they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.browsing import Visit, chromium
from browser.demo_process import RunningDemo, running_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[RunningDemo]:
    """The demo, started once."""
    with running_demo() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, started once."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def logged_in(browser: Browser, demo: RunningDemo) -> Callable[[str], Any]:
    """The cookies of an operator who has logged in; each operator logs in once."""
    known: dict[str, Any] = {}

    def state_of(operator_id: str) -> Any:
        if operator_id not in known:
            with Visit(browser, demo) as visit:
                visit.log_in(operator_id)
                known[operator_id] = visit.context.storage_state(indexed_db=False)
                known[operator_id]["cookies"] = [
                    cookie for cookie in known[operator_id]["cookies"] if cookie["name"] != "openclets-theme"
                ]
        return known[operator_id]

    return state_of


@pytest.fixture
def visit(
    browser: Browser, demo: RunningDemo, logged_in: Callable[[str], Any]
) -> Iterator[Callable[..., Visit]]:
    """Opens a window, logged in as the operator of an example unless `operator` is empty.

    At the end of a test no window may have complained: no script error, no breach of the policy.
    """
    opened: list[Visit] = []

    def open_visit(operator: str = "", **how: Any) -> Visit:
        state = logged_in(operator) if operator else None
        opened.append(Visit(browser, demo, state=state, **how))
        return opened[-1]

    yield open_visit
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []
