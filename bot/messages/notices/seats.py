"""Notices about seats: one is free, is offered, is requested; an answer for another member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages.card import name, seats
from bot.messages.notices.writing import Text, decline, parties, reply, what_and_when, writes
from bot.messages.text import lines, mention, timestamp
from data.models import Answer, Rsvp, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import OFFER, ON_BEHALF, PROMOTED, REQUEST

_BY_WHOM = {
    Answer.GOING: "{by} put you down: you are going to {what}.",
    Answer.WAITLISTED: "{by} put you on the waiting list of {what}; it is full.",
    Answer.REQUESTED: "{by} changed your answer to {what}; the host has yet to decide.",
    Answer.MAYBE: "{by} put you down as “Maybe” for {what}.",
    Answer.DECLINED: "{by} took you off the list of {what}.",
}


@writes(PROMOTED)
def promoted(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people:
        return None
    what = what_and_when(session)
    content = lines(
        (
            f"{parties(delivery.people)}: a seat has come free, and you are going to {what}.",
            _kept_waiting(delivery.shown, delivery.people),
            "If you can't come any more, press below, so that the next in line gets it.",
        )
    )
    return Text(content, (decline(session),))


@writes(OFFER)
def offer(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    open_offers = [rsvp for rsvp in delivery.people if (rsvp.offered_until or now) > now]
    if not open_offers:
        return None
    until = min(rsvp.offered_until for rsvp in open_offers if rsvp.offered_until)
    content = lines(
        (
            f"{parties(open_offers)}: a seat at {what_and_when(session)} is kept for you until "
            f"{timestamp(until, 't')} ({timestamp(until, 'R')}). Take it below; after that, the "
            "next in line is asked.",
            _kept_waiting(delivery.shown, open_offers),
        )
    )
    return Text(content, (reply("Take the seat", session, Answer.GOING), decline(session)))


@writes(ON_BEHALF)
def on_behalf(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    alike: dict[tuple[int, Answer], list[Rsvp]] = {}
    for rsvp in delivery.people:
        if rsvp.answered_by is not None:  # otherwise they have answered themselves since
            alike.setdefault((rsvp.answered_by, rsvp.answer), []).append(rsvp)
    what = what_and_when(session)
    parts = [
        f"{parties(people)}: {_BY_WHOM[answer].format(by=mention(by), what=what)}"
        for (by, answer), people in alike.items()
    ]
    if not parts:
        return None
    is_coming = any(rsvp.answer is not Answer.DECLINED for rsvp in delivery.people)
    return Text(
        lines((*parts, "Not right? Answer on the card or with `/rsvp`: your own word counts.")),
        (decline(session),) if is_coming else (),
    )


@writes(REQUEST)
def request(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not delivery.people or delivery.people[0].answer is not Answer.REQUESTED:
        return None
    [rsvp] = delivery.people
    capacity, taken = session.details.capacity, delivery.shown.roster.counts.seats_taken
    is_full = capacity is not None and taken + rsvp.party > capacity
    yes = "Put them in line" if is_full else "Let them in"
    return Text(
        lines(
            (
                f"{mention(session.details.host_id)}, {name(rsvp)} would like to come to "
                f"{what_and_when(session)}. Answers have closed, so that is for you to decide.",
                seats(delivery.shown, now),
            )
        ),
        (
            (yes, "request", (session.session_id, rsvp.user_id, Answer.GOING)),
            ("Not this time", "request", (session.session_id, rsvp.user_id, Answer.DECLINED)),
        ),
    )


def _kept_waiting(view: SessionView, chosen: Sequence[Rsvp]) -> str:
    """Returns why later members came first: a party that does not fit yet keeps its place."""
    smallest = min(rsvp.party for rsvp in chosen)
    if all(rsvp.offered_until or rsvp.party <= smallest for rsvp in view.roster.waiting):
        return ""
    return "-# Parties too large for the free seats keep their place on the waiting list."
