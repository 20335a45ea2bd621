"""Placeholder that keeps the chain whole until the slice's own step takes this file."""

revision = "0004_duty"
down_revision = "0003_directory"


def upgrade() -> None:
    pass
