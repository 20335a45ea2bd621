"""The switch's own rows: whom a transaction was about, idempotency keys, reasons owed and given."""

from alembic import op

revision = "0005_switch"
down_revision = "0004_duty"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE switch.transaction_subject (
            transaction uuid NOT NULL,
            subject_ref text NOT NULL,
            role        text NOT NULL,
            weight      integer NOT NULL CHECK (weight BETWEEN 0 AND 1000)
        );
        COMMENT ON TABLE switch.transaction_subject IS
            'Whom a look-up concerned, by the record system''s own reference or a keyed digest of the term (decisions.md 5)';
        CREATE INDEX transaction_subject_by_subject ON switch.transaction_subject (subject_ref);
        CREATE INDEX transaction_subject_by_transaction ON switch.transaction_subject (transaction);

        CREATE TABLE switch.idempotency_key (
            operator_id text NOT NULL,
            key         text NOT NULL,
            digest      bytea NOT NULL,
            transaction uuid NOT NULL,
            claimed_at  timestamptz NOT NULL,
            PRIMARY KEY (operator_id, key)
        );
        COMMENT ON TABLE switch.idempotency_key IS 'One key of one operator stands for one inquiry, for seven days (decisions.md 6)';

        CREATE TABLE switch.owed_reason (
            transaction uuid PRIMARY KEY,
            operator_id text NOT NULL,
            owed_at     timestamptz NOT NULL
        );
        CREATE INDEX owed_reason_by_operator ON switch.owed_reason (operator_id);
        COMMENT ON TABLE switch.owed_reason IS 'Inquiries that ran without a reason, which is owed (decisions.md 9)';

        CREATE TABLE switch.given_reason (
            transaction uuid PRIMARY KEY REFERENCES switch.owed_reason,
            given_at    timestamptz NOT NULL
        );
        COMMENT ON TABLE switch.given_reason IS 'Owed reasons that have been given; their words are in the entry ReasonGiven';

        GRANT SELECT, INSERT ON switch.transaction_subject, switch.owed_reason, switch.given_reason TO openclets_app;
        GRANT SELECT, INSERT, UPDATE ON switch.idempotency_key TO openclets_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA switch TO openclets_reader;
        """
    )
