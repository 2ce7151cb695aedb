"""The doctor's findings: a state, a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.language import N_, Words
from bot.language.typed import one_line, shorten
from data.limits import LONGEST_QUOTE
from data.refusal import Sentence, Value


class State(StrEnum):
    """How a finding is, in the word that is shown; the worst comes first."""

    PROBLEM = N_("PROBLEM")  # something does not work
    WARNING = N_("WARNING")  # something will not work, or did not
    OK = N_("OK")


WORST_FIRST = tuple(State)


@dataclass(frozen=True, slots=True)
class Finding:
    state: State
    subject: str
    """What it is about, in English; the terminal shows findings about the same thing together."""
    sentence: Sentence
    remedy: Sentence | None = None
    """The exact switch, setting or command; None if there is nothing to do."""


def fine(subject: str, sentence: Sentence) -> Finding:
    return Finding(State.OK, subject, sentence)


def warning(subject: str, sentence: Sentence, remedy: Sentence) -> Finding:
    return Finding(State.WARNING, subject, sentence, remedy)


def problem(subject: str, sentence: Sentence, remedy: Sentence) -> Finding:
    return Finding(State.PROBLEM, subject, sentence, remedy)


class Voice(NamedTuple):
    """How findings name things, in a terminal or in Discord."""

    at: Callable[[datetime], Value]
    channel: Callable[[int, str], Value]
    """A channel, by its id and name."""


IN_TERMINAL = Voice(
    at=lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC",
    channel=lambda _, name: f"#{one_line(name)}",
)
IN_DISCORD = Voice(
    at=lambda moment: Sentence("<t:{moment}:f>", {"moment": int(moment.timestamp())}),
    channel=lambda channel_id, _: Sentence("<#{channel}>", {"channel": channel_id}),
)


def quoted(typed: str) -> str:
    """Returns what a person typed, or what an error says, as a value of a sentence."""
    return shorten(one_line(typed), LONGEST_QUOTE)


def worst(findings: Sequence[Finding]) -> State:
    return min((f.state for f in findings), key=WORST_FIRST.index, default=State.OK)


def summary(words: Words, findings: Sequence[Finding]) -> str:
    """Returns how many of the findings are bad; "" if none is."""
    states = [finding.state for finding in findings]
    problems, warnings = states.count(State.PROBLEM), states.count(State.WARNING)
    counted = []
    if problems:
        counted.append(words.ngettext("{count} problem", "{count} problems", problems))
    if warnings:
        counted.append(words.ngettext("{count} warning", "{count} warnings", warnings))
    return words.list(counted, "none") if counted else ""
