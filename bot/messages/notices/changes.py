"""Notices about changes: a session moved or was called off."""

from __future__ import annotations

from datetime import datetime

from bot.messages.notices.writing import Text, decline, going, mentions, reply, writes
from bot.messages.text import escaped, lines, timestamp
from data.models import Answer
from data.outbox.deliveries import Delivery
from data.outbox.kinds import CANCELLED, MOVED


@writes(MOVED)
def moved(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    title = escaped(session.details.title)
    changes = []
    if delivery.previous_at is not None:
        changes.append(
            f"**{title}** has moved from {timestamp(delivery.previous_at, 'F')} "
            f"to **{timestamp(session.starts_at, 'F')}**."
        )
    if delivery.previous_place is not None:
        changes.append(
            f"**{title}** on {timestamp(session.starts_at, 'F')} is now at "
            f"**{escaped(session.details.place)}** "
            f"instead of {escaped(delivery.previous_place)}."
        )
    question = "Does it still suit you? One press below is enough."
    return Text(
        lines((*changes, _concerned(delivery), question)),
        (reply("Still coming", session, Answer.GOING), decline(session)),
    )


@writes(CANCELLED)
def cancelled(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    return Text(
        lines(
            (
                f"**{escaped(session.details.title)}** on {timestamp(session.starts_at, 'F')} "
                "is called off.",
                mentions(delivery.people),
                "Type `/jellies` to see what else is on.",
            )
        )
    )


def _concerned(delivery: Delivery) -> str:
    """Returns those a move affects: members going, and members who wait for a seat."""
    coming = [rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING]
    waiting = [rsvp for rsvp in delivery.people if rsvp.answer is not Answer.GOING]
    return lines((going(coming), f"Waiting: {mentions(waiting)}" if waiting else ""))
