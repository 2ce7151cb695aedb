"""Forms that ask for several things at once."""

from __future__ import annotations

import discord

from bot.cards.buttons import custom_id
from bot.cards.text import shorten
from data.drafts import LONGEST_PHRASE
from data.models import Details
from data.sessions import LONGEST_ABOUT, LONGEST_PLACE, LONGEST_TITLE

WHEN_EXAMPLES = "every tuesday 10am · thursday 9:30-16:00 · dec 3 10am"


def jelly_form(form_id: str, title: str, details: Details, phrase: str) -> discord.ui.Modal:
    """What, when, where, who and what to know, filled in as far as it is known."""
    return _form(
        title,
        form_id,
        _text("What", "what", details.title, longest=LONGEST_TITLE),
        _text("When", "when", phrase, longest=LONGEST_PHRASE, placeholder=WHEN_EXAMPLES),
        _text("Where", "where", details.place, longest=LONGEST_PLACE),
        discord.ui.Label(
            text="Host",
            component=discord.ui.UserSelect(
                custom_id="host",
                default_values=[discord.Object(details.host_id, type=discord.User)],
            ),
        ),
        _text("Good to know", "about", details.about, longest=LONGEST_ABOUT, required=False),
    )


def setup_form(draft_id: int, channel_id: int, zone: str) -> discord.ui.Modal:
    """The two settings that have no default."""
    return _form(
        "First, two things about this server",
        custom_id("setup", draft_id),
        discord.ui.Label(
            text="Channel for jellies",
            description="Cards and reminders are posted there.",
            component=discord.ui.ChannelSelect(
                custom_id="channel",
                channel_types=[discord.ChannelType.text, discord.ChannelType.news],
                default_values=[discord.Object(channel_id)],
            ),
        ),
        _text(
            "Time zone",
            "zone",
            zone,
            longest=60,
            placeholder="Europe/London",
            description="A city or region. Times that people type are read in it.",
        ),
    )


def _form(
    title: str, form_id: str, *fields: discord.ui.Label[discord.ui.Modal]
) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title, custom_id=form_id, timeout=None)
    for field in fields:
        modal.add_item(field)
    # Its answer comes in by its id, also after a restart, so discord.py need not keep it.
    modal.stop()
    return modal


def _text(
    label: str,
    field: str,
    value: str,
    *,
    longest: int,
    required: bool = True,
    placeholder: str | None = None,
    description: str | None = None,
) -> discord.ui.Label[discord.ui.Modal]:
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
