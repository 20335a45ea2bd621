"""One PostgreSQL server as our own child process: started, watched, started again when it dies, stopped.

It dies with us, whatever kills us; a server that an earlier run left behind is taken down before a new one
starts. One process at a time may hold a data folder (`pg.lock`). Speaks over a Unix socket only.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg.conninfo import make_conninfo

from openclets.foundation.errors import Unavailable
from openclets.foundation.identifiers import Randomness
from openclets.foundation.postgres import become, cluster, folder_lock, leftover, place
from openclets.foundation.postgres.binaries import find_binaries, reachable_binaries
from openclets.foundation.secrets_folder import secret

_log = logging.getLogger(__name__)

READY_WITHIN_S = 120.0
"""How long a start may take: replaying the write-ahead log after a crash is the slow part."""

FIRST_TRIES = 3
RETRY_S_MAX = 5.0
LOG_BYTES_MAX = 10_000_000
PASSWORD_NAME = "postgres.password"


class Server:
    """The server whose data belong to `directory` (the `DIR` of decisions.md 17).

    `postgres_bin` names another server's program folder than the wheel's. Use it as a context, or `start` and
    `stop` it.
    """

    def __init__(
        self, directory: Path, *, postgres_bin: Path | None = None, randomness: Randomness = os.urandom
    ) -> None:
        self._directory = directory
        self._postgres_bin = postgres_bin
        self._randomness = randomness
        self._account = place.server_account()
        self._place: place.Place | None = None
        self._lock: int | None = None
        self._password = ""
        self._command: list[str] = []
        self._version = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._ready = threading.Event()
        self._failure = ""
        self._starts = 0
        self._owner = 0

    @property
    def place(self) -> place.Place:
        """Where its files lie; chosen by `start`."""
        if self._place is None:
            raise Unavailable("DATABASE_UNAVAILABLE", "the server has not been started")
        return self._place

    @property
    def version(self) -> str:
        """The version of the programs, e.g. `18.6`; known after `start`."""
        return self._version

    @property
    def process(self) -> int | None:
        """The process id of the running server, or None."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    @property
    def starts(self) -> int:
        """How many times the server came up: once by `start`, once more for each death it was raised from."""
        return self._starts

    @property
    def superuser_conninfo(self) -> str:
        """How the superuser connects; holds its password."""
        return make_conninfo(
            host=str(self.place.socket),
            port=5432,
            user=cluster.SUPERUSER,
            password=self._password,
            dbname="postgres",
        )

    def start(self) -> None:
        """Bring the server up; on return it answers.

        Raises Unavailable (DATA_FOLDER_IN_USE where another process holds the folder), BadInput for a faulty
        `postgres_bin`.
        """
        if self._watcher is not None:
            return
        self._owner = os.getpid()
        self._lock = folder_lock.hold(self._directory)
        try:
            self._prepare()
            self._stopping.clear()
            self._settled.clear()
            self._failure = ""
            # The parent-death signal follows the thread that made the child: it must live as long as we do.
            self._watcher = threading.Thread(target=self._watch, name="postgres-watch", daemon=True)
            self._watcher.start()
            self._settled.wait()
            if self._failure:
                raise Unavailable("DATABASE_UNAVAILABLE", self._failure)
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    def stop(self) -> None:
        """Bring the server down in order (fast shutdown) and let go of the folder. Safe to call twice."""
        if self._owner != os.getpid():
            return
        with self._guard:
            self._stopping.set()
            child = self._child
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            for order, grace_s in leftover.GRACE_S:
                if child is not None and child.poll() is None:
                    child.send_signal(order)
                watcher.join(grace_s)
                if not watcher.is_alive():
                    break
        self._ready.clear()
        if self._lock is not None:
            folder_lock.let_go(self._lock)
            self._lock = None
        atexit.unregister(self.stop)

    def restart(self) -> None:
        """Stop and start again, e.g. to take new settings."""
        self.stop()
        self.start()

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Whether the server answers within `timeout_s` seconds."""
        return self._ready.wait(timeout_s)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        binaries = reachable_binaries(find_binaries(self._postgres_bin), self._account, place.MACHINE_WIDE)
        self._version = binaries.version
        self._place = place.choose_place(self._directory, self._account)
        place.make_folders(self._place)
        made = self._place.cluster
        if made.exists():
            ended = leftover.take_down(made)
            if ended:
                _log.warning(
                    "ended %d PostgreSQL processes that an earlier run left behind on %s", ended, made
                )
            if not (self._directory / "keys" / PASSWORD_NAME).exists():
                self._set_aside(made)
        self._password = secret(self._directory / "keys", PASSWORD_NAME, self._randomness)
        if not made.exists():
            cluster.initialise(self._place, binaries, self._password)
        cluster.check_version(self._place, binaries)
        self._command = cluster.command(self._place, binaries)

    def _set_aside(self, made: Path) -> None:
        """Nobody holds the password of these data: their `DIR` was deleted. Keep the last such folder."""
        aside = made.with_name("data.without-keys")
        shutil.rmtree(aside, ignore_errors=True)
        made.rename(aside)
        _log.warning("%s had no password in %s/keys; set aside as %s", made, self._directory, aside)

    def _watch(self) -> None:
        tries = 0
        while True:
            with self._guard:
                if self._stopping.is_set():
                    return
                child = self._child = self._spawn()
            if self._await_answer(child):
                tries = 0
                self._starts += 1
                self._ready.set()
                self._settled.set()
            code = child.wait()
            was_ready = self._ready.is_set()
            self._ready.clear()
            if self._stopping.is_set():
                return
            if not was_ready:
                tries += 1
                if not self._settled.is_set() and tries >= FIRST_TRIES:
                    self._failure = f"PostgreSQL does not start: {self._last_words()}"
                    self._settled.set()
                    return
            _log.warning("PostgreSQL (process %d) ended with code %d; starting it again", child.pid, code)
            try:
                leftover.take_down(self.place.cluster)
            except TimeoutError:
                _log.exception("leftover PostgreSQL processes")
            self._stopping.wait(min(RETRY_S_MAX, 0.1 * 2**tries) if tries else 0)

    def _spawn(self) -> subprocess.Popen[bytes]:
        log = self.place.log
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".log.1"))
        account = self._account
        wrapper = [sys.executable, "-I", "-S", str(become.__file__)]
        with log.open("ab") as output:
            return subprocess.Popen(
                [*wrapper, str(account.uid), str(account.gid), str(os.getpid()), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.place.home,
                env=cluster.environment(),
            )

    def _await_answer(self, child: subprocess.Popen[bytes]) -> bool:
        """Whether the server takes a connection; if not, its process has ended or been told to."""
        deadline = time.monotonic() + READY_WITHIN_S
        while child.poll() is None and not self._stopping.is_set():
            try:
                psycopg.connect(self.superuser_conninfo, connect_timeout=5).close()
                return True
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error) or time.monotonic() > deadline:
                    _log.error("PostgreSQL does not answer: %s", error)
                    child.send_signal(signal.SIGQUIT)
                    return False
            self._stopping.wait(0.02)
        return False

    def _last_words(self) -> str:
        try:
            return self.place.log.read_text("utf-8", "replace").strip()[-600:]
        except OSError as error:
            return str(error)
