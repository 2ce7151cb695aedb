-- Discord's channels for private messages, and who has had the private words that come with Going.

-- Opening many in a short time gets a bot limited or blocked, so each is opened once and kept.
CREATE TABLE private_channel (
    user_id     INTEGER PRIMARY KEY,
    -- Null until Discord has said which it is.
    channel_id  INTEGER,
    -- When it was last asked for, and how often with never a minute in between.
    asked_at    INTEGER NOT NULL,
    asked_times INTEGER NOT NULL
) STRICT;

CREATE INDEX private_channel_asked ON private_channel (asked_at);

-- Private messages wait in a line of their own.
DROP INDEX delivery_unpaid;
CREATE INDEX delivery_unpaid ON delivery (is_private, try_at)
    WHERE state IN ('pending', 'sending');

-- Both happen once for each session: the welcome comes with the first answer of whoever has never
-- been, the question with the first press on the card.
ALTER TABLE rsvp ADD COLUMN is_welcomed INTEGER NOT NULL DEFAULT 0 CHECK (is_welcomed IN (0, 1));
ALTER TABLE rsvp ADD COLUMN is_asked_mood INTEGER NOT NULL DEFAULT 0 CHECK (is_asked_mood IN (0, 1));
-- Every change of an answer counts as a new version, which its card would have to show.
CREATE TABLE version_before (session_id INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;
INSERT INTO version_before SELECT session_id, version FROM session;
UPDATE rsvp SET is_welcomed = 1, is_asked_mood = 1
WHERE answer IN ('going', 'waitlisted', 'requested') AND answered_by IS NULL;
UPDATE session SET version = (
    SELECT version_before.version FROM version_before
    WHERE version_before.session_id = session.session_id);
DROP TABLE version_before;
