"""Who may do what: one table, checked by every action.

What depends on the actor's permissions alone is checked before a command, press or form is handled;
what depends on the store, in the action's transaction.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from bot.actions.actor import Actor, Person
from bot.language import N_
from data.models import ChannelSettings, Series, Session, is_deleted
from data.refusal import Refusal


class Right(Enum):
    """Who may; each value is the wording of docs/using.md."""

    ANYBODY = "everybody"
    ONLY_ASKER = "only the person it was shown to, as long as they may do what it is about"
    ONLY_INVITED = "only the person it was sent to"
    MAY_HOST = (
        "members with `host_role`, everybody where none is set; organizers; all of them only if "
        "they may write in the channel"
    )
    ITS_HOST = "its host, the person who scheduled it, and organizers"
    ORGANIZER = "organizers: Manage Events, Manage Server or Administrator"
    SET_UP = "Manage Server or Administrator"


class Row(NamedTuple):
    """An action in the words of docs/using.md, who may do it, and every name for it in the code.

    ``names`` are commands with their slash, an option if it has a right of its own, and the names
    in the ids of presses and forms.
    """

    what: str
    right: Right
    names: tuple[str, ...]


TABLE = (
    Row(
        "answer for themselves: the buttons on cards, in lists and on reminders, **Add details**, "
        "`/rsvp`",
        Right.ANYBODY,
        (
            "/rsvp",
            "rsvp",
            "list-rsvp",
            "reply",
            "mood",
            "details",
            "details-again",
            "detailed",
            "hours",
        ),
    ),
    Row(
        "say that they are or were there: **I'm here**, **Heading off**, **I was there**",
        Right.ANYBODY,
        ("here", "off", "was-there"),
    ),
    Row(
        "look things up: `/jellies` or **See what's on**, `/headcount session` or **Who's "
        "coming**, `/headcount history`, `/jelly list`, `/me record`, `/privacy`, `/help`; `/time` "
        "in the demo",
        Right.ANYBODY,
        (
            *("/jellies", "agenda", "/headcount session", "/headcount history", "/jelly list"),
            *("agenda-page", "list-page", "series-page", "who", "headcount", "record-page"),
            *("/me record", "/privacy", "/help", "/time"),
        ),
    ),
    Row(
        "read who changed what: `/jelly log`; organizers all of it, others what concerns jellies "
        "they host or scheduled",
        Right.ANYBODY,
        ("/jelly log", "log"),
    ),
    Row(
        "have what is stored about themselves, and have it deleted: `/me export`, `/me forget`",
        Right.ANYBODY,
        ("/me export", "/me forget"),
    ),
    Row(
        "press what nobody else sees: under a preview, a question, `/me record`",
        Right.ONLY_ASKER,
        (
            *("draft-change", "draft-changed", "draft-seats", "draft-seats-again", "draft-seated"),
            *("draft-read", "draft-save", "draft-over", "draft-discard"),
            *("keep", "usual-mood", "take-invitations"),
            *("forget", "forget-nothing", "forgotten"),
        ),
    ),
    Row(
        "answer an invitation, also in a private message: **I'm in**, **I'll host**, "
        "**No thanks**, **Not from this host**",
        Right.ONLY_INVITED,
        ("invited",),
    ),
    Row(
        "schedule: `/jelly new`, also with another `host`",
        Right.MAY_HOST,
        ("/jelly new",),
    ),
    Row(
        "repeat a past one with a new date, if they may schedule: `/jelly again`",
        Right.ITS_HOST,
        ("/jelly again",),
    ),
    Row(
        "change it or call it off: `/jelly edit`, `/jelly move`, `/jelly skip`, `/jelly extra`, "
        "`/jelly pause`, `/jelly resume`, `/jelly cancel`, `/jelly end`",
        Right.ITS_HOST,
        (
            *("/jelly edit", "/jelly move", "/jelly skip", "/jelly extra"),
            *("/jelly pause", "/jelly resume", "/jelly cancel", "/jelly end"),
            *("edit", "cancel", "series-pause", "series-go-on", "series-end"),
        ),
    ),
    Row(
        "decide for others: `/rsvp` with `member`, **Take someone off**, who joins after a "
        "deadline",
        Right.ITS_HOST,
        ("/rsvp member", "take-off", "taken-off", "request"),
    ),
    Row(
        "keep its list: **Tick people off**, **Table (CSV)**, **List to copy**, "
        "**See the summary**",
        Right.ITS_HOST,
        ("roll", "ticked", "export-table", "export-list", "summary"),
    ),
    Row(
        "call off everything by one person: `/jelly cancel-by`",
        Right.ORGANIZER,
        ("/jelly cancel-by", "cancel-by"),
    ),
    Row(
        "have sent again what did not arrive: **Try again** under `/jelly list`",
        Right.ITS_HOST,
        ("retry",),
    ),
    Row(
        "set the server up and see what is wrong: `/settings`, what the first `/jelly new` asks "
        "for, `/doctor`",
        Right.SET_UP,
        (
            "/settings",
            "settings-change",
            "settings-again",
            "settings-changed",
            "setup",
            "setup-again",
            "/doctor",
        ),
    ),
)

NOT_SET_UP = N_(
    "Jelly isn't set up here yet. Ask someone with Manage Server to type /settings, then try again."
)

_RIGHTS = {name: row.right for row in TABLE for name in row.names}


def right_to(name: str) -> Right:
    """Returns the right that the named action needs. Raises LookupError if the table lacks it."""
    if name not in _RIGHTS:
        raise LookupError(f"who may do {name!r}? Name it in the table of bot/actions/rights.py")
    return _RIGHTS[name]


def may(actor: Actor, name: str) -> bool:
    """Returns whether the actor may do this, as far as their permissions alone tell."""
    return _refusal_of(actor, right_to(name)) is None


def may_host(actor: Actor, settings: ChannelSettings) -> bool:
    """Returns whether the actor may schedule in the channel with these settings."""
    try:
        _check_may_host(actor, settings)
    except Refusal:
        return False
    return True


def check_permissions(actor: Actor, name: str) -> None:
    """Raises Refusal if the actor's permissions alone tell that they may not do this."""
    refusal = _refusal_of(actor, right_to(name))
    if refusal is not None:
        raise refusal


def check(actor: Actor, name: str, about: Session | Series | ChannelSettings | None) -> None:
    """Raises Refusal if the actor may not do this to ``about``.

    ``about`` is a jelly or, for a new one, the settings of its channel, None if there is none.
    """
    right = right_to(name)
    match right, about:
        case Right.ITS_HOST, (Session() | Series()):
            _check_may_change(actor, about)
        case Right.MAY_HOST, (ChannelSettings() | None):
            _check_may_host(actor, about)
        case _:
            raise TypeError(f"{right} does not depend on {about!r}")


def check_may_post(actor: Actor, channel_id: int) -> None:
    """Raises Refusal if the actor may not write in the channel in which a jelly is posted."""
    if not actor.channels.may_send(channel_id):
        raise Refusal("You can't write in the channel for jellies. Ask an organizer to let you in.")


def check_chosen(person: Person, channel_id: int | None) -> None:
    """Raises Refusal if a person can't be invited, added or named host.

    ``channel_id`` is the jelly's channel, of which a hidden one's members alone may hear; None if
    there is none yet.
    """
    if person.is_bot:
        raise Refusal("Bots work from home. Choose a person.")
    if person.channels is None:
        raise Refusal("They're not in this server. Choose someone who is.")
    if channel_id is not None and not person.channels.may_view(channel_id):
        raise Refusal(
            "<@{person}> can't see <#{channel}>, where that jelly is posted. Choose "
            "someone else, or ask an organizer to let them in.",
            person=person.user_id,
            channel=channel_id,
        )


def may_change(actor: Actor, jelly: Session | Series) -> bool:
    """Returns whether the actor hosts it, scheduled it, or is an organizer."""
    return actor.user_id in (jelly.details.host_id, jelly.created_by) or actor.is_organizer


def _refusal_of(actor: Actor, right: Right) -> Refusal | None:
    if right is Right.ORGANIZER and not actor.is_organizer:
        return Refusal("That's for organizers. Ask someone with Manage Events.")
    if right is Right.SET_UP and not actor.may_manage_guild:
        return Refusal("That takes Manage Server. Ask someone who has it.")
    return None


def _check_may_host(actor: Actor, settings: ChannelSettings | None) -> None:
    if settings is None:
        if not actor.may_manage_guild:
            raise Refusal(NOT_SET_UP)
        return
    check_may_post(actor, settings.channel_id)
    if settings.host_role_id is None or actor.is_organizer:
        return
    if settings.host_role_id not in actor.role_ids:
        raise Refusal(
            "You need the role <@&{role}> to host here. Ask an organizer for it.",
            role=settings.host_role_id,
        )


def _check_may_change(actor: Actor, jelly: Session | Series) -> None:
    if not may_change(actor, jelly):
        if is_deleted(jelly.details.host_id):
            raise Refusal("Only an organizer (Manage Events) can do that. Ask one of them.")
        raise Refusal(
            "Only its host <@{host}> or an organizer (Manage Events) can do that. Ask one of them.",
            host=jelly.details.host_id,
        )
