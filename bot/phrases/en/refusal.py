"""Refuses a phrase: what was understood, where it stopped, and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence

from bot.phrases.en.parse_tree import Node, place_of
from bot.phrases.en.vocabulary import joined
from data.limits import LONGEST_ECHO

Place = tuple[int, int]


class NotUnderstood(ValueError):
    """A phrase was refused; ``str()`` is a sentence or two for the person who typed it.

    ``understood`` and ``stopped_at`` are parts of what was typed, cut to a readable length;
    ``examples`` are whole phrases that can be read at the same moment.
    """

    def __init__(
        self, message: str, understood: str, stopped_at: str, examples: tuple[str, ...]
    ) -> None:
        super().__init__(message)
        self.understood = understood
        self.stopped_at = stopped_at
        self.examples = examples


class Refused(Exception):
    """A phrase follows the grammar but can't be accepted.

    ``reason`` continues 'I understood "...", but'; "{it}" in it is replaced by the words at
    ``place``. ``instead`` are texts that could replace ``place``, ``fixes`` texts for other places,
    and ``examples`` whole phrases. Each is offered only after it has been read itself.
    """

    def __init__(
        self,
        reason: str,
        place: Node | Place | None = None,
        instead: Sequence[str] = (),
        *,
        fixes: Sequence[tuple[Place, str]] = (),
        examples: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place if place is None or isinstance(place, tuple) else place_of(place)
        self.fixes = list(fixes)
        if self.place is not None:
            self.fixes += [(self.place, other) for other in instead]
        self.examples = tuple(examples)

    def suggestions(self, text: str) -> list[str]:
        """Returns whole phrases to try, best first; ``text`` is the phrase as it was parsed."""
        fixes = [*self.fixes, (self.place, "")] if self.place else self.fixes
        fixed = [text[:begin] + other + text[end:] for (begin, end), other in fixes]
        return [*self.examples, *fixed]


def echo(text: str) -> str:
    """Returns what a person typed on one line, without invisible characters, shortened."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST_ECHO else f"{line[: LONGEST_ECHO - 1].rstrip()}…"


def refusal(
    understood: str, stopped_at: str, reason: str, examples: Sequence[str]
) -> NotUnderstood:
    """Builds the sentence; an empty ``reason`` says that ``stopped_at`` was not understood."""
    understood, stopped_at = echo(understood), echo(stopped_at)
    reason = reason.replace("{it}", f'"{stopped_at}"')
    end = "" if reason.endswith("?") else "."
    if reason and understood:
        message = f'I understood "{understood}", but {reason}{end}'
    elif reason:
        message = f"{reason[0].upper()}{reason[1:]}{end}"
    elif understood:
        message = f'I understood "{understood}" but not "{stopped_at}".'
    elif stopped_at:
        message = f'I can\'t read "{stopped_at}" as a time.'
    else:
        message = "Tell me when."
    if examples:
        quoted = [f'"{example}"' for example in examples]
        message += f" Try {joined(quoted, 'or')}."
    return NotUnderstood(message, understood, stopped_at, tuple(examples))
