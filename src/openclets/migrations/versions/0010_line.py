"""The line protocol's rows: lines, acts on them, messages taken and answers owed (messages.md 4.5)."""

from alembic import op

revision = "0010_line"
down_revision = "0006_synthetic"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE SCHEMA line;
        GRANT USAGE ON SCHEMA line TO openclets_app, openclets_reader;

        CREATE TABLE line.line (
            id           text PRIMARY KEY,
            agency_ori   text NOT NULL,
            operator_id  text NOT NULL,
            terminal_id  text NOT NULL,
            machine      boolean NOT NULL,
            images       boolean NOT NULL,
            fingerprint  bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
            token        bytea NOT NULL,
            token_digest text NOT NULL,
            token_until  timestamptz NOT NULL,
            enrolled_at  timestamptz NOT NULL,
            withdrawn_at timestamptz,
            connected_at timestamptz,
            received     bigint NOT NULL DEFAULT 0,
            sent         bigint NOT NULL DEFAULT 0
        );
        COMMENT ON COLUMN line.line.token IS 'the line''s credential, sealed under DIR/keys/line.key';
        COMMENT ON COLUMN line.line.received IS 'the highest sequence number among rows of line.inbox that were cleared away';
        COMMENT ON COLUMN line.line.sent IS 'the highest sequence number given to an answer';
        CREATE UNIQUE INDEX line_by_fingerprint ON line.line (fingerprint) WHERE withdrawn_at IS NULL;

        CREATE TABLE line.act (
            number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            act        text NOT NULL CHECK (act IN ('enroll', 'withdraw', 'connected', 'refused')),
            line       text NOT NULL,
            change     text NOT NULL,
            by         text NOT NULL,
            reason     text NOT NULL,
            asked_at   timestamptz NOT NULL,
            entered_at timestamptz,
            fault      text
        );
        COMMENT ON TABLE line.act IS 'Acts on lines; the network enters each in the journal, and only then is it in force';
        CREATE INDEX act_open ON line.act (number) WHERE entered_at IS NULL;

        CREATE TABLE line.inbox (
            line        text NOT NULL REFERENCES line.line,
            seq         bigint NOT NULL CHECK (seq > 0),
            ref         text NOT NULL,
            skin        text NOT NULL CHECK (skin IN ('keyed', 'json')),
            digest      bytea NOT NULL,
            sealed      bytea,
            phase       text NOT NULL DEFAULT 'accepted' CHECK (phase IN ('accepted', 'following', 'answered')),
            parts       integer NOT NULL DEFAULT 0,
            transaction text NOT NULL DEFAULT '',
            shown       bytea,
            accepted_at timestamptz NOT NULL,
            answered_at timestamptz,
            PRIMARY KEY (line, seq)
        );
        COMMENT ON TABLE line.inbox IS 'Messages taken from lines; the text is kept, sealed, until it is answered';
        CREATE INDEX inbox_open ON line.inbox (line, seq) WHERE phase <> 'answered';

        CREATE TABLE line.outbox (
            line      text NOT NULL REFERENCES line.line,
            seq       bigint NOT NULL,
            inbox_seq bigint NOT NULL,
            part      integer NOT NULL,
            ref       text NOT NULL,
            sealed    bytea NOT NULL,
            made_at   timestamptz NOT NULL,
            PRIMARY KEY (line, seq)
        );
        COMMENT ON TABLE line.outbox IS 'Answers owed to lines, sealed, deleted when acknowledged';

        GRANT SELECT, INSERT, UPDATE ON line.line TO openclets_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON line.act, line.inbox, line.outbox TO openclets_app;
        GRANT SELECT ON line.line, line.act, line.inbox, line.outbox TO openclets_reader;
        """
    )
