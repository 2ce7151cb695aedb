"""Notices before a session: reminders, the question to those who said maybe, the start."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.card import ANSWER_LABELS, HEADING_OFF, HERE
from bot.messages.notices.writing import Buttons, Text, decline, going, mentions, reply, writes
from bot.messages.text import end_after, escaped, lines, mention, names, timestamp
from data.limits import QUIET_MENTIONS
from data.models import Answer, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import REMINDER, START, UNDECIDED


@writes(REMINDER)
def reminder(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    view = delivery.shown
    session, people = view.session, delivery.people
    if not people and not view.has_others:
        return Text(_quiet_line(words, view), _buttons(words, delivery))
    coming = [rsvp for rsvp in people if rsvp.answer is Answer.GOING]
    sure = [rsvp for rsvp in coming if not rsvp.asked_again]
    unsure = [rsvp for rsvp in coming if rsvp.asked_again]
    undecided = [rsvp for rsvp in people if rsvp.answer is Answer.MAYBE]
    parts = [
        words(
            "**{title}** is on {when} ({time_left}), {place}.",
            title=escaped(session.details.title),
            when=timestamp(session.starts_at, "F"),
            time_left=timestamp(session.starts_at, "R"),
            place=escaped(session.details.place),
        )
    ]
    if delivery.part and sure:
        parts.append(words("Also going: {people}", people=mentions(sure)))
    else:
        parts.append(going(words, sure))
    if unsure:
        parts.append(
            words("{people}: it moved after you said yes. Still coming?", people=mentions(unsure))
        )
    if undecided:
        parts.append(
            words("{people}: you said maybe. Have you decided?", people=mentions(undecided))
        )
    elif not delivery.part:
        parts.append(_maybe(words, delivery))
    return Text(lines(parts), _buttons(words, delivery))


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
    title, place = escaped(session.details.title), escaped(session.details.place)
    # It stands until the end, so it tells nothing that passes.
    opening = words.ngettext(
        "**{title}** is on now at {place} until {end}, with {count} person.",
        "**{title}** is on now at {place} until {end}, with {count} people.",
        counts.coming,
        title=title,
        place=place,
        end=end_after(session.starts_at, session.ends_at),
    )
    session_id = session.session_id
    return Text(
        lines((opening, words("Check in when you arrive."))),
        ((words(HERE), "here", (session_id,)), (words(HEADING_OFF), "off", (session_id,))),
    )


def _quiet_line(words: Words, view: SessionView) -> str:
    """Returns the reminder of a session to which nobody but the host comes."""
    invitation = (
        words("Just the host so far. Who's next?")
        if view.roster.counts.going
        else words("No one's in yet. Be the first?")
    )
    return words(
        "**{title}** is on {when} ({time_left}), {place}. {invitation}",
        title=escaped(view.session.details.title),
        when=timestamp(view.session.starts_at, "F"),
        time_left=timestamp(view.session.starts_at, "R"),
        place=escaped(view.session.details.place),
        invitation=invitation,
    )


def _buttons(words: Words, delivery: Delivery) -> Buttons:
    """Returns the buttons of a reminder: of its questions; without a card, every answer."""
    session = delivery.shown.session
    if delivery.card is None:
        return tuple(
            reply(words(ANSWER_LABELS[answer]), session, answer)
            for answer in (Answer.GOING, Answer.MAYBE, Answer.DECLINED)
        )
    if any(rsvp.answer is Answer.MAYBE for rsvp in delivery.people):
        yes = words("Yes, going")
    elif any(rsvp.asked_again for rsvp in delivery.people):
        yes = words("Still coming")
    else:
        return ()
    return reply(yes, session, Answer.GOING), decline(words, session)


def _maybe(words: Words, delivery: Delivery) -> str:
    """Returns those who said maybe, whom the reminder names and does not ask."""
    roster = delivery.shown.roster
    if not roster.counts.maybe:
        return ""
    people = names(
        words,
        [mention(rsvp.user_id) for rsvp in roster.maybe],
        total=roster.counts.maybe,
        most=QUIET_MENTIONS,
    )
    return words("-# Maybe: {people}", people=people)
