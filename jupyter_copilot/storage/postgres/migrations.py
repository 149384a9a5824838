"""The tables of the store and its append function, as migrations that are applied by name, each database once.

Servers of several versions use one database while they are upgraded: a migration only adds, and what an older server
calls stays as it is. A function that takes more gets a new name.
"""

from __future__ import annotations

from ...protocol.errors import StoreUnavailable
from .connection import Connection

LOCK = 0x4A43_504C  # "JCPL"

TABLES = """
CREATE TABLE copilot.heads (
    room_id text COLLATE "C" PRIMARY KEY, log text NOT NULL, seq bigint NOT NULL, floor bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE copilot.records (
    room_id text COLLATE "C" NOT NULL, seq bigint NOT NULL, first bigint NOT NULL, at bigint NOT NULL,
    actor bytea NOT NULL, command_id text, event bytea NOT NULL, crc bigint NOT NULL, PRIMARY KEY (room_id, seq)
);
CREATE TABLE copilot.commands (
    room_id text COLLATE "C" NOT NULL, command_id text COLLATE "C" NOT NULL, first bigint NOT NULL,
    last bigint NOT NULL, PRIMARY KEY (room_id, command_id)
);
CREATE TABLE copilot.writes (
    room_id text COLLATE "C" NOT NULL, write_id text COLLATE "C" NOT NULL, first bigint NOT NULL,
    last bigint NOT NULL, PRIMARY KEY (room_id, write_id)
);
CREATE INDEX writes_by_age ON copilot.writes (room_id, last);
CREATE TABLE copilot.snapshots (
    room_id text COLLATE "C" NOT NULL, version int NOT NULL, seq bigint NOT NULL, state bytea NOT NULL,
    crc bigint NOT NULL, PRIMARY KEY (room_id, version)
);
CREATE TABLE copilot.leases (
    lease text COLLATE "C" PRIMARY KEY, number bigint NOT NULL, owner text, until bigint NOT NULL
);
CREATE TABLE copilot.rooms (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room_id text COLLATE "C" NOT NULL UNIQUE,
    path text COLLATE "C" NOT NULL, created_at bigint NOT NULL, archived_at bigint
);
CREATE UNIQUE INDEX rooms_by_path ON copilot.rooms (path) WHERE archived_at IS NULL;
CREATE TABLE copilot.pictures (
    room_id text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL, mime text NOT NULL, seq bigint NOT NULL,
    bytes bigint NOT NULL, data bytea NOT NULL, PRIMARY KEY (room_id, digest)
);
CREATE TABLE copilot.origin (system text NOT NULL, timeline bigint NOT NULL);
"""

# One call, so one round trip and one transaction, also through a pooler. The head's row is the room's only lock and is
# taken first, then the lease's: nobody locks them the other way round. A command or write that is known is told before
# head and fence are looked at, as it may be the answer to an append whose first answer was lost.
APPEND = """
CREATE FUNCTION copilot.append(
    p_room text, p_expected bigint, p_command text, p_write text, p_kept bigint, p_lease text, p_fence bigint,
    p_log text, p_at bigint, p_actor bytea, p_events bytea[], p_crcs bigint[],
    p_digests text[], p_mimes text[], p_pictures bytea[], OUT outcome text, OUT a bigint, OUT b bigint
) LANGUAGE plpgsql AS $$
DECLARE
    n int := coalesce(array_length(p_events, 1), 0);
    h bigint;
BEGIN
    SELECT seq INTO h FROM copilot.heads WHERE room_id = p_room FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO copilot.heads VALUES (p_room, p_log, 0, 0) ON CONFLICT DO NOTHING;
        SELECT seq INTO h FROM copilot.heads WHERE room_id = p_room FOR UPDATE;
    END IF;
    SELECT first, last INTO a, b FROM copilot.commands WHERE room_id = p_room AND command_id = p_command;
    IF NOT FOUND THEN
        SELECT first, last INTO a, b FROM copilot.writes WHERE room_id = p_room AND write_id = p_write;
    END IF;
    IF FOUND THEN
        outcome := 'known';
        RETURN;
    END IF;
    IF p_lease IS NOT NULL THEN
        PERFORM 1 FROM copilot.leases WHERE lease = p_lease AND number = p_fence FOR SHARE;
        IF NOT FOUND THEN
            outcome := 'fenced';
            RETURN;
        END IF;
    END IF;
    IF h <> p_expected THEN
        outcome := 'conflict';
        a := h;
        RETURN;
    END IF;
    INSERT INTO copilot.records
        SELECT p_room, p_expected + i, p_expected + i, p_at, p_actor, p_command, e, c
        FROM unnest(p_events, p_crcs) WITH ORDINALITY AS t (e, c, i);
    IF n > 0 THEN
        UPDATE copilot.heads SET seq = p_expected + n WHERE room_id = p_room;
    END IF;
    IF p_command IS NOT NULL THEN
        INSERT INTO copilot.commands VALUES (p_room, p_command, p_expected + 1, p_expected + n);
    END IF;
    IF p_write IS NOT NULL THEN
        INSERT INTO copilot.writes VALUES (p_room, p_write, p_expected + 1, p_expected + n);
        DELETE FROM copilot.writes WHERE room_id = p_room AND last <= p_expected + n - p_kept;
    END IF;
    INSERT INTO copilot.pictures
        SELECT p_room, d, m, p_expected + n, length(x), x FROM unnest(p_digests, p_mimes, p_pictures) AS t (d, m, x)
        ON CONFLICT (room_id, digest) DO UPDATE SET seq = excluded.seq;
    outcome := 'written';
END $$;
"""

# Who first brought a picture; unknown for those that are there already.
OWNERS = "ALTER TABLE copilot.pictures ADD COLUMN owner text NOT NULL DEFAULT '';" + (
    APPEND.replace("copilot.append(", "copilot.append_2(")
    .replace("p_digests text[],", "p_owner text, p_digests text[],")
    .replace("length(x), x FROM", "length(x), x, p_owner FROM")
)

MIGRATIONS: dict[str, str] = {"m001_tables": TABLES, "m002_append": APPEND, "m003_owners_of_pictures": OWNERS}


async def migrate(connection: Connection, name: str, migrations: dict[str, str] = MIGRATIONS) -> list[str]:
    """Bring the database up to date in one transaction; returns the names of what was applied.

    Several processes may try at once, and one that is up to date is only read, so that a role without rights to make
    tables can serve it. What a later version added is left alone. Raises `StoreUnavailable` for a database that is not
    in UTF-8, and what PostgreSQL raises.
    """
    if (encoding := await connection.fetchval("SHOW server_encoding")) != "UTF8":
        raise StoreUnavailable(
            f"The copilot's store {name} is in {encoding}.", hint="Create the database with ENCODING 'UTF8'."
        )
    if not await _pending(connection, migrations):
        return []
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        pending = await _pending(connection, migrations)
        if len(pending) == len(migrations):
            await connection.execute("CREATE SCHEMA IF NOT EXISTS copilot")
            await connection.execute(
                'CREATE TABLE IF NOT EXISTS copilot.migrations (name text COLLATE "C" PRIMARY KEY)'
            )
        for each in pending:
            await connection.execute(migrations[each])
            await connection.execute("INSERT INTO copilot.migrations VALUES ($1)", each)
    return pending


async def _pending(connection: Connection, migrations: dict[str, str]) -> list[str]:
    # Asked of the catalog's tables: after a wait for the lock, a look-up by name may still tell what it was before.
    there = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'copilot' AND tablename = 'migrations'"
    if await connection.fetchval(there) is None:
        return list(migrations)
    applied = {name for (name,) in await connection.fetch("SELECT name FROM copilot.migrations")}
    return [name for name in migrations if name not in applied]
