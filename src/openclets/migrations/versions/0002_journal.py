"""Placeholder that keeps the chain whole until the slice's own step takes this file."""

revision = "0002_journal"
down_revision = "0001_schemas"


def upgrade() -> None:
    pass
