-- Discord's channels for private messages, and who has had the private word that comes with Going.

-- Opening many in a short time gets a bot limited or blocked, so each is opened once and kept.
CREATE TABLE private_channel (
    user_id    INTEGER PRIMARY KEY,
    -- Null until Discord has said which it is.
    channel_id INTEGER,
    -- When it was last asked for.
    asked_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX private_channel_asked ON private_channel (asked_at);

-- Private messages wait in a line of their own.
DROP INDEX delivery_unpaid;
CREATE INDEX delivery_unpaid ON delivery (is_private, try_at)
    WHERE state IN ('pending', 'sending');

-- They have been welcomed and asked for their mood, privately, once for each session.
ALTER TABLE rsvp ADD COLUMN is_greeted INTEGER NOT NULL DEFAULT 0 CHECK (is_greeted IN (0, 1));
