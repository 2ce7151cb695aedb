-- The channel holds what is still true: older words of a date are deleted, pings wait for the morning,
-- a new card may mention a role, and hosts are going to what they host.

-- Whether messages go that a later one replaces, or that nobody has to answer any more.
ALTER TABLE channel ADD COLUMN is_tidy INTEGER NOT NULL DEFAULT 1 CHECK (is_tidy IN (0, 1));
-- Quiet hours, in minutes after midnight by the channel's zone; both null: none.
ALTER TABLE channel ADD COLUMN quiet_from INTEGER DEFAULT 1320 CHECK (quiet_from BETWEEN 0 AND 1439);
ALTER TABLE channel ADD COLUMN quiet_until INTEGER DEFAULT 480 CHECK (
    quiet_until BETWEEN 0 AND 1439);
-- Whom a new card mentions; null: nobody.
ALTER TABLE channel ADD COLUMN card_role_id INTEGER;

-- The bot gave this Going because the person hosts; they have not answered themselves.
ALTER TABLE rsvp ADD COLUMN as_host INTEGER NOT NULL DEFAULT 0 CHECK (as_host IN (0, 1));
-- Those who were there, whom the card of a jelly that is over names.
CREATE INDEX rsvp_came ON rsvp (session_id, position) WHERE came = 1;

-- Its message is not to be read any more: it has been, or will be, deleted.
ALTER TABLE delivery ADD COLUMN is_superseded INTEGER NOT NULL DEFAULT 0 CHECK (
    is_superseded IN (0, 1));

-- The question in it is answered: the buttons to answer it went.
ALTER TABLE delivery ADD COLUMN is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1));
CREATE INDEX delivery_standing ON delivery (session_id)
    WHERE state = 'sent' AND is_private = 0 AND is_superseded = 0;
CREATE INDEX delivery_by_message ON delivery (message_id) WHERE message_id IS NOT NULL;

-- Whether only its buttons go, and its text stays.
ALTER TABLE deletion ADD COLUMN only_buttons INTEGER NOT NULL DEFAULT 0 CHECK (
    only_buttons IN (0, 1));

-- Hosts of the jellies that there are get theirs in steps, where a seat is free: data/people/hosting.py
INSERT INTO key_value (name, value)
SELECT 'hosts are seated below', CAST(MAX(session_id) + 1 AS TEXT) FROM session
HAVING MAX(session_id) IS NOT NULL;
