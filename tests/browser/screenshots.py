"""Pictures for the documents, from a real browser on a running demo: `make screenshots`.

Each is named by page, width and theme, and shows the page as it is now.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from browser.browsing import Visit, chromium
from browser.demo_process import RunningDemo, running_demo

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
OFFICER = "SPDO001"
DESK, CAR, PHONE = (1440, 900), (1024, 700), (390, 844)


def _run(visit: Visit) -> None:
    visit.page.goto("/terminal/")


def _filled(visit: Visit) -> None:
    visit.open_form(visit.demo.examples["plate_composite"])


def _returns(visit: Visit) -> None:
    visit.run("plate_composite")


def _stolen(visit: Visit) -> None:
    visit.run("stolen_plate")


def _hit(visit: Visit) -> None:
    visit.run("stolen_plate")
    visit.page.get_by_role("link", name="Open this hit").first.click()
    visit.page.locator("article.hit").wait_for()


def _refusal(visit: Visit) -> None:
    visit.run("own_record")


def _faults(visit: Visit) -> None:
    visit.page.goto("/terminal/?look=wanted")
    visit.page.locator("#field-NAM").fill("VANCE,R1LEY")
    visit.page.locator("#field-DOB").fill("1988-02-30")
    visit.press_run()


def _history(visit: Visit) -> None:
    visit.page.goto("/terminal/history")


def _home(visit: Visit) -> None:
    visit.page.goto("/")


def _verify(visit: Visit) -> None:
    visit.run("plate")
    visit.page.wait_for_timeout(1500)
    visit.page.get_by_role("link", name="Check this receipt").click()
    visit.page.locator("#outcome").wait_for()


SHOTS: tuple[tuple[str, Callable[[Visit], None], tuple[int, int], str], ...] = (
    ("run-desk-day", _filled, DESK, "day"),
    ("run-phone-night", _run, PHONE, "night"),
    ("returns-desk-day", _returns, DESK, "day"),
    ("returns-phone-night", _stolen, PHONE, "night"),
    ("hit-car-day", _hit, CAR, "day"),
    ("hit-car-red", _hit, CAR, "red"),
    ("refusal-car-day", _refusal, CAR, "day"),
    ("faults-car-day", _faults, CAR, "day"),
    ("history-car-night", _history, CAR, "night"),
    ("verify-car-day", _verify, CAR, "day"),
    ("home-desk-day", _home, DESK, "day"),
)


def take(browser: Browser, demo: RunningDemo, folder: Path, wanted: list[str]) -> list[Path]:
    """Take the pictures whose names begin with one of `wanted`, or all; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    with Visit(browser, demo) as visit:
        visit.log_in(OFFICER)
        state = visit.context.storage_state()
    taken = []
    for name, go, (width, height), theme in SHOTS:
        if wanted and not name.startswith(tuple(wanted)):
            continue
        with Visit(browser, demo, width=width, height=height, theme=theme, state=state) as visit:
            go(visit)
            visit.page.evaluate("document.activeElement && document.activeElement.blur()")
            visit.page.wait_for_timeout(200)
            taken.append(folder / f"{name}.png")
            visit.page.screenshot(path=taken[-1], full_page=True)
    return taken


def main() -> None:
    """All pictures, or those named on the command line."""
    with running_demo() as demo, chromium() as browser:
        for path in take(browser, demo, FOLDER, sys.argv[1:]):
            print(path.relative_to(FOLDER.parents[1]))


if __name__ == "__main__":
    main()
