"""Dispatch of presses and forms, and the functions that send responses and errors."""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.actions.choices import Choice
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
from bot.members import actor_of
from bot.messages.buttons import Layout, Payload, Row, components_of, parts_of
from bot.messages.text import said
from bot.mirrors.card import Cards
from bot.mirrors.refresh import Mirrors
from bot.submitted import pressed
from data.models import SessionView
from data.refusal import Refusal, Sentence
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[..., Awaitable[None]]
Converter: TypeAlias = Callable[[str], object]
H = TypeVar("H", bound=Handler)

_PRESS = "__jelly_press__"
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
        if not (parts := parts_of(pressed(interaction))):
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
                    "That button no longer works. Type /jellies to see what's on."
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
            return Sentence("I can't use one of those values. Is it from this server? Try another.")
        case app_commands.CheckFailure():
            return Sentence("{reason} Try again with another value.", {"reason": str(error)})
        case discord.HTTPException() if error.code in (INTERACTION_TOO_LATE, ANSWERED_ALREADY):
            # The latter if Discord delivers the same press twice.
            log.warning("Discord took no answer to %s: %s", name_of(interaction), error)
            return None
        case discord.HTTPException() | aiohttp.ClientError() | TimeoutError() if not is_final(
            error
        ):
            # Not an error of the bot; the response may still arrive.
            log.warning("Discord failed amid %s: %s", name_of(interaction), error)
            return Sentence("Discord isn't answering me right now. Try again in a minute.")
        case DatabaseUnusable(number=None):
            # The store logs the cause once for all members who meet it.
            return Sentence(
                "I can't reach my data right now, so nothing was saved. Try again in a moment."
            )
        case DatabaseUnusable():
            return Sentence(
                "I can't reach my data right now, so nothing was saved (error {number}). "
                "Try again in a moment.",
                {"number": str(error.number)},
            )
    number = secrets.token_hex(3)
    log.error(
        "Error %s while answering %s in server %s",
        number,
        name_of(interaction),
        interaction.guild_id,
        exc_info=error,
    )
    return Sentence(
        "Something went wrong on my side (error {number}). Try again. If it happens "
        "again, give that number to the person who runs this bot.",
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


async def defer_instead(interaction: Interaction) -> None:
    """Respond later, in place of the message that was pressed, if it may be replaced.

    ``edit_original_response`` then writes the plain message.
    """
    if _is_replaceable(interaction, is_layout=False):
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


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
    wanted = opener or pressed(interaction)
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


def is_under_layout(interaction: Interaction) -> bool:
    """Whether the message that was pressed is a layout, such as a card, and no plain text."""
    return interaction.message is not None and interaction.message.flags.components_v2


async def show(interaction: Interaction, layout: Layout) -> None:
    """Respond privately with a layout."""
    await interaction.response.send_message(view=layout, ephemeral=True)


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
    name = name_of(interaction)
    if right_to(name) is Right.ONLY_INVITED:
        return  # it may stand in a private message, outside any server; the action checks the rest
    check_permissions(actor_of(interaction), name)
    if right_to(name) is Right.ONLY_ASKER and not _is_under_private_message(interaction):
        raise Refusal(
            "That only works on a message that only you can see. /help says how to get one."
        )


def name_of(interaction: Interaction) -> str:
    """Returns the name of the interaction's action in the table of rights; for the log, too.

    The rest of a button's id may hold what someone typed.
    """
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    return parts_of(pressed(interaction))[0]


def _is_under_private_message(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral
