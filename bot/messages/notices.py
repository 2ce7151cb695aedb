"""The plain messages: reminders, seats that come free, questions, a cancellation, thanks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.messages.buttons import Payload, button, link_button, row
from bot.messages.card import ANSWER_LABELS, name, seats
from bot.messages.lists import undelivered
from bot.messages.text import (
    card_link,
    count,
    escaped,
    lines,
    mention,
    names,
    server_link,
    span,
    timestamp,
)
from data.limits import CORRECTABLE_FOR, NAMES_GOING
from data.models import Answer, Delivery, DeliveryKind, Roster, Rsvp, Session, SessionView

QUIET_MENTIONS = 10

_TO_HOST = (
    DeliveryKind.QUESTION,
    DeliveryKind.REQUEST,
    DeliveryKind.SUMMARY,
    DeliveryKind.UNDELIVERED,
)

Buttons: TypeAlias = tuple[tuple[str, str, tuple[object, ...]], ...]
"""Label, name and arguments of each."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message's text, whom it may notify, and what may be pressed under it."""

    content: str
    mentioned: tuple[int, ...]
    link: tuple[str, str] | None
    """What it opens in words, and its address: the card, or in private the server."""
    buttons: Buttons = ()


def notice(delivery: Delivery, now: datetime) -> Notice | None:
    """The message that a delivery owes at this moment; None where nobody is left to tell."""
    session = delivery.view.session
    if delivery.part and not delivery.people:
        return None
    content = _WRITERS[delivery.kind](delivery, now)
    if content is None:
        return None
    link = None
    is_about_it = delivery.kind is not DeliveryKind.THANKS
    if is_about_it and session.card_channel_id and session.card_message_id:
        address = card_link(session.guild_id, session.card_channel_id, session.card_message_id)
        link = "Open the card", address
    elif delivery.is_private:
        link = "Open the server", server_link(session.guild_id)
    return Notice(content, _mentioned(delivery), link, _buttons(session, delivery, now))


def _mentioned(delivery: Delivery) -> tuple[int, ...]:
    """Whom a message notifies; a private one reaches its reader anyway."""
    if delivery.is_private or delivery.kind in (DeliveryKind.START, DeliveryKind.THANKS):
        return ()
    host_id = delivery.view.session.details.host_id
    if delivery.kind in _TO_HOST:
        return (host_id,)
    return tuple(rsvp.user_id for rsvp in delivery.people)


def _buttons(session: Session, delivery: Delivery, now: datetime) -> Buttons:
    """What may be pressed under a message."""
    session_id = session.session_id
    decline = (ANSWER_LABELS[Answer.DECLINED], "reply", (session_id, Answer.DECLINED))
    if delivery.kind is DeliveryKind.MOVED:
        return (("Still coming", "reply", (session_id, Answer.GOING)), decline)
    if delivery.kind is DeliveryKind.UNDECIDED:
        return (("Yes, going", "reply", (session_id, Answer.GOING)), decline)
    if delivery.kind is DeliveryKind.OFFER:
        return (("Take the seat", "reply", (session_id, Answer.GOING)), decline)
    if delivery.kind is DeliveryKind.PROMOTED:
        return (decline,)
    if delivery.kind is DeliveryKind.ON_BEHALF:
        is_coming = any(rsvp.answer is not Answer.DECLINED for rsvp in delivery.people)
        return (decline,) if is_coming else ()
    if delivery.kind is DeliveryKind.REQUEST:
        [rsvp] = delivery.people
        capacity, taken = session.details.capacity, delivery.view.roster.seats_taken
        is_full = capacity is not None and taken + rsvp.party > capacity
        yes = "Put them in line" if is_full else "Let them in"
        return (
            (yes, "request", (session_id, rsvp.user_id, Answer.GOING)),
            ("Not this time", "request", (session_id, rsvp.user_id, Answer.DECLINED)),
        )
    if delivery.kind is DeliveryKind.SUMMARY:
        if not delivery.is_private:
            return (("See the summary", "summary", (session_id,)),)
        return ()
    if delivery.kind is DeliveryKind.QUESTION:
        return (
            ("Go on", "series-go-on", (session.series_id,)),
            ("Pause it", "series-pause", (session.series_id, 0)),
            ("End it", "series-end", (session.series_id,)),
        )
    return ()


def _reminder(delivery: Delivery, now: datetime) -> str:
    session, roster = delivery.view.session, delivery.view.roster
    opening = (
        f"**{escaped(session.details.title)}** is on {timestamp(session.starts_at, 'F')} "
        f"({timestamp(session.starts_at, 'R')}), {escaped(session.details.place)}."
    )
    if delivery.part:
        return lines((opening, f"Also going: {_mentions(delivery.people)}"))
    if not roster.going_count and not roster.maybe_count:
        return lines(
            (opening, "Nobody has said yes yet: press **Going** on the card to change that.")
        )
    return lines((opening, _going(delivery.people), _maybe(roster)))


def _start(delivery: Delivery, now: datetime) -> str | None:
    session, roster = delivery.view.session, delivery.view.roster
    if not roster.going_count:
        return None
    late = (now - session.starts_at).total_seconds() > 60
    verb = f"started {timestamp(session.starts_at, 'R')}" if late else "starts now"
    return (
        f"**{escaped(session.details.title)}** {verb} at {escaped(session.details.place)}, "
        f"with {count(roster.going_count + roster.guest_count, 'person', 'people')} coming. "
        "Have a good day!"
    )


def _moved(delivery: Delivery, now: datetime) -> str:
    session = delivery.view.session
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
    return lines(
        (*changes, _concerned(delivery), "Does it still suit you? One press below is enough.")
    )


def _cancelled(delivery: Delivery, now: datetime) -> str:
    session = delivery.view.session
    return lines(
        (
            f"**{escaped(session.details.title)}** on {timestamp(session.starts_at, 'F')} "
            "is called off.",
            _mentions(delivery.people),
            "Type `/jellies` to see what else is on.",
        )
    )


def _question(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    if session.series_id is None:
        return None
    return (
        f"{mention(session.details.host_id)}, nobody said they were coming to the last three "
        f"dates of **{escaped(session.details.title)}**. Shall it go on?"
    )


def _undecided(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    if not delivery.people:
        return None
    return lines(
        (
            f"{_mentions(delivery.people)}, you said maybe to "
            f"{_what_and_when(session)}, {escaped(session.details.place)}.",
            "Have you decided? One press below is enough.",
        )
    )


def _promoted(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    if not delivery.people:
        return None
    what = _what_and_when(session)
    return lines(
        (
            f"{_parties(delivery.people)}: a seat has come free, and you are going to {what}.",
            _kept_waiting(delivery.view, delivery.people),
            "If you can't come any more, press below, so that the next in line gets it.",
        )
    )


def _offer(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    open_offers = [rsvp for rsvp in delivery.people if (rsvp.offered_until or now) > now]
    if not open_offers:
        return None
    until = min(rsvp.offered_until for rsvp in open_offers if rsvp.offered_until)
    return lines(
        (
            f"{_parties(open_offers)}: a seat at {_what_and_when(session)} is kept for you until "
            f"{timestamp(until, 't')} ({timestamp(until, 'R')}). Take it below; after that, the "
            "next in line is asked.",
            _kept_waiting(delivery.view, open_offers),
        )
    )


def _kept_waiting(view: SessionView, chosen: Sequence[Rsvp]) -> str:
    """Why somebody came before others: a party that does not fit yet keeps its place."""
    smallest = min(rsvp.party for rsvp in chosen)
    if all(rsvp.offered_until or rsvp.party <= smallest for rsvp in view.roster.waiting):
        return ""
    return "-# Parties too large for the free seats keep their place on the waiting list."


_BY_WHOM = {
    Answer.GOING: "{by} put you down: you are going to {what}.",
    Answer.WAITLISTED: "{by} put you on the waiting list of {what}; it is full.",
    Answer.REQUESTED: "{by} changed your answer to {what}; the host has yet to decide.",
    Answer.MAYBE: "{by} put you down as “Maybe” for {what}.",
    Answer.DECLINED: "{by} took you off the list of {what}.",
}


def _on_behalf(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    alike: dict[tuple[int, Answer], list[Rsvp]] = {}
    for rsvp in delivery.people:
        if rsvp.answered_by is not None:  # otherwise they have answered themselves since
            alike.setdefault((rsvp.answered_by, rsvp.answer), []).append(rsvp)
    what = _what_and_when(session)
    parts = [
        f"{_parties(people)}: {_BY_WHOM[answer].format(by=mention(by), what=what)}"
        for (by, answer), people in alike.items()
    ]
    if not parts:
        return None
    return lines((*parts, "Not right? Answer on the card or with `/rsvp`: your own word counts."))


def _request(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    if not delivery.people or delivery.people[0].answer is not Answer.REQUESTED:
        return None
    [rsvp] = delivery.people
    return lines(
        (
            f"{mention(session.details.host_id)}, {name(rsvp)} would like to come to "
            f"{_what_and_when(session)}. Answers have closed, so that is for you to decide.",
            seats(delivery.view, now),
        )
    )


def _newcomer(delivery: Delivery, now: datetime) -> str | None:
    session = delivery.view.session
    host_id = session.details.host_id
    new = [
        rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING and rsvp.user_id != host_id
    ]
    if not new:
        return None
    listed = names([mention(rsvp.user_id) for rsvp in new], total=len(new), most=QUIET_MENTIONS)
    return lines(
        (
            f"First time: {listed} will be at {_what_and_when(session)}.",
            "Say hello when they come in. Only you are told.",
        )
    )


def _summary(delivery: Delivery, now: datetime) -> str | None:
    if not delivery.view.roster.going_count and not delivery.view.roster.came_count:
        return None
    if not delivery.is_private:
        # Their private messages are closed, so it waits behind a button that only they may press.
        session = delivery.view.session
        return (
            f"{mention(session.details.host_id)}, {_what_and_when(session)} is over. "
            "Press below to see how it went; only you will see it."
        )
    return summary(delivery.view, [rsvp.user_id for rsvp in delivery.people])


def summary(view: SessionView, first_timers: Sequence[int]) -> str:
    """What the host hears afterwards: who said going, who came, who was new."""
    session, roster = view.session, view.roster
    came = [rsvp for rsvp in roster.everybody() if rsvp.arrived_at is not None]
    parts = [
        f"### How {escaped(session.details.title)} went",
        f"{span(session.starts_at, session.ends_at)}, {escaped(session.details.place)}",
        f"**{roster.going_count} were going**"
        + (f", with {count(roster.guest_count, 'guest')}" if roster.guest_count else ""),
    ]
    if came:
        people = [_party(rsvp) for rsvp in came]
        listed = names(people, total=len(came), most=NAMES_GOING)
        parts.append(f"**{roster.came_count} came**: {listed}")
    else:
        parts.append("Nobody was ticked off, so who came is not known.")
    new = [rsvp for rsvp in came or roster.going if rsvp.user_id in first_timers]
    if new:
        listed = names([mention(rsvp.user_id) for rsvp in new], total=len(new), most=NAMES_GOING)
        parts.append(f"**For the first time**: {listed}")
    until = timestamp(session.ends_at + CORRECTABLE_FOR, "F")
    parts.append(f"Until {until} you can tick people off with `/headcount session`.")
    return lines(parts)


def _thanks(delivery: Delivery, now: datetime) -> str | None:
    figures = delivery.figures
    if figures is None or not figures.jellies:
        return None
    hosts = names([mention(host) for host in figures.hosts], total=len(figures.hosts), most=20)
    return lines(
        (
            f"### {figures.month:%B} in this server",
            f"{count(figures.jellies, 'jelly', 'jellies')}, {count(figures.places, 'place')}, "
            f"{count(figures.people, 'person', 'people')}.",
            f"Thank you for hosting: {hosts}.",
        )
    )


def _undelivered(delivery: Delivery, now: datetime) -> str:
    if not delivery.is_private:
        # Their private messages are closed, and what did not arrive is a command away.
        session = delivery.view.session
        return (
            f"{mention(session.details.host_id)}, something about {_what_and_when(session)} could "
            "not be posted. Type `/jelly list` to see what did not arrive."
        )
    return undelivered(delivery.problems)


def _parties(people: Sequence[Rsvp]) -> str:
    return ", ".join(_party(rsvp) for rsvp in people)


def _party(rsvp: Rsvp) -> str:
    return f"{mention(rsvp.user_id)} +{rsvp.guests}" if rsvp.guests else mention(rsvp.user_id)


def _what_and_when(session: Session) -> str:
    return f"**{escaped(session.details.title)}** on {timestamp(session.starts_at, 'F')}"


_WRITERS: dict[DeliveryKind, Callable[[Delivery, datetime], str | None]] = {
    DeliveryKind.REMINDER: _reminder,
    DeliveryKind.START: _start,
    DeliveryKind.MOVED: _moved,
    DeliveryKind.CANCELLED: _cancelled,
    DeliveryKind.QUESTION: _question,
    DeliveryKind.UNDECIDED: _undecided,
    DeliveryKind.PROMOTED: _promoted,
    DeliveryKind.OFFER: _offer,
    DeliveryKind.ON_BEHALF: _on_behalf,
    DeliveryKind.REQUEST: _request,
    DeliveryKind.NEWCOMER: _newcomer,
    DeliveryKind.SUMMARY: _summary,
    DeliveryKind.THANKS: _thanks,
    DeliveryKind.UNDELIVERED: _undelivered,
}


def _concerned(delivery: Delivery) -> str:
    """Those a move concerns: people going, and people who wait for a seat."""
    going = [rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING]
    waiting = [rsvp for rsvp in delivery.people if rsvp.answer is not Answer.GOING]
    return lines((_going(going), f"Waiting: {_mentions(waiting)}" if waiting else ""))


def _mentions(going: Sequence[Rsvp]) -> str:
    return " ".join(mention(rsvp.user_id) for rsvp in going)


def _going(going: Sequence[Rsvp]) -> str:
    return f"Going: {_mentions(going)}" if going else ""


def _maybe(roster: Roster) -> str:
    if not roster.maybe_count:
        return ""
    listed = ", ".join(mention(rsvp.user_id) for rsvp in roster.maybe[:QUIET_MENTIONS])
    hidden = roster.maybe_count - min(len(roster.maybe), QUIET_MENTIONS)
    more = f" and {hidden} more" if hidden else ""
    return f"-# Maybe: {listed}{more}. There is still time to say yes on the card."


def notice_buttons(owed: Notice, marker: int) -> Payload:
    """The buttons under a notice; ``marker`` is found again in the channel's history."""
    items = [button(label, name, *arguments) for label, name, arguments in owed.buttons]
    if owed.link is not None:
        label, address = owed.link
        items.append(link_button(label, address))
    if not items:
        items.append(button("See what's on", "agenda"))
    items[0]["id"] = marker
    return row(*items)
