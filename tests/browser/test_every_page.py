"""What holds on every page: accessible, no wider than the window, nothing the browser complains of.

Each page is opened once and looked at in three themes and four widths (ux.md 5.10, bars 2, 4, 5, 7).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.browsing import THEMES, Visit

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
OFFICER = "SPDO001"
DETECTIVE = "SPDI001"
WIDTHS = (320, 390, 1024, 1440)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
BANNED = re.compile(r"\b(no results|submit|suspect|data subject|oops|click here|user)\b", re.I)
PATROL_BYTES = 60_000
PORTAL_BYTES = 90_000


def _home(visit: Visit) -> None:
    visit.page.goto("/")


def _verify(visit: Visit) -> None:
    visit.page.goto("/verify")


def _verified(visit: Visit) -> None:
    visit.page.goto("/verify?receipt=0")


def _not_verified(visit: Visit) -> None:
    visit.page.goto("/verify?receipt=" + "0" * 64)


def _nowhere(visit: Visit) -> None:
    visit.page.goto("/there-is-no-such-page")


def _log_in(visit: Visit) -> None:
    visit.page.goto("/terminal/log-in")


def _log_in_link(visit: Visit) -> None:
    visit.page.goto("/terminal/log-in/some-link")


def _run(visit: Visit) -> None:
    visit.page.goto("/terminal/")


def _restricted(visit: Visit) -> None:
    visit.page.goto("/terminal/?look=history")


def _keyed(visit: Visit) -> None:
    visit.page.goto("/terminal/")
    visit.page.get_by_text("Keyed text", exact=True).click()


def _returns(visit: Visit) -> None:
    visit.run("plate_composite")


def _hit_returns(visit: Visit) -> None:
    visit.run("stolen_plate")


def _hit(visit: Visit) -> None:
    visit.run("stolen_plate")
    visit.page.get_by_role("link", name="Open this hit").first.click()
    visit.page.locator("article.hit").wait_for()


def _refused(visit: Visit) -> None:
    visit.run("own_record")


def _faults(visit: Visit) -> None:
    visit.page.goto("/terminal/?look=wanted")
    visit.press_run()


def _history(visit: Visit) -> None:
    visit.page.goto("/terminal/history")


def _seat(visit: Visit) -> None:
    visit.page.goto("/terminal/seat")


def _criminal_history(visit: Visit) -> None:
    visit.run("criminal_history")


PAGES: list[tuple[str, Callable[[Visit], None]]] = [
    ("", _home),
    ("", _verify),
    ("", _verified),
    ("", _not_verified),
    ("", _nowhere),
    ("", _log_in),
    ("", _log_in_link),
    (OFFICER, _run),
    (OFFICER, _restricted),
    (OFFICER, _keyed),
    (OFFICER, _returns),
    (OFFICER, _hit_returns),
    (OFFICER, _hit),
    (OFFICER, _refused),
    (OFFICER, _faults),
    (OFFICER, _history),
    (OFFICER, _seat),
    (DETECTIVE, _criminal_history),
]


@pytest.mark.parametrize(
    ("operator", "go"), PAGES, ids=lambda one: getattr(one, "__name__", one) or "anybody"
)
def test_a_page_is_accessible_in_every_theme_and_width(
    visit: Open, operator: str, go: Callable[[Visit], None]
) -> None:
    """No finding of axe, no sideways scroll, nothing on the console, no banned word."""
    window = visit(operator)
    go(window)
    found = []
    for width in WIDTHS:
        window.page.set_viewport_size({"width": width, "height": 800})
        if window.sideways() > 0:
            found.append(f"{width}: {window.sideways()} pixels too wide")
        for theme in THEMES:
            window.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found += [f"{width} {theme}: {finding}" for finding in _axe(window)]
    assert found == []
    assert BANNED.findall(window.page.locator("body").inner_text()) == []


def test_axe_would_find_a_field_without_a_label(visit: Open) -> None:
    """The check itself, shown red."""
    window = visit()
    window.page.goto("/verify")
    window.page.evaluate("document.querySelector('label[for=receipt]').remove()")
    assert any("label" in finding for finding in _axe(window))


@pytest.mark.parametrize(("address", "most"), [("/terminal/log-in", PATROL_BYTES), ("/", PORTAL_BYTES)])
def test_the_first_load_is_small(visit: Open, address: str, most: int) -> None:
    """Everything a first visit fetches, as it comes over the wire."""
    window = visit()
    sizes: list[int] = []

    def note(request: Any) -> None:
        sizes.append(request.sizes()["responseBodySize"])

    window.page.on("requestfinished", note)
    window.page.goto(address, wait_until="networkidle")
    assert 10_000 < sum(sizes) <= most


def test_nothing_of_a_look_up_stays_in_the_browser(visit: Open) -> None:
    """No record and no search term in any storage of the browser (ux.md 5.10, bar 15)."""
    window = visit(OFFICER)
    window.run("plate")
    kept = window.page.evaluate(
        "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, await caches.keys(),"
        " (await indexedDB.databases()).map(each => each.name), document.cookie])"
    )
    fields = window.demo.examples["plate"]["fields"]
    assert fields["LIC"] not in kept
    assert kept.startswith("[{},{},[],[]") or "htmx" in kept


def _axe(window: Visit) -> list[str]:
    violations = Axe().run(window.page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:160]}"
        for one in violations
        for node in one["nodes"][:3]
    ]
