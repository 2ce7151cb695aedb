-- Hosts are told of messages that did not arrive.

CREATE TABLE delivery_recipient_before AS SELECT * FROM delivery_recipient;
DROP TABLE delivery_recipient;
DROP INDEX delivery_unpaid;
DROP INDEX delivery_on_its_way;
ALTER TABLE delivery RENAME TO delivery_before;

CREATE TABLE delivery (
    delivery_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (
        kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', 'question',
            'undecided', 'promoted', 'offer', 'on_behalf', 'request', 'newcomer', 'summary',
            'thanks', 'undelivered', 'refresh')),
    session_id   INTEGER NOT NULL REFERENCES session,
    -- Where it goes; for a private message, the user's id.
    channel_id   INTEGER NOT NULL,
    is_private   INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
    -- Reminders: seconds before the start.
    before       INTEGER NOT NULL DEFAULT 0,
    -- What it is about: the start that a reminder announces, the version that a notice tells of,
    -- the month of a thank-you, the user of a request, the first message that did not arrive.
    occasion     INTEGER NOT NULL DEFAULT 0,
    -- What mentions more people than one message may goes out in parts.
    part         INTEGER NOT NULL DEFAULT 0,
    -- Which of those it is for a part reaches, by the position of their answer; null: to the last.
    from_position  INTEGER NOT NULL DEFAULT 0,
    until_position INTEGER,
    -- Notices of a move: what was true before it, where that changed.
    previous_at    INTEGER,
    previous_place TEXT,
    due_at       INTEGER NOT NULL,
    useful_until INTEGER NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'sending', 'sent', 'expired', 'failed', 'withdrawn')),
    -- Pending: when to try next. Sending: when the claim lapses.
    try_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    first_try_at INTEGER,
    message_id   INTEGER,
    error        TEXT,
    -- Which message tells the host that this one did not arrive.
    told_by      INTEGER REFERENCES delivery,
    UNIQUE (session_id, kind, before, occasion, part)
) STRICT;

INSERT INTO delivery (delivery_id, kind, session_id, channel_id, is_private, before, occasion, part,
    from_position, until_position, previous_at, previous_place, due_at, useful_until, state,
    try_at, attempts, first_try_at, message_id, error)
SELECT delivery_id, kind, session_id, channel_id, is_private, before, occasion, part,
    from_position, until_position, previous_at, previous_place, due_at, useful_until, state,
    try_at, attempts, first_try_at, message_id, error
FROM delivery_before;
DROP TABLE delivery_before;

CREATE INDEX delivery_unpaid ON delivery (try_at) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_on_its_way ON delivery (channel_id, try_at) WHERE state = 'sending';
CREATE INDEX delivery_told ON delivery (told_by) WHERE told_by IS NOT NULL;

-- Whom a message about certain people is for, such as those who got a seat.
CREATE TABLE delivery_recipient (
    delivery_id INTEGER NOT NULL REFERENCES delivery,
    user_id     INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, user_id)
) STRICT, WITHOUT ROWID;

INSERT INTO delivery_recipient (delivery_id, user_id)
SELECT delivery_id, user_id FROM delivery_recipient_before;
DROP TABLE delivery_recipient_before;
