"""The invented state's record systems: records, and the keys they are found by.

Only role openclets_records may see them: the network reaches record systems through their adapter, as it
would reach any other organisation's.
"""

from __future__ import annotations

from alembic import op

revision = "0006_synthetic"
down_revision = "0005_switch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE synthetic.record (
            system text COLLATE "C" NOT NULL,
            ref    text COLLATE "C" NOT NULL,
            kind   text NOT NULL,
            body   text NOT NULL,
            PRIMARY KEY (system, ref)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE synthetic.search_key (
            system text COLLATE "C" NOT NULL,
            key    text COLLATE "C" NOT NULL,
            ref    text COLLATE "C" NOT NULL,
            PRIMARY KEY (system, key, ref)
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE synthetic.record IS 'one invented record; body is JSON of records.answer.Record'"
    )
    op.execute(
        "COMMENT ON TABLE synthetic.search_key IS 'what finds a record; made by adapters/synthetic/keys.py'"
    )
    op.execute("GRANT USAGE ON SCHEMA synthetic TO openclets_records")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN"
        " ON synthetic.record, synthetic.search_key TO openclets_records"
    )
