"""A person at the terminal, in a real browser: opens it, logs in, runs examples, and notices what goes wrong.

Whatever the console or the content security policy complains of is kept in `complaints`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from browser.demo_process import RunningDemo

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
THEMES = ("day", "night", "red")
TOPIC_OF_KEY = {
    "RQ": "registration",
    "DQ": "license",
    "BQ": "vessel",
    "SQ": "snowmobile",
    "PKQ": "parking",
    "QV": "stolen",
    "QW": "wanted",
    "QPO": "order",
    "IQ": "history",
    "FQ": "history",
    "QGN": "firearm",
    "QPL": "plate",
}
_BY = {"FQ": "record", "QPO+PPN": "by"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own Chromium; nothing is downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's browser window. Use as a context manager."""

    def __init__(
        self,
        browser: Browser,
        demo: RunningDemo,
        *,
        width: int = 1024,
        height: int = 768,
        theme: str = "day",
        scripts: bool = True,
        state: Any = None,
    ) -> None:
        self.demo = demo
        self.context: BrowserContext = browser.new_context(
            base_url=demo.base,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            storage_state=state,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(20_000)
        self.context.add_cookies([{"name": "openclets-theme", "value": theme, "url": demo.base}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _note(self, kind: str, text: str) -> None:
        # The browser tells of a page that answers 4xx on purpose as a failed load; that is no fault.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    def log_in(self, operator_id: str) -> None:
        """By operator id and password."""
        self.page.goto("/terminal/log-in")
        self.page.get_by_label("Operator id").fill(operator_id)
        self.page.get_by_label("Password").fill(self.demo.operators[operator_id]["password"])
        self.page.get_by_role("button", name="Agree and log in").click()
        self.page.wait_for_url("**/terminal/")

    def open_form(self, example: Mapping[str, Any]) -> None:
        """The form that asks this example, filled, not yet run."""
        key, fields = example["message_key"], example["fields"]
        by = _BY.get(key) or (_BY["QPO+PPN"] if "PPN" in fields else "")
        self.page.goto(f"/terminal/?look={TOPIC_OF_KEY[key]}&by={by}")
        for code, value in fields.items():
            control = self.page.locator(f"#field-{code}")
            if control.evaluate("each => each.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        if example.get("purpose_code"):
            self.page.locator("#purpose").select_option(example["purpose_code"])
        if example.get("attention") and self.page.locator("#attention").count():
            self.page.locator("#attention").fill(example["attention"])
        listed = f"incident:{example['incident']}"
        if self.page.locator(f'#why option[value="{listed}"]').count():
            self.page.locator("#why").select_option(listed)
        else:
            self.page.locator("#why").select_option("typed")
            self.page.locator("#words").fill(example["incident"])

    def run(self, name: str) -> None:
        """Run an example of `demo.json` and wait for what comes of it."""
        self.open_form(self.demo.examples[name])
        self.press_run()

    def press_run(self) -> None:
        """Run the form and wait for returns, or for what is wrong."""
        self.page.locator("form.run button").first.click()
        self.page.locator(".verdict, .error").first.wait_for()

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return int(wide)
