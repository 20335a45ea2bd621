"""Turn this process into a program: under another account, in a session of its own, dying with its parent.

Run as a script with nothing but the standard library: `become.py UID GID PARENT PROGRAM ARGUMENT…`. It exists
because the parent-death signal is cleared by a change of account, so it must be asked for after it (prctl(2),
PR_SET_PDEATHSIG), and because code between fork and exec in a threaded parent may hang.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    uid, gid, parent = (int(text) for text in arguments[:3])
    program = arguments[3]
    # A session of its own: Ctrl-C in the terminal reaches us first, and we stop the server in order.
    os.setsid()
    if os.getuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # SIGINT is PostgreSQL's fast shutdown: sessions are cut, what was committed is flushed.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the parent process died before the server started")
    os.execv(program, arguments[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
