"""`python -m faultproxy --listen 127.0.0.1:9000 --to 127.0.0.1:9001 --fault down:delay=0.5~0.1`

Run from `tests`, or with `tests` on PYTHONPATH. It prints where it listens. Each line typed while it runs
sets the manners anew (`up:drop`, `down:drip=50`, `refuse`, `clear`); `reset` resets every line, `cut` resets
and refuses.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from faultproxy.faults import Manners, Unreadable, parse
from faultproxy.proxy import FaultProxy


async def serve(listen: str, to: str, manners: Manners, seed: int) -> None:
    """Carry until standard input ends after having been spoken to, or Ctrl-C."""
    async with FaultProxy(listen, to, manners, seed=seed) as proxy:
        print(proxy.address, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            obey(proxy, line.strip())
        await asyncio.Event().wait()


def obey(proxy: FaultProxy, line: str) -> None:
    """Do what one typed line says; what cannot be read changes nothing."""
    if line == "reset":
        proxy.reset_all()
    elif line == "cut":
        proxy.cut()
    elif line:
        try:
            proxy.set(line)
        except Unreadable as wrong:
            print(wrong, file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line, carry."""
    parser = argparse.ArgumentParser(prog="faultproxy", description="A line that goes wrong as told.")
    parser.add_argument(
        "--listen", required=True, help="host:port or the path of a Unix socket; port 0 is free"
    )
    parser.add_argument("--to", required=True, help="host:port or the path of a Unix socket")
    parser.add_argument(
        "--fault", action="append", default=[], help="up:FAULT, down:FAULT or refuse; repeatable"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    try:
        manners = parse(" ".join(asked.fault))
    except Unreadable as wrong:
        parser.error(str(wrong))
    try:
        asyncio.run(serve(asked.listen, asked.to, manners, asked.seed))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
