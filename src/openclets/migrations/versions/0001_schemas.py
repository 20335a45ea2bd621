"""One schema a slice, and who may enter it."""

from alembic import op

revision = "0001_schemas"
down_revision = None

ENTERED_BY = {
    "journal": "openclets_app, openclets_keyring, openclets_reader",
    "directory": "openclets_app, openclets_reader",
    "duty": "openclets_app, openclets_reader",
    "switch": "openclets_app, openclets_reader",
    # The network reaches record systems through their port alone, so its own role stays outside.
    "synthetic": "openclets_records",
}


def upgrade() -> None:
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    # Functions are open to everybody by default; rights are given by name or not at all.
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    for schema, roles in ENTERED_BY.items():
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {roles}")
