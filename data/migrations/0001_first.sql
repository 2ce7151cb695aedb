-- Moments are UTC epoch seconds (*_at), wall times are ISO 8601 without a zone (*_local).
-- Ids that stand in buttons are never given out twice (AUTOINCREMENT): an old button would press
-- something new.

CREATE TABLE guild (
    guild_id        INTEGER PRIMARY KEY,
    channel_id      INTEGER NOT NULL,
    zone            TEXT    NOT NULL,
    announce_before INTEGER NOT NULL CHECK (announce_before BETWEEN 0 AND 4838400),
    host_role_id    INTEGER
) STRICT;

CREATE TABLE reminder_setting (
    guild_id INTEGER NOT NULL REFERENCES guild,
    before   INTEGER NOT NULL CHECK (before BETWEEN 60 AND 2419200),
    PRIMARY KEY (guild_id, before)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
    series_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id     INTEGER NOT NULL REFERENCES guild,
    title        TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    place        TEXT    NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    about        TEXT    NOT NULL CHECK (length(about) <= 500),
    host_id      INTEGER NOT NULL,
    created_by   INTEGER NOT NULL,
    zone         TEXT    NOT NULL,
    starts_local TEXT    NOT NULL,
    duration     INTEGER NOT NULL CHECK (duration BETWEEN 60 AND 86400),
    state        TEXT    NOT NULL DEFAULT 'active' CHECK (
        state IN ('active', 'cancelled', 'ended')),
    version      INTEGER NOT NULL DEFAULT 1,
    -- When its dates have to be looked at again; never where it is null.
    extend_at    INTEGER,
    -- When somebody last said, by making or changing it, that it goes on.
    confirmed_at INTEGER NOT NULL,
    paused_from  INTEGER,
    -- Null while paused: until somebody resumes it.
    paused_until INTEGER
) STRICT;

CREATE INDEX series_of_guild ON series (guild_id, state);
CREATE INDEX series_to_extend ON series (extend_at) WHERE extend_at IS NOT NULL;

CREATE TABLE series_rule (
    series_id INTEGER NOT NULL REFERENCES series,
    position  INTEGER NOT NULL,
    rrule     TEXT    NOT NULL,
    PRIMARY KEY (series_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE series_excluded (
    series_id    INTEGER NOT NULL REFERENCES series,
    starts_local TEXT    NOT NULL,
    PRIMARY KEY (series_id, starts_local)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    session_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id        INTEGER NOT NULL REFERENCES guild,
    series_id       INTEGER REFERENCES series,
    -- The wall time at which the series' rule put it (RFC 5545 RECURRENCE-ID).
    recurrence_id   TEXT,
    -- Changed by itself: edits of the series leave it alone.
    is_exception    INTEGER NOT NULL DEFAULT 0 CHECK (is_exception IN (0, 1)),
    title           TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    place           TEXT    NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    about           TEXT    NOT NULL CHECK (length(about) <= 500),
    host_id         INTEGER NOT NULL,
    created_by      INTEGER NOT NULL,
    zone            TEXT    NOT NULL,
    starts_local    TEXT    NOT NULL,
    duration        INTEGER NOT NULL CHECK (duration BETWEEN 60 AND 86400),
    starts_at       INTEGER NOT NULL,
    ends_at         INTEGER NOT NULL CHECK (ends_at > starts_at),
    state           TEXT    NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'cancelled')),
    -- Goes up with every change a card would show; for answers, triggers on rsvp see to it.
    version         INTEGER NOT NULL DEFAULT 1,
    -- Kept by triggers on rsvp, so that a press costs the same however many have answered.
    going_count       INTEGER NOT NULL DEFAULT 0,
    maybe_count       INTEGER NOT NULL DEFAULT 0,
    declined_count    INTEGER NOT NULL DEFAULT 0,
    asked_again_count INTEGER NOT NULL DEFAULT 0,
    card_channel_id INTEGER,
    card_message_id INTEGER,
    -- The last version the card is known to show.
    card_version    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (series_id, recurrence_id),
    CHECK ((series_id IS NULL) = (recurrence_id IS NULL)),
    CHECK ((card_channel_id IS NULL) = (card_message_id IS NULL))
) STRICT;

CREATE INDEX session_of_guild ON session (guild_id, ends_at);
CREATE INDEX session_of_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;
CREATE INDEX session_with_stale_card ON session (session_id)
    WHERE card_message_id IS NOT NULL AND version > card_version;

CREATE TABLE rsvp (
    session_id  INTEGER NOT NULL REFERENCES session,
    user_id     INTEGER NOT NULL,
    answer      TEXT    NOT NULL CHECK (answer IN ('going', 'maybe', 'declined')),
    note        TEXT    NOT NULL DEFAULT '' CHECK (length(note) <= 100),
    answered_at INTEGER NOT NULL,
    -- The session's version that this answer made: the order of answering, without ties.
    position    INTEGER NOT NULL,
    -- The session moved since, and the member has not confirmed the answer.
    asked_again INTEGER NOT NULL DEFAULT 0 CHECK (asked_again IN (0, 1)),
    PRIMARY KEY (session_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX rsvp_in_order ON rsvp (session_id, answer, position);
CREATE INDEX rsvp_of_user ON rsvp (user_id, session_id);

CREATE TRIGGER rsvp_given AFTER INSERT ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count + (NEW.answer = 'going'),
        maybe_count = maybe_count + (NEW.answer = 'maybe'),
        declined_count = declined_count + (NEW.answer = 'declined'),
        asked_again_count = asked_again_count + (NEW.answer = 'going' AND NEW.asked_again)
    WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_changed AFTER UPDATE ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count + (NEW.answer = 'going') - (OLD.answer = 'going'),
        maybe_count = maybe_count + (NEW.answer = 'maybe') - (OLD.answer = 'maybe'),
        declined_count = declined_count
            + (NEW.answer = 'declined') - (OLD.answer = 'declined'),
        asked_again_count = asked_again_count
            + (NEW.answer = 'going' AND NEW.asked_again)
            - (OLD.answer = 'going' AND OLD.asked_again)
    WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_deleted AFTER DELETE ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count - (OLD.answer = 'going'),
        maybe_count = maybe_count - (OLD.answer = 'maybe'),
        declined_count = declined_count - (OLD.answer = 'declined'),
        asked_again_count = asked_again_count - (OLD.answer = 'going' AND OLD.asked_again)
    WHERE session_id = OLD.session_id;
END;

-- The outbox: a row for each message the bot owes, and for each refresh of a card by the clock.
CREATE TABLE delivery (
    delivery_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (
        kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', 'question', 'refresh')),
    session_id   INTEGER NOT NULL REFERENCES session,
    channel_id   INTEGER NOT NULL,
    -- Reminders: seconds before the start.
    before       INTEGER NOT NULL DEFAULT 0,
    -- What it is about: the start that a reminder announces, the version that a notice tells of.
    occasion     INTEGER NOT NULL DEFAULT 0,
    -- What mentions more people than one message may goes out in parts.
    part         INTEGER NOT NULL DEFAULT 0,
    -- Which of those going a part is for, by the position of their answer; null: to the last.
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
    UNIQUE (session_id, kind, before, occasion, part)
) STRICT;

CREATE INDEX delivery_unpaid ON delivery (try_at) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_on_its_way ON delivery (channel_id, try_at) WHERE state = 'sending';

-- What somebody is about to post or change: it waits behind the buttons of their private preview.
CREATE TABLE draft (
    draft_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id   INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    series_id  INTEGER REFERENCES series,
    session_id INTEGER REFERENCES session,
    -- With a session: that one and all later ones of its series.
    and_later  INTEGER NOT NULL DEFAULT 0 CHECK (and_later IN (0, 1)),
    -- What was to be changed as it stood then, so that nobody undoes a newer change unawares.
    based_on   TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    phrase     TEXT    NOT NULL,
    place      TEXT    NOT NULL,
    about      TEXT    NOT NULL,
    host_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (series_id IS NULL OR session_id IS NULL)
) STRICT;

CREATE INDEX draft_by_age ON draft (created_at);

-- What the program remembers about itself, such as the commands Discord knows.
CREATE TABLE memory (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
