"""Modal forms in general: their fields, and how Discord is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import discord

from bot.language.typed import shorten
from bot.messages.buttons import NotKept

Field: TypeAlias = "discord.ui.Label[discord.ui.Modal]"


class Form(NotKept, discord.ui.Modal):
    """A modal form."""


def modal(title: str, form_id: str, *fields: Field) -> Form:
    """Returns a form whose fields are submitted under their own ids."""
    form = Form(title=title, custom_id=form_id, timeout=None)
    for field in fields:
        form.add_item(field)
    return form


def choice_field(
    label: str,
    field: str,
    choices: Sequence[tuple[str, str]],
    chosen: str | None,
    *,
    description: str | None = None,
) -> Field:
    """Returns a field of one of several choices, each a value and its label, or of none."""
    return discord.ui.Label(
        text=label,
        description=description,
        component=discord.ui.Select(
            custom_id=field,
            required=False,
            min_values=0,
            options=[
                discord.SelectOption(label=name, value=str(value), default=value == chosen)
                for value, name in choices
            ],
        ),
    )


def text_field(
    label: str,
    field: str,
    value: str,
    *,
    longest: int,
    required: bool = True,
    placeholder: str | None = None,
    description: str | None = None,
) -> Field:
    """Returns a field of at most ``longest`` characters, filled with ``value``."""
    return discord.ui.Label(
        text=label,
        description=description,
        component=discord.ui.TextInput(
            custom_id=field,
            default=shorten(value, longest) or None,
            max_length=longest,
            required=required,
            placeholder=placeholder,
            style=discord.TextStyle.paragraph if field == "about" else discord.TextStyle.short,
        ),
    )


def channel_field(
    label: str,
    name: str,
    chosen: int | None,
    *,
    required: bool = True,
    description: str | None = None,
) -> Field:
    """Returns a field of one text channel of the server."""
    return discord.ui.Label(
        text=label,
        description=description,
        component=discord.ui.ChannelSelect(
            custom_id=name,
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            required=required,
            min_values=int(required),
            default_values=[discord.Object(chosen)] if chosen else [],
        ),
    )


def role_field(
    label: str, name: str, chosen: int | None, *, description: str | None = None
) -> Field:
    """Returns a field of one role of the server, or of none."""
    return discord.ui.Label(
        text=label,
        description=description,
        component=discord.ui.RoleSelect(
            custom_id=name,
            required=False,
            min_values=0,
            default_values=[discord.Object(chosen)] if chosen else [],
        ),
    )
