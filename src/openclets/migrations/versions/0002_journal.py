"""The journal: entries, sealed bodies, wrapped keys, signed heads. Added to, never changed (decisions.md 2)."""

from alembic import op

revision = "0002_journal"
down_revision = "0001_schemas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    _forbid_change()
    _forbid_gaps()
    # The grants are the first fence; the triggers stand behind them, for the owner's slips too.
    op.execute(
        "GRANT SELECT, INSERT ON journal.entry, journal.body, journal.body_key, journal.checkpoint"
        " TO openclets_app"
    )
    op.execute(
        "GRANT SELECT ON journal.entry, journal.body, journal.body_key, journal.checkpoint TO openclets_reader"
    )
    op.execute("GRANT SELECT, DELETE ON journal.body_key TO openclets_keyring")


def _create_tables() -> None:
    op.execute(
        """
        CREATE TABLE journal.entry (
            index          bigint      PRIMARY KEY CHECK (index >= 0),
            at             timestamptz NOT NULL,
            epoch          integer     NOT NULL CHECK (epoch > 0),
            kind           text        NOT NULL CHECK (kind <> ''),
            leaf_class     smallint    NOT NULL CHECK (leaf_class BETWEEN 1 AND 6),
            flags          smallint    NOT NULL CHECK (flags BETWEEN 0 AND 255),
            transaction    uuid,
            agency_ori     text        NOT NULL,
            operator_id    text        NOT NULL,
            terminal_id    text        NOT NULL,
            message_key    text        NOT NULL,
            purpose_code   text        NOT NULL,
            ruleset_digest text        NOT NULL,
            result_class   text        NOT NULL,
            commitment     bytea       NOT NULL CHECK (octet_length(commitment) = 32)
        )
        """
    )
    op.execute(
        "CREATE INDEX entry_of_transaction ON journal.entry (transaction) WHERE transaction IS NOT NULL"
    )
    op.execute("CREATE INDEX entry_of_operator ON journal.entry (operator_id, index) WHERE operator_id <> ''")
    op.execute("CREATE INDEX entry_by_time ON journal.entry USING brin (at)")
    op.execute("CREATE INDEX entry_of_operation ON journal.entry (kind, index) WHERE leaf_class = 6")

    # No foreign keys: all three are written by one statement, and keys outlive no entry.
    op.execute(
        """
        CREATE TABLE journal.body (
            index  bigint PRIMARY KEY,
            sealed bytea  NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE journal.body ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.execute(
        """
        CREATE TABLE journal.body_key (
            index   bigint NOT NULL,
            holder  text   NOT NULL CHECK (holder <> ''),
            wrapped bytea  NOT NULL CHECK (octet_length(wrapped) = 60)
        )
        """
    )
    # Not unique: a subject of two late answers has the intent's key wrapped twice, which is no reason to refuse.
    op.execute("CREATE INDEX body_key_of_entry ON journal.body_key (index)")
    op.execute("CREATE INDEX body_key_of_subject ON journal.body_key (holder) WHERE holder LIKE 'subject:%'")
    # Each head names the size it follows, and no two may follow the same: compare-and-swap by INSERT alone.
    op.execute(
        """
        CREATE TABLE journal.checkpoint (
            size     bigint      PRIMARY KEY CHECK (size >= 0),
            follows  bigint      UNIQUE NULLS NOT DISTINCT REFERENCES journal.checkpoint (size),
            root     bytea       NOT NULL CHECK (octet_length(root) = 32),
            note     text        NOT NULL,
            at       timestamptz NOT NULL,
            CHECK (follows < size)
        )
        """
    )


def _forbid_change() -> None:
    op.execute(
        """
        CREATE FUNCTION journal.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the journal is added to and never changed: % on %', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION journal.refuse_destruction() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_user <> 'openclets_keyring' THEN
                RAISE EXCEPTION 'body keys are destroyed by the keyring role alone'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in ("entry", "body", "checkpoint"):
        op.execute(
            f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON journal.body_key"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER destroyed_by_keyring BEFORE DELETE ON journal.body_key"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_destruction()"
    )


def _forbid_gaps() -> None:
    # Invariant I8, kept a second time: indexes follow one another, and time with them.
    # Without sequential scans, or the plan made while the table was small would be kept when it is not.
    op.execute(
        """
        CREATE FUNCTION journal.refuse_gap() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
        DECLARE
            first bigint; last bigint; added bigint; earliest timestamptz; before timestamptz;
        BEGIN
            SELECT min(index), max(index), count(*), min(at) INTO first, last, added, earliest FROM added_entries;
            IF added = 0 THEN
                RETURN NULL;
            END IF;
            SELECT at INTO before FROM journal.entry WHERE index = first - 1;
            IF last - first + 1 <> added OR (first > 0 AND before IS NULL) OR earliest <= before
                OR EXISTS (SELECT 1 FROM journal.entry WHERE index > last)
            THEN
                RAISE EXCEPTION 'entries % to % do not follow the last one', first, last
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER without_gap AFTER INSERT ON journal.entry REFERENCING NEW TABLE AS added_entries"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_gap()"
    )
