"""The fleet's state as one SQLite database: its tables, and how one is opened.

It holds no CSR, no private key and no attribute values. Digests and ids are BLOBs; the view
`device` shows them as text.
"""

import sqlite3

#: The version of the tables, and the oldest version of this library that can read them.
VERSION = 1
OLDEST_READER = 1

# What is known of a thing. Up to FOUND, it is not one that this resource has registered.
DECLARED, ABSENT, FOUND, REGISTERED, LEAVING, RETIRED, RETURNING = range(7)
STATE_NAMES = ("declared", "absent", "found", "registered", "leaving", "retired", "returning")
#: The states of a thing that is in the fleet, or is not out of it for sure.
IN_FLEET = (REGISTERED, LEAVING, RETURNING)
#: The states of a thing whose certificate we have set INACTIVE, or may have.
OUT_OF_USE = (LEAVING, RETIRED, RETURNING)

_WORDS = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(STATE_NAMES))

_DEVICE = f"""
CREATE VIEW device AS SELECT
  name, CASE state {_WORDS} END AS state, lower(hex(key)) AS public_key,
  lower(hex(certificate_id)) AS certificate_id, thing_made, certificate_made, retired_by,
  datetime(at, 'unixepoch') AS at
FROM thing;
"""  # noqa: S608 - of constants

TABLES = """
CREATE TABLE thing (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  -- What AWS has accepted: the version of the hash and the hash; NULL where that is not known.
  resources BLOB,
  -- The SHA-256 of the public key, and the certificate for it.
  key BLOB,
  certificate_id BLOB,
  -- Whether this resource has made the thing and the certificate, and did not find them.
  thing_made INTEGER NOT NULL DEFAULT 0,
  certificate_made INTEGER NOT NULL DEFAULT 0,
  -- The request whose run has retired it, or has brought it back.
  retired_by TEXT,
  returned_by TEXT,
  -- When AWS said so, in epoch seconds.
  at INTEGER NOT NULL DEFAULT 0
);
-- The beginning of a key finds it: a million whole keys would be 40 MB.
CREATE INDEX thing_key ON thing(substr(key, 1, 8)) WHERE key IS NOT NULL;

-- Certificates that are not a thing's latest: of its earlier keys, or made without the thing.
CREATE TABLE certificate (
  certificate_id BLOB PRIMARY KEY,
  key BLOB NOT NULL,
  thing TEXT NOT NULL,
  made INTEGER NOT NULL,
  state INTEGER NOT NULL,
  retired_by TEXT,
  returned_by TEXT,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX certificate_key ON certificate(key);
CREATE INDEX certificate_thing ON certificate(thing);

-- The lines of the last run that were not unchanged.
CREATE TABLE line (
  -- In the user's file, from 1, and where it lies in our copy of it.
  number INTEGER PRIMARY KEY,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  -- NULL for one that is not sent in any part.
  part INTEGER,
  -- new, changed, same (only compared with AWS's registry), unreadable
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  resources BLOB,
  key BLOB,
  -- The certificate that the line itself gives, and the one that AWS is known to have.
  given_id BLOB,
  certificate_id BLOB,
  certificate_made INTEGER NOT NULL DEFAULT 0,
  -- Whether we have set it INACTIVE, or may have.
  is_retired INTEGER NOT NULL DEFAULT 0,
  thing_exists INTEGER NOT NULL DEFAULT 0,
  -- open, kept (as declared, not sent), refused, sent, registered, failed, differs
  outcome TEXT NOT NULL,
  -- The task's file that it is sent in, new or known: each in the order of the user's file.
  file TEXT,
  -- What the registry has instead: NULL until it was asked, empty for no difference.
  difference TEXT,
  failure TEXT
);
CREATE TABLE part (part INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);

-- Registration tasks of ours. One is accounted for when what it did is in the other tables.
CREATE TABLE task (
  input_key TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  task_id TEXT NOT NULL DEFAULT '',
  lines INTEGER NOT NULL,
  sent_at REAL NOT NULL,
  ended_at REAL NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT '',
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  -- How many links of each report are saved, and how many lines they have.
  results INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0,
  result_lines INTEGER NOT NULL DEFAULT 0,
  error_lines INTEGER NOT NULL DEFAULT 0,
  -- The smallest and the largest line number in them; -1 for none.
  first_number INTEGER NOT NULL DEFAULT -1,
  last_number INTEGER NOT NULL DEFAULT -1,
  accounted INTEGER NOT NULL DEFAULT 0
);

-- Tasks that may have made certificates that no report names; the keys that they were given; and
-- how far the search for these certificates has come.
CREATE TABLE search (
  input_key TEXT PRIMARY KEY, task_id TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL,
  is_known INTEGER NOT NULL
);
CREATE TABLE wanted (key BLOB PRIMARY KEY, thing TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE asked (certificate_id BLOB PRIMARY KEY, key BLOB) WITHOUT ROWID;
-- Ended tasks of the account that need not be looked at again.
CREATE TABLE seen_task (task_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

-- What leaves the fleet in this run, a row a device.
CREATE TABLE leaving (position INTEGER PRIMARY KEY, name TEXT NOT NULL, renamed INTEGER NOT NULL);
-- A certificate that stays in use elsewhere, and the thing that is detached from it.
CREATE TABLE detached (
  thing TEXT NOT NULL,
  certificate_id BLOB NOT NULL,
  made INTEGER NOT NULL,
  detached_by TEXT NOT NULL,
  PRIMARY KEY (thing, certificate_id)
) WITHOUT ROWID;

CREATE TABLE prerequisite (
  kind TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE status (certificate_id BLOB PRIMARY KEY, status TEXT NOT NULL) WITHOUT ROWID;
-- Where a comparison stands that needs another call.
CREATE TABLE comparison (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""


def empty() -> sqlite3.Connection:
    """Return a state that knows nothing."""
    connection = in_memory()
    connection.executescript(f"{TABLES} {_DEVICE} PRAGMA user_version = {VERSION};")
    connection.execute("BEGIN")
    return connection


def in_memory() -> sqlite3.Connection:
    """Return an empty database; every change to it waits for a COMMIT."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA page_size = 4096")
    return connection
