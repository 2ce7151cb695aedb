"""Refuses a phrase: what was understood, where it stopped, and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.phrases.en.parse_tree import Node, place_of
from data.limits import LONGEST_ECHO
from data.refusal import Alternatives, Refusal, Sentence, Value

Place = tuple[int, int]


class NotUnderstood(Refusal):
    """A phrase can't be read; its sentence says up to where it could, and what to type instead.

    ``problem`` is the sentence without what to type instead.
    ``understood`` and ``stopped_at`` are parts of what was typed, cut to a readable length;
    ``examples`` are whole phrases that can be read at the same moment.
    """

    def __init__(
        self, problem: Sentence, understood: str, stopped_at: str, examples: tuple[str, ...]
    ) -> None:
        super().__init__(problem.template)
        self.problem = problem
        self.sentence = with_examples(problem, examples) if examples else problem
        self.understood = understood
        self.stopped_at = stopped_at
        self.examples = examples


class Refused(Exception):
    """A phrase follows the grammar but can't be accepted.

    ``reason`` is a template, to be filled with ``values``, or a sentence. It begins in lower case
    and has no full stop: it continues 'I understood "...", but'. Its value "it" is the words at
    ``place``. ``instead`` are texts that could replace ``place``, ``fixes`` texts for other places,
    and ``examples`` whole phrases. Each is offered only if it can be read and keeps what was said
    (faithful.py): where two readings are possible, name both; where one thing is missing, end the
    reason with "?" and name three ways to add it; where nothing can be repaired, name none.
    """

    def __init__(
        self,
        reason: str | Sentence,
        place: Node | Place | None = None,
        instead: Sequence[str] = (),
        /,
        *,
        fixes: Sequence[tuple[Place, str]] = (),
        examples: Sequence[str] = (),
        **values: Value,
    ) -> None:
        self.reason = Sentence(reason, values) if isinstance(reason, str) else reason
        super().__init__(self.reason.template)
        self.place = place if place is None or isinstance(place, tuple) else place_of(place)
        self.fixes = list(fixes)
        if self.place is not None:
            self.fixes += [(self.place, other) for other in instead]
        self.examples = tuple(examples)


def visible(text: str) -> str:
    """Returns what a person typed on one line, without invisible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def echo(text: str) -> str:
    """Returns what a person typed on one line, without invisible characters, shortened."""
    line = visible(text)
    return line if len(line) <= LONGEST_ECHO else f"{line[: LONGEST_ECHO - 1].rstrip()}…"


def not_understood(
    understood: str, stopped_at: str, reason: Sentence | None, examples: Sequence[str]
) -> NotUnderstood:
    """Returns the refusal of a phrase; without ``reason``, ``stopped_at`` has no known words."""
    understood, stopped_at = echo(understood), echo(stopped_at)
    if reason is not None:
        reason = replace(reason, values={**reason.values, "it": stopped_at})
        sentence = _with_reason(understood, reason)
    elif understood:
        values = {"understood": understood, "it": stopped_at}
        sentence = Sentence('I understood "{understood}" but not "{it}".', values)
    elif stopped_at and examples:
        sentence = Sentence('I can\'t read "{it}" as a time.', {"it": stopped_at})
    elif stopped_at:
        sentence = Sentence(
            'I can\'t read "{it}" as a time. Give a day and a time.', {"it": stopped_at}
        )
    else:
        sentence = Sentence("Tell me when.")
    return NotUnderstood(sentence, understood, stopped_at, tuple(examples))


def with_examples(problem: Sentence, examples: Sequence[str]) -> Sentence:
    """Returns a sentence, followed by one that says what to type instead."""
    advice = Sentence("Try {examples}.", {"examples": Alternatives(examples)})
    return Sentence("{problem} {advice}", {"problem": problem, "advice": advice})


def _with_reason(understood: str, reason: Sentence) -> Sentence:
    is_question = reason.template.endswith("?")
    if understood:
        values: dict[str, Value] = {"understood": understood, "reason": reason}
        if is_question:
            return Sentence('I understood "{understood}", but {reason}', values)
        return Sentence('I understood "{understood}", but {reason}.', values)
    opening = replace(reason, opens=True)
    return opening if is_question else Sentence("{reason}.", {"reason": opening})
