"""The small pieces that every message is written with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal

import discord

# Controls and bidirectional overrides can turn the rest of a card around or hide it.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_ADDRESS = re.compile(r"(https?://[^\s<>|*`\[\]]+)")
# Brackets would let a link say anything.
_FORMATTING = re.compile(r"([\\*_~|`\[\]])")
# Headings, lists, small print, quotes at the start of a line.
_LINE_MARK = re.compile(r"^(\s*\d*)([#>\-+.])", re.MULTILINE)
# <t:1:R>, <#1>, </name:1>, <:name:1>, <id:guide>: all begin with a bracket and a mark.
_MARKUP = re.compile(r"<(?=[@#:/]|[a-z]+:(?!//))", re.IGNORECASE)


def one_line(typed: str) -> str:
    """What somebody typed, on one line, without invisible characters; not yet escaped."""
    return " ".join(_INVISIBLE.sub("", typed).split())


def paragraphs(typed: str) -> str:
    """What somebody typed, its lines kept apart from empty ones; not yet escaped."""
    lines = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=4096)
def escaped(typed: str) -> str:
    """Text that shows as it was typed: no formatting, no mention, no made-up timestamp."""
    # Addresses stay as they are: they are no markup, and a backslash would break them.
    pieces = _ADDRESS.split(typed)
    text = "".join(
        piece if index % 2 else _FORMATTING.sub(r"\\\1", piece)
        for index, piece in enumerate(pieces)
    )
    text = _MARKUP.sub("<\u200b", text)
    text = discord.utils.escape_mentions(text)
    return _LINE_MARK.sub(r"\1\\\2", text)


def timestamp(moment: datetime, style: Literal["F", "D", "t", "R", "f", "d"]) -> str:
    """A moment that each reader sees in their own zone and language.

    https://discord.com/developers/docs/reference#message-formatting-timestamp-styles
    """
    return f"<t:{int(moment.timestamp())}:{style}>"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """From when to when; the day of the end only where it is another."""
    far = ends_at - starts_at
    return f"{timestamp(starts_at, 'F')} to {timestamp(ends_at, 't' if far.days == 0 else 'f')}"


def mention(user_id: int) -> str:
    return f"<@{user_id}>"


def names(people: Sequence[str], *, total: int, most: int) -> str:
    """People by name, and how many more there are."""
    listed = ", ".join(people[:most])
    hidden = total - min(len(people), most)
    return f"{listed} and {hidden} more" if hidden else listed


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 jelly", "3 jellies"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def lines(parts: Iterable[str]) -> str:
    """The parts that say something, each on its own line."""
    return "\n".join(part for part in parts if part)


def server_link(guild_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}"


def card_link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
