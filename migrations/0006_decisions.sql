-- Decisions about addresses say when they were made, so that old ones can be cleared away.

ALTER TABLE address_decisions RENAME COLUMN count TO decided_at;

-- Read by: clearing away what is over.
CREATE INDEX address_decisions_by_age ON address_decisions (decided_at);
