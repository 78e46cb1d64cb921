-- What the cluster's objects were, and what was expected because of them: who looks for the edit that took a route away
-- finds it here. Lists inside of rows are JSON.

-- The objects as they were read last: the next run compares with them what it finds. Nothing of a Secret but whether
-- it has a password.
CREATE TABLE objects (
  id      INTEGER PRIMARY KEY,
  kind    TEXT    NOT NULL,
  key     TEXT    NOT NULL, -- namespace/name
  content TEXT    NOT NULL,
  UNIQUE (kind, key)
) STRICT;

-- Every change of an object. A row of one that changes all the time stands for several: `times` from `at` to `last_at`.
CREATE TABLE object_changes (
  id               INTEGER PRIMARY KEY,
  at               INTEGER NOT NULL,
  last_at          INTEGER NOT NULL,
  times            INTEGER NOT NULL,
  occasion         TEXT    NOT NULL, -- change; away: it happened while no collector ran
  action           TEXT    NOT NULL, -- created, changed, deleted
  kind             TEXT    NOT NULL,
  key              TEXT    NOT NULL,
  source           TEXT    NOT NULL,
  file             TEXT,
  line             INTEGER,
  resource_version TEXT,
  manager          TEXT,             -- field manager of the last write
  fields           TEXT    NOT NULL, -- [{ path, from, to }]
  more_fields      INTEGER NOT NULL
) STRICT;
CREATE INDEX object_changes_by_object ON object_changes (kind, key, id);

-- Addresses of the Service that a change is about, before or after it: family and octets, so that those in a prefix
-- are neighbors. Of a hand-written rule the prefix that it names: 128 + family, octets, length.
CREATE TABLE object_addresses (
  address       BLOB    NOT NULL,
  object_change INTEGER NOT NULL,
  PRIMARY KEY (address, object_change)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_addresses_by_change ON object_addresses (object_change);

-- What was read at one moment and changed expectations.
CREATE TABLE change_sets (
  id                  INTEGER PRIMARY KEY,
  at                  INTEGER NOT NULL,
  occasion            TEXT    NOT NULL, -- first: nothing was known before; away: it happened while no collector ran; change
  objects             TEXT    NOT NULL, -- ids of object_changes
  more_objects        INTEGER NOT NULL,
  unrecorded_prefixes INTEGER NOT NULL  -- prefixes that may have changed beyond those that are recorded
) STRICT;
CREATE INDEX change_sets_unrecorded ON change_sets (id) WHERE unrecorded_prefixes > 0;

-- Routes that came to be expected, changed or were no longer expected: a set of prefixes on a set of sessions.
CREATE TABLE expectation_changes (
  id          INTEGER PRIMARY KEY,
  change_set  INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  action      TEXT    NOT NULL, -- expected, changed, no-longer-expected
  fields      TEXT    NOT NULL,
  session_set INTEGER NOT NULL,
  prefix_set  INTEGER NOT NULL
) STRICT;
CREATE INDEX expectation_changes_by_prefixes ON expectation_changes (prefix_set, id);
CREATE INDEX expectation_changes_by_sessions ON expectation_changes (session_set);

-- Sets that many rows share, each kept once. `blocks`: every one of bgpPeers on every one of nodes.
CREATE TABLE session_sets (
  id     INTEGER PRIMARY KEY,
  digest TEXT    NOT NULL UNIQUE,
  count  INTEGER NOT NULL,
  blocks TEXT    NOT NULL
) STRICT;
CREATE TABLE prefix_sets (
  id     INTEGER PRIMARY KEY,
  digest TEXT    NOT NULL UNIQUE,
  count  INTEGER NOT NULL
) STRICT;
CREATE TABLE prefix_set_members (
  prefix     TEXT    NOT NULL,
  prefix_set INTEGER NOT NULL,
  PRIMARY KEY (prefix, prefix_set)
) STRICT, WITHOUT ROWID;
CREATE INDEX prefix_set_members_by_set ON prefix_set_members (prefix_set);

-- What the verdict was before, and what it became: NULL for no verdict, 'restart' where a restart ended it.
ALTER TABLE findings ADD COLUMN from_word TEXT;
ALTER TABLE findings ADD COLUMN to_word TEXT;

-- Findings of one prefix are asked for; the open ones are closed at the next start.
DROP INDEX findings_open;
CREATE INDEX findings_open ON findings (id) WHERE until IS NULL;
CREATE INDEX findings_by_prefix ON findings (prefix, id);
