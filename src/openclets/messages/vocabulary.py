"""The vocabulary's front page: every message key, field and purpose code, loaded whole or not at all.

Knows what may be said, not who may say it. The rows are in `catalog/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from openclets.foundation.errors import BadInput, Fault
from openclets.messages.catalog_rows import check_rows, read_catalog
from openclets.messages.characters import shown
from openclets.messages.edit import EDITS, Edit
from openclets.messages.fault_text import fault
from openclets.messages.field import Field
from openclets.messages.key import MessageKey
from openclets.messages.layout import Layouts
from openclets.messages.purpose import Purpose
from openclets.messages.record_file import RecordFile
from openclets.messages.tables import ResponseKey, Tables, build_tables

HOME_STATE = "CA"

_ANY = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be said on the network. Immutable; one serves every inquiry of a process.

    `keys` by (network, key); `fields` by code in printed order; `files` those that records are entered into,
    by code; `layouts` the legal field combinations by
    (network, key); `edits` each field with its check. `training`: only invented persons are held.
    """

    keys: Mapping[tuple[str, str], MessageKey]
    files: Mapping[str, RecordFile]
    responses: Mapping[tuple[str, str], ResponseKey]
    fields: Mapping[str, Field]
    purposes: Mapping[str, Purpose]
    states: frozenset[str]
    destinations: frozenset[str]
    ori_states: frozenset[str]
    layouts: Mapping[tuple[str, str], Layouts]
    edits: Mapping[str, tuple[Field, Edit]]
    by_name: Mapping[tuple[str, str], MessageKey]
    training: bool
    home_state: str = HOME_STATE

    def resolve(self, message_key: str, network: str | None = None) -> MessageKey:
        """The key of that name. Raises BadInput: unknown (with the nearest known), of more than one network
        (with the choices), an answer's key, or known and not carried."""
        known = self.by_name.get((message_key, network or _ANY))
        if known is not None:
            return known
        return self._resolve_odd(message_key, network)

    def _resolve_odd(self, message_key: str, network: str | None) -> MessageKey:
        name = message_key.strip().upper()
        if not name:
            raise BadInput(
                (fault("KEY_MISSING", "message_key", known=", ".join(sorted(self.key_names())[:6])),)
            )
        found = {net: key for (net, each), key in self.keys.items() if each == name}
        wanted = (network or "").strip().upper()
        if found and wanted and wanted not in found:
            raise BadInput((fault("NETWORK_UNKNOWN", "network", key=name, networks=_choices(found)),))
        if len(found) > 1 and not wanted:
            raise BadInput((fault("KEY_AMBIGUOUS", "message_key", key=name, networks=_choices(found)),))
        if not found:
            raise BadInput((self._unknown(name),))
        key = found[wanted] if wanted else next(iter(found.values()))
        if not key.carried:
            raise BadInput((fault("KEY_NOT_CARRIED", "message_key", key=name, reason=key.not_carried),))
        if not key.is_on:
            raise BadInput((fault("KEY_NOT_ON", "message_key", key=name, name=key.name),))
        return key

    def _unknown(self, name: str) -> Fault:
        answers = [row for row in self.responses.values() if row.key == name]
        if answers:
            asked = " or ".join(each for row in answers for each in row.answers)
            return fault("KEY_IS_RESPONSE", "message_key", key=name, asked=asked)
        near = nearest(name, self.key_names(), most=3)
        return fault("KEY_UNKNOWN", "message_key", key=shown(name), nearest=" or ".join(near))

    @property
    def sendable(self) -> tuple[MessageKey, ...]:
        """The keys that are carried and on, in the table's order."""
        return tuple(key for key in self.keys.values() if key.carried and key.is_on)

    def key_names(self) -> tuple[str, ...]:
        """Every key that may be asked, once each, in the table's order."""
        return tuple(dict.fromkeys(key.key for key in self.sendable))


def nearest(
    text: str, known: tuple[str, ...], most: int = 1, slips_max: int | None = None
) -> tuple[str, ...]:
    """The known words that take the fewest slips of the finger to reach from `text`, nearest first."""
    found = process.extract(text[:24], known, scorer=OSA.distance, limit=most, score_cutoff=slips_max)
    return tuple(word for word, _, _ in found)


@cache
def load(training: bool = True, keys_on: frozenset[str] = frozenset()) -> Vocabulary:
    """The vocabulary of the catalogue, with the keys of `keys_on` (`NCIC.QWE`) on that are off by default.

    Raises BrokenInvariant naming every wrong row, for one refuses all.
    """
    return vocabulary_of(build_tables(check_rows(read_catalog())), training=training, keys_on=keys_on)


def named_keys(text: str) -> frozenset[str]:
    """The names in a setting such as `NCIC.QWE, NCIC.ZW`."""
    return frozenset(name.strip().upper() for name in text.split(",") if name.strip())


def vocabulary_of(tables: Tables, *, training: bool, keys_on: frozenset[str] = frozenset()) -> Vocabulary:
    """The vocabulary of such tables."""
    keys = {(key.network, key.key): _switched(key, keys_on) for key in tables.keys}
    fields = {field.code: field for field in tables.fields}
    return Vocabulary(
        keys=MappingProxyType(keys),
        files=MappingProxyType({row.code: row for row in tables.files}),
        responses=MappingProxyType({(row.network, row.key): row for row in tables.responses}),
        fields=MappingProxyType(fields),
        purposes=MappingProxyType({purpose.code: purpose for purpose in tables.purposes}),
        states=tables.states,
        destinations=tables.destinations,
        ori_states=tables.ori_states,
        layouts=MappingProxyType({name: Layouts(key, fields) for name, key in keys.items()}),
        edits=MappingProxyType({code: (field, EDITS[field.edit]) for code, field in fields.items()}),
        by_name=MappingProxyType(_by_name(keys)),
        training=training,
    )


def _switched(key: MessageKey, keys_on: frozenset[str]) -> MessageKey:
    return replace(key, is_on=True) if key.name in keys_on else key


def _by_name(keys: Mapping[tuple[str, str], MessageKey]) -> dict[tuple[str, str], MessageKey]:
    """Carried keys by (name, network), and by (name, "") where one network alone has the name."""
    names: dict[tuple[str, str], MessageKey] = {}
    asked = {name: key for name, key in keys.items() if key.carried and key.is_on}
    for (network, name), key in asked.items():
        names[name, network] = key
        if sum(1 for _, each in asked if each == name) == 1:
            names[name, _ANY] = key
    return names


def _choices(found: Mapping[str, MessageKey]) -> str:
    return " or ".join(f"{network} ({key.meaning})" for network, key in found.items())
