"""Templates hold no script and no style of their own, and every form carries its fences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openclets.web
from openclets.web.pages import environment, own_path, page

_TEMPLATES = sorted(Path(openclets.web.__file__).parent.rglob("templates/*.html"))


def _inline(text: str) -> list[str]:
    return re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=|javascript:", text)


def _forms(text: str) -> list[str]:
    return re.findall(r"<form\b.*?</form>", text, re.S)


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(path: Path) -> None:
    """The content security policy would drop it, and the page would be broken in silence."""
    assert _inline(path.read_text("utf-8")) == []


def test_something_inline_would_be_found() -> None:
    """The check itself, shown red."""
    assert _inline("<script>x()</script>") and _inline('<p style="x">') and _inline('<a onclick="x">')
    assert _inline('<script src="/x" defer></script>') == []


@pytest.mark.parametrize("path", [p for p in _TEMPLATES if "terminal" in p.parts], ids=lambda path: path.name)
def test_every_form_behind_the_log_in_carries_the_session_token(path: Path) -> None:
    """Without it the form would be refused as coming from another site."""
    for form in _forms(path.read_text("utf-8")):
        if "/terminal/log-in" not in form.split(">")[0]:
            assert "form_token" in form or "parts.hidden(" in form or "{{ hidden(" in form, form[:80]


def test_every_template_can_be_read() -> None:
    """A slip in a template is found here, not by an officer."""
    for path in _TEMPLATES:
        slice_name = "shared" if path.parent.parent.name == "web" else path.parent.parent.name
        environment().get_template(f"{slice_name}/{path.name}")


def test_what_was_typed_is_escaped() -> None:
    """A name is text, whatever it looks like."""
    made = environment().from_string("{{ name }}").render(name="<b onclick='x'>O'BRIEN</b>")
    assert "<" not in made and "O&#39;BRIEN" in made


def test_a_value_that_was_not_given_stops_the_page() -> None:
    """A page never shows a gap where a fact belongs."""
    with pytest.raises(Exception, match="undefined"):
        page("public/home.html")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/terminal/history", True),
        ("//elsewhere.example/", False),
        ("/\\elsewhere.example", False),
        ("https://elsewhere.example/", False),
        ("terminal", False),
        ("/a\r\nset-cookie: x", False),
        ("", False),
    ],
)
def test_a_form_can_only_send_a_browser_to_our_own_pages(path: str, kept: bool) -> None:
    """What a link or a hidden field names is checked before a browser is sent there."""
    assert own_path(path, "/home") == (path if kept else "/home")
