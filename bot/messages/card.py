"""The card of a session: what, when, where, who, and the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.language import N_, Words
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
from bot.messages.text import end_after, escaped, lines, mention, names, timestamp
from data.limits import (
    CARD_HOURS,
    CARD_NOTES,
    CORRECTABLE_FOR,
    LONGEST_CARD,
    NAMES_GOING,
    NAMES_MAYBE,
)
from data.models import Answer, Counts, Mood, Roster, Rsvp, Session, SessionState, SessionView, Tone

ANSWER_LABELS = {
    Answer.GOING: N_("Going"),
    Answer.WAITLISTED: N_("On the waiting list"),
    Answer.REQUESTED: N_("Waiting for the host's word"),
    Answer.MAYBE: N_("Maybe"),
    Answer.DECLINED: N_("Can't make it"),
}
HERE, HEADING_OFF, DETAILS = N_("I'm here"), N_("Heading off"), N_("Add details")
TAKE_SEAT = N_("Take the seat")
"""Under the notice of an offer."""

MOOD_LABELS = {
    Mood.HEADS_DOWN: N_("Heads-down"),
    Mood.EITHER: N_("Either"),
    Mood.CHATTY: N_("Up for a chat"),
}
MOOD_FACTS = {
    Mood.HEADS_DOWN: N_("heads-down"),
    Mood.EITHER: N_("either"),
    Mood.CHATTY: N_("up for a chat"),
}
"""A mood among other facts about an answer."""
TONE_FACTS = {
    Tone.QUIET: N_("quiet, for work heads-down"),
    Tone.SOCIAL: N_("social, for company"),
}
ON_CARD, IN_PRIVATE = "card", "private"
"""Where a form was opened, which decides what its response replaces."""

BLOCKS = "▁▂▃▄▅▆▇█"
PARAGRAPH = "\n\n"
"""An empty line: with few components, a card is fast to send and to show."""

_MINUTE = timedelta(minutes=1)

_OPEN = 0xE8590C
_CLOSED = 0x868E96


def card(words: Words, view: SessionView, now: datetime, *, role_id: int | None = None) -> Layout:
    """Returns the message that shows a session at this moment.

    With a role, it is new and mentions those who have it: later edits leave that line out.
    """
    shown = card_container(words, view, now)
    if role_id is None:
        return Layout([shown])
    news = words("{role}, here's a new jelly:", role=f"<@&{role_id}>")
    return Layout([text_display(news), shown])


def card_container(
    words: Words,
    view: SessionView,
    now: datetime,
    *,
    with_buttons: bool = True,
    longest: int = LONGEST_CARD,
) -> Payload:
    session, roster = view.session, view.roster
    is_open = session.state is SessionState.SCHEDULED and not session.is_over(now)
    about = [
        part for part in (*_about(words, session, now), escaped(session.details.about)) if part
    ]
    room = longest - _length_of(about)
    people = who(words, view, now, room=room)
    notes = working_on(words, roster, room=room - _length_of(people))
    parts: list[Payload] = [
        text_display(PARAGRAPH.join(about)),
        {"type": SEPARATOR, "divider": True, "spacing": 1},
        text_display(PARAGRAPH.join((*people, *notes))),
    ]
    if with_buttons and (buttons := card_buttons(words, view, now)):
        parts.append(row(*buttons))
    return {
        "type": CONTAINER,
        "accent_color": _OPEN if is_open else _CLOSED,
        "components": parts,
    }


def card_buttons(words: Words, view: SessionView, now: datetime) -> list[Payload]:
    """Returns the buttons of a card at this moment; empty if nothing can be answered any more."""
    session = view.session
    if session.state is not SessionState.SCHEDULED:
        return []
    session_id = session.session_id
    if session.is_over(now):
        if now >= session.ends_at + CORRECTABLE_FOR:
            return []
        return [
            button(words("I was there"), "was-there", session_id, 1),
            button(words("I wasn't there"), "was-there", session_id, 0),
        ]
    going = button(going_label(words, view, now), "rsvp", session_id, Answer.GOING, style=SUCCESS)
    declined = button(words(ANSWER_LABELS[Answer.DECLINED]), "rsvp", session_id, Answer.DECLINED)
    details = button(words(DETAILS), "details", session_id, ON_CARD)
    if session.has_begun(now):
        return [
            button(words(HERE), "here", session_id, style=SUCCESS),
            button(words(HEADING_OFF), "off", session_id),
            {**going, "style": SECONDARY},
            declined,
            details,
        ]
    maybe = button(words(ANSWER_LABELS[Answer.MAYBE]), "rsvp", session_id, Answer.MAYBE)
    return [going, maybe, declined, details]


def going_label(words: Words, view: SessionView, now: datetime) -> str:
    """Returns the label of Going: what a press does for a member who has not answered yet."""
    session, roster = view.session, view.roster
    closed_at = session.answers_closed_at()
    if closed_at is not None and now >= closed_at:
        return words("Ask the host to come")
    capacity = session.details.capacity
    if capacity is not None and roster.counts.seats_taken >= capacity:
        return words("Join the waiting list")
    return words(ANSWER_LABELS[Answer.GOING])


def who(words: Words, view: SessionView, now: datetime, *, room: int = LONGEST_CARD) -> list[str]:
    """Returns the number and names of those going, then of those who said maybe.

    As many names as a card has, or half, a quarter or an eighth of that, to fit into ``room``
    characters.
    """
    for share in (1, 2, 4):
        people = _who(words, view, now, share)
        if _length_of(people) <= room:
            return people
    return _who(words, view, now, 8)


def _length_of(parts: Sequence[str]) -> int:
    return sum(map(len, parts)) + len(parts) * len(PARAGRAPH)


def _who(words: Words, view: SessionView, now: datetime, share: int) -> list[str]:
    """Returns these with one in so many of the names that a card has."""
    session, roster = view.session, view.roster
    invites = session.state is SessionState.SCHEDULED and not session.is_over(now)
    people = ""
    if roster.counts.going:
        people = _listed(words, roster.going, roster.counts.going, NAMES_GOING // share)
    elif invites and not roster.counts.waiting and not roster.counts.here:
        label = going_label(words, view, now)
        people = words("Nobody yet. Press **{button}** to be the first.", button=label)
    parts = [lines((_counts(words, view, now), seats(words, view, now), people))]
    if roster.hours and not session.is_over(now):
        parts.append(by_the_hour(words, view))
    if roster.counts.maybe:
        listed = _listed(words, roster.maybe, roster.counts.maybe, NAMES_MAYBE // share)
        parts.append(words("**Maybe** {people}", people=listed))
    if invites:
        parts += _closing(words, session, now)
    return parts


def _counts(words: Words, view: SessionView, now: datetime) -> str:
    session, counts = view.session, view.roster.counts
    is_over = session.is_over(now)
    parts = []
    if is_over and counts.came:
        parts += [
            words.ngettext("**{count} was there**", "**{count} were there**", counts.came),
            words.ngettext("{count} had said Going", "{count} had said Going", counts.going),
        ]
    else:
        if session.state is SessionState.SCHEDULED and not is_over and session.has_begun(now):
            parts.append(
                words.ngettext("**{count} here now**", "**{count} here now**", counts.here)
            )
        parts.append(_going(words, counts))
    if counts.guests and session.details.capacity is None:
        parts.append(words.ngettext("with {count} guest", "with {count} guests", counts.guests))
    if counts.maybe:
        parts.append(words.ngettext("{count} maybe", "{count} maybe", counts.maybe))
    if counts.declined and not is_over:
        parts.append(
            words.ngettext("{count} can't make it", "{count} can't make it", counts.declined)
        )
    if counts.asked_again:
        parts.append(
            words.ngettext(
                "{count} yet to confirm the new time",
                "{count} yet to confirm the new time",
                counts.asked_again,
            )
        )
    return " · ".join(parts)


def _going(words: Words, counts: Counts) -> str:
    """Returns how many are going, and the moods of those who said one."""
    moods = []
    if counts.heads_down:
        moods.append(words.ngettext("{count} heads-down", "{count} heads-down", counts.heads_down))
    if counts.chatty:
        moods.append(
            words.ngettext("{count} up for a chat", "{count} up for a chat", counts.chatty)
        )
    if not moods:
        return words.ngettext("**{count} going**", "**{count} going**", counts.going)
    return words.ngettext(
        "**{count} going: {moods}**",
        "**{count} going: {moods}**",
        counts.going,
        moods=words.list(moods, "none"),
    )


def seats(words: Words, view: SessionView, now: datetime) -> str:
    """Returns how many seats are taken, and how many people wait for one."""
    session, counts = view.session, view.roster.counts
    capacity = session.details.capacity
    waiting = [] if session.is_over(now) else _waiting(words, counts)
    if capacity is None:
        return " · ".join(waiting)
    taken = counts.going + counts.guests
    free = capacity - counts.seats_taken
    if free < 0:
        seats = words(
            "**Seats** {taken} taken, {capacity} from now on", taken=taken, capacity=capacity
        )
    elif free == 0:
        seats = words("**Seats** {taken} of {capacity} taken", taken=taken, capacity=capacity)
    else:
        seats = words.ngettext(
            "**Seats** {taken} of {capacity} taken, **{count} free**",
            "**Seats** {taken} of {capacity} taken, **{count} free**",
            free,
            taken=taken,
            capacity=capacity,
        )
    parts = [seats]
    if counts.guests:
        parts.append(
            words.ngettext("{count} guest among them", "{count} guests among them", counts.guests)
        )
    return " · ".join((*parts, *waiting))


def _waiting(words: Words, counts: Counts) -> list[str]:
    parts = []
    if counts.offered_seats:
        parts.append(
            words.ngettext(
                "{count} kept for the next in line",
                "{count} kept for the next in line",
                counts.offered_seats,
            )
        )
    if counts.waiting:
        parts.append(words.ngettext("**{count} waiting**", "**{count} waiting**", counts.waiting))
    return parts


def by_the_hour(words: Words, view: SessionView) -> str:
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
    return words("**By the hour** {bars}", bars=" · ".join(bars))


def _closing(words: Words, session: Session, now: datetime) -> list[str]:
    closed_at = session.answers_closed_at()
    if closed_at is None:
        return []
    if now >= closed_at:
        return [
            words(
                "-# Answers closed {when}. The host decides who still joins.",
                when=timestamp(closed_at, "R"),
            )
        ]
    return [
        words(
            "-# Answer until {when}. After that, you ask the host.", when=timestamp(closed_at, "F")
        )
    ]


def working_on(words: Words, roster: Roster, *, room: int) -> list[str]:
    """Returns the notes of those going, as many as fit into ``room`` characters."""
    title = words("**Working on**")
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


def _listed(words: Words, rsvps: Sequence[Rsvp], total: int, most: int) -> str:
    return names(words, [name(words, rsvp) for rsvp in rsvps[:most]], total=total, most=most)


def name(words: Words, rsvp: Rsvp) -> str:
    """Returns a mention with the number of guests, and with who answered for the member."""
    text = mention(rsvp.user_id)
    if rsvp.guests:
        text += f" +{rsvp.guests}"
    if (other := rsvp.known_answered_by) is None:
        return text
    return words("{member} (added by {other})", member=text, other=mention(other))


def _about(words: Words, session: Session, now: datetime) -> tuple[str, str]:
    """Returns title and status; then when, where and the host."""
    details = session.details
    return (
        lines((f"## {escaped(details.title)}", _status(words, session, now))),
        lines(
            (
                words(
                    "**When** {start} to {end}",
                    start=timestamp(session.starts_at, "F"),
                    end=end_after(session.starts_at, session.ends_at),
                ),
                words("**Where** {place}", place=escaped(details.place)),
                words("**Host** {host}", host=mention(details.host_id)),
                _shift_note(words, session),
            )
        ),
    )


def _shift_note(words: Words, session: Session) -> str:
    """Returns a note if the start's wall time does not exist that day, so that it starts later."""
    zone = ZoneInfo(session.schedule.zone)
    if session.starts_at.astimezone(zone).time() == session.schedule.start.time():
        return ""
    return words(
        "-# The clocks change that day and skip {skipped}, so it starts at {start}.",
        skipped=f"{session.schedule.start:%H:%M}",
        start=timestamp(session.starts_at, "t"),
    )


def _status(words: Words, session: Session, now: datetime) -> str:
    if session.state is SessionState.CANCELLED:
        return words("**Called off**")
    if session.is_over(now):
        return words("**Over**")
    if now >= session.starts_at:
        return words("**On now**, ends {when}", when=timestamp(session.ends_at, "R"))
    facts = [
        timestamp(session.starts_at, "R"),
        words("lasts {length}", length=_length(words, session)),
    ]
    if (tone := session.details.tone) is not Tone.MIXED:
        facts.append(words(TONE_FACTS[tone]))
    return f"-# {' · '.join(facts)}"


def _length(words: Words, session: Session) -> str:
    """Returns hours and minutes; the words' own lengths take 12 µs, half as long as a card."""
    hours, minutes = divmod((session.ends_at - session.starts_at) // _MINUTE, 60)
    parts = []
    if hours:
        parts.append(words.ngettext("{count} hour", "{count} hours", hours))
    if minutes:
        parts.append(words.ngettext("{count} minute", "{count} minutes", minutes))
    return " ".join(parts)
