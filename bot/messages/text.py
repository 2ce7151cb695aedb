"""Text functions that all messages share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import discord

from bot.language import Words
from data.refusal import Alternatives, Sentence, Value

# Controls and bidirectional overrides can reverse or hide the rest of a card.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_ADDRESS = re.compile(r"(https?://[^\s<>|*`\[\]]+)")
# Brackets could disguise the target of a link.
_FORMATTING = re.compile(r"([\\*_~|`\[\]])")
# Headings, lists, small print, quotes at the start of a line.
_LINE_MARK = re.compile(r"^(\s*\d*)([#>\-+.])", re.MULTILINE)
# <t:1:R>, <#1>, </name:1>, <:name:1>, <id:guide>: all begin with a bracket and a mark.
_MARKUP = re.compile(r"<(?=[@#:/]|[a-z]+:(?!//))", re.IGNORECASE)


def one_line(typed: str) -> str:
    """Returns typed text on one line, without invisible characters; not yet escaped."""
    return " ".join(_INVISIBLE.sub("", typed).split())


def paragraphs(typed: str) -> str:
    """Returns typed text with its lines kept and empty ones removed; not yet escaped."""
    lines = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=4096)
def escaped(typed: str) -> str:
    """Returns text that is shown as typed: no formatting, mention or timestamp markup."""
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
    """Returns markup for a moment, which each reader sees in their own zone and language.

    https://discord.com/developers/docs/reference#message-formatting-timestamp-styles
    """
    return f"<t:{int(moment.timestamp())}:{style}>"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Returns start and end; the end with its day only if it is 24 hours or more later."""
    far = ends_at - starts_at
    return f"{timestamp(starts_at, 'F')} to {timestamp(ends_at, 't' if far.days == 0 else 'f')}"


def mention(user_id: int) -> str:
    return f"<@{user_id}>"


def names(people: Sequence[str], *, total: int, most: int) -> str:
    """Returns people by name, and how many more there are."""
    listed = ", ".join(people[:most])
    hidden = total - min(len(people), most)
    return f"{listed} and {hidden} more" if hidden else listed


def count(number: int, one: str, many: str | None = None) -> str:
    """Returns a number with its noun: "1 jelly", "3 jellies"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fitting(most: int, say: Callable[[str], str], typed: str) -> str:
    """Returns what ``say`` makes of typed text, which is cut so that the whole has ``most`` marks.

    ``typed`` is not yet escaped, and ``say`` does not escape it: for choices, labels and titles,
    which Discord shows without formatting.
    """
    return say(shorten(typed, max(1, most - len(say("")))))


def said(words: Words, sentence: Sentence) -> str:
    """Returns a rule's sentence in a reader's language; typed text in it is escaped."""
    values = {name: _said(words, value) for name, value in sentence.values.items()}
    if not sentence.plural:
        return words(sentence.template, **values)
    count = values.pop("count")
    assert isinstance(count, int)  # Sentence.counted takes nothing else
    return words.ngettext(sentence.template, sentence.plural, count, **values)


def _said(words: Words, value: Value) -> str | int:
    match value:
        case Sentence():
            return said(words, value)
        case Alternatives():
            quoted = [words('"{phrase}"', phrase=escaped(phrase)) for phrase in value]
            return words.list(quoted, "or")
        case datetime():
            return timestamp(value, "F")
        case timedelta():
            return words.duration(value)
        case str():
            return escaped(value)
        case int():
            return value


def lines(parts: Iterable[str]) -> str:
    """Returns the parts that are not empty, each on its own line."""
    return "\n".join(part for part in parts if part)


def server_link(guild_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}"


def card_link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
