-- Times are microseconds since 1970 (UTC); the views show them as text. `collector` names who saw it.

-- The raw record, in order: what the readable tables, replay and exports are made from. `records` is a batch as
-- src/events.ts lays it out; its first record has first_seq.
CREATE TABLE journal (
  first_seq INTEGER PRIMARY KEY,
  last_seq  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  collector TEXT    NOT NULL,
  records   BLOB    NOT NULL
) STRICT;

-- What those records changed, 32 octets an entry (src/rib/change-log.ts).
CREATE TABLE changes (
  first_seq INTEGER PRIMARY KEY,
  last_seq  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  entries   BLOB    NOT NULL
) STRICT;

-- Ranges of seq that could not be stored (disk full, database locked for too long).
CREATE TABLE gaps (
  first_seq INTEGER PRIMARY KEY,
  last_seq  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  reason    TEXT    NOT NULL
) STRICT;

-- One row per remote: (remote address, local address, local port, AS). `detail` is the whole of it as JSON.
CREATE TABLE neighbors (
  id             INTEGER PRIMARY KEY,
  collector      TEXT    NOT NULL,
  address        TEXT    NOT NULL,
  local_address  TEXT    NOT NULL,
  local_port     INTEGER NOT NULL,
  asn            INTEGER,
  router_id      TEXT,
  hostname       TEXT,
  node           TEXT,
  bgp_peer       TEXT,
  state          TEXT    NOT NULL,
  state_since    INTEGER NOT NULL,
  session        INTEGER NOT NULL,
  last_down      TEXT,
  detail         TEXT    NOT NULL
) STRICT;

-- Every transition and oddity of a session, with its reason.
CREATE TABLE sessions (
  id        INTEGER PRIMARY KEY,
  seq       INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  neighbor  INTEGER NOT NULL,
  session   INTEGER NOT NULL,
  kind      TEXT    NOT NULL,
  from_state TEXT,
  to_state  TEXT,
  code      TEXT,
  text      TEXT,
  detail    TEXT
) STRICT;
CREATE INDEX sessions_by_neighbor ON sessions (neighbor, id);
CREATE INDEX sessions_by_session ON sessions (session);

-- Every NLRI ever seen; ids in order of first appearance. path_id is 0 without ADD-PATH (RFC 7911).
CREATE TABLE prefixes (
  id      INTEGER PRIMARY KEY,
  prefix  TEXT    NOT NULL,
  family  INTEGER NOT NULL,
  path_id INTEGER NOT NULL
) STRICT;

-- Every distinct set of path attributes; `block` is the set as on the wire without NLRI (src/wire/walk.ts).
CREATE TABLE attributes (
  id                INTEGER PRIMARY KEY,
  next_hop          TEXT,
  as_path           TEXT,
  origin            TEXT,
  local_pref        INTEGER,
  med               INTEGER,
  communities       TEXT,
  large_communities TEXT,
  ext_communities   TEXT,
  other             TEXT,
  block             BLOB    NOT NULL
) STRICT;

-- The routes that neighbors have announced and not withdrawn. One integer as key keeps a full table quick to write.
CREATE TABLE routes (
  id           INTEGER PRIMARY KEY, -- neighbor * 2^32 + prefix
  attributes   INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  last_changed INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  stale        INTEGER NOT NULL,
  neighbor     INTEGER GENERATED ALWAYS AS (id >> 32) VIRTUAL,
  prefix       INTEGER GENERATED ALWAYS AS (id & 0xffffffff) VIRTUAL
) STRICT;

-- Verdicts that are not ok, with their life; until is NULL while they last. `verdict` is the whole of it as JSON.
CREATE TABLE findings (
  id       INTEGER PRIMARY KEY,
  prefix   TEXT    NOT NULL,
  neighbor INTEGER,
  node     TEXT,
  bgp_peer TEXT,
  word     TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  until    INTEGER,
  verdict  TEXT    NOT NULL
) STRICT;
CREATE INDEX findings_open ON findings (prefix) WHERE until IS NULL;

-- The expectations in force, as JSON per session and prefix; rewritten when they change.
CREATE TABLE expectations (
  node     TEXT NOT NULL,
  bgp_peer TEXT NOT NULL,
  prefix   TEXT NOT NULL,
  since    INTEGER NOT NULL,
  expected TEXT NOT NULL,
  PRIMARY KEY (node, bgp_peer, prefix)
) STRICT, WITHOUT ROWID;

-- tables_seq: the readable tables hold everything up to this seq.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES ('tables_seq', 0), ('next_session', 1);

CREATE VIEW received_routes AS
SELECT p.prefix,
       n.node,
       n.address AS neighbor,
       a.next_hop,
       a.as_path,
       a.origin,
       a.local_pref,
       a.med,
       a.communities,
       a.large_communities,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.first_seen / 1e6, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.last_changed / 1e6, 'unixepoch') AS last_changed,
       r.stale,
       p.path_id,
       a.ext_communities
FROM routes r
JOIN prefixes p ON p.id = r.prefix
JOIN attributes a ON a.id = r.attributes
JOIN neighbors n ON n.id = r.neighbor;
