"""Under which keys a record is filed and an inquiry looks: the one rule for both sides.

A key finds every record that may match and some that do not; `records.matching` judges. Forms: `LIC:0SYN001`,
`VIN:KP000417` (right eight), `NAM/soundex:V520:19880417`. Records are filed under both phonetic codes; an
inquiry looks under those its system's rule names, once for each birth year the rule allows.
"""

from __future__ import annotations

from openclets.adapters.synthetic.systems import SystemRow, system_row
from openclets.records.answer import Record
from openclets.records.matching import index_form, values
from openclets.records.names import Phonetics, fold_name, sound
from openclets.records.query import Query


def search_keys(system: str, record: Record) -> list[str]:
    """Every key a record is filed under in `system`, each once."""
    row = system_row(system)
    keys: dict[str, None] = {}
    for wanted in row.search:
        for value in values(record, wanted.code):
            keys[f"{wanted.code}:{index_form(wanted.code, value)}"] = None
    for name_code, birth_code in row.names:
        births = values(record, birth_code)
        names = [*values(record, name_code), *(values(record, "AKA") if name_code == "NAM" else ())]
        for surname in {surname for name in names for surname in fold_name(name).surnames}:
            for code in Phonetics:
                for birth in births:
                    keys[_name_key(name_code, code, surname, birth)] = None
    return [key for key in keys if key]


def query_keys(query: Query) -> list[str]:
    """The keys an inquiry looks under; empty when the system cannot be searched by what was asked."""
    return keys_for(system_row(query.system), query)


def keys_for(row: SystemRow, query: Query) -> list[str]:
    """As `query_keys`, for a row already in hand."""
    fields = query.fields
    keys = [f"{w.code}:{index_form(w.code, fields[w.code])}" for w in row.search if w.code in fields]
    if keys:
        return keys
    for name_code, birth_code in row.names:
        name, birth = fields.get(name_code), fields.get(birth_code)
        if name and birth:
            surname = fold_name(name).surname
            years = row.rule.years_allowed(fields)
            return [
                _name_key(name_code, code, surname, shifted)
                for code in row.rule.phonetics
                for shifted in _births(birth, years)
            ]
    return []


def _name_key(name_code: str, code: Phonetics, surname: str, birth: str) -> str:
    sounded = sound(surname, code)
    return f"{name_code}/{code}:{sounded}:{birth}" if sounded else ""


def _births(birth: str, years: int) -> list[str]:
    if not years or not birth[:4].isdigit():
        return [birth]
    year = int(birth[:4])
    return [f"{year + apart:04d}{birth[4:]}" for apart in range(-years, years + 1)]
