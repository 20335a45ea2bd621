"""PostgreSQL as part of openclets: found, placed, started, watched and stopped by us.

Contents page: `server.py`. Knows nothing of schemas or roles (`foundation.database`); speaks to a server that
somebody else runs nowhere at all (setting `database_dsn`).
"""

from openclets.foundation.postgres.server import Server

__all__ = ["Server"]
