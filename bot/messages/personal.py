"""What is stored about a person, as files; and the questions before it is deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.language import N_, Words
from bot.messages.card import ANSWER_LABELS, MOOD_LABELS
from bot.messages.failures import MESSAGES
from bot.messages.forms import TONES
from bot.messages.text import lines
from data.models import Answer, ChangeAction, StoredRow, StoredValue

TABLES = {
    "guild": N_("Servers that you own or set up"),
    "series": N_("Series that you host or scheduled"),
    "session": N_("Jellies that you host or scheduled"),
    "draft": N_("What you have not posted yet"),
    "member": N_("What a server knows of you"),
    "rsvp": N_("Your answers, and those that you gave for others"),
    "delivery": N_("Private messages to you"),
    "delivery_recipient": N_("Messages about you"),
    "delivery_named": N_("Messages that name you"),
    "private_channel": N_("Your private channel with the bot"),
    "invitation": N_("Invitations to you and by you"),
    "refused_host": N_("Hosts who may not invite you"),
    "ping": N_("What a jelly has notified you of"),
    "change": N_("Changes that you made, and those about you"),
}

COLUMNS = {
    "guild_id": N_("server"),
    "channel_id": N_("channel"),
    "session_id": N_("number of the jelly"),
    "series_id": N_("number of the series"),
    "delivery_id": N_("number of the message"),
    "jelly": N_("jelly"),
    "starts_at": N_("start"),
    "ends_at": N_("end"),
    "starts_local": N_("first start"),
    "zone": N_("time zone"),
    "state": N_("state"),
    "kind": N_("kind of message"),
    "reason": N_("reason"),
    "action": N_("what was done"),
    "settings_by": N_("last changed its settings"),
    "owner_id": N_("owns it"),
    "created_by": N_("scheduled by"),
    "host_id": N_("host"),
    "title": N_("what"),
    "place": N_("where"),
    "about": N_("about"),
    "tone": N_("tone"),
    "capacity": N_("seats"),
    "most_guests": N_("guests allowed"),
    "answers_close": N_("answers close, seconds before the start"),
    "phrase": N_("when, as you typed it"),
    "created_at": N_("written"),
    "user_id": N_("person"),
    "name": N_("your name there"),
    "mood": N_("mood"),
    "first_session_id": N_("number of your first jelly"),
    "takes_invitations": N_("takes invitations"),
    "answer": N_("answer"),
    "note": N_("note"),
    "guests": N_("guests"),
    "arrives_at": N_("plans to arrive"),
    "leaves_at": N_("plans to leave"),
    "answered_at": N_("answered"),
    "answered_by": N_("answered by"),
    "asked_again": N_("asked again after a move"),
    "offered_until": N_("a seat is offered until"),
    "passed": N_("an offer ran out"),
    "arrived_at": N_("arrived"),
    "left_at": N_("left"),
    "is_welcomed": N_("was told what to expect"),
    "is_asked_mood": N_("was asked for the mood"),
    "came": N_("was there"),
    "given_up": N_("times a seat was given up"),
    "is_refused": N_("the host said no"),
    "as_host": N_("going because they host"),
    "due_at": N_("due"),
    "sent_at": N_("sent"),
    "asked_at": N_("last asked for"),
    "asked_times": N_("times asked for"),
    "to_host": N_("asks to host"),
    "invited_by": N_("invited by"),
    "invited_at": N_("invited"),
    "made_by": N_("made by"),
    "about_user_id": N_("about"),
    "made_at": N_("made"),
}
ONLY_IN_JSON = "details"
"""A column whose values are JSON themselves."""

_KINDS = {kind.name: name for kind, name in MESSAGES.items()}
CODES: dict[str, Mapping[str, str]] = {
    "answer": {
        **{answer.value: label for answer, label in ANSWER_LABELS.items()},
        Answer.WAITLISTED: N_("on the waiting list"),
        Answer.REQUESTED: N_("asked the host"),
    },
    "mood": {mood.value: label for mood, label in MOOD_LABELS.items()},
    "tone": {tone.value: label for tone, label in TONES.items()},
    "kind": _KINDS,
    "reason": _KINDS,
    "state": {
        "active": N_("goes on"),
        "ended": N_("ended"),
        "scheduled": N_("planned"),
        "cancelled": N_("called off"),
        "pending": N_("to be sent"),
        "sending": N_("being sent"),
        "sent": N_("sent"),
        "expired": N_("too late to be sent"),
        "failed": N_("could not be sent"),
        "withdrawn": N_("withdrawn"),
        "open": N_("not answered"),
        "accepted": N_("accepted"),
        "declined": N_("declined"),
    },
    "action": {
        ChangeAction.SCHEDULED: N_("scheduled"),
        ChangeAction.DATE_ADDED: N_("added a date"),
        ChangeAction.EDITED: N_("edited"),
        ChangeAction.MOVED: N_("moved"),
        ChangeAction.CALLED_OFF: N_("called off"),
        ChangeAction.CALLED_OFF_ALL: N_("called off everything of one person"),
        ChangeAction.PAUSED: N_("paused"),
        ChangeAction.RESUMED: N_("resumed"),
        ChangeAction.ENDED: N_("ended"),
        ChangeAction.INVITED: N_("invited someone"),
        ChangeAction.ADDED: N_("added someone"),
        ChangeAction.REMOVED: N_("took someone off"),
        ChangeAction.LET_IN: N_("let someone in"),
        ChangeAction.TURNED_DOWN: N_("turned someone down"),
        ChangeAction.ASKED_TO_HOST: N_("asked someone to host"),
        ChangeAction.HOST_CHANGED: N_("changed the host"),
        ChangeAction.SETTINGS: N_("changed the settings"),
    },
}
"""The words for stored codes, by column."""

_YES_OR_NO = {
    *("takes_invitations", "asked_again", "passed", "is_welcomed", "is_asked_mood", "came"),
    *("is_refused", "to_host", "as_host"),
}


def as_json(found: Mapping[str, Sequence[StoredRow]], user_id: int, now: datetime) -> bytes:
    """Returns everything as JSON; moments in ISO 8601, ids as text, since they exceed 53 bits."""
    stored = {
        table: [
            {
                "about": {name: _plain(name, value) for name, value in row.context.items()},
                "yours": {name: _plain(name, value) for name, value in row.theirs.items()},
            }
            for row in rows
        ]
        for table, rows in found.items()
    }
    everything = {"user_id": str(user_id), "exported_at": now.isoformat(), "stored": stored}
    return json.dumps(everything, ensure_ascii=False, indent=2).encode()


def as_text(
    words: Words, found: Mapping[str, Sequence[StoredRow]], user_id: int, now: datetime
) -> bytes:
    """Returns everything to be read, with a line for each value; times are in UTC."""
    parts = [
        words(
            "What this bot stores about you in all its servers, on {when}. Times are in UTC.",
            when=_moment(now),
        )
    ]
    for table, rows in found.items():
        parts += ["", f"== {words(TABLES[table])} =="]
        for row in rows:
            parts.append("")
            parts += [
                f"{words(COLUMNS[name])}: {_readable(words, name, value, user_id)}"
                for name, value in (*row.context.items(), *row.theirs.items())
                if value not in (None, "") and name != ONLY_IN_JSON
            ]
    return "\n".join((*parts, "")).encode()


def question(words: Words, dates: int, series: int) -> str:
    """Returns what deleting a person's data means, before they are asked to confirm."""
    return lines(
        (
            words("### Delete everything about you?"),
            words(
                "In every server of this bot: your name, answers, notes, moods, drafts, "
                "invitations and changes. To get it first, use `/me export`."
            ),
            words(
                "- Your seats go to the next in line. Past jellies still count you, without a name."
            ),
            words("- What you wrote on jellies you hosted becomes “A jelly” at “a place”."),
            words("- Messages in channels that name you are deleted. Your inbox stays as it is."),
            words(
                "- What you refused stays refused, under a number that only matches if "
                "you come back."
            ),
            words(
                "- Backups kept by the person who runs this bot, and what Discord keeps, "
                "are out of reach."
            ),
            hosting(words, dates, series),
        )
    )


def confirmation(words: Words, dates: int, series: int) -> str:
    return lines(
        (
            words("### Sure? It can't be undone."),
            hosting(words, dates, series),
            words("Changed your mind? Press Cancel."),
        )
    )


def hosting(words: Words, dates: int, series: int) -> str:
    """Returns what is called off, and how to hand it over; "" if nothing is."""
    if not dates and not series:
        return ""
    parts = [words.ngettext("{count} jelly ahead", "{count} jellies ahead", dates)]
    if series:
        parts.append(words.ngettext("{count} series", "{count} series", series))
    return words(
        "**You host {jellies}.** All of it will be called off, and those going told. To "
        "hand it over instead, name another host with `/jelly edit` first.",
        jellies=words.list(parts),
    )


def _plain(name: str, value: StoredValue) -> StoredValue:
    if not isinstance(value, int):
        return value
    if _is_moment(name):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return str(value) if name.endswith(("_id", "_by")) else value


def _readable(words: Words, name: str, value: StoredValue, user_id: int) -> str:
    if value == user_id:
        return words("you")
    if isinstance(value, int) and _is_moment(name):
        return _moment(datetime.fromtimestamp(value, UTC))
    if name in _YES_OR_NO:
        return words("yes") if value else words("no")
    code = CODES.get(name, {}).get(str(value))
    return str(value) if code is None else words(code)


def _is_moment(name: str) -> bool:
    return name.endswith("_at") or name == "offered_until"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
