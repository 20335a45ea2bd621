"""From settings to a running network: the only file that knows every concrete class.

`running` starts the parts of one serving process in the order they need one another, and stops them
in reverse: journal, publisher, directory, record systems, switch. It decides nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openclets.adapters.connectors import ConnectorTable, connector_table
from openclets.adapters.http_json.system import HttpJsonSystem
from openclets.adapters.synthetic.system import LocalRecords
from openclets.directory.quota import Quotas
from openclets.directory.watch import DirectoryWatch
from openclets.duty.store import DutyStore
from openclets.foundation.clock import Clock, SystemClock
from openclets.foundation.database import Database, Role
from openclets.foundation.errors import BadInput, Fault, Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.foundation.link import Link
from openclets.foundation.long_tasks import Collapse, LongTasks, leave_at_once
from openclets.foundation.randomness import BufferedRandomness
from openclets.foundation.secrets_folder import secret
from openclets.foundation.settings import Settings
from openclets.journal import keyring
from openclets.journal.append import Sequencer
from openclets.journal.entries import JournalEntries
from openclets.journal.heads import PostgresHeads
from openclets.journal.log_folder import LogFolder
from openclets.journal.publish import Publisher
from openclets.journal.reading import Bodies
from openclets.journal.store import PostgresJournalStore
from openclets.messages.vocabulary import Vocabulary, named_keys
from openclets.messages.vocabulary import load as load_vocabulary
from openclets.policy.decide import load_ruleset
from openclets.records.system import RecordSystem
from openclets.switch.abandoned import close_abandoned
from openclets.switch.live import LiveTransactions
from openclets.switch.network import Background, Network
from openclets.switch.reread import Rereading
from openclets.switch.routing import load_routes
from openclets.switch.store import COMPANION_TABLES, PostgresClaims, PostgresIntents, PostgresOwedReasons

LINKS_FILE = "links.json"
"""In the data folder: record systems reached over the network, name to address."""

IDENTITY_KEY_FILE = "directory.key"
SWEEP_S = 2.0


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of one serving process that the ways in speak to."""

    settings: Settings
    database: Database
    clock: Clock
    randomness: Randomness
    network: Network
    sequencer: Sequencer
    publisher: Publisher
    directory: DirectoryWatch
    duty: DutyStore
    stored: JournalEntries
    rereading: Rereading
    log_folder: LogFolder


@asynccontextmanager
async def running(
    settings: Settings,
    database: Database,
    *,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    collapse: Collapse = leave_at_once,
    connectors: ConnectorTable | None = None,
) -> AsyncIterator[Running]:
    """Everything a serving process needs, started; stopped when the block is left. `collapse` is called
    should one of its long tasks end before. `connectors` is the shipped table unless another is given.

    Raises Unavailable when the database or the journal cannot be had, BadInput for faulty keys or links.
    """
    clock = clock or SystemClock()
    randomness = randomness or BufferedRandomness()
    async with contextlib.AsyncExitStack() as stack:
        tasks = stack.enter_context(LongTasks(collapse))

        def go_on(name: str, work: Coroutine[object, object, None]) -> None:
            tasks.start(name, work)
            # Whatever ends this process, its tasks may end from the moment the first part is closed.
            stack.callback(tasks.let_end)

        folder = LogFolder(log_folder(settings))
        # Before the log's keys are made: afterwards its absence would mean that it was lost.
        own_identity_key = identity_key(settings, randomness)
        keyring.create(settings.data_dir / "keys", settings.log_origin, randomness)
        keys = keyring.load_keyring(settings.data_dir / "keys")

        sequencer = Sequencer(
            PostgresJournalStore(database, COMPANION_TABLES),
            keys,
            clock,
            randomness,
            origin=settings.log_origin,
            companion_tables=COMPANION_TABLES,
        )
        publisher = Publisher(
            PostgresHeads(database), keyring.load_signer(settings.data_dir / "keys"), folder, clock
        )
        sequencer.on_committed(publisher.committed)
        await _patiently(sequencer.open)
        stack.push_async_callback(sequencer.close)
        go_on("journal", sequencer.run())
        await publisher.open()
        stack.push_async_callback(publisher.close)
        go_on("publisher", publisher.run())

        directory = DirectoryWatch(database, clock)
        await directory.open()
        stack.push_async_callback(directory.close)
        go_on("directory", directory.run())

        link = Link(database, Role.APP)
        stack.push_async_callback(link.close)
        reader = Link(database, Role.APP)
        stack.push_async_callback(reader.close)
        intents = PostgresIntents(reader)
        await close_abandoned(sequencer, intents, clock.now())

        systems = await _record_systems(
            settings, database, keys.gate_key, clock, connectors or connector_table(), stack
        )
        vocabulary = _vocabulary(settings)
        live = LiveTransactions()
        stored = JournalEntries(reader)
        rereading = Rereading(
            stored,
            Bodies(stored, sequencer, keys),
            sequencer,
            directory,
            live,
            clock,
            origin=settings.log_origin,
        )
        network = Network(
            vocabulary=vocabulary,
            routes=load_routes(),
            ruleset=load_ruleset(),
            directory=directory,
            journal=sequencer,
            systems=systems,
            claims=PostgresClaims(link, clock.now()),
            owed=PostgresOwedReasons(link),
            rereading=rereading,
            quotas=Quotas(),
            live=live,
            background=Background(),
            clock=clock,
            randomness=randomness,
            identity_key=own_identity_key,
        )
        go_on("abandoned", _sweep(network, intents))
        yield Running(
            settings,
            database,
            clock,
            randomness,
            network,
            sequencer,
            publisher,
            directory,
            DutyStore(database),
            stored,
            rereading,
            folder,
        )


def log_folder(settings: Settings) -> Path:
    """Where the public log's files are (decisions.md 17)."""
    return settings.data_dir / "log" / "state"


def identity_key(settings: Settings, randomness: Randomness = os.urandom) -> bytes:
    """The key of operators' own identifiers and of search terms (decisions.md 5 and 10).

    Raises BadInput when it is gone although the log has been signed before: a new one would know
    nobody's own record.
    """
    folder = settings.data_dir / "keys"
    if (folder / "signing.key").exists() and not (folder / IDENTITY_KEY_FILE).exists():
        fault = Fault(
            str(folder / IDENTITY_KEY_FILE),
            "it is gone",
            "put the key back from its backup",
            "SETTING_INVALID",
        )
        raise BadInput((fault,), "SETTING_INVALID")
    return secret(folder, IDENTITY_KEY_FILE, randomness).encode()


def _vocabulary(settings: Settings) -> Vocabulary:
    wanted = named_keys(settings.message_keys_on)
    vocabulary = load_vocabulary(settings.training, wanted)
    strange = sorted(wanted - {key.name for key in vocabulary.keys.values() if key.carried})
    if strange:
        remedy = "name network and key as docs/reference/message-keys.md does, such as NCIC.QWE"
        faults = (
            Fault("message_keys_on", f"{name} is no key that could be carried", remedy, "SETTING_INVALID")
            for name in strange
        )
        raise BadInput(tuple(faults), "SETTING_INVALID")
    return vocabulary


async def _record_systems(
    settings: Settings,
    database: Database,
    gate_key: bytes,
    clock: Clock,
    connectors: ConnectorTable,
    stack: contextlib.AsyncExitStack,
) -> Mapping[str, RecordSystem]:
    local = LocalRecords(lambda: database.aconnect(Role.RECORDS, autocommit=True), gate_key, clock)
    stack.push_async_callback(local.close)
    systems: dict[str, RecordSystem] = dict(local.systems)
    for name, url in read_links(settings.data_dir / LINKS_FILE).items():
        system = HttpJsonSystem(name, url, gate_key, connectors.limits_for(name), clock)
        stack.push_async_callback(system.close)
        systems[name] = system
    return systems


def read_links(path: Path) -> dict[str, str]:
    """The links of an installation; none where the file is absent. Raises BadInput for a file that
    is no such table.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        fault = Fault(
            str(path), str(error), "write one JSON object of system name to address", "SETTING_INVALID"
        )
        raise BadInput((fault,), "SETTING_INVALID") from error


async def _sweep(network: Network, intents: PostgresIntents) -> None:
    """Close what the corridor had to leave open."""
    while True:
        await asyncio.sleep(SWEEP_S)
        with contextlib.suppress(Unavailable):
            await network.left_open.close(network.journal, intents, network.clock.monotonic())


async def _patiently(opening: Callable[[], Awaitable[None]], tries: int = 20) -> None:
    """A process that was killed a moment ago may still hold the journal's lock until its server notices."""
    for left in reversed(range(tries)):
        try:
            await opening()
        except Unavailable:
            if not left:
                raise
            await asyncio.sleep(0.25)
        else:
            return
