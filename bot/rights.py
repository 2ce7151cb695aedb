"""Who may do what: one table, checked at every command, press and form.

What depends only on the interaction is checked before any handler; what depends on the store is
checked in the handler's transaction.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple, cast

import discord

from bot.discord_types import Interaction
from bot.messages.buttons import parts_of
from data.models import GuildSettings, Series, Session
from data.refusal import Refusal


class Right(Enum):
    """Who may; each value is the README's wording."""

    ANYBODY = "everybody"
    ONLY_ASKER = "only whoever it was shown to, as long as they may do what it is about"
    MAY_HOST = "whoever has `host_role`, everybody where none is set; organizers"
    ITS_HOST = "its host, whoever scheduled it, and organizers"
    ORGANIZER = "organizers: Manage Events, Manage Server or Administrator"
    SET_UP = "Manage Server or Administrator"


class Row(NamedTuple):
    """An action in the README's words, who may do it, and every name in the code that does it.

    ``names`` are commands with their slash, an option if it has a right of its own, and the names
    in the ids of presses and forms.
    """

    what: str
    right: Right
    names: tuple[str, ...]


TABLE = (
    Row(
        "answer for themselves: the buttons on cards and reminders, **Add details**, `/rsvp`",
        Right.ANYBODY,
        ("/rsvp", "rsvp", "reply", "mood", "details", "detailed"),
    ),
    Row(
        "say that they are or were there: **I'm here**, **Heading off**, **I was there**",
        Right.ANYBODY,
        ("here", "off", "was-there"),
    ),
    Row(
        "look things up: `/jellies` or **See what's on**, `/headcount session`, "
        "`/headcount history`, `/jelly list`, `/me`, `/help`; `/time` in the demo",
        Right.ANYBODY,
        (
            *("/jellies", "agenda", "/headcount session", "/headcount history", "/jelly list"),
            *("/me", "/help", "/time"),
        ),
    ),
    Row(
        "press what nobody else sees: under a preview, a question, `/me`",
        Right.ONLY_ASKER,
        (
            *("draft-change", "draft-changed", "draft-seats", "draft-seated"),
            *("draft-read", "draft-save", "keep", "usual-mood"),
        ),
    ),
    Row(
        "schedule: `/jelly new`, also with another `host`",
        Right.MAY_HOST,
        ("/jelly new",),
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
        "decide for others: `/rsvp` with `member`, **Take somebody off**, who joins after a "
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
        "have sent again what did not arrive: **Try again** under `/jelly list`",
        Right.ORGANIZER,
        ("retry",),
    ),
    Row(
        "set the server up and see what is wrong: `/settings`, what the first `/jelly new` asks "
        "for, `/doctor`",
        Right.SET_UP,
        ("/settings", "setup", "/doctor"),
    ),
)

NOT_SET_UP = (
    "Nobody has set up Jelly here yet. Ask somebody with the permission Manage Server to type "
    "/settings, then try again."
)

_RIGHTS = {name: row.right for row in TABLE for name in row.names}


def right_to(name: str) -> Right:
    """Returns the right that the named action needs. Raises LookupError if the table lacks it."""
    if name not in _RIGHTS:
        raise LookupError(f"who may do {name!r}? Name it in the table of bot/rights.py")
    return _RIGHTS[name]


def may(interaction: Interaction, name: str) -> bool:
    """Whether the member may do this, as far as the interaction alone shows."""
    return _refusal_on_the_way_in(interaction, right_to(name)) is None


def check_on_the_way_in(interaction: Interaction) -> None:
    """Raises Refusal if the interaction alone shows that the member may not do this."""
    refusal = _refusal_on_the_way_in(interaction, right_to(_name_of(interaction)))
    if refusal is not None:
        raise refusal


def check(
    interaction: Interaction, about: Session | Series | GuildSettings | None, *, name: str = ""
) -> None:
    """Raises Refusal if the member may not do this to ``about``.

    ``about`` is a jelly or, for a new one, the server's settings, None if it is not set up.
    ``name`` is the action if the interaction's own name does not tell it, as for an option.
    """
    right = right_to(name or _name_of(interaction))
    match right, about:
        case ((Right.ITS_HOST | Right.ONLY_ASKER), (Session() | Series())):
            _check_may_change(interaction, about)
        case ((Right.MAY_HOST | Right.ONLY_ASKER), (GuildSettings() | None)):
            _check_may_host(interaction, about)
        case ((Right.ANYBODY | Right.ORGANIZER | Right.SET_UP), _):
            pass  # the check before the handler covers these
        case _:
            raise TypeError(f"{right} does not depend on {about!r}")


def may_change(interaction: Interaction, jelly: Session | Series) -> bool:
    """Whether the member hosts it, scheduled it, or is an organizer."""
    mine = interaction.user.id in (jelly.details.host_id, jelly.created_by)
    return mine or _is_organizer(interaction)


def _refusal_on_the_way_in(interaction: Interaction, right: Right) -> Refusal | None:
    if right is Right.ORGANIZER and not _is_organizer(interaction):
        return Refusal("That is for organizers; ask somebody with the permission Manage Events.")
    if right is Right.SET_UP and not _may_set_up(interaction):
        return Refusal("That needs the permission Manage Server; ask somebody who has it.")
    if right is Right.ONLY_ASKER and not _is_under_private_message(interaction):
        return Refusal(
            "That works only under a message that you alone see; /help says how to get one."
        )
    return None


def _name_of(interaction: Interaction) -> str:
    """Returns the name of the interaction's action in the table."""
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    pressed = cast("dict[str, Any]", interaction.data)  # all but commands come with an id
    return parts_of(str(pressed["custom_id"]))[0]


def _is_organizer(interaction: Interaction) -> bool:
    return _permissions(interaction).manage_events or _may_set_up(interaction)


def _may_set_up(interaction: Interaction) -> bool:
    permissions = _permissions(interaction)
    return permissions.manage_guild or permissions.administrator


def _permissions(interaction: Interaction) -> discord.Permissions:
    """Returns the member's permissions in the whole server, by the roles in the interaction.

    ``interaction.permissions`` holds for one channel, and a voice channel can grant Manage Events:
    https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags.
    """
    user = interaction.user
    return user.guild_permissions if isinstance(user, discord.Member) else discord.Permissions()


def _is_under_private_message(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _check_may_host(interaction: Interaction, settings: GuildSettings | None) -> None:
    if settings is None:
        if not _may_set_up(interaction):
            raise Refusal(NOT_SET_UP)
        return
    if settings.host_role_id is None or _is_organizer(interaction):
        return
    if isinstance(interaction.user, discord.Member) and interaction.user.get_role(
        settings.host_role_id
    ):
        return
    raise Refusal(
        f"Hosting here takes the role <@&{settings.host_role_id}>; ask an organizer for it."
    )


def _check_may_change(interaction: Interaction, jelly: Session | Series) -> None:
    if not may_change(interaction, jelly):
        raise Refusal(
            f"Only its host <@{jelly.details.host_id}> and organizers (Manage Events) can do "
            "that for this jelly; ask one of them."
        )
