"""Which logs and witnesses a reader trusts, and how many must have cosigned: C2SP tlog-policy.

Source: c2sp.org/tlog-policy and c2sp.org/tlog-cosignature (Ed25519, type 4). Reads a policy and holds a
checkpoint against it; it asks no witness.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from openclets.foundation.errors import BadInput, Fault
from openclets.journal.signed_note import (
    COSIGNATURE_ED25519,
    ED25519,
    SignedNote,
    VerifierKey,
    parse_verifier_key,
)

NONE = "none"
_LINES_MAX = 1000
_TIMESTAMP_LENGTH = 8
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of `members`, each a witness or an earlier group."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """A policy as read. `quorum` is `none`, a witness or a group."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str

    def log_fault(self, note: SignedNote) -> str:
        """Why the note is not of a log of this policy, or empty text. A policy without logs accepts any."""
        if not self.logs:
            return ""
        origin = note.text.partition("\n")[0]
        if any(key.name == origin and key.signed(note) for key in self.logs):
            return ""
        return f"the policy names no log {origin} with a key that signed it"

    def cosigners(self, note: SignedNote) -> tuple[str, ...]:
        """The witnesses, by the policy's names, whose cosignature on the note holds."""
        return tuple(name for name, key in self.witnesses.items() if _cosigned(note, key))

    def reached(self, cosigners: Collection[str]) -> bool:
        """Whether these witnesses make the quorum."""
        return self.quorum == NONE or self._witnessed(self.quorum, cosigners)

    def _witnessed(self, name: str, cosigners: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigners
        return sum(self._witnessed(member, cosigners) for member in group.members) >= group.threshold


def cosigned_text(text: str, timestamp: int) -> str:
    """What an Ed25519 witness signs: its header, the time in seconds, and the checkpoint's text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}"


def parse_policy(text: str) -> WitnessPolicy:
    """Read a policy. Raises BadInput with every fault, each with its line."""
    reading = _Reading()
    if any(c < " " and c not in "\t\n" for c in text) or "\x7f" in text:
        reading.fault(0, "it has a control character")
    lines = text.split("\n")
    if len(lines) > _LINES_MAX:
        reading.fault(0, f"it has more than {_LINES_MAX} lines")
    for number, line in enumerate(lines[:_LINES_MAX], start=1):
        items = [item for item in re.split(r"[ \t]+", line) if item]
        if items and not items[0].startswith("#"):
            reading.line(number, items)
    if not reading.quorum:
        reading.fault(len(lines), "it has no quorum line")
    if reading.faults:
        raise BadInput(tuple(reading.faults))
    return WitnessPolicy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


class _Reading:
    """A policy half read."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorum = ""
        self.faults: list[Fault] = []
        self._members: set[str] = set()

    def fault(self, number: int, fault: str) -> None:
        remedy = "See c2sp.org/tlog-policy for the form of the line."
        self.faults.append(Fault(f"policy line {number}", fault, remedy))

    def line(self, number: int, items: list[str]) -> None:
        match items:
            case ["log", vkey] | ["log", vkey, _]:
                self._log(number, vkey)
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._witness(number, name, vkey)
            case ["group", name, threshold, *members] if members:
                self._group(number, name, threshold, members)
            case ["quorum", name]:
                self._quorum(number, name)
            case _:
                self.fault(number, f"no such line: {items[0]} with {len(items) - 1} items")

    def _log(self, number: int, vkey: str) -> None:
        key = self._key(number, vkey, ED25519)
        if key and any(key.public_key == other.public_key for other in self.logs):
            self.fault(number, "the log's key stands there twice")
        elif key:
            self.logs.append(key)

    def _witness(self, number: int, name: str, vkey: str) -> None:
        key = self._key(number, vkey, COSIGNATURE_ED25519)
        if key and any(key.public_key == other.public_key for other in self.witnesses.values()):
            self.fault(number, "the witness's key stands there twice")
        elif key and self._is_new(number, name):
            self.witnesses[name] = key

    def _group(self, number: int, name: str, threshold: str, members: list[str]) -> None:
        least = {"any": 1, "all": len(members)}.get(threshold)
        if least is None and _THRESHOLD.fullmatch(threshold):
            least = int(threshold)
        if least is None or least > len(members):
            self.fault(number, f"{threshold} is not any, all, or a number up to {len(members)}")
            return
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                self.fault(number, f"{member} is not defined above")
            elif member in self._members:
                self.fault(number, f"{member} is in a group already")
            self._members.add(member)
        if self._is_new(number, name):
            self.groups[name] = Group(least, tuple(members))

    def _quorum(self, number: int, name: str) -> None:
        if self.quorum:
            self.fault(number, "there is a quorum line already")
        elif name != NONE and name not in self.witnesses and name not in self.groups:
            self.fault(number, f"{name} is not defined above")
        self.quorum = name

    def _is_new(self, number: int, name: str) -> bool:
        if name == NONE or name in self.witnesses or name in self.groups:
            self.fault(number, f"the name {name} is taken")
            return False
        return True

    def _key(self, number: int, vkey: str, algorithm: int) -> VerifierKey | None:
        try:
            key = parse_verifier_key(vkey)
        except BadInput as error:
            self.fault(number, str(error))
            return None
        if key.algorithm != algorithm:
            self.fault(number, f"a key of type {key.algorithm} where type {algorithm} is needed")
            return None
        return key


def _cosigned(note: SignedNote, key: VerifierKey) -> bool:
    for signature in note.signatures:
        if signature.name == key.name and signature.key_id == key.key_id:
            timestamp = int.from_bytes(signature.signature[:_TIMESTAMP_LENGTH], "big")
            message = cosigned_text(note.text, timestamp).encode()
            if timestamp < 1 << 63 and key.verifies(message, signature.signature[_TIMESTAMP_LENGTH:]):
                return True
    return False
