"""Notices before a session: reminders, the question to those who said maybe, the start."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.card import ANSWER_LABELS
from bot.messages.notices.writing import Text, decline, going, mentions, reply, writes
from bot.messages.text import escaped, lines, mention, names, timestamp
from data.limits import QUIET_MENTIONS
from data.models import Answer, Roster
from data.outbox.deliveries import Delivery
from data.outbox.kinds import REMINDER, START, UNDECIDED


@writes(REMINDER)
def reminder(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session, roster = delivery.shown.session, delivery.shown.roster
    opening = words(
        "**{title}** is on {when} ({time_left}), {place}.",
        title=escaped(session.details.title),
        when=timestamp(session.starts_at, "F"),
        time_left=timestamp(session.starts_at, "R"),
        place=escaped(session.details.place),
    )
    if delivery.part:
        also = words("Also going: {people}", people=mentions(delivery.people))
        return Text(lines((opening, also)))
    if not roster.counts.going and not roster.counts.maybe:
        invitation = words(
            "Nobody has said yes yet: press **{button}** on the card to change that.",
            button=words(ANSWER_LABELS[Answer.GOING]),
        )
        return Text(lines((opening, invitation)))
    return Text(lines((opening, going(words, delivery.people), _maybe(words, roster))))


@writes(UNDECIDED)
def undecided(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people:
        return None
    content = lines(
        (
            words(
                "{people}, you said maybe to **{title}** on {when}, {place}.",
                people=mentions(delivery.people),
                title=escaped(session.details.title),
                when=timestamp(session.starts_at, "F"),
                place=escaped(session.details.place),
            ),
            words("Have you decided? One press below is enough."),
        )
    )
    return Text(
        content, (reply(words("Yes, going"), session, Answer.GOING), decline(words, session))
    )


@writes(START)
def start(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session, counts = delivery.shown.session, delivery.shown.roster.counts
    if not counts.going:
        return None
    title, place = escaped(session.details.title), escaped(session.details.place)
    coming = counts.going + counts.guests
    if (now - session.starts_at).total_seconds() > 60:
        return Text(
            words.ngettext(
                "**{title}** started {when} at {place}, with {count} person coming. Have a good "
                "day!",
                "**{title}** started {when} at {place}, with {count} people coming. Have a good "
                "day!",
                coming,
                title=title,
                when=timestamp(session.starts_at, "R"),
                place=place,
            )
        )
    return Text(
        words.ngettext(
            "**{title}** starts now at {place}, with {count} person coming. Have a good day!",
            "**{title}** starts now at {place}, with {count} people coming. Have a good day!",
            coming,
            title=title,
            place=place,
        )
    )


def _maybe(words: Words, roster: Roster) -> str:
    if not roster.counts.maybe:
        return ""
    people = [mention(rsvp.user_id) for rsvp in roster.maybe]
    return words(
        "-# Maybe: {people}. There is still time to say yes on the card.",
        people=names(words, people, total=roster.counts.maybe, most=QUIET_MENTIONS),
    )
