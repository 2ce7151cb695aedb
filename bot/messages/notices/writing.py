"""The registry of notice writers, one for each kind of message, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.language import Words
from bot.messages.card import ANSWER_LABELS
from bot.messages.text import mention
from data.models import Answer, Rsvp, Session
from data.outbox.deliveries import Delivery
from data.outbox.kinds import Kind

Buttons: TypeAlias = tuple[tuple[str, str, tuple[object, ...]], ...]
"""Label, name and arguments of each."""


@dataclass(frozen=True, slots=True)
class Text:
    """The content of a notice, and its buttons."""

    content: str
    buttons: Buttons = ()


Writer: TypeAlias = Callable[[Words, Delivery, datetime], Text | None]
"""Returns the text of a delivery at a moment; None if nobody is left to tell."""

WRITERS: dict[Kind, Writer] = {}


def writes(kind: Kind) -> Callable[[Writer], Writer]:
    """Mark a function as the writer of a kind of message."""

    def mark(writer: Writer) -> Writer:
        WRITERS[kind] = writer
        return writer

    return mark


def reply(label: str, session: Session, answer: Answer) -> tuple[str, str, tuple[object, ...]]:
    """Returns a button that records this answer for the member who presses it."""
    return (label, "reply", (session.session_id, answer))


def decline(words: Words, session: Session) -> tuple[str, str, tuple[object, ...]]:
    """Returns the button for members who can't come."""
    return reply(words(ANSWER_LABELS[Answer.DECLINED]), session, Answer.DECLINED)


def mentions(people: Sequence[Rsvp]) -> str:
    return " ".join(mention(rsvp.user_id) for rsvp in people)


def going(words: Words, people: Sequence[Rsvp]) -> str:
    return words("Going: {people}", people=mentions(people)) if people else ""


def parties(words: Words, people: Sequence[Rsvp]) -> str:
    return words.list([party(rsvp) for rsvp in people], "none")


def party(rsvp: Rsvp) -> str:
    """Returns a mention with the number of guests."""
    return f"{mention(rsvp.user_id)} +{rsvp.guests}" if rsvp.guests else mention(rsvp.user_id)
