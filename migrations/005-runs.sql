-- Every start of a collector on this database: positions in the live feed name the run that issued them.
-- first_seq: the highest seq before the run; what the run issued is above it.
CREATE TABLE runs (
  id         INTEGER PRIMARY KEY,
  epoch      TEXT    NOT NULL UNIQUE,
  first_seq  INTEGER NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;
