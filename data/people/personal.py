"""What is personal in the store: one rule for each column of each table.

A rule says what a column holds, whose it is, and what becomes of it when that person's data are
deleted. ``data/people/forgetting.py`` carries the rules out, ``data/people/exporting.py`` shows
everybody what is theirs. A test compares the rules with the schema.

The statements know the parameters ``:user_id``, ``:random`` and ``:hash`` (the ids of
``data/people/pseudonyms.py``) and the moments ``:now``, ``:day_ago`` and ``:hour_ago``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Holds(Enum):
    PERSON = auto()  # a person's id
    WORDS = auto()  # what that person typed, or their name
    ABOUT = auto()  # a moment, a choice or a number of that person
    CONTEXT = auto()  # nothing personal, but it says what the row is about
    NOTHING = auto()  # nothing personal


@dataclass(frozen=True, slots=True)
class Then:
    """What becomes of an id on forgetting: in the rows of a condition, the first that applies."""

    becomes: str | None
    """An expression of SQL; None if the row is deleted."""
    where: str = ""
    """A condition of SQL; "" for all rows that are left."""


@dataclass(frozen=True, slots=True)
class Column:
    holds: Holds
    of: str = ""
    """The column with the id of the person whose words it holds, or whom it is about."""
    then: tuple[Then, ...] = ()
    """For a person's id: what becomes of it."""
    becomes: str = ""
    """For words and others: an expression of SQL that replaces them; "" if they stay or go with
    their row."""
    where: str = ""
    """In which rows: where an id is a person's; where words are the person's, if not by ``of``."""
    key: tuple[str, ...] = ()
    """For an id of which a hash may stay: the other columns with which it is unique."""
    is_exported: bool = True
    """For an id: whether that person is given the row; not if it would tell on someone else."""


RANDOM, HASH, NULL = ":random", ":hash", "NULL"

CONTEXT, NOTHING = Column(Holds.CONTEXT), Column(Holds.NOTHING)


def person(
    *then: Then, where: str = "", key: tuple[str, ...] = (), is_exported: bool = True
) -> Column:
    return Column(Holds.PERSON, then=then, where=where, key=key, is_exported=is_exported)


def words(of: str = "", becomes: str = "", where: str = "") -> Column:
    return Column(Holds.WORDS, of, becomes=becomes, where=where)


def about(of: str, becomes: str = "", where: str = "") -> Column:
    return Column(Holds.ABOUT, of, becomes=becomes, where=where)


_ROW_GOES = Then(None)
_AHEAD = "session_id IN (SELECT session_id FROM session WHERE starts_at > :now)"
_NOT_OVER = "session_id IN (SELECT session_id FROM session WHERE ends_at > :now)"
_HOSTED = """session_id IN (SELECT session_id FROM session WHERE host_id = :user_id)"""
_HOSTED_SERIES = "series_id IN (SELECT series_id FROM series WHERE host_id = :user_id)"
_WORDS_OF_HOST = f"made_by = :user_id OR {_HOSTED} OR {_HOSTED_SERIES}"
_REFUSED = """(is_refused = 1 OR given_up >= 2
    OR (answer = 'declined' AND answered_by IS NULL))"""
_IS_OPEN = f"""({_NOT_OVER}
    OR series_id IN (SELECT series_id FROM series WHERE state = 'active'))"""

# Words of a jelly are its host's, no matter who typed them. Who only scheduled it passes it on.
_TO_ITS_HOST = Then("host_id", "host_id <> :user_id")
_DETAILS = {
    "title": words("host_id", "'A jelly'"),
    "place": words("host_id", "'a place'"),
    "about": words("host_id", "''"),
    **dict.fromkeys(("tone", "capacity", "most_guests", "answers_close"), NOTHING),
}

TABLES: Mapping[str, Mapping[str, Column]] = {
    "guild": {
        "guild_id": CONTEXT,
        "settings_by": person(Then(NULL)),
        # Discord tells it at every start; the hash keeps it from being stored again.
        "owner_id": person(Then(HASH)),
        **dict.fromkeys(
            ("organizers_channel_id", "removed_at", "missing_since", "settle_at"), NOTHING
        ),
    },
    "channel": dict.fromkeys(
        (
            *("channel_id", "guild_id", "zone", "announce_before", "host_role_id"),
            *("offer_within", "offer_for", "thanks_hosts", "most_jellies_each"),
            *("most_series_each", "most_changes_each", "most_cards", "most_series"),
            *("replanned_until", "is_tidy", "quiet_from", "quiet_until", "card_role_id"),
        ),
        NOTHING,
    ),
    "reminder_setting": dict.fromkeys(("channel_id", "before"), NOTHING),
    "series": {
        "series_id": CONTEXT,
        "guild_id": CONTEXT,
        "channel_id": CONTEXT,
        "created_by": person(_TO_ITS_HOST, Then(RANDOM)),
        "host_id": person(Then(RANDOM)),
        **_DETAILS,
        "starts_local": CONTEXT,
        "zone": CONTEXT,
        "state": CONTEXT,
        **dict.fromkeys(
            ("duration", "version", "extend_at", "confirmed_at", "paused_from", "paused_until"),
            NOTHING,
        ),
    },
    "series_rule": dict.fromkeys(("series_id", "position", "rrule"), NOTHING),
    "series_excluded": dict.fromkeys(("series_id", "starts_local"), NOTHING),
    "session": {
        "session_id": CONTEXT,
        "guild_id": CONTEXT,
        "channel_id": CONTEXT,
        "series_id": CONTEXT,
        "created_by": person(_TO_ITS_HOST, Then(RANDOM)),
        "host_id": person(Then(RANDOM)),
        **_DETAILS,
        "starts_at": CONTEXT,
        "ends_at": CONTEXT,
        "state": CONTEXT,
        **dict.fromkeys(
            (
                *("recurrence_id", "is_exception", "zone", "starts_local", "duration", "version"),
                *("going_count", "waiting_count", "requested_count", "maybe_count"),
                *("declined_count", "guest_count", "offered_seats", "asked_again_count"),
                *("heads_down_count", "chatty_count", "hours_count", "here_count", "came_count"),
                *("moves", "moved_at", "is_forgotten"),
            ),
            NOTHING,
        ),
    },
    "session_boundary": dict.fromkeys(("session_id", "at"), NOTHING),
    "session_hours": dict.fromkeys(("session_id", "arrives_at", "leaves_at", "people"), NOTHING),
    "draft": {
        "guild_id": CONTEXT,
        "user_id": person(_ROW_GOES),
        "host_id": person(Then("user_id")),
        **{
            name: about("user_id") if column is NOTHING else words("user_id")
            for name, column in _DETAILS.items()
        },
        "phrase": words("user_id"),
        "created_at": about("user_id"),
        "series_id": CONTEXT,
        "session_id": CONTEXT,
        **dict.fromkeys(("draft_id", "and_later", "adds_date", "based_on", "changed"), NOTHING),
    },
    "member": {
        "guild_id": CONTEXT,
        # Who refused all invitations is not asked again because nothing else is known of them.
        "user_id": person(Then(HASH, "takes_invitations = 0"), _ROW_GOES, key=("guild_id",)),
        "name": words("user_id", "''"),
        "mood": about("user_id", "NULL"),
        "first_session_id": about("user_id", "NULL"),
        "takes_invitations": about("user_id"),
        "left_at": about("user_id", "NULL"),
    },
    "rsvp": {
        "session_id": CONTEXT,
        "user_id": person(
            Then(HASH, f"{_REFUSED} AND {_NOT_OVER}"),
            Then(None, _AHEAD),
            Then(RANDOM),
            key=("session_id",),
        ),
        "note": words("user_id", "''"),
        **dict.fromkeys(
            (
                *("answer", "guests", "mood", "arrives_at", "leaves_at", "answered_at"),
                *("asked_again", "offered_until", "passed", "arrived_at", "left_at"),
                *("is_welcomed", "is_asked_mood", "came", "given_up", "is_refused"),
                "as_host",
            ),
            about("user_id"),
        ),
        "answered_by": person(Then(RANDOM)),
        "position": NOTHING,
    },
    "mirror": dict.fromkeys(
        (
            *("mirror_id", "kind", "guild_id", "session_id", "series_id", "owner_channel_id"),
            *("channel_id", "remote_id", "version", "version_shown"),
        ),
        NOTHING,
    ),
    "delivery": {
        "guild_id": CONTEXT,
        "session_id": CONTEXT,
        "series_id": CONTEXT,
        "kind": CONTEXT,
        "channel_id": person(Then(RANDOM), where="is_private = 1"),
        "previous_place": words(becomes="NULL", where=f"{_HOSTED}"),
        "due_at": about("channel_id"),
        "sent_at": about("channel_id"),
        "state": CONTEXT,
        **dict.fromkeys(
            (
                *("delivery_id", "owner_channel_id", "is_private", "before", "occasion", "part"),
                *("from_position", "until_position", "previous_at", "useful_until", "try_at"),
                *("attempts", "first_try_at", "message_id", "error", "told_by"),
                *("former_session_id", "alerted_by", "is_unwanted", "names_known"),
                *("is_superseded", "is_settled"),
            ),
            NOTHING,
        ),
    },
    "delivery_recipient": {"delivery_id": CONTEXT, "user_id": person(_ROW_GOES)},
    "delivery_named": {"delivery_id": CONTEXT, "user_id": person(_ROW_GOES)},
    "private_channel": {
        "user_id": person(_ROW_GOES),
        **dict.fromkeys(("channel_id", "asked_at", "asked_times"), about("user_id")),
    },
    "invitation": {
        "guild_id": CONTEXT,
        "session_id": CONTEXT,
        "series_id": CONTEXT,
        # How many came in a day, and a "no", count; the rest goes.
        "user_id": person(
            Then(HASH, f"invited_at > :day_ago OR (state = 'declined' AND {_IS_OPEN})"),
            _ROW_GOES,
        ),
        "invited_by": person(Then(HASH, "invited_at > :day_ago"), Then(RANDOM)),
        "to_host": CONTEXT,
        "moves_rights": NOTHING,
        # Nobody says yes to someone who is gone.
        "state": about(
            "user_id",
            "'withdrawn'",
            where="state = 'open' AND (user_id = :user_id OR invited_by = :user_id)",
        ),
        "invited_at": about("user_id"),
        "invitation_id": NOTHING,
    },
    "refused_host": {
        "guild_id": CONTEXT,
        "user_id": person(Then(HASH), key=("guild_id", "host_id")),
        "host_id": person(Then(HASH), key=("guild_id", "user_id"), is_exported=False),
    },
    "ping": {
        "session_id": CONTEXT,
        "user_id": person(Then(HASH, _NOT_OVER), _ROW_GOES, key=("session_id", "reason")),
        "reason": CONTEXT,
    },
    "change": {
        "guild_id": CONTEXT,
        "channel_id": CONTEXT,
        "session_id": CONTEXT,
        "series_id": CONTEXT,
        "action": CONTEXT,
        "made_by": person(Then(HASH, "made_at > :hour_ago"), Then(NULL)),
        "about_user_id": person(Then(NULL)),
        "made_at": about("made_by"),
        "title": words("made_by", "''", where=_WORDS_OF_HOST),
        "details": words("made_by", "'{}'", where=_WORDS_OF_HOST),
        "change_id": NOTHING,
    },
    "deletion": dict.fromkeys(
        ("channel_id", "message_id", "guild_id", "try_at", "attempts", "only_buttons"), NOTHING
    ),
    # Who is being forgotten stands here until that is done: data/people/forgetting.py
    "key_value": dict.fromkeys(("name", "value"), NOTHING),
}
