"""The SQL of the state file, and its format: every statement is a constant."""

APPLICATION_ID = 0x4C53594E  # "LSYN"
FORMAT = 1

# `needs` is a JSON list of [kind, name, item]; `body` is the JSON list [key, fields, observed],
# for some with [..., inputs, other_id]. `key` of an intent is a JSON list, or the list [key, sent].
SCHEMA = """
PRAGMA application_id = 1280530766;
PRAGMA user_version = 1;
CREATE TABLE meta (project_id TEXT NOT NULL, endpoint TEXT NOT NULL, lineage TEXT NOT NULL, serial INTEGER NOT NULL);
INSERT INTO meta VALUES ('', '', '', 0);
CREATE TABLE binding (
    kind TEXT NOT NULL, name TEXT NOT NULL, item TEXT NOT NULL,
    collection TEXT NOT NULL, id TEXT NOT NULL, parent_id TEXT NOT NULL,
    sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, file_id TEXT NOT NULL,
    protect INTEGER NOT NULL, on_remove TEXT NOT NULL, delete_contents INTEGER NOT NULL,
    applied_at TEXT NOT NULL, needs TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, name, item)
) WITHOUT ROWID;
CREATE TABLE intent (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, name TEXT NOT NULL, item TEXT NOT NULL,
    collection TEXT NOT NULL, parent_id TEXT NOT NULL, digest TEXT NOT NULL, started_at TEXT NOT NULL, key TEXT NOT NULL
);
CREATE TABLE lock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    token TEXT NOT NULL, who TEXT NOT NULL, pid INTEGER NOT NULL, process TEXT NOT NULL,
    command TEXT NOT NULL, since TEXT NOT NULL
);
"""

READ_META = "SELECT project_id, endpoint, lineage, serial FROM meta"
PUT_META = "UPDATE meta SET project_id = ?, endpoint = ?, lineage = ?, serial = max(serial, ?)"
READ_PROJECT = "SELECT project_id FROM meta"
CLAIM = "UPDATE meta SET project_id = ?, endpoint = ?"
SEAL = "UPDATE meta SET serial = serial + 1, lineage = CASE lineage WHEN '' THEN ? ELSE lineage END"

READ_BINDINGS = """
SELECT kind, name, item, collection, id, parent_id, sha256, size_bytes, file_id, protect, on_remove, delete_contents,
    applied_at, needs, body FROM binding ORDER BY kind, name, item
"""
READ_PLACES = "SELECT DISTINCT collection, parent_id FROM binding"
PUT_BINDING = """
INSERT OR REPLACE INTO binding (kind, name, item, collection, id, parent_id, sha256, size_bytes, file_id, protect,
    on_remove, delete_contents, applied_at, needs, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
KNOWS_BINDING = "SELECT 1 FROM binding WHERE kind = ? AND name = ? AND item = ?"
DELETE_BINDING = "DELETE FROM binding WHERE kind = ? AND name = ? AND item = ?"
DELETE_BINDINGS = "DELETE FROM binding"
RENAME_BINDING = "UPDATE binding SET kind = ?, name = ?, item = ? WHERE kind = ? AND name = ? AND item = ?"
RENAME_NEEDS = "UPDATE binding SET needs = replace(needs, ?, ?) WHERE instr(needs, ?) > 0"

READ_INTENTS = """
SELECT number, kind, name, item, collection, parent_id, digest, started_at, key FROM intent ORDER BY number
"""
PUT_INTENT = """
INSERT INTO intent (number, kind, name, item, collection, parent_id, digest, started_at, key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DELETE_INTENT = "DELETE FROM intent WHERE number = ?"
DELETE_INTENTS = "DELETE FROM intent"
RENAME_INTENT = "UPDATE intent SET kind = ?, name = ?, item = ? WHERE kind = ? AND name = ? AND item = ?"

READ_TOKEN = "SELECT token FROM lock"  # noqa: S105 - no password
READ_LOCK = "SELECT token, who, pid, process, command, since FROM lock"
PUT_LOCK = "INSERT OR REPLACE INTO lock (one, token, who, pid, process, command, since) VALUES (1, ?, ?, ?, ?, ?, ?)"
DELETE_LOCK = "DELETE FROM lock WHERE token = ?"
DELETE_ANY_LOCK = "DELETE FROM lock"
