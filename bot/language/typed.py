"""Text that people typed: cleaned, and cut where something has to fit; never yet escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from data.characters import beginning, bounded, says_something, without_accents

# Controls and bidirectional overrides can reverse or hide the rest of a card.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)

MARKUP = r"(?a:<#\d{1,20}>|<a?:\w{2,32}:\d{1,20}>)"
"""Discord's markup for a channel and a custom emoji, which people may use in what they type.

https://discord.com/developers/docs/reference#message-formatting-formats
"""
_MARKUP = re.compile(MARKUP)

_TYPED_AS = str.maketrans(
    {
        **{"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe"},
        **{"þ": "th", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"},
    }
)
"""What people type for letters that are more than an accented one, and for quotes and dashes."""

ChannelName: TypeAlias = Callable[[int], str | None]
"""Returns the name of a channel for someone; None if they may not view it or it is gone."""


def one_line(typed: str) -> str:
    """Returns typed text on one line, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", typed).split())


def paragraphs(typed: str) -> str:
    """Returns typed text with its lines kept, except for those that say nothing."""
    lines = (one_line(line) for line in typed.splitlines())
    return "\n".join(line for line in lines if says_something(line))


def folded(typed: str) -> str:
    """Returns typed text as it is compared in a search: without case, accents and typography."""
    return without_accents(one_line(typed)).casefold().translate(_TYPED_AS)


def has_markup(typed: str) -> bool:
    """Returns whether typed text has a channel or a custom emoji in it."""
    return _MARKUP.search(typed) is not None


def in_names(typed: str, channel_name: ChannelName) -> str:
    """Returns typed text for where Discord shows no markup: channels and custom emoji by name."""

    def named(found: re.Match[str]) -> str:
        kind, *parts = found[0].strip("<>").split(":")
        return f":{parts[0]}:" if parts else f"#{channel_name(int(kind[1:])) or '…'}"

    return _MARKUP.sub(named, typed)


def shorten(text: str, most: int) -> str:
    """Returns text of at most ``most`` characters; no channel, emoji or letter is cut apart."""
    if len(text) <= most:
        return text
    end = most - 1
    for found in _MARKUP.finditer(text):
        if found.start() < end < found.end():
            end = found.start()
    return beginning(text, end).rstrip() + "…"


def fitting(most: int, say: Callable[[str], str], typed: str) -> str:
    """Returns what ``say`` makes of typed text, which is cut so that the whole has ``most`` marks.

    ``say`` does not escape it: for choices, labels and titles, which Discord shows without
    formatting.
    """
    return say(shorten(bounded(typed), max(1, most - len(say("")))))
