"""Whether a history keeps the network's promises: what clients heard, outside systems saw, the journal holds.

A history is recorded while faults go on and judged afterwards; nothing in here asks the network anything.
Promises: security.md 2.4, I1, I2, I4, I5, I8, I10. `breaches` names each one that is broken, and by what.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ANSWERED = frozenset({"HIT", "RECORD", "NO_RECORD"})
FOUND_NOTHING = "No record: every source asked has answered."
CLOSINGS = frozenset({"ReplyReleased", "ReplyWithheld", "InquiryAbandoned"})
SHOWING = frozenset({"ReplyReleased", "LateAnswer", "LegsGivenUp", "TransactionReread"})


@dataclass(frozen=True)
class Heard:
    """What one client heard of one question: each reply in the order in which it came, or an error."""

    operator_id: str
    replies: tuple[dict[str, Any], ...] = ()
    code: str = ""
    receipt: dict[str, Any] | None = None
    ended: bool = True
    """Whether it listened until the network had no more to say."""


@dataclass(frozen=True)
class Entry:
    """The clear fields of an entry, and the hash of its leaf."""

    index: int
    at: datetime
    kind: str
    transaction: str
    operator_id: str
    result_class: str
    leaf_sha256: str


@dataclass(frozen=True)
class Reached:
    """A message that an outside system says it got, and what it says it answered."""

    at: datetime
    transaction: str
    system: str
    operator_id: str
    entry_index: int
    entry_sha256: str
    state: str


@dataclass(frozen=True)
class History:
    """All that was seen. `outside` names the systems whose own log is in `reached`."""

    heard: tuple[Heard, ...]
    entries: tuple[Entry, ...]
    reached: tuple[Reached, ...] = ()
    outside: frozenset[str] = frozenset()
    by_transaction: dict[str, list[Entry]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self.by_transaction.setdefault(entry.transaction, []).append(entry)

    def kinds_of(self, transaction: str) -> set[str]:
        """The kinds of the entries of a transaction."""
        return {entry.kind for entry in self.by_transaction.get(transaction, ())}


def breaches(history: History) -> list[str]:
    """Every promise that is broken, in words that begin with its number; empty where all hold."""
    return [f"{check.__name__}: {found}" for check in CHECKS for found in check(history)]


def i1_what_was_shown_has_an_entry(history: History) -> Iterator[str]:
    """Each reply that a client saw is an entry of its own transaction, of that hash, at that place."""
    by_index = {entry.index: entry for entry in history.entries}
    for heard in history.heard:
        for reply in heard.replies:
            receipt, transaction = reply["receipt"], reply["transaction"]
            entry = by_index.get(receipt["index"])
            if entry is None or entry.transaction != transaction or entry.kind not in SHOWING:
                yield f"{transaction} was shown with receipt {receipt['index']}, which is no entry of it"
            elif entry.leaf_sha256 != receipt["entry_sha256"]:
                yield f"{transaction} was shown with a receipt of another hash"
    released = Counter(e.transaction for e in history.entries if e.kind == "ReplyReleased")
    yield from (f"{transaction} was released {n} times" for transaction, n in released.items() if n > 1)


def i1_what_was_asked_has_an_earlier_entry(history: History) -> Iterator[str]:
    """Each message that reached an outside system names the intent of its transaction, entered before."""
    by_index = {entry.index: entry for entry in history.entries}
    for reached in history.reached:
        intent = by_index.get(reached.entry_index)
        if intent is None or intent.kind != "InquiryPermitted" or intent.transaction != reached.transaction:
            yield f"{reached.system} was asked for {reached.transaction} without its intent"
        elif intent.leaf_sha256 != reached.entry_sha256:
            yield f"{reached.system} was asked for {reached.transaction} with a receipt of another hash"
        elif intent.at > reached.at:
            yield f"{reached.system} was asked for {reached.transaction} before its intent was entered"


def i2_what_was_accepted_ends(history: History) -> Iterator[str]:
    """Each intent is closed, and who listened to the end heard a final reply."""
    for entry in history.entries:
        if entry.kind == "InquiryPermitted" and not history.kinds_of(entry.transaction) & CLOSINGS:
            yield f"{entry.transaction} was permitted and never closed"
    for heard in history.heard:
        if heard.replies and heard.ended and not heard.replies[-1]["final"]:
            yield f"{heard.replies[-1]['transaction']} never became final"
        finals = [reply["final"] for reply in heard.replies]
        if finals != sorted(finals):
            yield f"{heard.replies[-1]['transaction']} was final and then was not"


def i4_an_answer_goes_to_its_asker(history: History) -> Iterator[str]:
    """The operator who heard it is the one whose intent it answers; an outside system was told the same."""
    asker = {e.transaction: e.operator_id for e in history.entries if e.kind == "InquiryPermitted"}
    for heard in history.heard:
        for reply in heard.replies:
            if asker.get(reply["transaction"]) != heard.operator_id:
                yield f"{heard.operator_id} heard {reply['transaction']}, which is not theirs"
    for reached in history.reached:
        if asker.get(reached.transaction) != reached.operator_id:
            yield f"{reached.system} was told {reached.operator_id} of {reached.transaction}"


def i5_silence_is_never_no_record(history: History) -> Iterator[str]:
    """Nobody says so until every source answered; an outside leg says only what its system says it said."""
    said = defaultdict(set)
    for reached in history.reached:
        said[reached.transaction, reached.system].add(reached.state)
    for heard in history.heard:
        for reply in heard.replies:
            transaction = reply["transaction"]
            silent = [leg for leg in reply["legs"] if leg["state"] not in ANSWERED and not _came_late(leg)]
            if silent and reply["summary"] == FOUND_NOTHING:
                yield f'{transaction} said "no record" while {silent[0]["system"]} was {silent[0]["state"]}'
            for leg in reply["legs"]:
                if leg["system"] not in history.outside or leg["state"] not in ANSWERED | {"LATE"}:
                    continue
                states = said[transaction, leg["system"]]
                if not states & (ANSWERED if leg["state"] == "LATE" else {leg["state"]}):
                    yield f"{transaction}: {leg['system']} is shown {leg['state']} and said {states or None}"
    for entry in history.entries:
        if entry.kind == "ReplyReleased" and entry.result_class == "NO_RECORD":
            shown = [r for h in history.heard for r in h.replies if r["transaction"] == entry.transaction]
            if shown and any(leg["state"] not in ANSWERED for leg in shown[0]["legs"]):
                yield f"{entry.transaction} was entered as NO_RECORD with a silent leg"


def i8_the_journal_has_no_gap(history: History) -> Iterator[str]:
    """Index after index, and time does not fall."""
    if [entry.index for entry in history.entries] != list(range(len(history.entries))):
        yield "the index has a gap"
    for before, after in zip(history.entries, history.entries[1:], strict=False):
        if after.at < before.at:
            yield f"time falls at entry {after.index}"


def i10_what_was_refused_reached_nobody(history: History) -> Iterator[str]:
    """No outside system saw a transaction that was refused, or that nobody permitted."""
    for reached in history.reached:
        kinds = history.kinds_of(reached.transaction)
        if "InquiryRefused" in kinds or "InquiryPermitted" not in kinds:
            yield f"{reached.system} saw {reached.transaction}, which was {sorted(kinds) or 'unknown'}"
    for heard in history.heard:
        if heard.receipt is None:
            continue
        (entry,) = [e for e in history.entries if e.index == heard.receipt["index"]] or [None]
        if entry is None or entry.leaf_sha256 != heard.receipt["entry_sha256"]:
            yield f"a refusal ({heard.code}) has a receipt that is no entry"


def _came_late(leg: dict[str, Any]) -> bool:
    return leg["state"] == "LATE" and not leg["reason"]


CHECKS: tuple[Callable[[History], Iterator[str]], ...] = (
    i1_what_was_shown_has_an_entry,
    i1_what_was_asked_has_an_earlier_entry,
    i2_what_was_accepted_ends,
    i4_an_answer_goes_to_its_asker,
    i5_silence_is_never_no_record,
    i8_the_journal_has_no_gap,
    i10_what_was_refused_reached_nobody,
)
