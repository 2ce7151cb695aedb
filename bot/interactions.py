"""Dispatch of presses and forms, and the functions that send responses and errors."""

from __future__ import annotations

import asyncio
import inspect
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import aiohttp
import discord
from discord import app_commands

from bot.actions.actor import Actor, ChannelAccess, Person
from bot.actions.find import Choice
from bot.actions.rights import Right, check_permissions, right_to
from bot.callbacks import Limited, acknowledge, send_follow_up
from bot.discord_errors import (
    ANSWERED_ALREADY,
    INTERACTION_TOO_LATE,
    OLD_EDITS,
    is_final,
)
from bot.discord_types import Command, Interaction
from bot.language import CHANNEL_LOCALE, Words, words_for
from bot.messages.buttons import Layout, Payload, Row, components_of, parts_of
from bot.messages.text import said
from bot.mirrors.card import Cards
from bot.mirrors.refresh import Mirrors
from data.models import SessionView
from data.refusal import Refusal, Sentence
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[..., Awaitable[None]]
Converter: TypeAlias = Callable[[str], object]
H = TypeVar("H", bound=Handler)

_PRESS = "__jelly_press__"
LONGEST_LOOK_UP = 2.0
"""Seconds to ask Discord for a member; a press has to be answered within three."""
LARGEST = 2**63 - 1
"""The largest integer that the store holds: https://www.sqlite.org/datatype3.html."""


def press(name: str, *arguments: Converter) -> Callable[[H], H]:
    """Mark a cog's method as the handler of buttons and lists with ids ``jelly:<name>:…``.

    ``arguments`` convert the parts of the id to values. If one raises ValueError, the member is
    told that the button no longer works.
    """
    return _mark(name, discord.InteractionType.component, arguments)


def form(name: str, *arguments: Converter) -> Callable[[H], H]:
    """Mark a cog's method as the handler of submitted forms; arguments as in :func:`press`."""
    return _mark(name, discord.InteractionType.modal_submit, arguments)


def _mark(
    name: str, kind: discord.InteractionType, arguments: Sequence[Converter]
) -> Callable[[H], H]:
    def mark(handler: H) -> H:
        setattr(handler, _PRESS, (name, kind, arguments))
        return handler

    return mark


class Presses:
    """The handlers of every button and form that the bot ever sent, by the name in the id."""

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[discord.InteractionType, Sequence[Converter], Handler]] = {}

    def add_from(self, cog: object) -> None:
        """Register every method of a cog that is marked with :func:`press` or :func:`form`."""
        for _, method in inspect.getmembers(cog, inspect.ismethod):
            if marked := getattr(method, _PRESS, None):
                name, kind, arguments = marked
                self.add(name, kind, arguments, method)

    def names(self) -> Iterable[str]:
        """Returns the names of all registered presses and forms."""
        return self._handlers.keys()

    def add(
        self,
        name: str,
        kind: discord.InteractionType,
        arguments: Sequence[Converter],
        handler: Handler,
    ) -> None:
        right_to(name)  # raises if the table of rights lacks the name
        if name in self._handlers:
            raise ValueError(f"two handlers for presses of {name!r}")
        self._handlers[name] = (kind, arguments, handler)

    async def dispatch(self, interaction: Interaction) -> None:
        """Run the handler of a press or a submitted form; each of the bot's own is answered."""
        if not (parts := parts_of(_pressed(interaction))):
            return
        name, *parts = parts
        try:
            try:
                kind, arguments, handler = self._handlers[name]
                if kind is not interaction.type:
                    raise ValueError("a button that comes in as a form, or a form as a button")
                values = [convert(part) for convert, part in zip(arguments, parts, strict=True)]
                if any(isinstance(value, int) and abs(value) > LARGEST for value in values):
                    raise ValueError("a number that no id is")
            except (KeyError, ValueError) as error:
                raise Refusal(
                    "That button no longer works. Type /jellies to see what is on."
                ) from error
            check_on_the_way_in(interaction)
            await handler(interaction, *values)
        except Exception as error:  # noqa: BLE001  the only place that handles errors of presses
            await answer_error(interaction, error)


class JellyTree(app_commands.CommandTree[Any]):
    """The command tree; a command can only be added if the table of rights names it."""

    def add_command(
        self,
        command: Command | app_commands.ContextMenu | app_commands.Group,
        /,
        **options: Any,  # noqa: ANN401  as in discord.py
    ) -> None:
        within = command.walk_commands() if isinstance(command, app_commands.Group) else ()
        for one in (command, *within):
            if not isinstance(one, app_commands.Group):
                right_to(f"/{one.qualified_name}")
        super().add_command(command, **options)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        if interaction.command is not None:
            try:
                check_on_the_way_in(interaction)
            except Refusal as refusal:
                await answer_error(interaction, refusal)
                return False
        return True

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await answer_error(interaction, cause)


async def answer_error(interaction: Interaction, error: Exception) -> None:
    """Tell the member in one sentence what to do, and log the details under the same id."""
    if (sentence := _sentence_about(interaction, error)) is None:
        return
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        else:
            await say(interaction, said(words_of(interaction), sentence))
    except Exception as failure:  # noqa: BLE001  no one can be told, and the error is logged
        log.warning("The sentence %r did not reach the person: %s", sentence.template, failure)


def _sentence_about(interaction: Interaction, error: Exception) -> Sentence | None:
    """Logs an error and returns what the member is told; None if Discord takes no answer."""
    match error:
        case Refusal():
            return error.sentence
        case app_commands.TransformerError():
            return Sentence(
                "I can't use one of these values; is it of this server? Try again with another."
            )
        case app_commands.CheckFailure():
            return Sentence("{reason} Try again with another value.", {"reason": str(error)})
        case discord.HTTPException() if error.code in (INTERACTION_TOO_LATE, ANSWERED_ALREADY):
            # The latter if Discord delivers the same press twice.
            log.warning("Discord took no answer to %s: %s", _name_of(interaction), error)
            return None
        case discord.HTTPException() | aiohttp.ClientError() | TimeoutError() if not is_final(
            error
        ):
            # Not an error of the bot; the response may still arrive.
            log.warning("Discord failed amid %s: %s", _name_of(interaction), error)
            return Sentence("Discord isn't answering me right now. Try again in a minute.")
        case DatabaseUnusable(number=None):
            # The store logs the cause once for all members who meet it.
            return Sentence(
                "I can't reach my data at the moment, so nothing was saved. Try again shortly."
            )
        case DatabaseUnusable():
            return Sentence(
                "I can't reach my data at the moment, so nothing was saved (error {number}). Try "
                "again shortly.",
                {"number": str(error.number)},
            )
    number = secrets.token_hex(3)
    log.error(
        "Error %s while answering %s in server %s",
        number,
        _name_of(interaction),
        interaction.guild_id,
        exc_info=error,
    )
    return Sentence(
        "Something went wrong on my side (error {number}). Try again; if it stays, give that "
        "number to whoever runs this bot.",
        {"number": number},
    )


async def say(
    interaction: Interaction,
    text: str,
    *,
    buttons: Payload | None = None,
    below: Payload | None = None,
) -> None:
    """Respond privately with one message; ``below`` is a second row of buttons."""
    rows = [one for one in (buttons, below) if one is not None]
    if interaction.response.is_done():
        await send_follow_up(interaction, text, rows)
    elif not rows:
        await interaction.response.send_message(text, ephemeral=True, suppress_embeds=True)
    else:
        await interaction.response.send_message(
            text, ephemeral=True, suppress_embeds=True, view=Row(*rows)
        )


async def say_instead(
    interaction: Interaction,
    text: str,
    *,
    buttons: Payload | None = None,
    below: Payload | None = None,
) -> None:
    """Respond in place of the message that was pressed, if it may be replaced."""
    if _is_replaceable(interaction, is_layout=False):
        rows = [one for one in (buttons, below) if one is not None]
        layout = Row(*rows) if rows else None
        await interaction.response.edit_message(content=text, view=layout)
    else:
        await say(interaction, text, buttons=buttons, below=below)


async def show_instead(interaction: Interaction, layout: Layout) -> None:
    """Respond with a layout in place of the one that was pressed, if it may be replaced."""
    if _is_replaceable(interaction, is_layout=True):
        await interaction.response.edit_message(view=layout)
    else:
        await show(interaction, layout)


def _is_replaceable(interaction: Interaction, *, is_layout: bool, opener: str = "") -> bool:
    """Whether a response may replace the message under an interaction.

    A message that others read is replaced only if it holds the button that was pressed, or the
    ``opener``: the id of the button that opened the form. A layout never replaces a plain message,
    nor the reverse.
    """
    message = interaction.message
    if message is None or message.flags.components_v2 is not is_layout:
        return False
    wanted = opener or _pressed(interaction)
    return message.flags.ephemeral or any(
        getattr(component, "custom_id", None) == wanted for component in components_of(message)
    )


async def answer_on_card(
    interaction: Interaction,
    mirrors: Mirrors,
    cards: Cards,
    view: SessionView,
    card: Payload,
    *,
    opener: str = "",
) -> None:
    """Respond to a press by editing the card under it, or privately if it is not on a card.

    ``opener`` is the id of the button that opened the form, if it is one. If Discord accepts no
    more edits of the card right now, the press is only acknowledged, and the card refreshed later.
    """
    session, message, channel_id = view.session, interaction.message, interaction.channel_id
    edit = discord.InteractionResponseType.message_update
    changed = {"components": [card], "allowed_mentions": {"parse": []}}
    if not _is_replaceable(interaction, is_layout=True, opener=opener):
        mirrors.touch(session.session_id)
        await show(interaction, Layout([card]))
        return
    assert message is not None  # a card was pressed
    assert channel_id is not None
    if message.flags.ephemeral:
        mirrors.touch(session.session_id)
        await acknowledge(interaction, edit, changed)
        return
    if cards.take_edit(channel_id, message.id):
        try:
            with mirrors.showing(session.session_id, session.version):
                await acknowledge(interaction, edit, changed)
        except Limited as error:
            if error.code == OLD_EDITS:
                cards.answer_was_refused(channel_id)
        else:
            return
    mirrors.touch(session.session_id)
    await acknowledge(interaction, discord.InteractionResponseType.deferred_message_update)


async def show(interaction: Interaction, layout: Layout) -> None:
    """Respond privately with a layout."""
    await interaction.response.send_message(view=layout, ephemeral=True)


def actor_of(interaction: Interaction) -> Actor:
    """Returns who an interaction comes from, with their rights in the whole server.

    Rights are those of the member's roles. ``interaction.permissions`` holds for one channel, and a
    voice channel can grant Manage Events:
    https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags.
    """
    return _actor(interaction, guild_of(interaction), interaction.guild, interaction.user)


async def actor_in(interaction: Interaction, guild_id: int) -> Actor:
    """Returns who pressed in a private message about a server, with their rights there.

    In a private message Discord tells nothing about the server, so it is asked. Raises Refusal if
    they are no longer in it, or the bot does not see it.
    """
    if interaction.guild_id is not None:
        return actor_of(interaction)
    guild = interaction.client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        raise Refusal("I can't see that server right now. Try again later.")
    try:
        async with asyncio.timeout(LONGEST_LOOK_UP):
            member = await guild.fetch_member(interaction.user.id)
    except discord.NotFound as error:
        if not is_final(error):
            raise
        raise Refusal("You are not in that server any more.") from error
    return _actor(interaction, guild_id, guild, member)


def _actor(
    interaction: Interaction,
    guild_id: int,
    guild: discord.Guild | None,
    user: discord.User | discord.Member,
) -> Actor:
    member = user if isinstance(user, discord.Member) else None
    permissions = member.guild_permissions if member else discord.Permissions()
    return Actor(
        user_id=user.id,
        name=user.display_name,
        guild_id=guild_id,
        channels=access_of(guild, member, {interaction.channel_id: interaction.permissions}),
        may_manage_events=permissions.manage_events,
        may_manage_guild=permissions.manage_guild or permissions.administrator,
        role_ids=frozenset(role.id for role in member.roles) if member else frozenset(),
        locale=str(interaction.locale),
        guild_owner_id=guild.owner_id if guild else None,
    )


class _Access:
    """What a member may do in the channels of a server.

    Where Discord has just said so, that holds (``told``); else it follows from the gateway's cache.
    """

    def __init__(
        self,
        guild: discord.Guild,
        member: discord.Member,
        told: Mapping[int | None, discord.Permissions],
    ) -> None:
        self._guild = guild
        self._member = member
        self._told = told

    def may_view(self, channel_id: int) -> bool:
        return self._permissions(channel_id).view_channel

    def may_send(self, channel_id: int) -> bool:
        permissions = self._permissions(channel_id)
        return permissions.view_channel and permissions.send_messages

    def name_of(self, channel_id: int) -> str | None:
        channel = self._guild.get_channel_or_thread(channel_id)
        if channel is None or not channel.permissions_for(self._member).view_channel:
            return None
        return channel.name

    def _permissions(self, channel_id: int) -> discord.Permissions:
        if channel_id in self._told:
            return self._told[channel_id]
        channel = self._guild.get_channel(channel_id)
        if channel is not None:
            return channel.permissions_for(self._member)
        if self._guild.unavailable:  # right after the bot has logged in, or in an outage
            raise Refusal("Discord has not told me about this server yet. Try again in a minute.")
        # A channel that is gone hides nothing from those who settle what becomes of its jellies.
        mine = self._member.guild_permissions
        is_organizer = mine.manage_events or mine.manage_guild or mine.administrator
        return discord.Permissions.all() if is_organizer else discord.Permissions.none()


class _NoAccess:
    def may_view(self, channel_id: int) -> bool:
        return False

    def may_send(self, channel_id: int) -> bool:
        return False

    def name_of(self, channel_id: int) -> str | None:
        return None


def access_of(
    guild: discord.Guild | None,
    member: discord.Member | None,
    told: Mapping[int | None, discord.Permissions] | None = None,
) -> ChannelAccess:
    """Returns what a member may do in a server's channels: nothing, if one of them is unknown.

    ``told`` are their permissions in channels, as an interaction says.
    """
    return _NoAccess() if guild is None or member is None else _Access(guild, member, told or {})


def person_of(user: discord.Member | discord.User) -> Person:
    """Returns somebody whom a member chose; Discord sends a User if they are not in the server."""
    member = user if isinstance(user, discord.Member) else None
    access = None if member is None else access_of(member.guild, member)
    return Person(user.id, user.display_name, user.bot, access)


def person_chosen(interaction: Interaction, chosen: str) -> Person | None:
    """Returns the person who was chosen in a form; None if none was.

    Discord sends along who it is, and their membership if they are in the server. Raises Refusal if
    it did not.
    """
    if not chosen:
        return None
    resolved = _payload(interaction).get("resolved") or {}
    user = resolved.get("users", {}).get(chosen)
    if user is None:
        raise Refusal("Choose the host from the list.")
    state, guild = interaction._state, interaction.guild
    member = resolved.get("members", {}).get(chosen)
    if member is None or guild is None:
        return person_of(discord.User(state=state, data=user))
    member["user"] = user
    return person_of(discord.Member(state=state, guild=guild, data=member))


def words_of(interaction: Interaction) -> Words:
    """Returns the words in the language in which the person uses Discord."""
    return words_for(str(interaction.locale))


def words_instead(interaction: Interaction) -> Words:
    """Returns the words for what replaces a pressed message: the channel's if others read it."""
    message = interaction.message
    is_private = message is None or message.flags.ephemeral
    return words_of(interaction) if is_private else words_for(CHANNEL_LOCALE)


def as_choices(choices: Iterable[Choice]) -> list[app_commands.Choice[str]]:
    """Returns suggestions as Discord takes them for an autocompletion."""
    return [app_commands.Choice(name=name, value=value) for name, value in choices]


def check_on_the_way_in(interaction: Interaction) -> None:
    """Raises Refusal if the interaction alone shows that the member may not do this."""
    name = _name_of(interaction)
    if right_to(name) is Right.ONLY_INVITED:
        return  # it may stand in a private message, outside any server; the action checks the rest
    check_permissions(actor_of(interaction), name)
    if right_to(name) is Right.ONLY_ASKER and not _is_under_private_message(interaction):
        raise Refusal(
            "That works only under a message that you alone see; /help says how to get one."
        )


def _name_of(interaction: Interaction) -> str:
    """Returns the name of the interaction's action in the table of rights; for the log, too.

    The rest of a button's id may hold what somebody typed.
    """
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    return parts_of(_pressed(interaction))[0]


def _is_under_private_message(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def guild_of(interaction: Interaction) -> int:
    """Returns the id of the server that an interaction comes from.

    Raises Refusal if it comes from none; the bot's commands exist in servers only.
    """
    if interaction.guild_id is None:
        raise Refusal("That works only inside a server.")
    return interaction.guild_id


def form_values(interaction: Interaction) -> defaultdict[str, str]:
    """Returns the submitted values of a form by field; of a selection the first value, or ``""``.

    A form from before an upgrade may lack a field, which is then empty.
    """
    values: defaultdict[str, str] = defaultdict(str)
    for row in _payload(interaction).get("components", []):
        field = row.get("component") or {}
        chosen = field.get("values")
        entered = field.get("value", "") if chosen is None else next(iter(chosen), "")
        values[str(field.get("custom_id"))] = str(entered or "")
    return values


def chosen_values(interaction: Interaction) -> list[str]:
    """Returns the values that the member chose from a list in a message."""
    return [str(value) for value in _payload(interaction).get("values", [])]


def channel_chosen(interaction: Interaction, chosen: str) -> discord.abc.GuildChannel | None:
    """Returns the channel that was chosen in a form; None if the bot does not see it."""
    guild = interaction.guild
    is_id = chosen.isascii() and chosen.isdecimal()
    return guild.get_channel(int(chosen)) if guild and is_id else None


def shown_options(interaction: Interaction) -> dict[str, bool]:
    """Returns the options of the list that was used, and whether each was chosen before."""
    if interaction.message is None:
        return {}
    return {
        option.value: option.default
        for component in components_of(interaction.message)
        if isinstance(component, discord.SelectMenu)
        and component.custom_id == _pressed(interaction)
        for option in component.options
    }


def _pressed(interaction: Interaction) -> str:
    """Returns the id of the button, list or form; ``""`` for a command."""
    return str(_payload(interaction).get("custom_id", ""))


def _payload(interaction: Interaction) -> dict[str, Any]:
    # discord.py types it as one of six shapes, depending on the kind of interaction.
    return cast("dict[str, Any]", interaction.data or {})
