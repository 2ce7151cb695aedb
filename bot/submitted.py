"""What a person entered or chose in a form, a list or a button."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

import discord

from bot.actions.actor import Person
from bot.discord_types import Interaction
from bot.members import person_of
from bot.messages.buttons import components_of, parts_of
from data.refusal import Refusal


def pressed(interaction: Interaction) -> str:
    """Returns the id of the button, list or form; ``""`` for a command."""
    return str(_payload(interaction).get("custom_id", ""))


def _payload(interaction: Interaction) -> dict[str, Any]:
    # discord.py types it as one of six shapes, depending on the kind of interaction.
    return cast("dict[str, Any]", interaction.data or {})


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


def pressed_ids(interaction: Interaction, name: str) -> list[str]:
    """Returns the first argument of each press of this name under a message, each once, in order.

    They come from the message, which a tampered client can make up.
    """
    if interaction.message is None:
        return []
    buttons = (
        parts_of(getattr(component, "custom_id", None) or "")
        for row in interaction.message.components
        for component in getattr(row, "children", [])
    )
    return list(dict.fromkeys(parts[1] for parts in buttons if parts[:1] == [name] and parts[1:]))


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
        if isinstance(component, discord.SelectMenu) and component.custom_id == pressed(interaction)
        for option in component.options
    }


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
