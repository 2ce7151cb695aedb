"""How many people come to a session, or came; guests are people wherever they are counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.language import Words
from bot.messages.text import timestamp
from data.limits import CARD_HOURS
from data.models import Counts, Session, SessionState, SessionView

BETWEEN = " · "


def counted(words: Words, view: SessionView, now: datetime) -> str:
    """Returns how many people come, how they like to work, what seats are left and who waits.

    Of a session that is over, how many came.
    """
    session, counts = view.session, view.roster.counts
    if is_past(session, now):
        if tells_who_came(view, now):
            return words.ngettext("**{count} came**", "**{count} came**", counts.came)
        if counts.coming:
            return had_said_going(words, counts)
        return words("**No one had said they'd come**")
    parts = [*_coming(words, session, counts, now), *_moods(words, counts)]
    parts += _seats(words, session, counts)
    if counts.asked_again and not session.has_begun(now):
        parts.append(
            words.ngettext(
                "{count} yet to confirm the new time",
                "{count} yet to confirm the new time",
                counts.asked_again,
            )
        )
    return BETWEEN.join(parts)


def coming_and_seats(words: Words, session: Session, now: datetime) -> str:
    """Returns how many people come to a session that is not over, what seats are left, who waits.

    For lists, in which nothing stands out.
    """
    counts = session.counts
    parts = [*_coming(words, session, counts, now), *_seats(words, session, counts)]
    return BETWEEN.join(parts).replace("**", "")


def is_past(session: Session, now: datetime) -> bool:
    """Returns whether nobody comes any more: it is over or called off."""
    return session.state is not SessionState.SCHEDULED or session.is_over(now)


def tells_who_came(view: SessionView, now: datetime) -> bool:
    """Returns whether it is over, and people checked in."""
    session = view.session
    is_over = session.state is SessionState.SCHEDULED and session.is_over(now)
    return is_over and view.roster.counts.came > 0


def had_said_going(words: Words, counts: Counts) -> str:
    return words.ngettext(
        "**{count} person had said they'd come**",
        "**{count} had said they'd come**",
        counts.coming,
    )


def cant_make_it(words: Words, people: int, *, is_past: bool = False) -> str:
    if is_past:
        return words.ngettext("{count} couldn't make it", "{count} couldn't make it", people)
    return _unbroken(words.ngettext("{count} can't make it", "{count} can't make it", people))


def _unbroken(fact: str) -> str:
    """Returns a fact that a phone shows on one line: where it has to, it breaks between facts."""
    return fact.replace(" ", "\u00a0")


def _coming(words: Words, session: Session, counts: Counts, now: datetime) -> Iterator[str]:
    here = counts.here if session.has_begun(now) else 0
    if here:
        yield words.ngettext("**{count} here now**", "**{count} here now**", here)
        if counts.coming > here:
            yield words.ngettext("{count} coming in all", "{count} coming in all", counts.coming)
    elif counts.coming:
        yield words.ngettext("**{count} coming**", "**{count} coming**", counts.coming)
    else:
        yield words("**No one's in yet**")


def _moods(words: Words, counts: Counts) -> list[str]:
    """Returns how many of those going said one of the moods that differ, as one fact or none."""
    moods = []
    if counts.heads_down:
        moods.append(words.ngettext("{count} heads-down", "{count} heads-down", counts.heads_down))
    if counts.chatty:
        moods.append(
            words.ngettext("{count} up for a chat", "{count} up for a chat", counts.chatty)
        )
    return [words.list([_unbroken(mood) for mood in moods], "none")] if moods else []


def _seats(words: Words, session: Session, counts: Counts) -> Iterator[str]:
    capacity = session.details.capacity
    if capacity is not None:
        yield _unbroken(_seats_left(words, capacity, counts))
    if counts.offered_seats:
        yield words.ngettext(
            "{count} kept for the next in line",
            "{count} kept for the next in line",
            counts.offered_seats,
        )
    if counts.waiting:
        yield _unbroken(
            words.ngettext("**{count} waiting**", "**{count} waiting**", counts.waiting)
        )


def _seats_left(words: Words, capacity: int, counts: Counts) -> str:
    free = capacity - counts.seats_taken
    if free > 0:
        return words.ngettext("**{count} seat left**", "**{count} seats left**", free)
    if free == 0:
        return words("**no seats left**")
    return words.ngettext("{count} seat from now on", "{count} seats from now on", capacity)


def by_the_hour(words: Words, view: SessionView) -> str:
    """Returns from when on how many people plan to be there, without names; "" if always as many.

    A person who is there at any time of a step counts in it.
    """
    session, hours = view.session, view.roster.hours
    whole_time = view.roster.counts.coming - sum(stay.people for stay in hours)
    length = session.ends_at - session.starts_at
    step = timedelta(hours=max(1, -(-length // (CARD_HOURS * timedelta(hours=1)))))
    changes: list[str] = []
    begins, before = session.starts_at, -1
    while begins < session.ends_at:
        ends = begins + step
        people = whole_time
        for arrives_at, leaves_at, number in hours:
            if arrives_at < ends and leaves_at > begins:
                people += number
        if people != before:
            since = words("{count} from {time}", count=people, time=timestamp(begins, "t"))
            changes.append(_unbroken(since))
        begins, before = ends, people
    if len(changes) < 2:
        return ""
    return words("**By the hour** {numbers}", numbers=BETWEEN.join(changes))
