-- A preview holds what its author changed, so that it can be saved on top of what others changed
-- meanwhile; and one more date of a series has a preview too.

-- With a series: one more date of it.
ALTER TABLE draft ADD COLUMN adds_date INTEGER NOT NULL DEFAULT 0 CHECK (adds_date IN (0, 1));
-- What its author changed: names of columns, and "when". Of older previews that is not known.
ALTER TABLE draft ADD COLUMN changed TEXT NOT NULL DEFAULT
    'when title place about host_id tone capacity most_guests answers_close';

-- Whether delivery_named has everyone whom its message names: not of what older versions sent.
ALTER TABLE delivery ADD COLUMN names_known INTEGER NOT NULL DEFAULT 0 CHECK (
    names_known IN (0, 1));
