-- Series that pause, are asked about and go on; answers that are asked for again after a move.

ALTER TABLE series ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN paused_from  INTEGER;
-- Null while paused: until somebody resumes it.
ALTER TABLE series ADD COLUMN paused_until INTEGER;

UPDATE series SET confirmed_at = CAST(strftime('%s', 'now') AS INTEGER);

ALTER TABLE rsvp ADD COLUMN asked_again INTEGER NOT NULL DEFAULT 0 CHECK (asked_again IN (0, 1));

-- A new kind of delivery: the question to a host whether an empty series shall go on.
ALTER TABLE delivery RENAME TO delivery_before;
DROP INDEX delivery_unpaid;

CREATE TABLE delivery (
    delivery_id    INTEGER PRIMARY KEY,
    kind           TEXT    NOT NULL CHECK (kind IN (
        'announcement', 'reminder', 'start', 'moved', 'cancelled', 'question', 'refresh')),
    session_id     INTEGER NOT NULL REFERENCES session,
    channel_id     INTEGER NOT NULL,
    -- Reminders: seconds before the start.
    before         INTEGER NOT NULL DEFAULT 0,
    -- What it is about: the start that a reminder announces, the version that a notice tells of.
    occasion       INTEGER NOT NULL DEFAULT 0,
    -- What mentions more people than one message may goes out in parts.
    part           INTEGER NOT NULL DEFAULT 0,
    -- Notices of a move: what was true before it, where that changed.
    previous_at    INTEGER,
    previous_place TEXT,
    due_at         INTEGER NOT NULL,
    useful_until   INTEGER NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'sending', 'sent', 'expired', 'failed', 'withdrawn')),
    -- Pending: when to try next. Sending: when the claim lapses.
    try_at         INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,
    first_try_at   INTEGER,
    message_id     INTEGER,
    error          TEXT,
    UNIQUE (session_id, kind, before, occasion, part)
) STRICT;

INSERT INTO delivery SELECT delivery_id, kind, session_id, channel_id, before, occasion, part,
    previous_at, previous_place, due_at, useful_until, state, try_at, attempts, first_try_at,
    message_id, error FROM delivery_before;
DROP TABLE delivery_before;

CREATE INDEX delivery_unpaid ON delivery (try_at) WHERE state IN ('pending', 'sending');
CREATE INDEX session_of_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;

-- A draft that changes one date and all later ones of its series.
ALTER TABLE draft ADD COLUMN and_later INTEGER NOT NULL DEFAULT 0 CHECK (and_later IN (0, 1));
