"""Under which keys a record is filed and an inquiry looks: the one rule for both sides.

A key finds every record that may match and some that do not; `records.matching` judges. Forms: `LIC:0SYN001`,
`VIN:KP000417` (right eight), `NAM/soundex:V520:19880417`. Records are filed under both phonetic codes; an
inquiry looks under those its system's rule names, once for each birth year the rule allows. A search by part
of a plate looks under one key, by a name alone under one, by a description under at most fifteen.
"""

from __future__ import annotations

from openclets.adapters.synthetic.systems import SystemRow, system_row
from openclets.records.answer import Record
from openclets.records.matching import fold_identifier, index_form, is_expanded, race_searched, values
from openclets.records.names import FoldedName, Phonetics, fold_name, sound
from openclets.records.partial import KNOWN_MIN, known_parts
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
    if row.lists_names:
        for name in values(record, "NAM"):
            keys |= dict.fromkeys(_names_alone(fold_name(name)))
    if row.part_of:
        for plate in values(record, "LIC"):
            keys |= dict.fromkeys(_plate_parts(fold_identifier(plate)))
    if row.described:
        for sex in values(record, "SEX"):
            for race in values(record, "RAC"):
                keys[f"BLK:{sex}:{race}"] = None
    return [key for key in keys if key]


def query_keys(query: Query) -> list[str]:
    """The keys an inquiry looks under; empty when the system cannot be searched by what was asked."""
    return keys_for(system_row(query.system), query)


def keys_for(row: SystemRow, query: Query) -> list[str]:
    """As `query_keys`, for a row already in hand."""
    fields = query.fields
    if query.message_key in row.part_of and "LIC" in fields:
        return _part_asked(fields["LIC"])
    keys = [f"{w.code}:{index_form(w.code, fields[w.code])}" for w in row.search if w.code in fields]
    if keys:
        return keys
    for name_code, birth_code in row.names:
        name, birth = fields.get(name_code), fields.get(birth_code)
        if name and birth:
            folded = fold_name(name)
            surnames = dict.fromkeys((folded.surname,))
            if name_code == "NAM" and is_expanded(fields):
                surnames |= dict.fromkeys((*folded.surname_parts, *folded.given))
            years = row.rule.years_allowed(fields)
            return [
                _name_key(name_code, code, surname, shifted)
                for surname in surnames
                for code in row.rule.phonetics
                for shifted in _births(birth, years)
            ]
    if query.message_key in row.lists_names and "NAM" in fields:
        return _names_alone(fold_name(fields["NAM"]))[:1]
    if row.described and {"SEX", "RAC", "AGE"} <= fields.keys():
        sexes = (fields["SEX"], "U") if fields["SEX"] in ("M", "F") else ("F", "M", "U")
        return [f"BLK:{sex}:{race}" for sex in sexes for race in race_searched(fields["RAC"])]
    return []


def _names_alone(name: FoldedName) -> list[str]:
    """Surname as written and the first initial: a surname alone would file half a state under one key."""
    return [f"NAM:{surname}:{name.given[0][0]}" for surname in name.surnames] if name.given else []


def _plate_parts(plate: str) -> list[str]:
    """Every three characters in a row, and both ends together: `0SYN001` is also `0S..1` and `0..01`."""
    if len(plate) < KNOWN_MIN:
        return []
    runs = [f"LIC~{plate[n : n + 3]}" for n in range(len(plate) - 2)]
    return [*runs, f"LIC^{plate[:2]}${plate[-1:]}", f"LIC^{plate[:1]}${plate[-2:]}"]


def _part_asked(pattern: str) -> list[str]:
    """One key that every plate fitting the pattern is filed under; none where too little is known."""
    parts = known_parts(pattern)
    runs = [part[n : n + 3] for part in parts for n in range(len(part) - 2)]
    if runs:
        # Letters are spread over more values than digits, so a run of them names fewer plates.
        return [f"LIC~{max(runs, key=lambda run: sum(mark.isalpha() for mark in run))}"]
    first, last = parts[0], parts[-1]
    if len(parts) < 2 or len(first) + len(last) < KNOWN_MIN:
        return []
    return [f"LIC^{first[:2]}${last[-1:]}" if len(first) >= 2 else f"LIC^{first[:1]}${last[-2:]}"]


def _name_key(name_code: str, code: Phonetics, surname: str, birth: str) -> str:
    sounded = sound(surname, code)
    return f"{name_code}/{code}:{sounded}:{birth}" if sounded else ""


def _births(birth: str, years: int) -> list[str]:
    if not years or not birth[:4].isdigit():
        return [birth]
    year = int(birth[:4])
    return [f"{year + apart:04d}{birth[4:]}" for apart in range(-years, years + 1)]
