-- Settings belong to a channel, and so do series, sessions and the thanks of a month. Each server has
-- one channel so far. A server keeps where its organizers are told what is wrong.

DROP TRIGGER session_changed;
DROP TRIGGER rsvp_given;
DROP TRIGGER rsvp_changed;
DROP TRIGGER rsvp_hours_given;
DROP TRIGGER rsvp_hours_taken_back;
DROP TRIGGER rsvp_hours_changed;

CREATE TABLE channel (
    channel_id      INTEGER PRIMARY KEY,
    guild_id        INTEGER NOT NULL REFERENCES guild,
    zone            TEXT    NOT NULL,
    announce_before INTEGER NOT NULL CHECK (announce_before BETWEEN 0 AND 4838400),
    host_role_id    INTEGER,
    offer_within    INTEGER NOT NULL DEFAULT 43200 CHECK (offer_within BETWEEN 0 AND 604800),
    offer_for       INTEGER NOT NULL DEFAULT 3600 CHECK (offer_for BETWEEN 300 AND 86400),
    thanks_hosts    INTEGER NOT NULL DEFAULT 1 CHECK (thanks_hosts IN (0, 1))
) STRICT;

CREATE INDEX channel_of_guild ON channel (guild_id);

INSERT INTO channel (channel_id, guild_id, zone, announce_before, host_role_id, offer_within,
    offer_for, thanks_hosts)
SELECT channel_id, guild_id, zone, announce_before, host_role_id, offer_within, offer_for,
    thanks_hosts
FROM guild;

CREATE TABLE reminder_setting_after (
    channel_id INTEGER NOT NULL REFERENCES channel,
    before     INTEGER NOT NULL CHECK (before BETWEEN 60 AND 2419200),
    PRIMARY KEY (channel_id, before)
) STRICT, WITHOUT ROWID;

INSERT INTO reminder_setting_after (channel_id, before)
SELECT guild.channel_id, before
FROM reminder_setting JOIN guild ON guild.guild_id = reminder_setting.guild_id;

CREATE TABLE series_after (
    series_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL REFERENCES guild,
    channel_id    INTEGER NOT NULL REFERENCES channel,
    title         TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    place         TEXT    NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    about         TEXT    NOT NULL CHECK (length(about) <= 500),
    host_id       INTEGER NOT NULL,
    tone          TEXT    NOT NULL DEFAULT 'mixed' CHECK (tone IN ('quiet', 'mixed', 'social')),
    capacity      INTEGER CHECK (capacity BETWEEN 1 AND 1000),
    most_guests   INTEGER NOT NULL DEFAULT 1 CHECK (most_guests BETWEEN 0 AND 9),
    answers_close INTEGER CHECK (answers_close BETWEEN 60 AND 2419200),
    created_by    INTEGER NOT NULL,
    zone          TEXT    NOT NULL,
    starts_local  TEXT    NOT NULL,
    duration      INTEGER NOT NULL CHECK (duration BETWEEN 60 AND 86400),
    state         TEXT    NOT NULL DEFAULT 'active' CHECK (
        state IN ('active', 'cancelled', 'ended')),
    version       INTEGER NOT NULL DEFAULT 1,
    extend_at     INTEGER,
    confirmed_at  INTEGER NOT NULL,
    paused_from   INTEGER,
    paused_until  INTEGER
) STRICT;

INSERT INTO series_after (channel_id,
    series_id, guild_id, title, place, about, host_id, tone, capacity, most_guests,
    answers_close, created_by, zone, starts_local, duration, state, version, extend_at,
    confirmed_at, paused_from, paused_until)
SELECT guild.channel_id,
    series_id, series.guild_id, title, place, about, host_id, tone, capacity, most_guests,
    answers_close, created_by, series.zone, starts_local, duration, state, version, extend_at,
    confirmed_at, paused_from, paused_until
FROM series JOIN guild ON guild.guild_id = series.guild_id;

CREATE TABLE session_after (
    session_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id          INTEGER NOT NULL REFERENCES guild,
    channel_id        INTEGER NOT NULL REFERENCES channel,
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

INSERT INTO session_after (channel_id,
    session_id, guild_id, series_id, recurrence_id, is_exception, title, place, about, host_id,
    tone, capacity, most_guests, answers_close, created_by, zone, starts_local, duration,
    starts_at, ends_at, state, version, going_count, waiting_count, requested_count,
    maybe_count, declined_count, guest_count, offered_seats, asked_again_count,
    heads_down_count, chatty_count, hours_count, here_count, came_count)
SELECT guild.channel_id,
    session_id, session.guild_id, series_id, recurrence_id, is_exception, title, place, about,
    host_id, tone, capacity, most_guests, answers_close, created_by, session.zone, starts_local,
    duration, starts_at, ends_at, state, version, going_count, waiting_count, requested_count,
    maybe_count, declined_count, guest_count, offered_seats, asked_again_count,
    heads_down_count, chatty_count, hours_count, here_count, came_count
FROM session JOIN guild ON guild.guild_id = session.guild_id;

UPDATE delivery SET owner_channel_id = (
    SELECT channel_id FROM guild WHERE guild.guild_id = delivery.guild_id)
WHERE kind = 'thanks';

ALTER TABLE delivery ADD COLUMN alerted_by INTEGER REFERENCES delivery;
CREATE INDEX delivery_alerted ON delivery (alerted_by) WHERE alerted_by IS NOT NULL;

CREATE TABLE guild_after (
    guild_id              INTEGER PRIMARY KEY,
    organizers_channel_id INTEGER,
    settings_by           INTEGER,
    owner_id              INTEGER
) STRICT;

INSERT INTO guild_after (guild_id) SELECT guild_id FROM guild;

-- Ids that stand in buttons and nonces are never given out twice.
DELETE FROM sqlite_sequence WHERE name IN ('session_after', 'series_after');
INSERT INTO sqlite_sequence (name, seq)
SELECT name || '_after', seq FROM sqlite_sequence WHERE name IN ('session', 'series');

DROP TABLE reminder_setting;
ALTER TABLE reminder_setting_after RENAME TO reminder_setting;
DROP TABLE session;
ALTER TABLE session_after RENAME TO session;
DROP TABLE series;
ALTER TABLE series_after RENAME TO series;
DROP TABLE guild;
ALTER TABLE guild_after RENAME TO guild;

CREATE INDEX series_of_guild ON series (guild_id, state);
CREATE INDEX series_to_extend ON series (extend_at) WHERE extend_at IS NOT NULL;
CREATE INDEX session_of_guild ON session (guild_id, ends_at);
CREATE INDEX session_of_channel ON session (channel_id, ends_at);
CREATE INDEX session_of_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;

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

-- Why a message did not arrive is a code with values, as in data/outbox/errors.py, so that each
-- reader can be told in their language. Sentences that no version wrote are kept as they are.
UPDATE delivery SET error = CASE
    WHEN error = '' THEN NULL
    WHEN error = 'it was too late to be of use' THEN '["too_late"]'
    WHEN error = 'the session was called off or has moved' THEN '["outdated"]'
    WHEN error = 'nobody was left to tell' THEN '["nobody_left"]'
    WHEN error = 'this version of Jelly does not know what that is' THEN '["unknown_kind"]'
    WHEN error = 'it was before the demo began' THEN '["before_demo"]'
    WHEN error = 'the channel is gone' THEN '["channel_gone"]'
    WHEN error = 'the card was deleted' THEN '["card_deleted"]'
    WHEN error = 'I am not in that server any more; invite me again' THEN '["not_in_server"]'
    WHEN error = 'their private messages are closed' THEN '["private_closed"]'
    WHEN error = 'it may have come twice, because I may not look into the channel; allow my role '
        || 'Read Message History there' THEN '["maybe_twice"]'
    WHEN error = 'I am missing View Channel there; allow my role that'
        THEN '["missing",{"permissions":["View Channel"]}]'
    WHEN error = 'I am missing Send Messages there; allow my role that'
        THEN '["missing",{"permissions":["Send Messages"]}]'
    WHEN error = 'I am missing View Channel and Send Messages there; allow my role that'
        THEN '["missing",{"permissions":["View Channel","Send Messages"]}]'
    WHEN error LIKE 'a permission is missing (%)' THEN json_array(
        'forbidden', json_object('text', substr(error, 26, length(error) - 26)))
    WHEN error LIKE 'Discord refused it (%)' THEN json_array(
        'refused', json_object('text', substr(error, 21, length(error) - 21)))
    WHEN error LIKE 'something went wrong (%)' THEN json_array(
        'fault', json_object('number', substr(error, 23, length(error) - 23)))
    ELSE json_array('foreign', json_object('text', error))
END
WHERE error IS NOT NULL;

-- Statistics of a small store lead the planner away from indexes that a large one needs.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
