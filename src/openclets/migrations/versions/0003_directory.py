"""Placeholder that keeps the chain whole until the slice's own step takes this file."""

revision = "0003_directory"
down_revision = "0002_journal"


def upgrade() -> None:
    pass
