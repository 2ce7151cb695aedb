-- The whole schema as it is now, to be read: what the migrations come to, checked by a test.
-- Moments are UTC epoch seconds (*_at), wall times are ISO 8601 without a zone (*_local), spans are
-- seconds. Ids that stand in buttons are never given out twice (AUTOINCREMENT): an old button would
-- press something new.

-- Servers in which something was set up.
CREATE TABLE guild (
    guild_id              INTEGER PRIMARY KEY,
    -- Where organizers are told what went wrong; null: the one of the next two who can be reached.
    organizers_channel_id INTEGER,
    -- Who last used /settings.
    settings_by           INTEGER,
    -- As Discord last told it.
    owner_id              INTEGER,
    -- When the bot was found to be removed; and since when it has been missing, which may pass.
    removed_at            INTEGER,
    missing_since         INTEGER,
    -- Since when what follows from its removal, or from its return, is under way; null: it is done.
    settle_at             INTEGER
) STRICT;

CREATE INDEX guild_removed ON guild (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX guild_to_settle ON guild (settle_at) WHERE settle_at IS NOT NULL;

-- Channels in which jellies are posted, and what organizers decided for each. One for a server so far.
CREATE TABLE channel (
    channel_id      INTEGER PRIMARY KEY,
    guild_id        INTEGER NOT NULL REFERENCES guild,
    zone            TEXT    NOT NULL,
    -- So long before a session its card is posted.
    announce_before INTEGER NOT NULL CHECK (announce_before BETWEEN 0 AND 4838400),
    -- Who may host; null: everybody.
    host_role_id    INTEGER,
    -- So long before a start, a free seat is offered instead of given; and for how long.
    offer_within    INTEGER NOT NULL DEFAULT 43200 CHECK (offer_within BETWEEN 0 AND 604800),
    offer_for       INTEGER NOT NULL DEFAULT 3600 CHECK (offer_for BETWEEN 300 AND 86400),
    thanks_hosts    INTEGER NOT NULL DEFAULT 1 CHECK (thanks_hosts IN (0, 1)),
    -- What one person who is no organizer may have: jellies ahead outside series, series, changes an
    -- hour; and what the channel may have: dates ahead with a card, series.
    most_jellies_each INTEGER NOT NULL DEFAULT 10 CHECK (most_jellies_each BETWEEN 0 AND 1000),
    most_series_each  INTEGER NOT NULL DEFAULT 3 CHECK (most_series_each BETWEEN 0 AND 1000),
    most_changes_each INTEGER NOT NULL DEFAULT 20 CHECK (most_changes_each BETWEEN 1 AND 1000),
    most_cards        INTEGER NOT NULL DEFAULT 100 CHECK (most_cards BETWEEN 1 AND 1000),
    most_series       INTEGER NOT NULL DEFAULT 50 CHECK (most_series BETWEEN 1 AND 1000),
    -- After a change of these settings: the session up to which messages are planned anew by them.
    replanned_until   INTEGER,
    -- Whether messages go that a later one replaces, or that nobody has to answer any more.
    is_tidy           INTEGER NOT NULL DEFAULT 1 CHECK (is_tidy IN (0, 1)),
    -- Quiet hours, in minutes after midnight by the channel's zone; both null: none.
    quiet_from        INTEGER DEFAULT 1320 CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_until       INTEGER DEFAULT 480 CHECK (quiet_until BETWEEN 0 AND 1439),
    -- Whom a new card mentions; null: nobody.
    card_role_id      INTEGER
) STRICT;

CREATE INDEX channel_of_guild ON channel (guild_id);
CREATE INDEX channel_to_replan ON channel (channel_id) WHERE replanned_until IS NOT NULL;

CREATE TABLE reminder_setting (
    channel_id INTEGER NOT NULL REFERENCES channel,
    before     INTEGER NOT NULL CHECK (before BETWEEN 60 AND 2419200),
    PRIMARY KEY (channel_id, before)
) STRICT, WITHOUT ROWID;

-- Rules by which jellies happen.
CREATE TABLE series (
    series_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL REFERENCES guild,
    channel_id    INTEGER NOT NULL REFERENCES channel,
    title         TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    place         TEXT    NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    about         TEXT    NOT NULL CHECK (length(about) <= 500),
    host_id       INTEGER NOT NULL,
    tone          TEXT    NOT NULL DEFAULT 'mixed' CHECK (tone IN ('quiet', 'mixed', 'social')),
    -- Seats; null: no limit.
    capacity      INTEGER CHECK (capacity BETWEEN 1 AND 1000),
    most_guests   INTEGER NOT NULL DEFAULT 1 CHECK (most_guests BETWEEN 0 AND 9),
    -- So long before the start; null: answers never close.
    answers_close INTEGER CHECK (answers_close BETWEEN 60 AND 2419200),
    created_by    INTEGER NOT NULL,
    zone          TEXT    NOT NULL,
    starts_local  TEXT    NOT NULL,
    duration      INTEGER NOT NULL CHECK (duration BETWEEN 60 AND 86400),
    state         TEXT    NOT NULL DEFAULT 'active' CHECK (
        state IN ('active', 'cancelled', 'ended')),
    version       INTEGER NOT NULL DEFAULT 1,
    -- When its dates have to be looked at again; null: never.
    extend_at     INTEGER,
    -- When a person last said, by making or changing it, that it goes on.
    confirmed_at  INTEGER NOT NULL,
    paused_from   INTEGER,
    -- While paused; null: until a person resumes it.
    paused_until  INTEGER
) STRICT;

CREATE INDEX series_of_guild ON series (guild_id, state);
CREATE INDEX series_active ON series (channel_id, series_id) WHERE state = 'active';
CREATE INDEX series_to_extend ON series (extend_at) WHERE extend_at IS NOT NULL;

-- RFC 5545 RRULE values without the prefix, united.
CREATE TABLE series_rule (
    series_id INTEGER NOT NULL REFERENCES series,
    position  INTEGER NOT NULL,
    rrule     TEXT    NOT NULL,
    PRIMARY KEY (series_id, position)
) STRICT, WITHOUT ROWID;

-- EXDATE.
CREATE TABLE series_excluded (
    series_id    INTEGER NOT NULL REFERENCES series,
    starts_local TEXT    NOT NULL,
    PRIMARY KEY (series_id, starts_local)
) STRICT, WITHOUT ROWID;

-- One jelly on one day.
CREATE TABLE session (
    session_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id          INTEGER NOT NULL REFERENCES guild,
    channel_id        INTEGER NOT NULL REFERENCES channel,
    series_id         INTEGER REFERENCES series,
    -- The wall time at which the series' rule put it (RFC 5545 RECURRENCE-ID).
    recurrence_id     TEXT,
    -- Changed by itself: edits of the series leave it alone.
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
    -- Goes up with every change that a mirror shows; for answers, triggers on rsvp see to it.
    version           INTEGER NOT NULL DEFAULT 1,
    -- Kept by triggers on rsvp, so that a press costs the same however many have answered. Guests,
    -- moods and hours are those of members going; guests count among those who are or were there.
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
    -- How often its host moved it, and when it last moved.
    moves             INTEGER NOT NULL DEFAULT 0,
    moved_at          INTEGER,
    -- What people said about it was forgotten; who was going and who came stays.
    is_forgotten      INTEGER NOT NULL DEFAULT 0 CHECK (is_forgotten IN (0, 1)),
    UNIQUE (series_id, recurrence_id),
    CHECK ((series_id IS NULL) = (recurrence_id IS NULL))
) STRICT;

CREATE INDEX session_of_guild ON session (guild_id, ends_at);
CREATE INDEX session_of_channel ON session (channel_id, ends_at);
CREATE INDEX session_of_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;
CREATE INDEX session_ahead ON session (channel_id, starts_at) WHERE state = 'scheduled';
CREATE INDEX session_hosted ON session (guild_id, host_id, starts_at) WHERE state = 'scheduled';
CREATE INDEX one_off_by ON session (guild_id, created_by, starts_at)
    WHERE state = 'scheduled' AND series_id IS NULL;
CREATE INDEX one_off_hosted ON session (guild_id, host_id, starts_at)
    WHERE state = 'scheduled' AND series_id IS NULL;
CREATE INDEX session_to_forget ON session (ends_at) WHERE is_forgotten = 0;

-- When a session changes by the clock: answers close, it begins, ends, can't be corrected any more.
CREATE TABLE session_boundary (
    session_id INTEGER NOT NULL REFERENCES session,
    at         INTEGER NOT NULL,
    PRIMARY KEY (session_id, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_boundary_next ON session_boundary (at);

-- How many of those going, guests counted, come between the same two moments; kept by triggers.
CREATE TABLE session_hours (
    session_id INTEGER NOT NULL REFERENCES session,
    arrives_at INTEGER NOT NULL,
    leaves_at  INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    PRIMARY KEY (session_id, arrives_at, leaves_at)
) STRICT, WITHOUT ROWID;

-- What a person is about to post or change: it waits behind the buttons of their private preview.
CREATE TABLE draft (
    draft_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    series_id     INTEGER REFERENCES series,
    session_id    INTEGER REFERENCES session,
    -- With a session: that one and all later ones of its series.
    and_later     INTEGER NOT NULL DEFAULT 0 CHECK (and_later IN (0, 1)),
    -- With a series: one more date of it.
    adds_date     INTEGER NOT NULL DEFAULT 0 CHECK (adds_date IN (0, 1)),
    -- What was to be changed as it stood then, so that nobody undoes a newer change unawares.
    based_on      TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    phrase        TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    about         TEXT    NOT NULL,
    host_id       INTEGER NOT NULL,
    tone          TEXT    NOT NULL DEFAULT 'mixed',
    capacity      INTEGER,
    most_guests   INTEGER NOT NULL DEFAULT 1,
    answers_close INTEGER,
    -- What its author changed: names of columns, and "when". Of older previews that is not known.
    changed       TEXT    NOT NULL DEFAULT
        'when title place about host_id tone capacity most_guests answers_close',
    created_at    INTEGER NOT NULL,
    CHECK (series_id IS NULL OR session_id IS NULL)
) STRICT;

CREATE INDEX draft_by_age ON draft (created_at);
CREATE INDEX draft_of_user ON draft (guild_id, user_id);

-- What a server knows about a member who answered there.
CREATE TABLE member (
    guild_id         INTEGER NOT NULL REFERENCES guild,
    user_id          INTEGER NOT NULL,
    -- As it was at their latest press: Discord tells it with each.
    name             TEXT    NOT NULL DEFAULT '',
    -- Given to their next Going.
    mood             TEXT    CHECK (mood IN ('heads-down', 'either', 'chatty')),
    -- The first they said Going to, unless they took it back.
    first_session_id INTEGER REFERENCES session,
    takes_invitations INTEGER NOT NULL DEFAULT 1 CHECK (takes_invitations IN (0, 1)),
    -- When Discord said that they are not in the server any more; null: as far as is known they are.
    left_at          INTEGER,
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

-- A session that is deleted is looked for in here.
CREATE INDEX member_first ON member (first_session_id) WHERE first_session_id IS NOT NULL;

-- One member's answer for one session.
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
    -- They have read what to expect, if they had never been.
    is_welcomed   INTEGER NOT NULL DEFAULT 0 CHECK (is_welcomed IN (0, 1)),
    -- They were asked how they like to work, after a press on the card.
    is_asked_mood INTEGER NOT NULL DEFAULT 0 CHECK (is_asked_mood IN (0, 1)),
    -- They were there; stays when the times are forgotten.
    came          INTEGER NOT NULL DEFAULT 0 CHECK (came IN (0, 1)),
    -- How often they gave up a seat of this session.
    given_up      INTEGER NOT NULL DEFAULT 0,
    -- The host said no to their request.
    is_refused    INTEGER NOT NULL DEFAULT 0 CHECK (is_refused IN (0, 1)),
    -- The bot gave this Going because the person hosts; they have not answered themselves.
    as_host       INTEGER NOT NULL DEFAULT 0 CHECK (as_host IN (0, 1)),
    PRIMARY KEY (session_id, user_id),
    CHECK ((arrives_at IS NULL) = (leaves_at IS NULL)),
    CHECK (arrives_at < leaves_at),
    CHECK (offered_until IS NULL OR answer = 'waitlisted'),
    CHECK (passed = 0 OR answer = 'waitlisted'),
    CHECK (left_at IS NULL OR arrived_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX rsvp_in_order ON rsvp (session_id, answer, position);
CREATE INDEX rsvp_of_user ON rsvp (user_id, session_id);
-- The first who waits with so many guests, and whose turn has not been yet; without those who gave
-- up a seat twice.
CREATE INDEX rsvp_waiting ON rsvp (session_id, guests, passed, position)
    WHERE answer = 'waitlisted' AND offered_until IS NULL AND given_up < 2;
CREATE INDEX rsvp_came ON rsvp (session_id, position) WHERE came = 1;
CREATE INDEX rsvp_offered ON rsvp (offered_until) WHERE offered_until IS NOT NULL;

-- Copies of what is true that Discord shows. Each belongs to the one of session, series and channel
-- that is there, else to the server.
CREATE TABLE mirror (
    mirror_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL,
    guild_id         INTEGER NOT NULL REFERENCES guild,
    session_id       INTEGER REFERENCES session,
    series_id        INTEGER REFERENCES series,
    owner_channel_id INTEGER,
    -- Where it is shown; null: by the server itself.
    channel_id       INTEGER,
    -- Discord's id of it: a message's for a card.
    remote_id        INTEGER NOT NULL,
    -- Its owner's, kept by a trigger: what it should show; and what it is known to show.
    version          INTEGER NOT NULL,
    version_shown    INTEGER NOT NULL,
    CHECK (CASE WHEN session_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN series_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN owner_channel_id IS NULL THEN 0 ELSE 1 END <= 1)
) STRICT;

CREATE UNIQUE INDEX mirror_of_session ON mirror (session_id, kind) WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_series ON mirror (series_id, kind) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_channel ON mirror (owner_channel_id, kind)
    WHERE owner_channel_id IS NOT NULL;
CREATE UNIQUE INDEX mirror_of_server ON mirror (guild_id, kind)
    WHERE session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL;
CREATE INDEX mirror_in_channel ON mirror (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX mirror_lagging ON mirror (mirror_id) WHERE version > version_shown;

-- The outbox: a row for each message that the bot owes, owned as a mirror is.
CREATE TABLE delivery (
    delivery_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    -- data/outbox/kinds.py
    kind              TEXT    NOT NULL,
    guild_id          INTEGER NOT NULL REFERENCES guild,
    session_id        INTEGER REFERENCES session,
    series_id         INTEGER REFERENCES series,
    owner_channel_id  INTEGER,
    -- Where it goes; for a private message, the user's id.
    channel_id        INTEGER NOT NULL,
    is_private        INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
    -- Reminders: so long before the start.
    before            INTEGER NOT NULL DEFAULT 0,
    -- What it is about: the start that a reminder announces, the version that a notice tells of,
    -- the month of a thank-you, the session after which a series is asked about, the first message
    -- that did not arrive.
    occasion          INTEGER NOT NULL DEFAULT 0,
    -- What mentions more people than one message may goes out in parts.
    part              INTEGER NOT NULL DEFAULT 0,
    -- Which of its people a part reaches, by the position of their answer; null: to the last.
    from_position     INTEGER NOT NULL DEFAULT 0,
    until_position    INTEGER,
    -- Notices of a move: what was true before it, if that changed.
    previous_at       INTEGER,
    previous_place    TEXT,
    due_at            INTEGER NOT NULL,
    useful_until      INTEGER NOT NULL,
    state             TEXT    NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'sending', 'sent', 'expired', 'failed', 'withdrawn')),
    -- Pending: when to try next. Sending: when the claim lapses.
    try_at            INTEGER NOT NULL,
    attempts          INTEGER NOT NULL DEFAULT 0,
    first_try_at      INTEGER,
    message_id        INTEGER,
    -- Why it did not arrive, or may have arrived twice: data/outbox/errors.py
    error             TEXT,
    -- Which message tells the host that this one did not arrive.
    told_by           INTEGER REFERENCES delivery,
    -- Messages of a series or server from before version 4: the session that is part of the nonce.
    former_session_id INTEGER,
    -- Which message tells the organizers that this one did not arrive.
    alerted_by        INTEGER REFERENCES delivery,
    sent_at           INTEGER,
    -- Its message names a person whose data were deleted since: it is to be deleted as well.
    is_unwanted       INTEGER NOT NULL DEFAULT 0 CHECK (is_unwanted IN (0, 1)),
    -- Whether delivery_named has everyone whom its message names: not of what older versions sent.
    names_known       INTEGER NOT NULL DEFAULT 0 CHECK (names_known IN (0, 1)),
    -- Its message is not to be read any more: it has been, or will be, deleted.
    is_superseded     INTEGER NOT NULL DEFAULT 0 CHECK (is_superseded IN (0, 1)),
    -- The question in it is answered: the buttons to answer it went.
    is_settled        INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)),
    CHECK (CASE WHEN session_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN series_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN owner_channel_id IS NULL THEN 0 ELSE 1 END <= 1)
) STRICT;

CREATE UNIQUE INDEX delivery_of_session ON delivery (session_id, kind, before, occasion, part)
    WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_series ON delivery (series_id, kind, before, occasion, part)
    WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_channel ON delivery (owner_channel_id, kind, before, occasion, part)
    WHERE owner_channel_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_of_server ON delivery (guild_id, kind, before, occasion, part)
    WHERE session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL;
-- Private messages wait in a line of their own.
CREATE INDEX delivery_unpaid ON delivery (is_private, try_at)
    WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_on_its_way ON delivery (channel_id, try_at) WHERE state = 'sending';
CREATE INDEX delivery_told ON delivery (told_by) WHERE told_by IS NOT NULL;
CREATE INDEX delivery_alerted ON delivery (alerted_by) WHERE alerted_by IS NOT NULL;
CREATE INDEX delivery_lost ON delivery (guild_id, due_at) WHERE state IN ('failed', 'expired');
CREATE INDEX delivery_doubtful ON delivery (guild_id, due_at)
    WHERE state = 'sent' AND error IS NOT NULL;
CREATE INDEX delivery_sent ON delivery (session_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_sent_to ON delivery (channel_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_by_age ON delivery ((COALESCE(sent_at, due_at)))
    WHERE state NOT IN ('pending', 'sending');
CREATE INDEX delivery_unpaid_to ON delivery (guild_id, due_at)
    WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_standing ON delivery (session_id)
    WHERE state = 'sent' AND is_private = 0 AND is_superseded = 0;
CREATE INDEX delivery_by_message ON delivery (message_id) WHERE message_id IS NOT NULL;

-- Whom a message about certain members is about, such as those who got a seat.
CREATE TABLE delivery_recipient (
    delivery_id INTEGER NOT NULL REFERENCES delivery,
    user_id     INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, user_id)
) STRICT, WITHOUT ROWID;

-- Whom the text of a message that was sent names.
CREATE TABLE delivery_named (
    delivery_id INTEGER NOT NULL REFERENCES delivery,
    user_id     INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_that_names ON delivery_named (user_id);

-- Discord's channels for private messages: opened once and kept.
CREATE TABLE private_channel (
    user_id     INTEGER PRIMARY KEY,
    -- Null until Discord has said which it is.
    channel_id  INTEGER,
    -- When it was last asked for, and how often with never a minute in between.
    asked_at    INTEGER NOT NULL,
    asked_times INTEGER NOT NULL
) STRICT;

CREATE INDEX private_channel_asked ON private_channel (asked_at);

-- Questions to a person: to come to a session or to all dates of a series, or to host it.
CREATE TABLE invitation (
    invitation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL REFERENCES guild,
    session_id    INTEGER REFERENCES session,
    series_id     INTEGER REFERENCES series,
    user_id       INTEGER NOT NULL,
    invited_by    INTEGER NOT NULL,
    to_host       INTEGER NOT NULL CHECK (to_host IN (0, 1)),
    -- An organizer hands it over: the new host also gets the rights of the person who scheduled it.
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

-- About whom a session has notified anyone, and by what kind of message: each once.
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

-- Messages in Discord that are to be deleted.
CREATE TABLE deletion (
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    guild_id   INTEGER NOT NULL REFERENCES guild,
    try_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- Whether only its buttons go, and its text stays.
    only_buttons INTEGER NOT NULL DEFAULT 0 CHECK (only_buttons IN (0, 1)),
    PRIMARY KEY (channel_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX deletion_next ON deletion (try_at);

-- What the program remembers about itself, such as the commands that Discord knows.
CREATE TABLE key_value (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
