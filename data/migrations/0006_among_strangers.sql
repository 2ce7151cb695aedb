-- What has to hold among strangers: who may be asked and was, what was changed by whom, how often
-- people are notified, what is kept for how long, and servers that removed the bot.

DROP TRIGGER session_changed;
DROP TRIGGER rsvp_given;
DROP TRIGGER rsvp_changed;

-- When the bot was found to be removed; and since when it has been missing, which may pass.
ALTER TABLE guild ADD COLUMN removed_at INTEGER;
ALTER TABLE guild ADD COLUMN missing_since INTEGER;
-- Since when what follows from its removal, or from its return, is under way; null: it is done.
ALTER TABLE guild ADD COLUMN settle_at INTEGER;
CREATE INDEX guild_removed ON guild (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX guild_to_settle ON guild (settle_at) WHERE settle_at IS NOT NULL;

-- What one person who is no organizer may have: jellies ahead outside series, series, changes an hour;
-- and what the channel may have: dates ahead with a card, series.
ALTER TABLE channel ADD COLUMN most_jellies_each INTEGER NOT NULL DEFAULT 10 CHECK (
    most_jellies_each BETWEEN 0 AND 1000);
ALTER TABLE channel ADD COLUMN most_series_each INTEGER NOT NULL DEFAULT 3 CHECK (
    most_series_each BETWEEN 0 AND 1000);
ALTER TABLE channel ADD COLUMN most_changes_each INTEGER NOT NULL DEFAULT 20 CHECK (
    most_changes_each BETWEEN 1 AND 1000);
ALTER TABLE channel ADD COLUMN most_cards INTEGER NOT NULL DEFAULT 100 CHECK (
    most_cards BETWEEN 1 AND 1000);
ALTER TABLE channel ADD COLUMN most_series INTEGER NOT NULL DEFAULT 50 CHECK (
    most_series BETWEEN 1 AND 1000);

-- After a change of its settings: the session up to which messages are planned anew by them.
ALTER TABLE channel ADD COLUMN replanned_until INTEGER;
CREATE INDEX channel_to_replan ON channel (channel_id) WHERE replanned_until IS NOT NULL;

-- How often its host moved it, and when it last moved.
ALTER TABLE session ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN moved_at INTEGER;
CREATE INDEX series_active ON series (channel_id, series_id) WHERE state = 'active';
CREATE INDEX session_ahead ON session (channel_id, starts_at) WHERE state = 'scheduled';
CREATE INDEX session_hosted ON session (guild_id, host_id, starts_at) WHERE state = 'scheduled';
CREATE INDEX one_off_by ON session (guild_id, created_by, starts_at)
    WHERE state = 'scheduled' AND series_id IS NULL;
CREATE INDEX one_off_hosted ON session (guild_id, host_id, starts_at)
    WHERE state = 'scheduled' AND series_id IS NULL;
-- What people said about it was forgotten; who was going and who came stays.
ALTER TABLE session ADD COLUMN is_forgotten INTEGER NOT NULL DEFAULT 0 CHECK (
    is_forgotten IN (0, 1));
CREATE INDEX session_to_forget ON session (ends_at) WHERE is_forgotten = 0;

ALTER TABLE member ADD COLUMN takes_invitations INTEGER NOT NULL DEFAULT 1 CHECK (
    takes_invitations IN (0, 1));
-- When Discord said that they are not in the server any more; null: as far as is known they are.
ALTER TABLE member ADD COLUMN left_at INTEGER;
-- A session that is deleted is looked for in here.
CREATE INDEX member_first ON member (first_session_id) WHERE first_session_id IS NOT NULL;

-- They were there; stays when the times are forgotten.
ALTER TABLE rsvp ADD COLUMN came INTEGER NOT NULL DEFAULT 0 CHECK (came IN (0, 1));
-- How often they gave up a seat of this session.
ALTER TABLE rsvp ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
-- The host said no to their request.
ALTER TABLE rsvp ADD COLUMN is_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_refused IN (0, 1));
UPDATE rsvp SET came = 1 WHERE arrived_at IS NOT NULL;

-- Whoever gave up a seat twice gets none by itself.
DROP INDEX rsvp_waiting;
CREATE INDEX rsvp_waiting ON rsvp (session_id, guests, passed, position)
    WHERE answer = 'waitlisted' AND offered_until IS NULL AND given_up < 2;

ALTER TABLE delivery ADD COLUMN sent_at INTEGER;
UPDATE delivery SET sent_at = due_at WHERE state = 'sent';
-- Its message names somebody whose data were deleted since: it is to be deleted as well.
ALTER TABLE delivery ADD COLUMN is_unwanted INTEGER NOT NULL DEFAULT 0 CHECK (
    is_unwanted IN (0, 1));
CREATE INDEX delivery_sent ON delivery (session_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_sent_to ON delivery (channel_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_by_age ON delivery ((COALESCE(sent_at, due_at)))
    WHERE state NOT IN ('pending', 'sending');
CREATE INDEX delivery_unpaid_to ON delivery (guild_id, due_at)
    WHERE state IN ('pending', 'sending');

CREATE INDEX draft_of_user ON draft (guild_id, user_id);

-- Questions to a person: to come to a session or to all dates of a series, or to host it.
CREATE TABLE invitation (
    invitation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL REFERENCES guild,
    session_id    INTEGER REFERENCES session,
    series_id     INTEGER REFERENCES series,
    user_id       INTEGER NOT NULL,
    invited_by    INTEGER NOT NULL,
    to_host       INTEGER NOT NULL CHECK (to_host IN (0, 1)),
    -- An organizer hands it over: the new host also gets the rights of whoever scheduled it.
    moves_rights  INTEGER NOT NULL DEFAULT 0 CHECK (moves_rights IN (0, 1)),
    state         TEXT    NOT NULL DEFAULT 'open' CHECK (
        state IN ('open', 'accepted', 'declined', 'withdrawn')),
    invited_at    INTEGER NOT NULL,
    CHECK ((session_id IS NULL) <> (series_id IS NULL))
) STRICT;

CREATE INDEX invitation_to ON invitation (guild_id, user_id, invited_at);
CREATE INDEX invitation_by ON invitation (guild_id, invited_by, invited_at);
CREATE INDEX invitation_of_session ON invitation (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX invitation_of_series ON invitation (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX invitation_by_age ON invitation (invited_at) WHERE series_id IS NOT NULL;

-- From whom a person takes no invitations.
CREATE TABLE refused_host (
    guild_id INTEGER NOT NULL REFERENCES guild,
    user_id  INTEGER NOT NULL,
    host_id  INTEGER NOT NULL,
    PRIMARY KEY (guild_id, user_id, host_id)
) STRICT, WITHOUT ROWID;

-- About whom a session has notified somebody, and by what kind of message: each once.
CREATE TABLE ping (
    session_id INTEGER NOT NULL REFERENCES session,
    user_id    INTEGER NOT NULL,
    -- data/outbox/kinds.py
    reason     TEXT    NOT NULL,
    PRIMARY KEY (session_id, user_id, reason)
) STRICT, WITHOUT ROWID;

-- Who changed what. Not a foreign key: dates that nobody knew of are deleted, what was done stays.
CREATE TABLE change (
    change_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL REFERENCES guild,
    -- The channel of the jelly; null: of the server.
    channel_id    INTEGER,
    session_id    INTEGER,
    series_id     INTEGER,
    -- data/changes.py
    action        TEXT    NOT NULL,
    -- Null: a person whose data were deleted.
    made_by       INTEGER,
    made_at       INTEGER NOT NULL,
    -- Whom it was done to, such as who was taken off.
    about_user_id INTEGER,
    -- As it was called then; "" for the server's.
    title         TEXT    NOT NULL DEFAULT '',
    -- What else the action tells, as JSON.
    details       TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX change_of_guild ON change (guild_id, made_at);
CREATE INDEX change_by_age ON change (made_at);
CREATE INDEX change_by ON change (guild_id, made_by, made_at);
CREATE INDEX change_of_session ON change (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX change_of_series ON change (series_id) WHERE series_id IS NOT NULL;

-- Whom the text of a message that was sent names.
CREATE TABLE delivery_named (
    delivery_id INTEGER NOT NULL REFERENCES delivery,
    user_id     INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_that_names ON delivery_named (user_id);

-- Messages in Discord that are to be deleted.
CREATE TABLE deletion (
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    guild_id   INTEGER NOT NULL REFERENCES guild,
    try_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX deletion_next ON deletion (try_at);

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
        came_count = came_count + NEW.came * (1 + NEW.guests)
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
            + NEW.came * (1 + NEW.guests) - OLD.came * (1 + OLD.guests)
    WHERE session_id = NEW.session_id;
END;

CREATE TRIGGER rsvp_removed AFTER DELETE ON rsvp BEGIN
    UPDATE session SET version = version + 1,
        going_count = going_count - (OLD.answer = 'going'),
        waiting_count = waiting_count - (OLD.answer = 'waitlisted'),
        requested_count = requested_count - (OLD.answer = 'requested'),
        maybe_count = maybe_count - (OLD.answer = 'maybe'),
        declined_count = declined_count - (OLD.answer = 'declined'),
        asked_again_count = asked_again_count - (OLD.answer = 'going' AND OLD.asked_again),
        guest_count = guest_count - (OLD.answer = 'going') * OLD.guests,
        offered_seats = offered_seats - (OLD.offered_until IS NOT NULL) * (1 + OLD.guests),
        heads_down_count = heads_down_count
            - (OLD.answer = 'going' AND OLD.mood IS 'heads-down'),
        chatty_count = chatty_count - (OLD.answer = 'going' AND OLD.mood IS 'chatty'),
        hours_count = hours_count - (OLD.answer = 'going' AND OLD.arrives_at IS NOT NULL),
        here_count = here_count
            - (OLD.arrived_at IS NOT NULL AND OLD.left_at IS NULL) * (1 + OLD.guests),
        came_count = came_count - OLD.came * (1 + OLD.guests)
    WHERE session_id = OLD.session_id;
END;

CREATE TRIGGER rsvp_hours_removed AFTER DELETE ON rsvp
WHEN OLD.answer = 'going' AND OLD.arrives_at IS NOT NULL BEGIN
    UPDATE session_hours SET people = people - (1 + OLD.guests)
    WHERE session_id = OLD.session_id
        AND arrives_at = OLD.arrives_at AND leaves_at = OLD.leaves_at;
END;
