"""The card of a session: what, when, where, who, and the buttons; then who works on what.

On a phone, title and buttons are within one screen: texts that may be long stand below the buttons,
where they do not move them either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.language import N_, Words
from bot.messages.buttons import (
    CONTAINER,
    SECONDARY,
    SUCCESS,
    Layout,
    Payload,
    button,
    divider,
    row,
    text_display,
)
from bot.messages.counts import (
    BETWEEN,
    by_the_hour,
    cant_make_it,
    counted,
    is_past,
    tells_who_came,
)
from bot.messages.text import end_after, escaped, lines, mention, names, timestamp
from data.limits import (
    CARD_MAYBES,
    CARD_NAMES,
    CARD_NOTES,
    CORRECTABLE_FOR,
    LONGEST_CARD,
    SHORT_ABOUT,
)
from data.models import Answer, Counts, Mood, Rsvp, Session, SessionState, SessionView, Tone

ANSWER_LABELS = {
    Answer.GOING: N_("Going"),
    Answer.WAITLISTED: N_("On the waiting list"),
    Answer.REQUESTED: N_("Asked to join"),
    Answer.MAYBE: N_("Maybe"),
    Answer.DECLINED: N_("Can't make it"),
}
HERE, HEADING_OFF = N_("I'm here"), N_("Heading off")
DETAILS, WHO = N_("Add details"), N_("Who's coming")
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
    Tone.QUIET: N_("quiet, for heads-down work"),
    Tone.SOCIAL: N_("social, for company"),
}
ON_CARD, IN_PRIVATE = "card", "private"
"""Where a form was opened, which decides what its response replaces."""

PARAGRAPH = "\n\n"
"""An empty line: with few components, a card is fast to send and to show."""
LINE = 30
"""About as many characters as a line has on a phone."""

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
    session = view.session
    about = escaped(session.details.about)
    is_short = len(about) + LINE * about.count("\n") <= SHORT_ABOUT
    first = _joined(_facts(words, session, now), about if is_short else "")
    people = lines(who(words, view, now))
    below = "" if is_short else about
    room = longest - len(first) - len(people) - len(below) - len(PARAGRAPH)
    if view.roster.hours and not is_past(session, now):
        hours = by_the_hour(words, view)
        if len(hours) <= room:
            below = _joined(below, hours)
            room -= len(hours) + len(PARAGRAPH)
    below = _joined(below, working_on(words, view, now, room=room))
    parts: list[Payload] = [
        text_display(first),
        divider(),
        text_display(people),
    ]
    if with_buttons and (buttons := card_buttons(words, view, now)):
        parts.append(row(*buttons))
    if below:
        parts.append(text_display(below))
    return {
        "type": CONTAINER,
        "accent_color": _CLOSED if is_past(session, now) else _OPEN,
        "components": parts,
    }


def _joined(*texts: str) -> str:
    return PARAGRAPH.join(filter(None, texts))


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
    going = button(
        going_label(words, session, view.roster.counts, now),
        "rsvp",
        session_id,
        Answer.GOING,
        style=SUCCESS,
    )
    declined = button(words(ANSWER_LABELS[Answer.DECLINED]), "rsvp", session_id, Answer.DECLINED)
    people = button(words(WHO), "who", session_id)
    if session.has_begun(now):
        return [
            button(words(HERE), "here", session_id, style=SUCCESS),
            button(words(HEADING_OFF), "off", session_id),
            {**going, "style": SECONDARY},
            declined,
            people,
        ]
    maybe = button(words(ANSWER_LABELS[Answer.MAYBE]), "rsvp", session_id, Answer.MAYBE)
    details = button(words(DETAILS), "details", session_id, ON_CARD)
    return [going, maybe, declined, details, people]


def going_label(words: Words, session: Session, counts: Counts, now: datetime) -> str:
    """Returns the label of Going: what a press does for a member who has not answered yet."""
    closed_at = session.answers_closed_at()
    if closed_at is not None and now >= closed_at:
        return words("Ask to join")
    capacity = session.details.capacity
    if capacity is not None and counts.seats_taken >= capacity:
        return words("Join the waiting list")
    return words(ANSWER_LABELS[Answer.GOING])


def who(words: Words, view: SessionView, now: datetime) -> Iterator[str]:
    """Yields lines: how many come, their names, who said maybe, until when one can answer.

    Of a session that is over, how many came and their names; of those who did not say whether they
    came, how many had said Going.
    """
    session, roster = view.session, view.roster
    counts = roster.counts
    yield counted(words, view, now)
    if is_past(session, now):
        if tells_who_came(view, now):
            yield _named(words, roster.came, counts.came)
        else:
            yield _named(words, roster.going, counts.coming)
        return
    yield _coming(words, view, now)
    undecided = []
    if counts.maybe:
        people = _named(words, roster.maybe, counts.maybe, most=CARD_MAYBES, counts_guests=False)
        undecided.append(
            words.ngettext(
                "{count} maybe: {people}", "{count} maybe: {people}", counts.maybe, people=people
            )
        )
    if counts.declined:
        undecided.append(cant_make_it(words, counts.declined))
    if undecided:
        yield f"-# {BETWEEN.join(undecided)}"
    yield _closing(words, session, now)


def _coming(words: Words, view: SessionView, now: datetime) -> str:
    """Returns the names of those going; an invitation if nobody is, or nobody but the host."""
    roster, counts = view.roster, view.roster.counts
    people = _named(words, roster.going, counts.coming)
    if view.has_others or counts.here or counts.waiting:
        return people
    if going_label(words, view.session, counts, now) != words(ANSWER_LABELS[Answer.GOING]):
        return people
    if counts.going:
        return words("Just {host} so far. Who's next?", host=people)
    return words("Be the first?")


def _named(
    words: Words,
    rsvps: Sequence[Rsvp],
    total: int,
    *,
    most: int = CARD_NAMES,
    counts_guests: bool = True,
) -> str:
    """Returns members by name, and how many more people there are."""
    shown = rsvps[:most]
    if not shown:
        return ""
    hidden = total - len(shown)
    if counts_guests:
        hidden -= sum([rsvp.guests for rsvp in shown])
    listed = [name(words, rsvp) for rsvp in shown]
    return names(words, listed, total=len(shown) + hidden, most=most)


def _closing(words: Words, session: Session, now: datetime) -> str:
    closed_at = session.answers_closed_at()
    if closed_at is None:
        return ""
    if now >= closed_at:
        return words(
            "-# Answers closed {when}. Now it's up to the host.",
            when=timestamp(closed_at, "R"),
        )
    return words(
        "-# Answer by {when}. After that, it's up to the host.", when=timestamp(closed_at, "F")
    )


def working_on(words: Words, view: SessionView, now: datetime, *, room: int) -> str:
    """Returns the first notes of those going, as many as fit into ``room`` characters.

    Of a session that is over, those of them who came.
    """
    if not is_past(view.session, now):
        title, people = words("**Working on**"), view.roster.going
    elif tells_who_came(view, now):
        title, people = words("**Worked on**"), view.roster.came
    else:
        return ""
    parts = [title]
    used = len(title)
    for rsvp in people:
        if not rsvp.note or rsvp.answer is not Answer.GOING:
            continue
        line = f"{mention(rsvp.user_id)} {escaped(rsvp.note)}"
        used += len(line) + 1
        if used > room or len(parts) > CARD_NOTES:
            break
        parts.append(line)
    return lines(parts) if len(parts) > 1 else ""


def name(words: Words, rsvp: Rsvp) -> str:
    """Returns a mention with the number of guests, and with who answered for the member."""
    text = mention(rsvp.user_id)
    if rsvp.guests:
        text += f" +{rsvp.guests}"
    if (other := rsvp.known_answered_by) is None:
        return text
    return words("{member} (added by {other})", member=text, other=mention(other))


def _facts(words: Words, session: Session, now: datetime) -> str:
    """Returns title and status, when, where, the host and the tone."""
    details = session.details
    host = words("**Host** {host}", host=mention(details.host_id))
    if details.tone is not Tone.MIXED:
        host += f"{BETWEEN}{words(TONE_FACTS[details.tone])}"
    return lines(
        (
            f"## {escaped(details.title)}",
            _status(words, session, now),
            _when(words, session, now),
            words("**Where** {place}", place=escaped(details.place)),
            host,
            _shift_note(words, session),
        )
    )


def _when(words: Words, session: Session, now: datetime) -> str:
    start, end = timestamp(session.starts_at, "F"), end_after(session.starts_at, session.ends_at)
    when = words("**When** {start} to {end}", start=start, end=end)
    if session.has_begun(now) or session.state is not SessionState.SCHEDULED:
        return when
    return f"{when}{BETWEEN}{timestamp(session.starts_at, 'R')}"


def _shift_note(words: Words, session: Session) -> str:
    """Returns a note if the start's wall time does not exist that day, so that it starts later."""
    zone = ZoneInfo(session.schedule.zone)
    if session.starts_at.astimezone(zone).time() == session.schedule.start.time():
        return ""
    return words(
        "-# The clocks go forward that day, so it starts at {start}.",
        start=timestamp(session.starts_at, "t"),
    )


def _status(words: Words, session: Session, now: datetime) -> str:
    """Returns that it is called off, over or on; "" while it is ahead."""
    if session.state is SessionState.CANCELLED:
        return words("**Called off**")
    if not session.has_begun(now):
        return ""
    if session.is_over(now):
        return words("**Over**")
    return words("**On now**, ends {when}", when=timestamp(session.ends_at, "R"))
