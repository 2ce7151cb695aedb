-- What Discord shows is a table of its own, messages belong to a session, a series, a channel or a
-- server, and moments at which a session changes by itself are no messages.

DROP TRIGGER rsvp_given;
DROP TRIGGER rsvp_changed;
DROP TRIGGER rsvp_hours_given;
DROP TRIGGER rsvp_hours_taken_back;
DROP TRIGGER rsvp_hours_changed;

CREATE TABLE mirror (
    mirror_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL,
    guild_id         INTEGER NOT NULL REFERENCES guild,
    session_id       INTEGER REFERENCES session,
    series_id        INTEGER REFERENCES series,
    owner_channel_id INTEGER,
    channel_id       INTEGER,
    remote_id        INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    version_shown    INTEGER NOT NULL,
    CHECK (CASE WHEN session_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN series_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN owner_channel_id IS NULL THEN 0 ELSE 1 END <= 1)
) STRICT;

INSERT INTO mirror (kind, guild_id, session_id, channel_id, remote_id, version, version_shown)
SELECT 'card', guild_id, session_id, card_channel_id, card_message_id, version, card_version
FROM session WHERE card_message_id IS NOT NULL ORDER BY session_id;

CREATE UNIQUE INDEX mirror_of_session ON mirror (session_id, kind) WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_series ON mirror (series_id, kind) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_channel ON mirror (owner_channel_id, kind)
    WHERE owner_channel_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_server ON mirror (guild_id, kind)
    WHERE session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL;
CREATE INDEX mirror_in_channel ON mirror (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX mirror_lagging ON mirror (mirror_id) WHERE version > version_shown;

CREATE TABLE session_boundary (
    session_id INTEGER NOT NULL REFERENCES session,
    at         INTEGER NOT NULL,
    PRIMARY KEY (session_id, at)
) STRICT, WITHOUT ROWID;

INSERT INTO session_boundary (session_id, at)
SELECT DISTINCT session_id, occasion FROM delivery
WHERE kind = 'refresh' AND state IN ('pending', 'sending');

CREATE INDEX session_boundary_next ON session_boundary (at);

-- The table "session" without its card.
CREATE TABLE session_after (
    session_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id          INTEGER NOT NULL REFERENCES guild,
    series_id         INTEGER REFERENCES series,
    recurrence_id     TEXT,
    is_exception      INTEGER NOT NULL DEFAULT 0 CHECK (is_exception IN (0, 1)),
    title             TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    place             TEXT    NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    about             TEXT    NOT NULL CHECK (length(about) <= 500),
    host_id           INTEGER NOT NULL,
    tone              TEXT    NOT NULL DEFAULT 'mixed' CHECK (tone IN ('quiet', 'mixed', 'social')),
    capacity          INTEGER CHECK (capacity BETWEEN 1 AND 1000),
    most_guests       INTEGER NOT NULL DEFAULT 1 CHECK (most_guests BETWEEN 0 AND 9),
    answers_close     INTEGER CHECK (answers_close BETWEEN 60 AND 2419200),
    created_by        INTEGER NOT NULL,
    zone              TEXT    NOT NULL,
    starts_local      TEXT    NOT NULL,
    duration          INTEGER NOT NULL CHECK (duration BETWEEN 60 AND 86400),
    starts_at         INTEGER NOT NULL,
    ends_at           INTEGER NOT NULL CHECK (ends_at > starts_at),
    state             TEXT    NOT NULL DEFAULT 'scheduled' CHECK (
        state IN ('scheduled', 'cancelled')),
    version           INTEGER NOT NULL DEFAULT 1,
    going_count       INTEGER NOT NULL DEFAULT 0,
    waiting_count     INTEGER NOT NULL DEFAULT 0,
    requested_count   INTEGER NOT NULL DEFAULT 0,
    maybe_count       INTEGER NOT NULL DEFAULT 0,
    declined_count    INTEGER NOT NULL DEFAULT 0,
    guest_count       INTEGER NOT NULL DEFAULT 0,
    offered_seats     INTEGER NOT NULL DEFAULT 0,
    asked_again_count INTEGER NOT NULL DEFAULT 0,
    heads_down_count  INTEGER NOT NULL DEFAULT 0,
    chatty_count      INTEGER NOT NULL DEFAULT 0,
    hours_count       INTEGER NOT NULL DEFAULT 0,
    here_count        INTEGER NOT NULL DEFAULT 0,
    came_count        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (series_id, recurrence_id),
    CHECK ((series_id IS NULL) = (recurrence_id IS NULL))
) STRICT;

INSERT INTO session_after (session_id, guild_id, series_id, recurrence_id, is_exception, title,
    place, about, host_id, tone, capacity, most_guests, answers_close, created_by, zone,
    starts_local, duration, starts_at, ends_at, state, version, going_count, waiting_count,
    requested_count, maybe_count, declined_count, guest_count, offered_seats, asked_again_count,
    heads_down_count, chatty_count, hours_count, here_count, came_count)
SELECT session_id, guild_id, series_id, recurrence_id, is_exception, title,
    place, about, host_id, tone, capacity, most_guests, answers_close, created_by, zone,
    starts_local, duration, starts_at, ends_at, state, version, going_count, waiting_count,
    requested_count, maybe_count, declined_count, guest_count, offered_seats, asked_again_count,
    heads_down_count, chatty_count, hours_count, here_count, came_count
FROM session;

-- Messages that belong to a series or a server keep the session that was part of their nonce.
CREATE TABLE delivery_after (
    delivery_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL,
    guild_id         INTEGER NOT NULL REFERENCES guild,
    session_id       INTEGER REFERENCES session,
    series_id        INTEGER REFERENCES series,
    owner_channel_id INTEGER,
    channel_id       INTEGER NOT NULL,
    is_private       INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
    before           INTEGER NOT NULL DEFAULT 0,
    occasion         INTEGER NOT NULL DEFAULT 0,
    part             INTEGER NOT NULL DEFAULT 0,
    from_position    INTEGER NOT NULL DEFAULT 0,
    until_position   INTEGER,
    previous_at      INTEGER,
    previous_place   TEXT,
    due_at           INTEGER NOT NULL,
    useful_until     INTEGER NOT NULL,
    state            TEXT    NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'sending', 'sent', 'expired', 'failed', 'withdrawn')),
    try_at           INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    first_try_at     INTEGER,
    message_id       INTEGER,
    error            TEXT,
    told_by          INTEGER REFERENCES delivery,
    former_session_id INTEGER,
    CHECK (CASE WHEN session_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN series_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN owner_channel_id IS NULL THEN 0 ELSE 1 END <= 1)
) STRICT;

INSERT INTO delivery_after (delivery_id, kind, guild_id, session_id, series_id, channel_id,
    is_private, before, occasion, part, from_position, until_position, previous_at, previous_place,
    due_at, useful_until, state, try_at, attempts, first_try_at, message_id, error, told_by,
    former_session_id)
SELECT delivery_id, kind, session.guild_id,
    CASE WHEN kind IN ('thanks', 'undelivered')
        OR (kind = 'question' AND session.series_id IS NOT NULL)
        THEN NULL ELSE delivery.session_id END,
    CASE WHEN kind = 'question' THEN session.series_id END,
    delivery.channel_id, is_private,
    -- A change of the zone can have made a month be thanked for twice; both rows stay.
    CASE WHEN kind = 'thanks' THEN ROW_NUMBER() OVER (
        PARTITION BY session.guild_id, kind, occasion
        ORDER BY delivery.state NOT IN ('pending', 'sending'), delivery_id) - 1
        ELSE before END,
    CASE WHEN kind = 'question' THEN delivery.session_id ELSE occasion END,
    part, from_position, until_position, previous_at, previous_place, due_at, useful_until,
    delivery.state, try_at, attempts, first_try_at, message_id, error, told_by,
    CASE WHEN kind IN ('thanks', 'undelivered', 'question') THEN delivery.session_id END
FROM delivery JOIN session ON session.session_id = delivery.session_id
WHERE kind <> 'refresh'
    -- A month's thanks were planned anew for each of its sessions, and withdrawn for the others.
    AND NOT (kind = 'thanks' AND delivery.state = 'withdrawn')
ORDER BY delivery_id;

-- Ids that stand in buttons and nonces are never given out twice.
DELETE FROM sqlite_sequence WHERE name IN ('session_after', 'delivery_after');
INSERT INTO sqlite_sequence (name, seq)
SELECT name || '_after', seq FROM sqlite_sequence WHERE name IN ('session', 'delivery');

DROP TABLE delivery;
ALTER TABLE delivery_after RENAME TO delivery;
DROP TABLE session;
ALTER TABLE session_after RENAME TO session;

CREATE INDEX session_of_guild ON session (guild_id, ends_at);
CREATE INDEX session_of_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;

CREATE UNIQUE INDEX delivery_of_session ON delivery (session_id, kind, before, occasion, part)
    WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_series ON delivery (series_id, kind, before, occasion, part)
    WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_channel ON delivery (owner_channel_id, kind, before, occasion, part)
    WHERE owner_channel_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_server ON delivery (guild_id, kind, before, occasion, part)
    WHERE session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL;
CREATE INDEX delivery_lost ON delivery (guild_id, due_at) WHERE state IN ('failed', 'expired');
CREATE INDEX delivery_doubtful ON delivery (guild_id, due_at)
    WHERE state = 'sent' AND error IS NOT NULL;
CREATE INDEX delivery_unpaid ON delivery (is_private, try_at)
    WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_on_its_way ON delivery (channel_id, try_at) WHERE state = 'sending';
CREATE INDEX delivery_told ON delivery (told_by) WHERE told_by IS NOT NULL;

ALTER TABLE memory RENAME TO key_value;

CREATE TRIGGER session_changed AFTER UPDATE OF version ON session BEGIN
    UPDATE mirror SET version = NEW.version WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_given AFTER INSERT ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count + (NEW.answer = 'going'),
        waiting_count = waiting_count + (NEW.answer = 'waitlisted'),
        requested_count = requested_count + (NEW.answer = 'requested'),
        maybe_count = maybe_count + (NEW.answer = 'maybe'),
        declined_count = declined_count + (NEW.answer = 'declined'),
        asked_again_count = asked_again_count + (NEW.answer = 'going' AND NEW.asked_again),
        guest_count = guest_count + (NEW.answer = 'going') * NEW.guests,
        offered_seats = offered_seats + (NEW.offered_until IS NOT NULL) * (1 + NEW.guests),
        heads_down_count = heads_down_count + (NEW.answer = 'going' AND NEW.mood IS 'heads-down'),
        chatty_count = chatty_count + (NEW.answer = 'going' AND NEW.mood IS 'chatty'),
        hours_count = hours_count + (NEW.answer = 'going' AND NEW.arrives_at IS NOT NULL),
        here_count = here_count
            + (NEW.arrived_at IS NOT NULL AND NEW.left_at IS NULL) * (1 + NEW.guests),
        came_count = came_count + (NEW.arrived_at IS NOT NULL) * (1 + NEW.guests)
    WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_changed AFTER UPDATE ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count + (NEW.answer = 'going') - (OLD.answer = 'going'),
        waiting_count = waiting_count
            + (NEW.answer = 'waitlisted') - (OLD.answer = 'waitlisted'),
        requested_count = requested_count
            + (NEW.answer = 'requested') - (OLD.answer = 'requested'),
        maybe_count = maybe_count + (NEW.answer = 'maybe') - (OLD.answer = 'maybe'),
        declined_count = declined_count
            + (NEW.answer = 'declined') - (OLD.answer = 'declined'),
        asked_again_count = asked_again_count
            + (NEW.answer = 'going' AND NEW.asked_again)
            - (OLD.answer = 'going' AND OLD.asked_again),
        guest_count = guest_count
            + (NEW.answer = 'going') * NEW.guests - (OLD.answer = 'going') * OLD.guests,
        offered_seats = offered_seats
            + (NEW.offered_until IS NOT NULL) * (1 + NEW.guests)
            - (OLD.offered_until IS NOT NULL) * (1 + OLD.guests),
        heads_down_count = heads_down_count
            + (NEW.answer = 'going' AND NEW.mood IS 'heads-down')
            - (OLD.answer = 'going' AND OLD.mood IS 'heads-down'),
        chatty_count = chatty_count
            + (NEW.answer = 'going' AND NEW.mood IS 'chatty')
            - (OLD.answer = 'going' AND OLD.mood IS 'chatty'),
        hours_count = hours_count
            + (NEW.answer = 'going' AND NEW.arrives_at IS NOT NULL)
            - (OLD.answer = 'going' AND OLD.arrives_at IS NOT NULL),
        here_count = here_count
            + (NEW.arrived_at IS NOT NULL AND NEW.left_at IS NULL) * (1 + NEW.guests)
            - (OLD.arrived_at IS NOT NULL AND OLD.left_at IS NULL) * (1 + OLD.guests),
        came_count = came_count
            + (NEW.arrived_at IS NOT NULL) * (1 + NEW.guests)
            - (OLD.arrived_at IS NOT NULL) * (1 + OLD.guests)
    WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_hours_given AFTER INSERT ON rsvp
WHEN NEW.answer = 'going' AND NEW.arrives_at IS NOT NULL BEGIN
    INSERT INTO session_hours (session_id, arrives_at, leaves_at, people)
    VALUES (NEW.session_id, NEW.arrives_at, NEW.leaves_at, 1 + NEW.guests)
    ON CONFLICT (session_id, arrives_at, leaves_at) DO UPDATE SET people = people + excluded.people;
END;

CREATE TRIGGER rsvp_hours_taken_back AFTER UPDATE OF answer, guests, arrives_at, leaves_at ON rsvp
WHEN OLD.answer = 'going' AND OLD.arrives_at IS NOT NULL BEGIN
    UPDATE session_hours SET people = people - (1 + OLD.guests)
    WHERE session_id = OLD.session_id
        AND arrives_at = OLD.arrives_at AND leaves_at = OLD.leaves_at;
END;

CREATE TRIGGER rsvp_hours_changed AFTER UPDATE OF answer, guests, arrives_at, leaves_at ON rsvp
WHEN NEW.answer = 'going' AND NEW.arrives_at IS NOT NULL BEGIN
    INSERT INTO session_hours (session_id, arrives_at, leaves_at, people)
    VALUES (NEW.session_id, NEW.arrives_at, NEW.leaves_at, 1 + NEW.guests)
    ON CONFLICT (session_id, arrives_at, leaves_at) DO UPDATE SET people = people + excluded.people;
END;

-- Statistics of a small store lead the planner away from indexes that a large one needs.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
