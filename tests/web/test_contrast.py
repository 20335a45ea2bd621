"""The themes keep WCAG 2.2 AA contrast: 4.5 for text, 3 for shapes, computed from the style sheet itself."""

from __future__ import annotations

import re

import pytest

from openclets.web.static_files import assets

_SHEET = assets()["openclets.css"].body.decode()
_TEXT_ON = [
    ("--ink", "--bg"),
    ("--ink", "--panel"),
    ("--ink", "--wash"),
    ("--soft", "--bg"),
    ("--soft", "--panel"),
    ("--soft", "--wash"),
    ("--act", "--bg"),
    ("--act", "--panel"),
    ("--act-ink", "--act"),
    ("--act-ink", "--act-strong"),
    ("--chrome-ink", "--chrome"),
    ("--chrome-soft", "--chrome"),
    ("--hit-ink", "--hit"),
    ("--hit-word", "--hit-wash"),
    ("--hit-word", "--panel"),
    ("--caution-ink", "--caution"),
    ("--clear", "--panel"),
]
_SHAPE_ON = [
    ("--edge", "--panel"),
    ("--edge", "--bg"),
    ("--focus", "--bg"),
    ("--focus", "--panel"),
    ("--hit", "--bg"),
]


def _themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"^\s*:root([^{]*)\{([^}]*)\}", _SHEET, re.M)
    read = {
        name.strip() or "day": dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", body)) for name, body in blocks
    }
    return {name: colours for name, colours in read.items() if colours}


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    """Black on white is 21, a colour on itself 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#b50909", "#b50909") == 1


def test_there_are_four_sets_of_colours_with_the_same_names() -> None:
    """Day, night, red, and night where the device asks for it; the last two dark ones are equal."""
    themes = _themes()
    assert len(themes) == 4
    assert len({frozenset(colours) for colours in themes.values()}) == 1
    assert themes[":not([data-theme])"] == themes['[data-theme="night"]']


@pytest.mark.parametrize("theme", _themes())
def test_text_and_shapes_stand_out(theme: str) -> None:
    """Every pair that the sheet puts together."""
    colours = _themes()[theme]
    weak = [(ink, on) for ink, on in _TEXT_ON if contrast(colours[ink], colours[on]) < 4.5]
    weak += [(ink, on) for ink, on in _SHAPE_ON if contrast(colours[ink], colours[on]) < 3]
    assert weak == []
