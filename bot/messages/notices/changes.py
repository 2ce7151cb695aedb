"""Notices about changes: a session moved or was called off."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.notices.writing import Text, decline, going, mentions, reply, writes
from bot.messages.text import escaped, lines, timestamp
from data.models import Answer
from data.outbox.deliveries import Delivery
from data.outbox.kinds import CANCELLED, MOVED


@writes(MOVED)
def moved(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    title, when = escaped(session.details.title), timestamp(session.starts_at, "F")
    changes = []
    if delivery.previous_at is not None:
        changes.append(
            words(
                "**{title}** has moved from {before} to **{when}**.",
                title=title,
                before=timestamp(delivery.previous_at, "F"),
                when=when,
            )
        )
    if delivery.previous_place is not None:
        changes.append(
            words(
                "**{title}** on {when} is now at **{place}** instead of {before}.",
                title=title,
                when=when,
                place=escaped(session.details.place),
                before=escaped(delivery.previous_place),
            )
        )
    question = words("Does it still work for you?")
    return Text(
        lines((*changes, _concerned(words, delivery), question)),
        (reply(words("Still coming"), session, Answer.GOING), decline(words, session)),
    )


@writes(CANCELLED)
def cancelled(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    return Text(
        lines(
            (
                words(
                    "**{title}** on {when} is called off.",
                    title=escaped(session.details.title),
                    when=timestamp(delivery.previous_at or session.starts_at, "F"),
                ),
                mentions(delivery.people),
                words("Type `/jellies` to see what else is on."),
            )
        )
    )


def _concerned(words: Words, delivery: Delivery) -> str:
    """Returns those a move affects: members going, and members who wait for a seat."""
    coming = [rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING]
    waiting = [rsvp for rsvp in delivery.people if rsvp.answer is not Answer.GOING]
    return lines(
        (
            going(words, coming),
            words("Waiting: {people}", people=mentions(waiting)) if waiting else "",
        )
    )
