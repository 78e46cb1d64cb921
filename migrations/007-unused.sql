-- Prefixes and attribute sets that no route uses any more, with the seq up to which changes may speak of them. When
-- those changes are gone, so are the rows.
CREATE TABLE unused_prefixes (
  seq INTEGER NOT NULL,
  id  INTEGER NOT NULL,
  PRIMARY KEY (seq, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE unused_attributes (
  seq INTEGER NOT NULL,
  id  INTEGER NOT NULL,
  PRIMARY KEY (seq, id)
) STRICT, WITHOUT ROWID;
INSERT INTO unused_prefixes
  SELECT (SELECT coalesce(max(last_seq), 0) FROM changes), id FROM prefixes WHERE id NOT IN (SELECT prefix FROM routes);
INSERT INTO unused_attributes
  SELECT (SELECT coalesce(max(last_seq), 0) FROM changes), id FROM attributes WHERE id NOT IN (SELECT attributes FROM routes);

-- Ids are never given twice: those of rows that went must not come again. freed_seq: what stopped being used up to
-- this seq is in the tables above.
INSERT INTO meta VALUES
  ('next_prefix', (SELECT coalesce(max(id) + 1, 0) FROM prefixes)),
  ('next_attributes', (SELECT coalesce(max(id) + 1, 0) FROM attributes)),
  ('freed_seq', (SELECT coalesce(max(last_seq), 0) FROM changes));
