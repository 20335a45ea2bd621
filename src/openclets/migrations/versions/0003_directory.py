"""The directory: agencies, agreements, operators, terminals, credentials, sessions; and the number of its
version.
"""

from alembic import op

revision = "0003_directory"
down_revision = "0002_journal"
branch_labels = None
depends_on = None

SEEN = ("agency", "agreement", "operator", "terminal", "own_identifier")
"""Tables of which every change is a new version of the view. Of `credential` only tokens are."""


def upgrade() -> None:
    _create_members()
    _create_credentials()
    _create_version()
    op.execute(
        "GRANT SELECT, INSERT, UPDATE ON directory.agency, directory.agreement, directory.operator,"
        " directory.terminal, directory.credential, directory.failed_log_in, directory.locked_account,"
        " directory.session TO openclets_app"
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON directory.own_identifier TO openclets_app")
    op.execute("GRANT DELETE ON directory.failed_log_in, directory.locked_account TO openclets_app")
    op.execute("GRANT SELECT ON directory.version TO openclets_app")
    # Digests, credentials and sessions are nobody's reading.
    op.execute(
        "GRANT SELECT ON directory.agency, directory.agreement, directory.operator, directory.terminal,"
        " directory.version TO openclets_reader"
    )


def _create_members() -> None:
    op.execute(
        """
        CREATE TABLE directory.agency (
            ori           text    PRIMARY KEY CHECK (length(ori) = 9),
            name          text    NOT NULL,
            kind          text    NOT NULL CHECK (
                              kind IN ('police', 'sheriff', 'probation', 'campus', 'prosecutor', 'court',
                                       'state', 'federal', 'federal_immigration')),
            county        text    NOT NULL,
            time_zone     text    NOT NULL,
            has_duty_feed boolean NOT NULL,
            suspended     boolean NOT NULL DEFAULT false
        )
        """
    )
    op.execute(
        """
        CREATE TABLE directory.agreement (
            agency_ori text NOT NULL REFERENCES directory.agency,
            version    text NOT NULL,
            last_day   date NOT NULL,
            PRIMARY KEY (agency_ori, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE directory.terminal (
            mnemonic   text    PRIMARY KEY,
            agency_ori text    NOT NULL REFERENCES directory.agency,
            kind       text    NOT NULL CHECK (kind IN ('fixed', 'mobile')),
            place      text    NOT NULL,
            enrolled   boolean NOT NULL DEFAULT true
        )
        """
    )
    op.execute(
        """
        CREATE TABLE directory.operator (
            id             text    PRIMARY KEY,
            agency_ori     text    NOT NULL REFERENCES directory.agency,
            name           text    NOT NULL,
            role           text    NOT NULL CHECK (
                               role IN ('officer', 'dispatcher', 'records_clerk', 'detective', 'coordinator',
                                        'machine')),
            training_until date    NOT NULL,
            suspended      boolean NOT NULL DEFAULT false,
            quota_exempt   boolean NOT NULL DEFAULT false
        )
        """
    )
    op.execute(
        """
        CREATE TABLE directory.own_identifier (
            operator_id text    NOT NULL REFERENCES directory.operator,
            digest      bytea   NOT NULL,
            tie         boolean NOT NULL,
            PRIMARY KEY (operator_id, digest, tie)
        )
        """
    )


def _create_credentials() -> None:
    # `public_part` is what may be known without harm: an argon2 hash, or the SHA-256 of a token or link.
    op.execute(
        """
        CREATE TABLE directory.credential (
            operator_id text        NOT NULL REFERENCES directory.operator,
            kind        text        NOT NULL CHECK (kind IN ('password', 'token', 'login_link')),
            public_part text        NOT NULL,
            terminal_id text        REFERENCES directory.terminal,
            site        text        NOT NULL DEFAULT '',
            machine     boolean     NOT NULL DEFAULT false,
            issued_at   timestamptz NOT NULL,
            expires_at  timestamptz,
            ended_at    timestamptz,
            PRIMARY KEY (kind, public_part),
            CHECK (kind = 'password' OR (terminal_id IS NOT NULL AND expires_at IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX credential_of_operator ON directory.credential (operator_id, kind)")
    op.execute(
        """
        CREATE TABLE directory.failed_log_in (
            operator_id text        NOT NULL REFERENCES directory.operator,
            at          timestamptz NOT NULL,
            source      text        NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX failed_log_in_of_operator ON directory.failed_log_in (operator_id, at)")
    op.execute(
        """
        CREATE TABLE directory.locked_account (
            operator_id text        PRIMARY KEY REFERENCES directory.operator,
            locked_at   timestamptz NOT NULL
        )
        """
    )
    # `digest` is the SHA-256 of the session's secret: whoever reads this table can't take a session over.
    op.execute(
        """
        CREATE TABLE directory.session (
            digest      bytea       PRIMARY KEY,
            site        text        NOT NULL,
            operator_id text        NOT NULL REFERENCES directory.operator,
            terminal_id text        NOT NULL REFERENCES directory.terminal,
            form_token  text        NOT NULL,
            opened_at   timestamptz NOT NULL,
            seen_at     timestamptz NOT NULL,
            ended_at    timestamptz
        )
        """
    )
    op.execute("CREATE INDEX session_of_operator ON directory.session (operator_id) WHERE ended_at IS NULL")


def _create_version() -> None:
    op.execute(
        """
        CREATE TABLE directory.version (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            number   bigint  NOT NULL
        )
        """
    )
    op.execute("INSERT INTO directory.version (number) VALUES (1)")
    # Runs as its owner, so that no role can set the number otherwise than by a change.
    op.execute(
        """
        CREATE FUNCTION directory.next_version() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
        DECLARE changed bigint;
        BEGIN
            UPDATE directory.version SET number = number + 1 RETURNING number INTO changed;
            PERFORM pg_notify('directory', changed::text);
            RETURN NULL;
        END
        $$
        """
    )
    for table in SEEN:
        op.execute(
            f"CREATE TRIGGER next_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON directory.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION directory.next_version()"
        )
    op.execute(
        "CREATE TRIGGER token_issued AFTER INSERT ON directory.credential"
        " FOR EACH ROW WHEN (NEW.kind = 'token') EXECUTE FUNCTION directory.next_version()"
    )
    op.execute(
        "CREATE TRIGGER token_changed AFTER UPDATE ON directory.credential"
        " FOR EACH ROW WHEN (NEW.kind = 'token') EXECUTE FUNCTION directory.next_version()"
    )
