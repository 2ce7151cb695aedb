"""Text functions that all messages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import discord

from bot.language import Words
from bot.language.typed import MARKUP
from data.characters import bounded
from data.limits import LONGEST_MESSAGE, MOST_LINES
from data.models import is_deleted
from data.refusal import Alternatives, ClockTimes, Listed, Sentence, Value

_ROOM_FOR_REST = 40
"""Of a line that says how many lines are left out."""
# Addresses are no markup, and a backslash would break them; channels and emoji are shown as such.
_KEPT = re.compile(rf"(https?://[^\s<>|*`\[\]]+|{MARKUP})")
# Brackets could disguise the target of a link.
_MENTION = re.compile(r"<@(\d+)>")
_FORMATTING = re.compile(r"([\\*_~|`\[\]])")
# Headings, lists, small print, quotes at the start of a line.
_LINE_MARK = re.compile(r"^(\s*\d*)([#>\-+.])", re.MULTILINE)
# <t:1:R>, <@1>, </name:1>, <id:guide>, and a <# or <: that is no whole channel or emoji.
_MARKUP_START = re.compile(r"<(?=[@#:/]|[a-z]+:(?!//))", re.IGNORECASE)


@lru_cache(maxsize=4096)
def escaped(typed: str) -> str:
    """Returns text that is shown as typed: no formatting, mention or timestamp markup.

    Channels and custom emoji show as such. Marks piled up on a letter are left out, and so is what
    turns text around; of many lines, the last ones are joined.
    """
    pieces = _KEPT.split(_in_few_lines(bounded(typed)))
    text = "".join(
        piece if index % 2 else _MARKUP_START.sub("<\u200b", _FORMATTING.sub(r"\\\1", piece))
        for index, piece in enumerate(pieces)
    )
    text = discord.utils.escape_mentions(text)
    return _LINE_MARK.sub(r"\1\\\2", text)


def _in_few_lines(typed: str) -> str:
    first, rest = typed.splitlines()[: MOST_LINES - 1], typed.splitlines()[MOST_LINES - 1 :]
    return "\n".join([*first, " ".join(rest)] if rest else first)


def timestamp(moment: datetime, style: Literal["F", "D", "t", "R", "f", "d"]) -> str:
    """Returns markup for a moment, which each reader sees in their own zone and language.

    https://discord.com/developers/docs/reference#message-formatting-timestamp-styles
    """
    return f"<t:{int(moment.timestamp())}:{style}>"


def span(words: Words, starts_at: datetime, ends_at: datetime) -> str:
    """Returns start and end."""
    start, end = timestamp(starts_at, "F"), end_after(starts_at, ends_at)
    return words("{start} to {end}", start=start, end=end)


def end_after(starts_at: datetime, ends_at: datetime) -> str:
    """Returns an end beside its start; with its day only if it is 24 hours or more later."""
    return timestamp(ends_at, "t" if (ends_at - starts_at).days == 0 else "f")


def mentioned(text: str) -> frozenset[int]:
    """Returns the ids of those whom a text of ours names; typed text is escaped, and names none."""
    return frozenset(int(user_id) for user_id in _MENTION.findall(text))


def mention(user_id: int) -> str:
    """Returns markup that shows a member by name; a dash for one whose data were deleted."""
    return "–" if is_deleted(user_id) else f"<@{user_id}>"


def names(words: Words, people: Sequence[str], *, total: int, most: int) -> str:
    """Returns people by name, and how many more there are."""
    listed = words.list(people[:most], "none")
    hidden = total - min(len(people), most)
    if not hidden:
        return listed
    return words.ngettext(
        "{people} and {count} more", "{people} and {count} more", hidden, people=listed
    )


def said(words: Words, sentence: Sentence) -> str:
    """Returns a rule's sentence in a reader's language; typed text in it is escaped."""
    if sentence.opens:
        return words.opening(said(words, replace(sentence, opens=False)))
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
            quoted = [words('"{phrase}"', phrase=escaped(words.hours(phrase))) for phrase in value]
            return words.list(quoted, "or")
        case Listed():
            return words.list([str(_said(words, one)) for one in value], "none")
        case datetime():
            return timestamp(value, "F")
        case timedelta():
            return words.duration(value)
        case ClockTimes():
            return escaped(words.hours(value))
        case str():
            return escaped(value)
        case int():
            return value


def lines(parts: Iterable[str]) -> str:
    """Returns the parts that are not empty, each on its own line."""
    return "\n".join(filter(None, parts))


def whole_lines(words: Words, parts: Sequence[str], *, longest: int = LONGEST_MESSAGE) -> str:
    """Returns as many whole lines as fit into so many characters, and the number of the others."""
    room = longest - _ROOM_FOR_REST
    kept: list[str] = []
    used = 0
    for part in parts:
        if used + len(part) + 1 > room:
            hidden = len(parts) - len(kept)
            kept.append(
                words.ngettext(
                    "-# … and {count} more line.", "-# … and {count} more lines.", hidden
                )
            )
            break
        kept.append(part)
        used += len(part) + 1
    return lines(kept)


def server_link(guild_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}"


def card_link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
