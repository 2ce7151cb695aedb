"""Private responses to an answer: a place in line, a welcome, a question about the mood."""

from __future__ import annotations

from datetime import datetime

from bot.messages.buttons import Payload, button, row
from bot.messages.card import ANSWER_LABELS, IN_PRIVATE, MOOD_LABELS
from bot.messages.lists import facts_of
from bot.messages.text import count, escaped, lines, mention, timestamp
from data.models import Answer, Answered, Mood, Session, Tone

_ASKED = (
    "Answers have closed for this one, so the host is being asked in the channel. You are told "
    "there, too."
)
_MOOD = "You are going. How do you like to work this time?"
_ON_NOW = "You're down as a maybe, and it's on now. Press **I'm here** once you're there."
_WHAT_TO_EXPECT = {
    Tone.QUIET: "Most work in silence, so calls and chats move outside.",
    Tone.MIXED: "Some work heads-down, some are up for a chat; say what you like.",
    Tone.SOCIAL: "People work and talk; say hello to whoever sits next to you.",
}


def follow_up(answered: Answered, now: datetime) -> tuple[str, Payload] | None:
    """Returns what a member needs after answering, with buttons; None if there is nothing."""
    mine, session = answered.mine, answered.view.session
    if mine.answer is Answer.WAITLISTED:
        text = lines((in_line(answered), welcome(answered)))
        return text, mood_buttons(session) if mine.mood is None else row(_details_button(session))
    if mine.answer is Answer.MAYBE and session.has_begun(now):
        # The press came from an outdated card: a session that is on offers no Maybe.
        return _ON_NOW, row(
            button("I'm here", "here", session.session_id),
            button(ANSWER_LABELS[Answer.DECLINED], "reply", session.session_id, Answer.DECLINED),
        )
    if not mine.is_news_after(answered.before):
        return None
    if mine.answer is Answer.REQUESTED:
        return lines((_ASKED, welcome(answered))), row(_details_button(session))
    if mine.answer is not Answer.GOING:
        return None
    was_asked = answered.before is not None and answered.before.is_asked_mood
    question = _MOOD if mine.mood is None and not was_asked else ""
    text = lines((welcome(answered), question))
    return (text, mood_buttons(session)) if text else None


def mood_buttons(session: Session) -> Payload:
    """Returns a button for each mood, and one that opens the form with everything else."""
    return row(
        *(button(label, "mood", session.session_id, mood) for mood, label in MOOD_LABELS.items()),
        _details_button(session),
    )


def mood_noted(answered: Answered, mood: Mood) -> tuple[str, Payload]:
    """Returns the message that replaces the mood question and the welcome above it."""
    is_coming = answered.mine.answer in (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)
    when = "this time and from now on" if is_coming else "from now on"
    noted = f"Noted: **{MOOD_LABELS[mood]}**, {when}. To change it, press **Add details**."
    # Most members press before they read, so the text above the question is repeated.
    waiting = in_line(answered) if answered.mine.answer is Answer.WAITLISTED else ""
    text = lines((waiting, _welcome(answered) if is_coming else "", noted))
    return text, row(_details_button(answered.view.session))


def in_line(answered: Answered) -> str:
    """Returns the place on the waiting list, and the reason for waiting."""
    view, mine = answered.view, answered.mine
    capacity, roster = view.session.details.capacity, view.roster
    free = 0 if capacity is None else capacity - roster.counts.seats_taken
    if mine.offered_until is not None:
        return (
            f"A seat is yours, if you take it by {timestamp(mine.offered_until, 't')}: "
            "press **Take the seat** in the channel, or the first button on the card."
        )
    if capacity is not None and mine.party > capacity:
        return (
            f"There {'is 1 seat' if capacity == 1 else f'are {capacity} seats'} in all, and with "
            f"your guests you are {mine.party}: bring fewer to get in."
        )
    if free > 0 and mine.party > free:
        why = (
            f"{count(free, 'seat is', 'seats are')} free, and with your guests you are "
            f"{mine.party}. You keep your place; smaller parties may go in before you."
        )
    else:
        why = "All seats are taken; as soon as one is free for you, you are told in the channel."
    return f"You are **number {answered.place} on the waiting list**. {why}"


def down_as(answered: Answered) -> str:
    """Returns the current answer, with all its details."""
    session, mine = answered.view.session, answered.mine
    what = f"**{escaped(session.details.title)}**, {timestamp(session.starts_at, 'F')}"
    facts = facts_of(mine, session.schedule.zone, answered.place)
    return lines(
        (
            f"{what}: you are down as **{facts[0]}**"
            + "".join(f", {fact}" for fact in facts[1:])
            + ". To change it, answer again or press a button on the card.",
            after_form(answered),
        )
    )


def run_out(answered: Answered) -> str:
    """Returns the message for a press on an offer that has run out; ``""`` if none has."""
    before = answered.before
    was_late = before is not None and before.passed
    if not was_late or answered.mine.answer is not Answer.WAITLISTED:
        return ""
    return "That offer has run out, and the seat is offered to the next in line."


def partly_saved(session: Session, problem: str) -> tuple[str, Payload]:
    """Returns what part of a form could not be read; the rest is saved."""
    return f"{problem} Everything else is saved.", row(_details_button(session))


def after_form(answered: Answered) -> str:
    """Returns what the card does not show to the member who has just submitted its form."""
    return lines(
        (
            in_line(answered) if answered.mine.answer is Answer.WAITLISTED else "",
            _ASKED if answered.mine.answer is Answer.REQUESTED else "",
            welcome(answered),
        )
    )


def down_for(answered: Answered, user_id: int) -> str:
    """Returns what the host or an organizer has answered for another member."""
    session, mine = answered.view.session, answered.mine
    facts = facts_of(mine, session.schedule.zone, answered.place)
    return (
        f"{mention(user_id)} is down as **{facts[0]}** for "
        f"**{escaped(session.details.title)}**, {timestamp(session.starts_at, 'F')}, and is told "
        "so in the channel."
    )


def there(answered: Answered) -> str:
    """Returns the message on arrival for a member who is new or has no seat; else ``""``."""
    mine, host_id = answered.mine, answered.view.session.details.host_id
    if mine.answer is not Answer.GOING and mine.user_id != host_id:
        no_seat = f"You are down as here. All seats are taken, so talk to {mention(host_id)}."
    else:
        no_seat = ""
    return lines((no_seat, welcome(answered)))


def welcome(answered: Answered) -> str:
    """Returns the welcome, if this answer is the first by which the member is coming."""
    coming = (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)
    before, mine = answered.before, answered.mine
    was_welcomed = before is not None and before.is_welcomed
    if mine.answer not in coming or not mine.is_news_after(before) or was_welcomed:
        return ""
    return _welcome(answered)


def _welcome(answered: Answered) -> str:
    """Returns what to expect and whom to look for, for a member's first time; else ``""``."""
    if not answered.is_first_time:
        return ""
    session = answered.view.session
    return lines(
        (
            "### Welcome! This is your first jelly here",
            "People who usually work alone sit together, each at their own work. Come and go as "
            f"you like between {timestamp(session.starts_at, 't')} and "
            f"{timestamp(session.ends_at, 't')}; bring your laptop, a charger and headphones.",
            _WHAT_TO_EXPECT[session.details.tone],
            f"When you come in, look for {mention(session.details.host_id)}, the host.",
        )
    )


def _details_button(session: Session) -> Payload:
    return button("Add details", "details", session.session_id, IN_PRIVATE)
