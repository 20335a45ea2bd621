"""Police work on record: one table a kind of fact, each row with who sent it and when we learned it."""

from alembic import op

revision = "0004_duty"
down_revision = "0003_directory"
branch_labels = None
depends_on = None

FACTS = {
    "incident": """
        incident_id text NOT NULL,
        agency_ori  text NOT NULL,
        opened      timestamptz NOT NULL,
        closed      timestamptz CHECK (closed >= opened),
        nature      text NOT NULL,
        place       text NOT NULL
    """,
    "unit": """
        call_sign    text NOT NULL,
        agency_ori   text NOT NULL,
        operator_ids text[] NOT NULL,
        starts       timestamptz NOT NULL,
        ends         timestamptz CHECK (ends >= starts)
    """,
    "shift": """
        operator_id text NOT NULL,
        agency_ori  text NOT NULL,
        starts      timestamptz NOT NULL,
        ends        timestamptz NOT NULL CHECK (ends >= starts)
    """,
    "assignment": """
        incident_id text NOT NULL,
        agency_ori  text NOT NULL,
        operator_id text NOT NULL,
        call_sign   text NOT NULL,
        starts      timestamptz NOT NULL,
        ends        timestamptz CHECK (ends >= starts)
    """,
    "stop": """
        operator_id text NOT NULL,
        agency_ori  text NOT NULL,
        at          timestamptz NOT NULL,
        place       text NOT NULL,
        plate       text NOT NULL,
        incident_id text NOT NULL
    """,
    "court_day": """
        operator_id text NOT NULL,
        agency_ori  text NOT NULL,
        "on"        date NOT NULL,
        court       text NOT NULL,
        case_number text NOT NULL
    """,
    "broadcast": """
        agency_ori  text NOT NULL,
        starts      timestamptz NOT NULL,
        ends        timestamptz NOT NULL CHECK (ends >= starts),
        text        text NOT NULL,
        plate       text NOT NULL,
        subject_ref text NOT NULL
    """,
}
INDEXES = (
    "CREATE INDEX incident_by_number ON duty.incident (incident_id)",
    "CREATE INDEX incident_by_agency ON duty.incident (agency_ori, opened DESC)",
    "CREATE INDEX shift_by_operator ON duty.shift (operator_id, starts DESC)",
    "CREATE INDEX assignment_by_operator ON duty.assignment (operator_id, starts DESC)",
    "CREATE INDEX assignment_by_incident ON duty.assignment (incident_id)",
    "CREATE INDEX stop_by_operator ON duty.stop (operator_id, at DESC)",
)


def upgrade() -> None:
    for kind, facts in FACTS.items():
        op.execute(
            f"""
            CREATE TABLE duty.{kind} (
                source      text NOT NULL,
                source_id   text NOT NULL,
                {facts.strip()},
                recorded_at timestamptz NOT NULL,
                amended_at  timestamptz,
                PRIMARY KEY (source, source_id)
            )
            """
        )
        op.execute(
            f"COMMENT ON COLUMN duty.{kind}.recorded_at IS 'when the fact was first learned; never changed'"
        )
    for index in INDEXES:
        op.execute(index)
    # Facts are amended by their senders and never deleted here: what was known when must stay answerable.
    op.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA duty TO openclets_app")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA duty TO openclets_reader")
