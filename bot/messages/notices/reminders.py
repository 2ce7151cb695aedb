"""Notices before a session: reminders, the question to those who said maybe, the start."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.card import ANSWER_LABELS
from bot.messages.notices.writing import Buttons, Text, decline, going, mentions, reply, writes
from bot.messages.text import escaped, lines, mention, names, timestamp
from data.limits import QUIET_MENTIONS
from data.models import Answer
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
        return Text(lines((opening, _invitation(words, delivery))), _answers(words, delivery))
    content = lines((opening, going(words, delivery.people), _maybe(words, delivery)))
    return Text(content, _answers(words, delivery))


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
            words("Have you decided?"),
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


def _answers(words: Words, delivery: Delivery) -> Buttons:
    """Returns the buttons of a reminder: without a card, people answer on it."""
    if delivery.card is not None:
        return ()
    return tuple(
        reply(words(ANSWER_LABELS[answer]), delivery.shown.session, answer)
        for answer in (Answer.GOING, Answer.MAYBE, Answer.DECLINED)
    )


def _invitation(words: Words, delivery: Delivery) -> str:
    button = words(ANSWER_LABELS[Answer.GOING])
    if delivery.card is None:
        return words("Nobody has said yes yet: press **{button}** to change that.", button=button)
    return words(
        "Nobody has said yes yet: press **{button}** on the card to change that.", button=button
    )


def _maybe(words: Words, delivery: Delivery) -> str:
    roster = delivery.shown.roster
    if not roster.counts.maybe:
        return ""
    people = names(
        words,
        [mention(rsvp.user_id) for rsvp in roster.maybe],
        total=roster.counts.maybe,
        most=QUIET_MENTIONS,
    )
    if delivery.card is None:
        return words("-# Maybe: {people}. There is still time to say yes.", people=people)
    return words("-# Maybe: {people}. There is still time to say yes on the card.", people=people)
