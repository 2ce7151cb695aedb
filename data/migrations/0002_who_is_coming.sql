-- Seats, waiting lists, guests, moods, hours and who was there.

ALTER TABLE guild ADD COLUMN offer_within INTEGER NOT NULL DEFAULT 43200 CHECK (
    offer_within BETWEEN 0 AND 604800);
ALTER TABLE guild ADD COLUMN offer_for INTEGER NOT NULL DEFAULT 3600 CHECK (
    offer_for BETWEEN 300 AND 86400);
ALTER TABLE guild ADD COLUMN thanks_hosts INTEGER NOT NULL DEFAULT 1 CHECK (
    thanks_hosts IN (0, 1));

ALTER TABLE series ADD COLUMN tone TEXT NOT NULL DEFAULT 'mixed' CHECK (
    tone IN ('quiet', 'mixed', 'social'));
ALTER TABLE series ADD COLUMN capacity INTEGER CHECK (capacity BETWEEN 1 AND 1000);
ALTER TABLE series ADD COLUMN most_guests INTEGER NOT NULL DEFAULT 1 CHECK (
    most_guests BETWEEN 0 AND 9);
-- Seconds before the start; null where answers never close.
ALTER TABLE series ADD COLUMN answers_close INTEGER CHECK (answers_close BETWEEN 60 AND 2419200);

ALTER TABLE session ADD COLUMN tone TEXT NOT NULL DEFAULT 'mixed' CHECK (
    tone IN ('quiet', 'mixed', 'social'));
ALTER TABLE session ADD COLUMN capacity INTEGER CHECK (capacity BETWEEN 1 AND 1000);
ALTER TABLE session ADD COLUMN most_guests INTEGER NOT NULL DEFAULT 1 CHECK (
    most_guests BETWEEN 0 AND 9);
ALTER TABLE session ADD COLUMN answers_close INTEGER CHECK (answers_close BETWEEN 60 AND 2419200);
-- More counts that triggers on rsvp keep; guests, moods and hours are those of people going, and
-- guests count among those who are or were there.
ALTER TABLE session ADD COLUMN guest_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN waiting_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN offered_seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN requested_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN heads_down_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN chatty_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN here_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN came_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN hours_count INTEGER NOT NULL DEFAULT 0;

ALTER TABLE draft ADD COLUMN tone TEXT NOT NULL DEFAULT 'mixed';
ALTER TABLE draft ADD COLUMN capacity INTEGER;
ALTER TABLE draft ADD COLUMN most_guests INTEGER NOT NULL DEFAULT 1;
ALTER TABLE draft ADD COLUMN answers_close INTEGER;

-- What a server knows about somebody who answered there.
CREATE TABLE member (
    guild_id         INTEGER NOT NULL REFERENCES guild,
    user_id          INTEGER NOT NULL,
    -- As it was at their latest press: Discord tells it with each.
    name             TEXT    NOT NULL DEFAULT '',
    -- Given to their next Going.
    mood             TEXT    CHECK (mood IN ('heads-down', 'either', 'chatty')),
    -- The first they said Going to, unless they took it back.
    first_session_id INTEGER REFERENCES session,
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

DROP TRIGGER rsvp_given;
DROP TRIGGER rsvp_changed;
DROP TRIGGER rsvp_deleted;
DROP INDEX rsvp_in_order;
DROP INDEX rsvp_of_user;
ALTER TABLE rsvp RENAME TO rsvp_before;

CREATE TABLE rsvp (
    session_id    INTEGER NOT NULL REFERENCES session,
    user_id       INTEGER NOT NULL,
    answer        TEXT    NOT NULL CHECK (
        answer IN ('going', 'waitlisted', 'requested', 'maybe', 'declined')),
    note          TEXT    NOT NULL DEFAULT '' CHECK (length(note) <= 100),
    guests        INTEGER NOT NULL DEFAULT 0 CHECK (guests BETWEEN 0 AND 9),
    mood          TEXT    CHECK (mood IN ('heads-down', 'either', 'chatty')),
    -- Both null: the whole time.
    arrives_at    INTEGER,
    leaves_at     INTEGER,
    answered_at   INTEGER NOT NULL,
    -- The session's version that this answer made: the order of answering, without ties.
    position      INTEGER NOT NULL,
    -- Null: they did it themselves.
    answered_by   INTEGER,
    -- The session moved since, and the member has not confirmed the answer.
    asked_again   INTEGER NOT NULL DEFAULT 0 CHECK (asked_again IN (0, 1)),
    -- While waiting: until when a seat is kept for them.
    offered_until INTEGER,
    -- While waiting: an offer ran out, so that the next ones are for others.
    passed        INTEGER NOT NULL DEFAULT 0 CHECK (passed IN (0, 1)),
    arrived_at    INTEGER,
    left_at       INTEGER,
    PRIMARY KEY (session_id, user_id),
    CHECK ((arrives_at IS NULL) = (leaves_at IS NULL)),
    CHECK (arrives_at < leaves_at),
    CHECK (offered_until IS NULL OR answer = 'waitlisted'),
    CHECK (passed = 0 OR answer = 'waitlisted'),
    CHECK (left_at IS NULL OR arrived_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

INSERT INTO rsvp (session_id, user_id, answer, note, answered_at, position, asked_again)
SELECT session_id, user_id, answer, note, answered_at, position, asked_again FROM rsvp_before;
DROP TABLE rsvp_before;

INSERT INTO member (guild_id, user_id, first_session_id)
SELECT guild_id, user_id, session_id FROM (
    SELECT guild_id, user_id, session_id,
        ROW_NUMBER() OVER (PARTITION BY guild_id, user_id ORDER BY starts_at, session_id) AS turn
    FROM rsvp JOIN session USING (session_id)
    WHERE answer = 'going' AND state = 'scheduled') AS turns
WHERE turn = 1;

CREATE INDEX rsvp_in_order ON rsvp (session_id, answer, position);
CREATE INDEX rsvp_of_user ON rsvp (user_id, session_id);
-- The first who waits with so many guests, and whose turn has not been yet.
CREATE INDEX rsvp_waiting ON rsvp (session_id, guests, passed, position)
    WHERE answer = 'waitlisted' AND offered_until IS NULL;
CREATE INDEX rsvp_offered ON rsvp (offered_until) WHERE offered_until IS NOT NULL;

-- How many of those going, guests counted, come between the same two moments; kept by triggers.
CREATE TABLE session_hours (
    session_id INTEGER NOT NULL REFERENCES session,
    arrives_at INTEGER NOT NULL,
    leaves_at  INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    PRIMARY KEY (session_id, arrives_at, leaves_at)
) STRICT, WITHOUT ROWID;

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

INSERT INTO delivery (delivery_id, kind, session_id, channel_id, before, occasion, part,
    from_position, until_position, previous_at, previous_place, due_at, useful_until, state,
    try_at, attempts, first_try_at, message_id, error)
SELECT delivery_id, kind, session_id, channel_id, before, occasion, part,
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

-- Statistics of a small store lead the planner away from indexes that a large one needs.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
