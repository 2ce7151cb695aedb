"""The card: what, when, where, who, and three buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.buttons import Layout, Payload, custom_id
from bot.cards.text import count, escaped, lines, mention, names, span, timestamp
from data.boards import NAMES_GOING, NAMES_MAYBE
from data.models import Answer, Board, Roster, Rsvp, Session, SessionState

ANSWER_LABELS = {
    Answer.GOING: "Going",
    Answer.MAYBE: "Maybe",
    Answer.DECLINED: "Can't make it",
}

NOTES = 6
PARAGRAPH = "\n\n"
"""An empty line: few components make a card that is quick to send and to show."""
LONGEST_CARD = 3900
"""Discord allows 4,000 characters of text in one message; the rest is left for safety."""

_OPEN = 0xE8590C
_CLOSED = 0x868E96

ACTION_ROW, BUTTON, TEXT, SEPARATOR, CONTAINER = 1, 2, 10, 14, 17
"""https://discord.com/developers/docs/components/reference#component-object-component-types."""
GREY, GREEN = 2, 3
"""https://discord.com/developers/docs/components/reference#button-button-styles."""


def card(board: Board, now: datetime) -> Layout:
    """The message that shows a session at this moment."""
    return Layout([card_container(board, now)])


def card_container(
    board: Board, now: datetime, *, with_buttons: bool = True, longest: int = LONGEST_CARD
) -> Payload:
    session, roster = board.session, board.roster
    is_open = session.state is SessionState.SCHEDULED and not session.is_over(now)
    about = [text for text in (*_about(session, now), escaped(session.details.about)) if text]
    people = who(roster, invites=is_open)
    used = sum(len(text) + len(PARAGRAPH) for text in (*about, *people))
    notes = working_on(roster, room=longest - used)
    parts: list[Payload] = [
        {"type": TEXT, "content": PARAGRAPH.join(about)},
        {"type": SEPARATOR, "divider": True, "spacing": 1},
        {"type": TEXT, "content": PARAGRAPH.join((*people, *notes))},
    ]
    if is_open and with_buttons:
        parts.append(answer_buttons(session))
    return {
        "type": CONTAINER,
        "accent_color": _OPEN if is_open else _CLOSED,
        "components": parts,
    }


def answer_buttons(session: Session) -> Payload:
    return {
        "type": ACTION_ROW,
        "components": [
            {
                "type": BUTTON,
                "style": GREEN if answer is Answer.GOING else GREY,
                "label": label,
                "custom_id": custom_id("rsvp", session.session_id, answer),
            }
            for answer, label in ANSWER_LABELS.items()
        ],
    }


def who(roster: Roster, *, invites: bool) -> list[str]:
    """How many, and who: those going, then those who might."""
    counts = [f"**{roster.going_count} going**"]
    if roster.maybe_count:
        counts.append(f"{roster.maybe_count} maybe")
    if roster.declined_count:
        counts.append(f"{roster.declined_count} can't make it")
    if roster.asked_again_count:
        counts.append(f"{roster.asked_again_count} yet to confirm the new time")
    people = ""
    if roster.going_count:
        people = _listed(roster.going, roster.going_count, NAMES_GOING)
    elif invites:
        people = "Nobody yet. Press **Going** to be the first."
    parts = [lines((" · ".join(counts), people))]
    if roster.maybe_count:
        parts.append(f"**Maybe** {_listed(roster.maybe, roster.maybe_count, NAMES_MAYBE)}")
    return parts


def working_on(roster: Roster, *, room: int) -> list[str]:
    """The notes of those going, as many as fit into so many characters."""
    title = "**Working on**"
    parts: list[str] = []
    used = len(title)
    for rsvp in roster.going:
        if not rsvp.note or len(parts) == NOTES:
            continue
        line = f"{mention(rsvp.user_id)} {escaped(rsvp.note)}"
        used += len(line) + 1
        if used > room:
            break
        parts.append(line)
    return [lines((title, *parts))] if parts else []


def _listed(rsvps: Sequence[Rsvp], total: int, most: int) -> str:
    return names([rsvp.user_id for rsvp in rsvps], total=total, most=most)


def _about(session: Session, now: datetime) -> tuple[str, str]:
    """What, and how soon; then when, where and by whom."""
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
    """Word of a wall time that the clocks skip on that day, so that it starts later."""
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
    return f"-# {timestamp(session.starts_at, 'R')} · lasts {_length(session)}"


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
