"""Notices before a session: reminders, the question to those who said maybe, the start."""

from __future__ import annotations

from datetime import datetime

from bot.messages.notices.writing import (
    Text,
    decline,
    going,
    mentions,
    reply,
    what_and_when,
    writes,
)
from bot.messages.text import count, escaped, lines, mention, timestamp
from data.limits import QUIET_MENTIONS
from data.models import Answer, Roster
from data.outbox.deliveries import Delivery
from data.outbox.kinds import REMINDER, START, UNDECIDED


@writes(REMINDER)
def reminder(delivery: Delivery, now: datetime) -> Text | None:
    session, roster = delivery.shown.session, delivery.shown.roster
    opening = (
        f"**{escaped(session.details.title)}** is on {timestamp(session.starts_at, 'F')} "
        f"({timestamp(session.starts_at, 'R')}), {escaped(session.details.place)}."
    )
    if delivery.part:
        return Text(lines((opening, f"Also going: {mentions(delivery.people)}")))
    if not roster.counts.going and not roster.counts.maybe:
        invitation = "Nobody has said yes yet: press **Going** on the card to change that."
        return Text(lines((opening, invitation)))
    return Text(lines((opening, going(delivery.people), _maybe(roster))))


@writes(UNDECIDED)
def undecided(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people:
        return None
    content = lines(
        (
            f"{mentions(delivery.people)}, you said maybe to "
            f"{what_and_when(session)}, {escaped(session.details.place)}.",
            "Have you decided? One press below is enough.",
        )
    )
    return Text(content, (reply("Yes, going", session, Answer.GOING), decline(session)))


@writes(START)
def start(delivery: Delivery, now: datetime) -> Text | None:
    session, counts = delivery.shown.session, delivery.shown.roster.counts
    if not counts.going:
        return None
    late = (now - session.starts_at).total_seconds() > 60
    verb = f"started {timestamp(session.starts_at, 'R')}" if late else "starts now"
    return Text(
        f"**{escaped(session.details.title)}** {verb} at {escaped(session.details.place)}, "
        f"with {count(counts.going + counts.guests, 'person', 'people')} coming. "
        "Have a good day!"
    )


def _maybe(roster: Roster) -> str:
    if not roster.counts.maybe:
        return ""
    listed = ", ".join(mention(rsvp.user_id) for rsvp in roster.maybe[:QUIET_MENTIONS])
    hidden = roster.counts.maybe - min(len(roster.maybe), QUIET_MENTIONS)
    more = f" and {hidden} more" if hidden else ""
    return f"-# Maybe: {listed}{more}. There is still time to say yes on the card."
