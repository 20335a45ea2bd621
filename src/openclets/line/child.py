"""The listener as a child process of the demo, started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from openclets.foundation.errors import Unavailable
from openclets.line.listener_process import Listening

START_S: Final = 20.0
STOP_S: Final = 5.0
AGAIN_S: Final = 1.0

_log = logging.getLogger("openclets.line")


class ListenerChild:
    """The child. `port` is where it listens, also after it was started again."""

    def __init__(self, folder: Path, url: str, host: str, port: int) -> None:
        self._folder = folder
        self._url = url
        self.host = host
        self.port = port
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start it, wait until it listens, and keep it going. Raises Unavailable when it does not come up."""
        await self._start()
        self._watching = asyncio.get_running_loop().create_task(self._keep_going(), name="line listener")

    async def end(self) -> None:
        """End it: politely, then at once."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _start(self) -> None:
        command = [sys.executable, "-m", "openclets.line.listener_process"]
        command += ["--folder", str(self._folder), "--url", self._url, "--host", self.host]
        command += ["--port", str(self.port), "--parent", str(os.getpid())]
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                told = msgspec.json.decode(await self._process.stdout.readline(), type=Listening)
        except (TimeoutError, msgspec.MsgspecError) as broken:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            raise Unavailable("SERVER_UNREACHABLE", "the line listener did not start") from broken
        self.port = told.port

    async def _keep_going(self) -> None:
        while True:
            assert self._process is not None
            code = await self._process.wait()
            _log.warning("the line listener ended with %s and is started again", code)
            await asyncio.sleep(AGAIN_S)
            with contextlib.suppress(Unavailable):
                await self._start()
