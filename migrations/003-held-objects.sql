-- The objects as they were before newer ones were refused that replace some of them: speakers keep those, and the next
-- run has to know what they keep. Empty when everything goes by `objects`.
CREATE TABLE held_objects (
  id      INTEGER PRIMARY KEY,
  kind    TEXT    NOT NULL,
  key     TEXT    NOT NULL, -- namespace/name
  content TEXT    NOT NULL
) STRICT;
