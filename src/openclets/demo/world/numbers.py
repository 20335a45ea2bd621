"""Identifiers of invented people and things, all in the synthetic ranges of messages.md 10.

Plates begin with 0; licences with Q0; vehicle numbers carry the maker 1SY and a valid check digit (49 CFR
565.15); SSN areas are 000; FBI numbers start 9900; NIC serials start 99.
"""

from __future__ import annotations

_VALUE = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        (int(n) for n in "12345678123457923456789" + "0123456789"),
        strict=True,
    )
)
_WEIGHT = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_HULL = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def check_digit(vin: str) -> str:
    """The check digit that position 9 of a 17-character vehicle number must hold. Raises KeyError for I, O,
    Q.
    """
    rest = sum(_VALUE[mark] * weight for mark, weight in zip(vin, _WEIGHT, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin(line: str, year: int, serial: int) -> str:
    """A vehicle number of the reserved maker: `line` is five characters, `serial` counts one line and
    year.
    """
    head = f"1SY{line}"
    tail = f"{_YEARS[(year - 1980) % 30]}{_LETTERS[serial // 1_000_000 % 23]}{serial % 1_000_000:06d}"
    return head + check_digit(f"{head}0{tail}") + tail


def _letters(number: int, count: int) -> str:
    out = ""
    for _ in range(count):
        number, rest = divmod(number, 26)
        out = chr(65 + rest) + out
    return out


def passenger_plate(number: int) -> str:
    """0AAA000 to 0ZZZ999. `number` is below 17,576,000."""
    return f"0{_letters(number // 1000, 3)}{number % 1000:03d}"


def commercial_plate(number: int) -> str:
    """0A00000 to 0Z99999. `number` is below 2,600,000."""
    return f"0{_letters(number // 100_000, 1)}{number % 100_000:05d}"


def motorcycle_plate(number: int) -> str:
    """00A0000 to 09Z9999. `number` is below 2,600,000."""
    lead, rest = divmod(number, 260_000)
    return f"0{lead}{_letters(rest // 10_000, 1)}{rest % 10_000:04d}"


def neighbour_plate(number: int) -> str:
    """Plates of the other state: 00X0000 shapes with two letters, 0AA0000. `number` is below 6,760,000."""
    return f"0{_letters(number // 10_000, 2)}{number % 10_000:04d}"


def licence(number: int) -> str:
    """Q0000000 to Q0999999; the first thousand are the documented examples' range. `number` is below a
    million.
    """
    return f"Q{number:07d}"


def vessel_registration(number: int) -> str:
    """CF9000AZ to CF9999ZZ, then the letter before Z walks back. `number` is below 676,000."""
    block, rest = divmod(number, 1000)
    return f"CF9{rest:03d}{_letters(block % 26, 1)}{chr(90 - block // 26)}"


def off_highway_registration(kind: str, number: int) -> str:
    """`SN900000` onward for snowmobiles, `OH900000` for the rest."""
    return f"{'SN' if kind == 'snowmobile' else 'OH'}9{number:05d}"


def hull_number(serial: int, year: int) -> str:
    """Twelve characters: maker SYN, five serial characters, month letter and year digits (33 CFR 181)."""
    marks = ""
    rest = serial
    for _ in range(5):
        rest, place = divmod(rest, len(_HULL))
        marks = _HULL[place] + marks
    return f"SYN{marks}{'ABCDEFGHJKL'[serial % 11]}{year % 10}{year % 100:02d}"


def social_security(number: int) -> str:
    """Area 000, which was never issued."""
    return f"000{number % 1_000_000:06d}"


def state_identification(number: int) -> str:
    return f"CA99{number:06d}"


def fbi_number(number: int) -> str:
    """Nine characters starting 9900."""
    return f"9900{_letters(number // 10_000, 1)}{number % 10_000:04d}"


def nic(letter: str, number: int) -> str:
    """A national record number: the file's letter and nine digits that start 99."""
    return f"{letter}99{number:07d}"
