"""The card of a session: what, when, where, who, and the buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.messages.buttons import (
    CONTAINER,
    SECONDARY,
    SEPARATOR,
    SUCCESS,
    Layout,
    Payload,
    button,
    row,
    text_display,
)
from bot.messages.text import count, escaped, lines, mention, names, span, timestamp
from data.limits import (
    CARD_HOURS,
    CARD_NOTES,
    CORRECTABLE_FOR,
    LONGEST_CARD,
    NAMES_GOING,
    NAMES_MAYBE,
)
from data.models import Answer, Mood, Roster, Rsvp, Session, SessionState, SessionView, Tone

ANSWER_LABELS = {
    Answer.GOING: "Going",
    Answer.WAITLISTED: "On the waiting list",
    Answer.REQUESTED: "Waiting for the host's word",
    Answer.MAYBE: "Maybe",
    Answer.DECLINED: "Can't make it",
}

MOOD_LABELS = {
    Mood.HEADS_DOWN: "Heads-down",
    Mood.EITHER: "Either",
    Mood.CHATTY: "Up for a chat",
}
TONE_WORDS = {
    Tone.QUIET: "quiet, for work heads-down",
    Tone.MIXED: "",
    Tone.SOCIAL: "social, for company",
}
ON_CARD, IN_PRIVATE = "card", "private"
"""Where a form was opened, which decides what its response replaces."""

BLOCKS = "▁▂▃▄▅▆▇█"
PARAGRAPH = "\n\n"
"""An empty line: with few components, a card is fast to send and to show."""

_OPEN = 0xE8590C
_CLOSED = 0x868E96


def card(view: SessionView, now: datetime) -> Layout:
    """Returns the message that shows a session at this moment."""
    return Layout([card_container(view, now)])


def card_container(
    view: SessionView, now: datetime, *, with_buttons: bool = True, longest: int = LONGEST_CARD
) -> Payload:
    session, roster = view.session, view.roster
    is_open = session.state is SessionState.SCHEDULED and not session.is_over(now)
    about = [part for part in (*_about(session, now), escaped(session.details.about)) if part]
    people = who(view, now, room=longest - _length_of(about))
    notes = working_on(roster, room=longest - _length_of((*about, *people)))
    parts: list[Payload] = [
        text_display(PARAGRAPH.join(about)),
        {"type": SEPARATOR, "divider": True, "spacing": 1},
        text_display(PARAGRAPH.join((*people, *notes))),
    ]
    if with_buttons and (buttons := card_buttons(view, now)):
        parts.append(row(*buttons))
    return {
        "type": CONTAINER,
        "accent_color": _OPEN if is_open else _CLOSED,
        "components": parts,
    }


def card_buttons(view: SessionView, now: datetime) -> list[Payload]:
    """Returns the buttons of a card at this moment; empty if nothing can be answered any more."""
    session = view.session
    if session.state is not SessionState.SCHEDULED:
        return []
    session_id = session.session_id
    if session.is_over(now):
        if now >= session.ends_at + CORRECTABLE_FOR:
            return []
        return [
            button("I was there", "was-there", session_id, 1),
            button("I wasn't there", "was-there", session_id, 0),
        ]
    going = button(going_label(view, now), "rsvp", session_id, Answer.GOING, style=SUCCESS)
    declined = button(ANSWER_LABELS[Answer.DECLINED], "rsvp", session_id, Answer.DECLINED)
    details = button("Add details", "details", session_id, ON_CARD)
    if session.has_begun(now):
        return [
            button("I'm here", "here", session_id, style=SUCCESS),
            button("Heading off", "off", session_id),
            {**going, "style": SECONDARY},
            declined,
            details,
        ]
    maybe = button(ANSWER_LABELS[Answer.MAYBE], "rsvp", session_id, Answer.MAYBE)
    return [going, maybe, declined, details]


def going_label(view: SessionView, now: datetime) -> str:
    """Returns the label of Going: what a press does for a member who has not answered yet."""
    session, roster = view.session, view.roster
    closed_at = session.answers_closed_at()
    if closed_at is not None and now >= closed_at:
        return "Ask the host to come"
    capacity = session.details.capacity
    if capacity is not None and roster.counts.seats_taken >= capacity:
        return "Join the waiting list"
    return ANSWER_LABELS[Answer.GOING]


def who(view: SessionView, now: datetime, *, room: int = LONGEST_CARD) -> list[str]:
    """Returns the number and names of those going, then of those who said maybe.

    As many names as a card has, or half, a quarter or an eighth of that, to fit into ``room``
    characters.
    """
    for share in (1, 2, 4):
        people = _who(view, now, share)
        if _length_of(people) <= room:
            return people
    return _who(view, now, 8)


def _length_of(parts: Iterable[str]) -> int:
    return sum(len(part) + len(PARAGRAPH) for part in parts)


def _who(view: SessionView, now: datetime, share: int) -> list[str]:
    """Returns these with one in so many of the names that a card has."""
    session, roster = view.session, view.roster
    invites = session.state is SessionState.SCHEDULED and not session.is_over(now)
    people = ""
    if roster.counts.going:
        people = _listed(roster.going, roster.counts.going, NAMES_GOING // share)
    elif invites and not roster.counts.waiting and not roster.counts.here:
        people = f"Nobody yet. Press **{going_label(view, now)}** to be the first."
    parts = [lines((_counts(view, now), seats(view, now), people))]
    if roster.hours and not session.is_over(now):
        parts.append(by_the_hour(view))
    if roster.counts.maybe:
        listed = _listed(roster.maybe, roster.counts.maybe, NAMES_MAYBE // share)
        parts.append(f"**Maybe** {listed}")
    if invites:
        parts += _closing(session, now)
    return parts


def _counts(view: SessionView, now: datetime) -> str:
    session, roster = view.session, view.roster
    is_open = session.state is SessionState.SCHEDULED and not session.is_over(now)
    going = f"{roster.counts.going} going"
    moods = [
        f"{number} {words}"
        for number, words in (
            (roster.counts.heads_down, MOOD_LABELS[Mood.HEADS_DOWN].lower()),
            (roster.counts.chatty, MOOD_LABELS[Mood.CHATTY].lower()),
        )
        if number
    ]
    if moods:
        going += f": {', '.join(moods)}"
    counts = [f"**{going}**"]
    if session.is_over(now) and roster.counts.came:
        there = count(roster.counts.came, "was", "were")
        counts = [f"**{there} there**", f"{roster.counts.going} had said Going"]
    elif is_open and session.has_begun(now):
        counts.insert(0, f"**{roster.counts.here} here now**")
    if roster.counts.guests and session.details.capacity is None:
        counts.append(f"with {count(roster.counts.guests, 'guest')}")
    if roster.counts.maybe:
        counts.append(f"{roster.counts.maybe} maybe")
    if roster.counts.declined and not session.is_over(now):
        counts.append(f"{roster.counts.declined} can't make it")
    if roster.counts.asked_again:
        counts.append(f"{roster.counts.asked_again} yet to confirm the new time")
    return " · ".join(counts)


def seats(view: SessionView, now: datetime) -> str:
    """Returns how many seats are taken, and how many people wait for one."""
    session, roster = view.session, view.roster
    capacity = session.details.capacity
    waiting = "" if session.is_over(now) else _waiting(roster)
    if capacity is None:
        return waiting
    taken = roster.counts.going + roster.counts.guests
    free = capacity - roster.counts.seats_taken
    if free < 0:
        parts = [f"**Seats** {taken} taken, {capacity} from now on"]
    else:
        parts = [f"**Seats** {taken} of {capacity} taken"]
    if free > 0:
        parts[0] += f", **{free} free**"
    if roster.counts.guests:
        parts.append(f"{count(roster.counts.guests, 'guest')} among them")
    return " · ".join((*parts, waiting) if waiting else parts)


def _waiting(roster: Roster) -> str:
    parts = []
    if roster.counts.offered_seats:
        parts.append(f"{roster.counts.offered_seats} kept for the next in line")
    if roster.counts.waiting:
        parts.append(f"**{roster.counts.waiting} waiting**")
    return " · ".join(parts)


def by_the_hour(view: SessionView) -> str:
    """Returns how many people plan to be there in each step, as bars; without names."""
    session, roster = view.session, view.roster
    whole_time = roster.counts.going + roster.counts.guests - sum(h.people for h in roster.hours)
    length = session.ends_at - session.starts_at
    step = timedelta(hours=max(1, -(-length // (CARD_HOURS * timedelta(hours=1)))))
    moments = [session.starts_at + step * n for n in range(-(-length // step))]
    numbers = [
        whole_time
        + sum(
            hours.people
            for hours in roster.hours
            if hours.arrives_at < moment + step and hours.leaves_at > moment
        )
        for moment in moments
    ]
    most = max(*numbers, 1)
    blocks = (BLOCKS[-(-number * (len(BLOCKS) - 1) // most)] for number in numbers)
    bars = (
        # Non-breaking spaces keep an hour and its number together on a phone.
        f"{timestamp(moment, 't')}\u00a0{block}\u00a0{number}"
        for moment, block, number in zip(moments, blocks, numbers, strict=True)
    )
    return f"**By the hour** {' · '.join(bars)}"


def _closing(session: Session, now: datetime) -> list[str]:
    closed_at = session.answers_closed_at()
    if closed_at is None:
        return []
    if now >= closed_at:
        return [f"-# Answers closed {timestamp(closed_at, 'R')}. The host decides who still joins."]
    return [f"-# Answer until {timestamp(closed_at, 'F')}. After that, you ask the host."]


def working_on(roster: Roster, *, room: int) -> list[str]:
    """Returns the notes of those going, as many as fit into ``room`` characters."""
    title = "**Working on**"
    parts: list[str] = []
    used = len(title)
    for rsvp in roster.going:
        if not rsvp.note or len(parts) == CARD_NOTES:
            continue
        line = f"{mention(rsvp.user_id)} {escaped(rsvp.note)}"
        used += len(line) + 1
        if used > room:
            break
        parts.append(line)
    return [lines((title, *parts))] if parts else []


def _listed(rsvps: Sequence[Rsvp], total: int, most: int) -> str:
    return names([name(rsvp) for rsvp in rsvps], total=total, most=most)


def name(rsvp: Rsvp) -> str:
    """Returns a mention with the number of guests, and with who answered for the member."""
    text = mention(rsvp.user_id)
    if rsvp.guests:
        text += f" +{rsvp.guests}"
    if rsvp.answered_by is not None:
        text += f" (added by {mention(rsvp.answered_by)})"
    return text


def _about(session: Session, now: datetime) -> tuple[str, str]:
    """Returns title and status; then when, where and the host."""
    details = session.details
    return (
        lines((f"## {escaped(details.title)}", _status(session, now))),
        lines(
            (
                f"**When** {span(session.starts_at, session.ends_at)}",
                f"**Where** {escaped(details.place)}",
                f"**Host** {mention(details.host_id)}",
                _shift_note(session),
            )
        ),
    )


def _shift_note(session: Session) -> str:
    """Returns a note if the start's wall time does not exist that day, so that it starts later."""
    zone = ZoneInfo(session.schedule.zone)
    if session.starts_at.astimezone(zone).replace(tzinfo=None) == session.schedule.start:
        return ""
    return (
        f"-# The clocks change that day and skip {session.schedule.start:%H:%M}, so it starts at "
        f"{timestamp(session.starts_at, 't')}."
    )


def _status(session: Session, now: datetime) -> str:
    if session.state is SessionState.CANCELLED:
        return "**Called off**"
    if session.is_over(now):
        return "**Over**"
    if now >= session.starts_at:
        return f"**On now**, ends {timestamp(session.ends_at, 'R')}"
    tone = TONE_WORDS[session.details.tone]
    facts = (timestamp(session.starts_at, "R"), f"lasts {_length(session)}", tone)
    return f"-# {' · '.join(fact for fact in facts if fact)}"


def _length(session: Session) -> str:
    minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    return " ".join(
        part
        for part in (
            count(hours, "hour") if hours else "",
            count(minutes, "minute") if minutes else "",
        )
        if part
    )
