-- Octets of each kind of history, and what retention.maxBytes deleted of it. Kept by the triggers below.
CREATE TABLE usage (
  kind            TEXT PRIMARY KEY, -- routes, sessions, findings, objects
  bytes           INTEGER NOT NULL,
  trimmed_bytes   INTEGER NOT NULL DEFAULT 0,
  trimmed_at      INTEGER,          -- when it was last deleted from
  trimmed_through INTEGER           -- time of the newest row deleted
) STRICT, WITHOUT ROWID;

INSERT INTO usage (kind, bytes) VALUES
  ('routes',
    (SELECT coalesce(sum(64 + length(records)), 0) FROM journal) +
    (SELECT coalesce(sum(64 + length(entries)), 0) FROM changes)),
  ('sessions',
    (SELECT coalesce(sum(160 + coalesce(octet_length(text), 0) + coalesce(octet_length(detail), 0)), 0) FROM sessions)),
  ('findings',
    (SELECT coalesce(sum(200 + octet_length(verdict)), 0) FROM findings)),
  ('objects',
    (SELECT coalesce(sum(250 + octet_length(fields)), 0) FROM object_changes) +
    (SELECT 60 * count(*) FROM object_addresses) +
    (SELECT coalesce(sum(60 + octet_length(objects)), 0) FROM change_sets) +
    (SELECT 150 * count(*) FROM expectation_changes) +
    (SELECT coalesce(sum(150 + octet_length(blocks)), 0) FROM session_sets) +
    (SELECT 100 * count(*) FROM prefix_set_members));

CREATE TRIGGER journal_added AFTER INSERT ON journal BEGIN
  UPDATE usage SET bytes = bytes + 64 + length(new.records) WHERE kind = 'routes'; END;
CREATE TRIGGER journal_deleted AFTER DELETE ON journal BEGIN
  UPDATE usage SET bytes = bytes - 64 - length(old.records) WHERE kind = 'routes'; END;
CREATE TRIGGER changes_added AFTER INSERT ON changes BEGIN
  UPDATE usage SET bytes = bytes + 64 + length(new.entries) WHERE kind = 'routes'; END;
CREATE TRIGGER changes_deleted AFTER DELETE ON changes BEGIN
  UPDATE usage SET bytes = bytes - 64 - length(old.entries) WHERE kind = 'routes'; END;

CREATE TRIGGER sessions_added AFTER INSERT ON sessions BEGIN
  UPDATE usage SET bytes = bytes + 160 + coalesce(octet_length(new.text), 0) + coalesce(octet_length(new.detail), 0)
  WHERE kind = 'sessions'; END;
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions BEGIN
  UPDATE usage SET bytes = bytes - 160 - coalesce(octet_length(old.text), 0) - coalesce(octet_length(old.detail), 0)
  WHERE kind = 'sessions'; END;

CREATE TRIGGER findings_added AFTER INSERT ON findings BEGIN
  UPDATE usage SET bytes = bytes + 200 + octet_length(new.verdict) WHERE kind = 'findings'; END;
CREATE TRIGGER findings_deleted AFTER DELETE ON findings BEGIN
  UPDATE usage SET bytes = bytes - 200 - octet_length(old.verdict) WHERE kind = 'findings'; END;

CREATE TRIGGER object_changes_added AFTER INSERT ON object_changes BEGIN
  UPDATE usage SET bytes = bytes + 250 + octet_length(new.fields) WHERE kind = 'objects'; END;
CREATE TRIGGER object_changes_deleted AFTER DELETE ON object_changes BEGIN
  UPDATE usage SET bytes = bytes - 250 - octet_length(old.fields) WHERE kind = 'objects'; END;
CREATE TRIGGER object_addresses_added AFTER INSERT ON object_addresses BEGIN
  UPDATE usage SET bytes = bytes + 60 WHERE kind = 'objects'; END;
CREATE TRIGGER object_addresses_deleted AFTER DELETE ON object_addresses BEGIN
  UPDATE usage SET bytes = bytes - 60 WHERE kind = 'objects'; END;
CREATE TRIGGER change_sets_added AFTER INSERT ON change_sets BEGIN
  UPDATE usage SET bytes = bytes + 60 + octet_length(new.objects) WHERE kind = 'objects'; END;
CREATE TRIGGER change_sets_deleted AFTER DELETE ON change_sets BEGIN
  UPDATE usage SET bytes = bytes - 60 - octet_length(old.objects) WHERE kind = 'objects'; END;
CREATE TRIGGER expectation_changes_added AFTER INSERT ON expectation_changes BEGIN
  UPDATE usage SET bytes = bytes + 150 WHERE kind = 'objects'; END;
CREATE TRIGGER expectation_changes_deleted AFTER DELETE ON expectation_changes BEGIN
  UPDATE usage SET bytes = bytes - 150 WHERE kind = 'objects'; END;
CREATE TRIGGER session_sets_added AFTER INSERT ON session_sets BEGIN
  UPDATE usage SET bytes = bytes + 150 + octet_length(new.blocks) WHERE kind = 'objects'; END;
CREATE TRIGGER session_sets_deleted AFTER DELETE ON session_sets BEGIN
  UPDATE usage SET bytes = bytes - 150 - octet_length(old.blocks) WHERE kind = 'objects'; END;
CREATE TRIGGER prefix_set_members_added AFTER INSERT ON prefix_set_members BEGIN
  UPDATE usage SET bytes = bytes + 100 WHERE kind = 'objects'; END;
CREATE TRIGGER prefix_set_members_deleted AFTER DELETE ON prefix_set_members BEGIN
  UPDATE usage SET bytes = bytes - 100 WHERE kind = 'objects'; END;

-- Findings of earlier runs that are still open ended when the present run started: the store closes them in slices, and
-- until it has, `finding_lives` shows them closed.
INSERT INTO meta VALUES ('first_finding', 1), ('started_at', 0);
CREATE VIEW finding_lives AS
SELECT f.id, f.prefix, f.neighbor, f.node, f.bgp_peer, f.word, f.reason, f.since,
       coalesce(f.until, iif(f.id < first.value, started.value, NULL)) AS until,
       f.verdict, f.from_word,
       iif(f.until IS NULL AND f.id < first.value, 'restart', f.to_word) AS to_word
FROM findings f
JOIN meta first ON first.key = 'first_finding'
JOIN meta started ON started.key = 'started_at';
