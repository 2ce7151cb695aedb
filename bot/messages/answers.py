"""Private responses to an answer: a place in line, a welcome, a question about the mood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.language import CHANNEL_LOCALE, N_, Words, words_for
from bot.messages.buttons import Payload, button, packed, row
from bot.messages.card import ANSWER_LABELS, DETAILS, HERE, IN_PRIVATE, MOOD_LABELS, TAKE_SEAT
from bot.messages.lists import facts_of
from bot.messages.text import escaped, lines, mention, said, timestamp
from bot.phrases.en import describe_attendance, zone_label
from data.limits import MOST_IN_ROW
from data.models import Answer, Answered, Mood, Session, Tone
from data.refusal import Sentence

_WHAT_TO_EXPECT = {
    Tone.QUIET: N_("It's a quiet one, so take calls and chats outside."),
    Tone.MIXED: N_("Some work heads-down, some are up for a chat. Say which you are."),
    Tone.SOCIAL: N_("People work and chat. Say hello to the person next to you."),
}


def follow_up(words: Words, answered: Answered, now: datetime) -> tuple[str, Payload] | None:
    """Returns what a member needs after answering, with buttons; None if there is nothing."""
    mine, session = answered.mine, answered.view.session
    if mine.answer is Answer.WAITLISTED:
        text = lines((in_line(words, answered), welcome(words, answered)))
        if mine.mood is None:
            return text, mood_buttons(words, session)
        return text, row(_details_button(words, session))
    if mine.answer is Answer.MAYBE and session.has_begun(now):
        # The press came from an outdated card: a session that is on offers no Maybe.
        here, declined = words(HERE), words(ANSWER_LABELS[Answer.DECLINED])
        text = words(
            "You're a maybe, and it's on now. Press **{button}** when you're there.",
            button=here,
        )
        return text, row(
            button(here, "here", session.session_id),
            button(declined, "reply", session.session_id, Answer.DECLINED),
        )
    if not mine.is_news_after(answered.before):
        return None
    if mine.answer is Answer.REQUESTED:
        text = lines((_host_is_asked(words), welcome(words, answered)))
        return text, row(_details_button(words, session))
    if mine.answer is not Answer.GOING:
        return None
    was_asked = answered.before is not None and answered.before.is_asked_mood
    asks = mine.mood is None and not was_asked
    question = words("You're going! How do you like to work this time?") if asks else ""
    text = lines((welcome(words, answered), question))
    return (text, mood_buttons(words, session)) if text else None


def mood_buttons(words: Words, session: Session) -> Payload:
    """Returns a button for each mood, and one that opens the form with everything else."""
    return row(
        *(
            button(words(label), "mood", session.session_id, mood)
            for mood, label in MOOD_LABELS.items()
        ),
        _details_button(words, session),
    )


def mood_noted(words: Words, answered: Answered, mood: Mood) -> tuple[str, Payload]:
    """Returns the message that replaces the mood question and the welcome above it."""
    is_coming = answered.mine.answer in (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)
    label, details = words(MOOD_LABELS[mood]), words(DETAILS)
    if is_coming:
        noted = words(
            "**{mood}** it is, this time and from now on. To change it, press **{button}**.",
            mood=label,
            button=details,
        )
    else:
        noted = words(
            "**{mood}** it is, from now on. To change it, press **{button}**.",
            mood=label,
            button=details,
        )
    # Most members press before they read, so the text above the question is repeated.
    waiting = in_line(words, answered) if answered.mine.answer is Answer.WAITLISTED else ""
    text = lines((waiting, _welcome(words, answered) if is_coming else "", noted))
    return text, row(_details_button(words, answered.view.session))


def in_line(words: Words, answered: Answered) -> str:
    """Returns the place on the waiting list, and the reason for waiting."""
    view, mine = answered.view, answered.mine
    capacity, roster = view.session.details.capacity, view.roster
    free = 0 if capacity is None else capacity - roster.counts.seats_taken
    if mine.offered_until is not None:
        return words(
            "A seat is yours if you take it by {time}. Press **{button}** in the "
            "channel, or the first button on the card.",
            time=timestamp(mine.offered_until, "t"),
            button=words_for(CHANNEL_LOCALE)(TAKE_SEAT),
        )
    if capacity is not None and mine.party > capacity:
        return words.ngettext(
            "There is {count} seat in all, and you're {party} with your guests. Bring "
            "fewer to get in.",
            "There are {count} seats in all, and you're {party} with your guests. Bring "
            "fewer to get in.",
            capacity,
            party=mine.party,
        )
    if free > 0 and mine.party > free:
        why = words.ngettext(
            "{count} seat is free, and you're {party} with your guests. You keep your "
            "place, but smaller groups may get in first.",
            "{count} seats are free, and you're {party} with your guests. You keep your "
            "place, but smaller groups may get in first.",
            free,
            party=mine.party,
        )
    elif answered.is_passed_by:
        why = words(
            "You've given up a seat here twice, so you won't get one automatically. "
            "Check the card, and press **{button}** when one is free.",
            button=words_for(CHANNEL_LOCALE)(ANSWER_LABELS[Answer.GOING]),
        )
    else:
        why = words("All seats are taken. I'll tell you in the channel when one is yours.")
    place = words("You're **#{place} on the waiting list**.", place=answered.place)
    return f"{place} {why}"


def down_as(words: Words, answered: Answered) -> str:
    """Returns the current answer, with all its details."""
    session, mine = answered.view.session, answered.mine
    _, *facts = facts_of(words, mine, session.schedule.zone, answered.place)
    details = f"-# {words.opening(words.list(facts, 'none'))}" if facts else ""
    return lines((_my_answer(words, answered), details, after_form(words, answered)))


def _my_answer(words: Words, answered: Answered) -> str:
    session = answered.view.session
    values = {
        "title": escaped(session.details.title),
        "when": timestamp(session.starts_at, "F"),
    }
    match answered.mine.answer:
        case Answer.GOING:
            return words("You're going to **{title}** on {when}.", **values)
        case Answer.MAYBE:
            return words("You said maybe to **{title}** on {when}.", **values)
        case Answer.DECLINED:
            return words("You can't make **{title}** on {when}.", **values)
        case Answer.WAITLISTED:
            return words("You're waiting for a seat at **{title}** on {when}.", **values)
        case Answer.REQUESTED:
            return words("You've asked to join **{title}** on {when}.", **values)


def run_out(words: Words, answered: Answered) -> str:
    """Returns the message for a press on an offer that has run out; ``""`` if none has."""
    before = answered.before
    was_late = before is not None and before.passed
    if not was_late or answered.mine.answer is not Answer.WAITLISTED:
        return ""
    return words("That offer has run out. The seat is going to the next in line.")


def hours_refused(
    words: Words, session: Session, problem: Sentence, examples: Sequence[str], typed: str
) -> tuple[str, Payload]:
    """Returns why hours could not be read, with buttons for what may be meant.

    The last one opens the form again, with the hours that were ``typed``.
    """
    text = f"{said(words, problem)} {words('Everything else is saved.')}"
    number = session.session_id
    meant = [
        button(words.hours(example), "hours", number, packed([example], "hours", number))
        for example in examples[: MOST_IN_ROW - 1]
    ]
    again = packed([typed], "details-again", number)
    return text, row(*meant, button(words(DETAILS), "details-again", number, again))


def hours_cut(words: Words, answered: Answered) -> tuple[str, Payload]:
    """Returns that hours were cut to those of the session."""
    session, mine = answered.view.session, answered.mine
    zone = session.schedule.zone
    whole = words.hours(describe_attendance(session.starts_at, session.ends_at, zone))
    if mine.arrives_at is None or mine.leaves_at is None:
        text = words(
            "It runs {whole} ({zone}), so I saved the whole time.",
            whole=whole,
            zone=zone_label(zone),
        )
    else:
        text = words(
            "It runs {whole} ({zone}), so I saved {hours}.",
            whole=whole,
            zone=zone_label(zone),
            hours=words.hours(describe_attendance(mine.arrives_at, mine.leaves_at, zone)),
        )
    return text, row(_details_button(words, session))


def after_form(words: Words, answered: Answered) -> str:
    """Returns what the card does not show to the member who has just submitted its form."""
    return lines(
        (
            in_line(words, answered) if answered.mine.answer is Answer.WAITLISTED else "",
            _host_is_asked(words) if answered.mine.answer is Answer.REQUESTED else "",
            welcome(words, answered),
        )
    )


def down_for(words: Words, answered: Answered, user_id: int) -> str:
    """Returns what the host or an organizer has answered for another member."""
    session = answered.view.session
    values = {
        "member": mention(user_id),
        "title": escaped(session.details.title),
        "when": timestamp(session.starts_at, "F"),
    }
    match answered.mine.answer:
        case Answer.GOING:
            told = words("{member} is going to **{title}** on {when}.", **values)
        case Answer.MAYBE:
            told = words("{member} is a maybe for **{title}** on {when}.", **values)
        case Answer.DECLINED:
            told = words("{member} is off the list for **{title}** on {when}.", **values)
        case Answer.WAITLISTED:
            told = words("{member} is on the waiting list for **{title}** on {when}.", **values)
        case Answer.REQUESTED:
            told = words("{member} has asked to join **{title}** on {when}.", **values)
    return " ".join((told, words("They'll be told in the channel.")))


def there(words: Words, answered: Answered) -> str:
    """Returns the message on arrival for a member who is new or has no seat; else ``""``."""
    mine, host_id = answered.mine, answered.view.session.details.host_id
    no_seat = ""
    if mine.answer is not Answer.GOING and mine.user_id != host_id:
        no_seat = words(
            "You're checked in, but every seat is taken. Talk to {host}.", host=mention(host_id)
        )
    return lines((no_seat, welcome(words, answered)))


def welcome(words: Words, answered: Answered) -> str:
    """Returns the welcome, if this answer is the first by which the member is coming."""
    coming = (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)
    before, mine = answered.before, answered.mine
    was_welcomed = before is not None and before.is_welcomed
    if mine.answer not in coming or not mine.is_news_after(before) or was_welcomed:
        return ""
    return _welcome(words, answered)


def _welcome(words: Words, answered: Answered) -> str:
    """Returns what to expect and whom to look for, for a member's first time; else ``""``."""
    if not answered.is_first_time:
        return ""
    session = answered.view.session
    return lines(
        (
            words("### Welcome! This is your first jelly here"),
            words(
                "People who usually work alone sit together, each on their own work. "
                "Come and go as you like between {start} and {end}. Bring a laptop, a "
                "charger and headphones.",
                start=timestamp(session.starts_at, "t"),
                end=timestamp(session.ends_at, "t"),
            ),
            words(_WHAT_TO_EXPECT[session.details.tone]),
            words(
                "When you get there, look for {host}, the host.",
                host=mention(session.details.host_id),
            ),
        )
    )


def _host_is_asked(words: Words) -> str:
    return words("Answers have closed, so I've asked the host in the channel. You'll hear there.")


def _details_button(words: Words, session: Session) -> Payload:
    return button(words(DETAILS), "details", session.session_id, IN_PRIVATE)
