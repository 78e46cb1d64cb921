-- Addresses that no neighbor is configured for used to have a row each. They have none any more, and neighbors that
-- never had a session come back with their next attempt.
DELETE FROM neighbors WHERE json_extract(detail, '$.establishedAt') IS NULL;
DELETE FROM sessions WHERE neighbor NOT IN (SELECT id FROM neighbors);
