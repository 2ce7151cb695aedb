"""The plain messages in the channel: reminders, the start, a move, a cancellation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.cards.buttons import button
from bot.cards.card import ANSWER_LABELS
from bot.cards.text import card_link, count, escaped, lines, mention, timestamp
from data.models import Answer, Delivery, DeliveryKind, Roster, Rsvp, Session

MENTIONS_PER_MESSAGE = 40
"""40 mentions of 23 characters leave room for the longest title and two places in the 2,000
characters of a message; https://discord.com/developers/docs/resources/message#create-message.
"""

QUIET_MENTIONS = 10


@dataclass(frozen=True, slots=True)
class Notice:
    """A message's text, whom it may notify, and what may be pressed under it."""

    content: str
    mentioned: tuple[int, ...]
    link: str | None
    """To the card, where there is one."""
    buttons: tuple[tuple[str, str, tuple[object, ...]], ...] = ()
    """Label, name and arguments of each."""


def notice(delivery: Delivery, now: datetime) -> Notice | None:
    """The message that a delivery owes at this moment; None where nobody is left to tell."""
    session = delivery.board.session
    going = delivery.going
    if delivery.part and not going:
        return None
    content = _WRITERS[delivery.kind](delivery, going, now)
    if content is None:
        return None
    link = None
    if session.card_channel_id and session.card_message_id:
        link = card_link(session.guild_id, session.card_channel_id, session.card_message_id)
    mentioned = tuple(rsvp.user_id for rsvp in going)
    if delivery.kind is DeliveryKind.START:
        return Notice(content, (), link)
    if delivery.kind is DeliveryKind.QUESTION:
        return Notice(content, (session.details.host_id,), None, _whether_to_go_on(session))
    if delivery.kind is DeliveryKind.MOVED:
        return Notice(content, mentioned, link, _whether_still_coming(session))
    return Notice(content, mentioned, link)


def _whether_still_coming(session: Session) -> tuple[tuple[str, str, tuple[object, ...]], ...]:
    return (
        ("Still coming", "reply", (session.session_id, Answer.GOING)),
        (ANSWER_LABELS[Answer.DECLINED], "reply", (session.session_id, Answer.DECLINED)),
    )


def _whether_to_go_on(session: Session) -> tuple[tuple[str, str, tuple[object, ...]], ...]:
    return (
        ("Go on", "series-go-on", (session.series_id,)),
        ("Pause it", "series-pause", (session.series_id, 0)),
        ("End it", "series-end", (session.series_id,)),
    )


def _reminder(delivery: Delivery, going: Sequence[Rsvp], now: datetime) -> str:
    session, roster = delivery.board.session, delivery.board.roster
    opening = (
        f"**{escaped(session.details.title)}** is on {timestamp(session.starts_at, 'F')} "
        f"({timestamp(session.starts_at, 'R')}), {escaped(session.details.place)}."
    )
    if delivery.part:
        return lines((opening, f"Also going: {_mentions(going)}"))
    if not roster.going_count and not roster.maybe_count:
        return lines(
            (opening, "Nobody has said yes yet: press **Going** on the card to change that.")
        )
    return lines((opening, _going(going), _maybe(roster)))


def _start(delivery: Delivery, going: Sequence[Rsvp], now: datetime) -> str | None:
    session, roster = delivery.board.session, delivery.board.roster
    if not roster.going_count:
        return None
    late = (now - session.starts_at).total_seconds() > 60
    verb = f"started {timestamp(session.starts_at, 'R')}" if late else "starts now"
    return (
        f"**{escaped(session.details.title)}** {verb} at {escaped(session.details.place)}, "
        f"with {count(roster.going_count, 'person', 'people')} going. Have a good day!"
    )


def _moved(delivery: Delivery, going: Sequence[Rsvp], now: datetime) -> str:
    session = delivery.board.session
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
    return lines((*changes, _going(going), "Does it still suit you? One press below is enough."))


def _cancelled(delivery: Delivery, going: Sequence[Rsvp], now: datetime) -> str:
    session = delivery.board.session
    return lines(
        (
            f"**{escaped(session.details.title)}** on {timestamp(session.starts_at, 'F')} "
            "is called off.",
            _mentions(going),
            "Type `/jellies` to see what else is on.",
        )
    )


def _question(delivery: Delivery, going: Sequence[Rsvp], now: datetime) -> str | None:
    session = delivery.board.session
    if session.series_id is None:
        return None
    return (
        f"{mention(session.details.host_id)}, nobody said they were coming to the last three "
        f"dates of **{escaped(session.details.title)}**. Shall it go on?"
    )


_WRITERS: dict[DeliveryKind, Callable[[Delivery, Sequence[Rsvp], datetime], str | None]] = {
    DeliveryKind.REMINDER: _reminder,
    DeliveryKind.START: _start,
    DeliveryKind.MOVED: _moved,
    DeliveryKind.CANCELLED: _cancelled,
    DeliveryKind.QUESTION: _question,
}


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


def notice_view(owed: Notice, marker: int) -> discord.ui.View | None:
    """The buttons under a notice; ``marker`` is found again in the channel's history."""
    items: list[discord.ui.Button[discord.ui.View]] = [
        button(label, name, *arguments) for label, name, arguments in owed.buttons
    ]
    if owed.link is not None:
        items.append(discord.ui.Button(label="Open the card", url=owed.link))
    if not items:
        return None
    items[0].id = marker
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
