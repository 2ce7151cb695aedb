"""The doctor's findings: a state, a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.messages.text import count, escaped, one_line, shorten, timestamp
from data.limits import LONGEST_QUOTE


class State(StrEnum):
    """How a finding is, in the word that is shown; the worst comes first."""

    PROBLEM = "PROBLEM"  # something does not work
    WARNING = "WARNING"  # something will not work, or did not
    OK = "OK"


WORST_FIRST = tuple(State)


@dataclass(frozen=True, slots=True)
class Finding:
    state: State
    subject: str
    """What it is about; findings about the same thing are shown together."""
    sentence: str
    remedy: str = ""
    """The exact switch, setting or command; "" if there is nothing to do."""


def fine(subject: str, sentence: str) -> Finding:
    return Finding(State.OK, subject, sentence)


def warning(subject: str, sentence: str, remedy: str) -> Finding:
    return Finding(State.WARNING, subject, sentence, remedy)


def problem(subject: str, sentence: str, remedy: str) -> Finding:
    return Finding(State.PROBLEM, subject, sentence, remedy)


class Voice(NamedTuple):
    """How findings name things, in a terminal or in Discord."""

    quoted: Callable[[str], str]
    """What a person typed, or what an error says."""
    at: Callable[[datetime], str]
    channel: Callable[[int, str], str]
    """A channel, by its id and name."""


IN_TERMINAL = Voice(
    quoted=lambda typed: shorten(one_line(typed), LONGEST_QUOTE),
    at=lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC",
    channel=lambda _, name: f"#{one_line(name)}",
)
IN_DISCORD = Voice(
    quoted=lambda typed: escaped(shorten(one_line(typed), LONGEST_QUOTE)),
    at=lambda moment: timestamp(moment, "f"),
    channel=lambda channel_id, _: f"<#{channel_id}>",
)


def worst(findings: Sequence[Finding]) -> State:
    return min((f.state for f in findings), key=WORST_FIRST.index, default=State.OK)


def summary(findings: Sequence[Finding]) -> str:
    """Returns how many of the findings are bad, in one line."""
    states = [finding.state for finding in findings]
    counted = [
        count(states.count(state), state.lower())
        for state in (State.PROBLEM, State.WARNING)
        if state in states
    ]
    return f"{', '.join(counted) or 'all is well'}."
