"""Notices about seats: one is free, is offered, is requested; an answer for another member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.language import N_, Words
from bot.messages.card import TAKE_SEAT, name
from bot.messages.counts import counted
from bot.messages.notices.writing import Text, decline, parties, reply, writes
from bot.messages.text import escaped, lines, mention, timestamp
from data.models import Answer, Rsvp, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import OFFER, ON_BEHALF, PROMOTED, REQUEST

_BY_WHOM = {
    Answer.GOING: N_("{people}: {other} added you to **{title}** on {when}."),
    Answer.WAITLISTED: N_(
        "{people}: {other} put you on the waiting list for **{title}** on {when}. It's full."
    ),
    Answer.REQUESTED: N_(
        "{people}: {other} changed your answer to **{title}** on {when}. The host decides."
    ),
    Answer.MAYBE: N_("{people}: {other} changed your answer to **{title}** on {when} to Maybe."),
    Answer.DECLINED: N_("{people}: {other} took you off the list for **{title}** on {when}."),
}


@writes(PROMOTED)
def promoted(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people:
        return None
    content = lines(
        (
            words(
                "{people}: a seat came free, so you're going to **{title}** on {when}.",
                people=parties(words, delivery.people),
                title=escaped(session.details.title),
                when=timestamp(session.starts_at, "F"),
            ),
            _kept_waiting(words, delivery.shown, delivery.people),
            words("Can't make it after all? Press below, and it goes to the next in line."),
        )
    )
    return Text(content, (decline(words, session),))


@writes(OFFER)
def offer(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    open_offers = [rsvp for rsvp in delivery.people if (rsvp.offered_until or now) > now]
    if not open_offers:
        return None
    until = min(rsvp.offered_until for rsvp in open_offers if rsvp.offered_until)
    content = lines(
        (
            words(
                "{people}: a seat at **{title}** on {when} is yours if you take it by "
                "{until} ({time_left}). After that, it goes to the next in line.",
                people=parties(words, open_offers),
                title=escaped(session.details.title),
                when=timestamp(session.starts_at, "F"),
                until=timestamp(until, "t"),
                time_left=timestamp(until, "R"),
            ),
            _kept_waiting(words, delivery.shown, open_offers),
        )
    )
    return Text(content, (reply(words(TAKE_SEAT), session, Answer.GOING), decline(words, session)))


@writes(ON_BEHALF)
def on_behalf(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    alike: dict[tuple[int, Answer], list[Rsvp]] = {}
    for rsvp in delivery.people:
        if (by := rsvp.known_answered_by) is not None:  # as the kind says
            alike.setdefault((by, rsvp.answer), []).append(rsvp)
    parts = [
        words(
            _BY_WHOM[answer],
            people=parties(words, people),
            other=mention(by),
            title=escaped(session.details.title),
            when=timestamp(session.starts_at, "F"),
        )
        for (by, answer), people in alike.items()
    ]
    if not parts:
        return None
    is_coming = any(rsvp.answer is not Answer.DECLINED for rsvp in delivery.people)
    hint = words("Not right? Change it on the card.")
    return Text(lines((*parts, hint)), (decline(words, session),) if is_coming else ())


@writes(REQUEST)
def request(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people:
        return None
    [rsvp] = delivery.people
    capacity, taken = session.details.capacity, delivery.shown.roster.counts.seats_taken
    is_full = capacity is not None and taken + rsvp.party > capacity
    yes = words("Put them in line") if is_full else words("Let them in")
    return Text(
        lines(
            (
                words(
                    "{host}, {member} would like to join **{title}** on {when}. Answers "
                    "have closed. Let them in?",
                    host=mention(session.details.host_id),
                    member=name(words, rsvp),
                    title=escaped(session.details.title),
                    when=timestamp(session.starts_at, "F"),
                ),
                counted(words, delivery.shown, now),
            )
        ),
        (
            (yes, "request", (session.session_id, rsvp.user_id, Answer.GOING)),
            (
                words("Not this time"),
                "request",
                (session.session_id, rsvp.user_id, Answer.DECLINED),
            ),
        ),
    )


def _kept_waiting(words: Words, view: SessionView, chosen: Sequence[Rsvp]) -> str:
    """Returns why later members came first: a party that does not fit yet keeps its place."""
    smallest = min(rsvp.party for rsvp in chosen)
    if all(rsvp.offered_until or rsvp.party <= smallest for rsvp in view.roster.waiting):
        return ""
    return words("-# Groups too large for the free seats keep their place in line.")
