"""An officer's work at the terminal, in a real browser on a running demo."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from browser.browsing import Visit
from browser.demo_process import RunningDemo

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
OFFICER = "SPDO001"
ASKABLE = [
    "plate",
    "driver",
    "vessel",
    "snowmobile",
    "parking_citations",
    "restraining_order_filed_by",
    "restraining_order_filed_against",
    "criminal_history",
    "wanted_person",
    "stolen_plate",
    "national_wanted_person",
    "other_state_plate",
]


def test_a_one_time_link_logs_in_once_and_only_when_pressed(visit: Open, demo: RunningDemo) -> None:
    """Reading the link uses nothing up; using it twice says so in words."""
    link = demo.operators["SPDO003"]["login"]
    first = visit()
    first.page.goto(link)
    first.page.goto(link)
    expect(first.page.get_by_role("heading", name="Before you log in")).to_be_visible()
    first.page.get_by_role("button", name="Agree and log in").click()
    expect(first.page.get_by_role("heading", level=1)).to_have_text("Plate")

    second = visit()
    second.page.goto(link)
    second.page.get_by_role("button", name="Agree and log in").click()
    expect(second.page.get_by_role("alert")).to_contain_text("used or has expired")


def test_a_wrong_password_says_no_more_than_that(visit: Open) -> None:
    """The same words for an unknown operator, and the id is kept."""
    window = visit()
    said = []
    for operator_id in ("SPDO004", "NOBODY01"):
        window.page.goto("/terminal/log-in")
        window.page.get_by_label("Operator id").fill(operator_id)
        window.page.get_by_label("Password").fill("not-the-password")
        window.page.get_by_role("button", name="Agree and log in").click()
        said.append(window.page.get_by_role("alert").inner_text())
        expect(window.page.get_by_label("Operator id")).to_have_value(operator_id)
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ASKABLE)
def test_every_kind_of_look_up_is_answered_on_one_page(visit: Open, demo: RunningDemo, name: str) -> None:
    """Verdict, facts, the source's own words, and a receipt (the examples of demo.json)."""
    window = visit(demo.examples[name]["operator"])
    window.run(name)
    expect(window.page.locator(".verdict h1")).to_contain_text(re.compile("HIT|Record|Caution"))
    expect(window.page.locator(".facts").first).to_be_visible()
    expect(window.page.locator(".raw").first).not_to_be_empty()
    expect(window.page.locator(".receipt")).to_contain_text(demo.examples[name]["incident"])


def test_a_hit_stands_first_and_is_read_and_entered(visit: Open) -> None:
    """Three interactions from the box to "I have read this" (ux.md 5.7, J1)."""
    window = visit(OFFICER)
    window.run("stolen_plate")
    expect(window.page.locator(".card").first).to_have_class(re.compile("hit"))
    expect(window.page.locator(".card.hit").first).to_contain_text(
        "A hit alone is not cause to arrest. Confirm first."
    )
    window.page.keyboard.press("F1")
    expect(window.page.locator("article.hit")).to_contain_text("You have read this hit")
    expect(window.page.locator("article.hit .raw")).to_contain_text("STOLEN VEHICLE")
    window.page.get_by_role("link", name="All returns").click()
    expect(window.page.locator(".card.hit").first).to_contain_text("You have read this hit")


def test_a_look_up_of_oneself_is_refused_by_a_rule_with_its_source(visit: Open) -> None:
    """Which rule, where it is written, who can change it, and the entry; the typing stays."""
    window = visit(OFFICER)
    window.run("own_record")
    alert = window.page.get_by_role("alert")
    expect(alert).to_contain_text("Nobody may look up their own record")
    expect(alert).to_contain_text("own-record")
    expect(alert).to_contain_text("Who can change it")
    expect(window.page.locator("#field-LIC")).to_have_value(
        window.demo.examples["own_record"]["fields"]["LIC"]
    )
    alert.get_by_role("link", name="Check this receipt").click()
    expect(window.page.locator("#outcome")).to_have_text(re.compile("In the log|Not covered yet"))


@pytest.mark.parametrize("scripts", [True, False])
def test_bad_input_keeps_the_typing_and_names_every_fault(visit: Open, scripts: bool) -> None:
    """At the top with links, and beside each field in the same words."""
    window = visit(OFFICER, scripts=scripts)
    window.page.goto("/terminal/?look=wanted")
    window.page.locator("#field-NAM").fill("O'BRIEN<b>")
    window.page.locator("#field-DOB").fill("1988-02-30")
    window.press_run()
    alert = window.page.get_by_role("alert")
    expect(alert.locator("li")).to_have_count(2)
    expect(window.page.locator("#field-NAM")).to_have_value("O'BRIEN<b>")
    expect(window.page.locator("#field-DOB")).to_have_value("1988-02-30")
    expect(window.page.locator("#field-DOB")).to_have_attribute("aria-invalid", "true")
    alert.get_by_role("link", name="Birth date").click()
    assert window.page.evaluate("location.hash") == "#field-DOB"


def test_keyed_text_asks_the_same(visit: Open, demo: RunningDemo) -> None:
    """One line for those who know the keys; a slip shows the line again."""
    fields = demo.examples["plate"]["fields"]
    window = visit(OFFICER)
    window.page.goto("/terminal/")
    window.page.get_by_text("Keyed text", exact=True).click()
    window.page.locator("#keyed").fill("RQ.LIC/0AB*")
    window.page.locator("#keyed").press("Enter")
    expect(window.page.get_by_role("alert")).to_be_visible()
    expect(window.page.locator("#keyed")).to_have_value("RQ.LIC/0AB*")
    window.page.locator("#keyed").fill(f"rq.lic/{fields['LIC'].lower()}.rsn/traffic stop")
    window.page.locator("#keyed").press("Enter")
    expect(window.page.locator(".verdict h1")).to_contain_text(fields["LIC"])


def test_a_reason_owed_is_asked_for_until_it_is_given(visit: Open, demo: RunningDemo) -> None:
    """The look-up is not held up; the debt stands on top of the list."""
    window = visit("SPDO002")
    window.open_form(demo.examples["plate"])
    window.page.locator("#why").select_option("owed")
    window.page.locator("#words").fill("")
    window.press_run()
    expect(window.page.locator(".receipt")).to_contain_text("reason still owed")
    window.page.get_by_role("link", name="My look-ups").click()
    owing = window.page.get_by_role("form", name=re.compile("Reason for RQ")).first
    before = window.page.get_by_role("form", name=re.compile("Reason for")).count()
    owing.get_by_label("Reason in words").fill("stopped for running a red light")
    owing.get_by_role("button").click()
    expect(window.page.get_by_role("status")).to_contain_text("The reason is in the log")
    expect(window.page.get_by_role("form", name=re.compile("Reason for"))).to_have_count(before - 1)


def test_going_back_or_reloading_never_asks_again(visit: Open) -> None:
    """The address of an answer reads it; only the form asks."""
    window = visit(OFFICER)
    window.run("plate")
    asked = window.page.locator(".receipt .number").inner_text()
    assert "/terminal/returns/" in window.page.url
    window.page.reload()
    expect(window.page.locator(".receipt .number")).to_have_text(asked)


def test_typing_survives_the_end_of_a_log_in(visit: Open, demo: RunningDemo) -> None:
    """The form comes back filled after logging in again, and nothing was asked."""
    window = visit()
    window.log_in("SPDO005")
    window.open_form(demo.examples["plate"])
    window.context.clear_cookies(name="openclets-terminal")
    window.page.locator("form.run button").click()
    expect(window.page.get_by_role("status")).to_contain_text("What you typed is kept")
    window.page.get_by_label("Operator id").fill("SPDO005")
    window.page.get_by_label("Password").fill(demo.operators["SPDO005"]["password"])
    window.page.get_by_role("button", name="Agree and log in").click()
    expect(window.page.get_by_role("status")).to_contain_text("Your typing is kept")
    expect(window.page.locator("#field-LIC")).to_have_value(demo.examples["plate"]["fields"]["LIC"])


def test_everything_works_without_scripts(visit: Open, demo: RunningDemo) -> None:
    """Run, hit, read, history, theme and verify as plain forms (ux.md 5.10, bar 6)."""
    window = visit(OFFICER, scripts=False)
    window.run("stolen_plate")
    window.page.get_by_role("button", name="I have read this").first.click()
    expect(window.page.locator("article.hit")).to_contain_text("You have read this hit")
    window.page.get_by_role("button", name="Night").click()
    expect(window.page.locator("html")).to_have_attribute("data-theme", "night")
    window.page.get_by_role("link", name="My look-ups").click()
    expect(window.page.locator("td").first).to_be_visible()
    window.page.goto("/verify")
    window.page.locator("#receipt").fill("0")
    window.page.get_by_role("button", name="Check").click()
    expect(window.page.locator("#outcome")).to_have_text("In the log")


def test_the_keyboard_alone_runs_a_look_up_and_reads_a_hit(visit: Open, demo: RunningDemo) -> None:
    """No trap, a visible focus, and no more than Tab, Enter and F1."""
    window = visit(OFFICER)
    window.page.goto("/terminal/?look=stolen")
    expect(window.page.locator("#field-LIC")).to_be_focused()
    window.page.keyboard.type(demo.examples["stolen_plate"]["fields"]["LIC"])
    window.page.keyboard.press("Tab")
    expect(window.page.locator("#field-LIS")).to_have_value("CA")
    window.page.keyboard.press("Tab")
    expect(window.page.locator("#why")).to_be_focused()
    window.page.keyboard.press("End")
    window.page.keyboard.press("Enter")
    window.page.locator("#field-LIC").focus()
    window.page.keyboard.press("Enter")
    expect(window.page.locator(".verdict h1")).to_be_focused()
    window.page.keyboard.press("F1")
    expect(window.page.locator("article.hit")).to_contain_text("You have read this hit")


def test_the_keyboard_can_reach_everything_and_leave_it(visit: Open) -> None:
    """Tab goes through every control of the run page once and out at the end."""
    window = visit(OFFICER)
    window.page.goto("/terminal/?look=plate")
    window.page.locator(".skip").focus()
    reachable = window.page.locator(
        "a:visible, button:visible, select:visible, summary:visible, input:visible:not([type=hidden])"
    ).count()
    seen = []
    for _ in range(reachable + 2):
        seen.append(window.page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        window.page.keyboard.press("Tab")
    assert len(set(seen)) >= reachable


def test_f9_changes_the_theme_and_the_device_remembers(visit: Open) -> None:
    """Day, night, red, day."""
    window = visit(OFFICER)
    window.page.goto("/terminal/")
    for theme in ("night", "red", "day", "night"):
        window.page.keyboard.press("F9")
        expect(window.page.locator("html")).to_have_attribute("data-theme", theme)
    window.page.goto("/terminal/history")
    expect(window.page.locator("html")).to_have_attribute("data-theme", "night")


def test_another_operator_cannot_read_the_answer(visit: Open) -> None:
    """A foreign answer and one that never was look the same."""
    mine = visit(OFFICER)
    mine.run("plate")
    other = visit("EBPO001")
    other.page.goto(mine.page.url)
    foreign = other.page.locator("main").inner_text()
    other.page.goto("/terminal/returns/019abcde-0000-7000-8000-000000000000")
    assert other.page.locator("main").inner_text() == foreign
    assert "not yours to see" in foreign
