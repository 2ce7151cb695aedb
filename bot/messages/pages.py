"""Private lists in pages: as many whole lines as one message holds, and how many are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.language import Words
from bot.messages.buttons import Payload, button
from bot.messages.text import lines
from data.limits import LONGEST_MESSAGE

_ROOM_FOR_REST = 60
"""Of the line that says how many are left out."""


class Line(NamedTuple):
    """What is not divided between pages; ``heading`` is said once for those that share it."""

    text: str
    heading: str = ""


def page(
    words: Words,
    listed: Sequence[Line],
    *,
    head: str = "",
    tail: str = "",
    start: int,
    total: int,
    is_cut: bool = False,
    name: str,
    arguments: Sequence[object] = (),
) -> tuple[str, list[Payload]]:
    """Returns a page of a list and the buttons to the first and the next page.

    ``listed`` begins at the position ``start`` of ``total``; what does not fit comes on the next
    page. Buttons have the ``name`` and the ``arguments``, then the position at which a page begins.
    """
    room = LONGEST_MESSAGE - _ROOM_FOR_REST - len(head) - len(tail) - 2
    kept: list[str] = []
    shown, heading = 0, ""
    for line in listed:
        texts = [line.heading, line.text] if line.heading != heading else [line.text]
        room -= sum(len(text) + 1 for text in texts)
        if room < 0 and shown:
            break
        kept += texts
        shown, heading = shown + 1, line.heading
    if start and not listed:
        kept.append(words("There's nothing more here now."))
    left = total - start - shown
    text = lines([head, *kept, rest(words, left, total, is_cut=is_cut), tail])
    return text, page_buttons(words, start, start + shown, total, name, *arguments)


def page_buttons(
    words: Words, start: int, end: int, total: int, name: str, *arguments: object
) -> list[Payload]:
    """Returns the buttons to the first and the next page of a list, as far as there are such.

    The page that is shown is from the position ``start`` to ``end`` of ``total``.
    """
    buttons = []
    if start:
        buttons.append(button(words("First page"), name, *arguments, 0))
    if end < total:
        buttons.append(button(words("Next page"), name, *arguments, end))
    return buttons


def rest(words: Words, left: int, total: int, *, is_cut: bool) -> str:
    """Returns how many a page of a list leaves out; "" if none."""
    if left > 0 and is_cut:
        return words.ngettext(
            "-# and more than {count} more", "-# and more than {count} more", left
        )
    if left > 0:
        return words.ngettext("-# and {count} more", "-# and {count} more", left)
    if is_cut:
        return words.ngettext(
            "-# Only the first {count} is listed.", "-# Only the first {count} are listed.", total
        )
    return ""
