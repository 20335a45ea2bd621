"""What a serving process logs, and where: one line an event on standard error, at the level of the
settings.
"""

from __future__ import annotations

import logging
import sys

from openclets.foundation.settings import Settings

_NOISY = ("httpx", "httpcore", "alembic", "aiohttp.access")


def log_to_stderr(settings: Settings) -> None:
    """Set the process's logging up, once."""
    logging.basicConfig(
        level=settings.log_level.value.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
