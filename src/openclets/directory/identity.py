"""Keyed digests of what identifies a person, so that an operator's own record can be recognised and never
listed.

The directory keeps digests alone; the key lies in the keys folder. Equality of digests is all that is ever
asked (decisions.md 10). Names are folded to what the same person's name looks like in several systems:
surname and first given name, letters only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from openclets.directory.operator import Operator

NAME_AND_BIRTH: Final = "NAM+DOB"
HOME: Final = "CA"
DIGEST_BYTES: Final = 16

_NAMES: Final = (("NAM", "DOB"), ("PPN", "PPB"))
_DIRECT: Final = (("OLN", "OLN"), ("VIN", "VIN"), ("BHN", "VIN"), ("REG", "REG"), ("SOC", "SOC"))


def identifier_digest(key: bytes, kind: str, value: str) -> bytes:
    """The digest of one identifier: keyed BLAKE2b, 16 bytes.

    `kind` is `NAM+DOB` (value `SURNAME,FIRST 19800131`), `OLN`, `LIC` (value with its state, `CA 0ABC123`),
    `VIN`, `REG` or `SOC`. The value is normalised here.
    """
    return _digest(key, kind, _normalised(kind, value))


def identifiers_in(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(kind, value) of every identifier in `fields`, which are NCIC field codes to values.

    A name counts together with a date of birth only, and so does a protected person's (PPN, PPB). A plate
    without a state is the home state's. A hull number (BHN) is kept among vehicle numbers.
    """
    for name_code, birth_code in _NAMES:
        name, birth = fields.get(name_code), fields.get(birth_code)
        if name and birth:
            yield NAME_AND_BIRTH, f"{name} {birth}"
    plate = fields.get("LIC")
    if plate:
        yield "LIC", f"{fields.get('LIS') or HOME} {plate}"
    for code, kind in _DIRECT:
        value = fields.get(code)
        if value:
            yield kind, value


def digests_in(fields: Mapping[str, str], key: bytes) -> frozenset[bytes]:
    """The digests of every identifier in `fields`."""
    return frozenset(identifier_digest(key, kind, value) for kind, value in identifiers_in(fields))


def names_own_record(operator: Operator, fields: Mapping[str, str], key: bytes) -> bool:
    """Whether `fields`, of an inquiry or of a returned record, name the operator."""
    return _names(operator.own_identifiers, fields, key)


def names_tie(operator: Operator, fields: Mapping[str, str], key: bytes) -> bool:
    """Whether `fields` name a person the operator has declared a tie to."""
    return _names(operator.tie_identifiers, fields, key)


def _names(known: frozenset[bytes], fields: Mapping[str, str], key: bytes) -> bool:
    return bool(known) and any(
        identifier_digest(key, kind, value) in known for kind, value in identifiers_in(fields)
    )


def _digest(key: bytes, kind: str, normalised: str) -> bytes:
    return hashlib.blake2b(f"{kind}\0{normalised}".encode(), key=key, digest_size=DIGEST_BYTES).digest()


def _normalised(kind: str, value: str) -> str:
    if kind == NAME_AND_BIRTH:
        name, _, birth = value.rpartition(" ")
        return f"{folded_name(name)} {_letters_and_digits(birth)}"
    return _letters_and_digits(_folded(value))


def folded_name(name: str) -> str:
    """`O'Brien-García, Mary Ann JR` as `OBRIENGARCIA,MARY`."""
    surname, _, given = _folded(name).partition(",")
    first = given.split()[0] if given.split() else ""
    return f"{_letters_and_digits(surname)},{_letters_and_digits(first)}"


def _folded(text: str) -> str:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.upper()


def _letters_and_digits(text: str) -> str:
    return text if text.isalnum() else "".join(c for c in text if c.isalnum())
