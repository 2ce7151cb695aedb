"""What has happened in the demo's server, and what is ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.calendar import horizon_of, occurrences
from bot.phrases.en import read
from data.change_settings import set_up
from data.due import follow_clock
from data.models import Answer, Details, Mood, Session, Stay, Tone, Wish
from data.outbox.claims import withdraw_due
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.gone import post_missing_cards
from data.people import rsvps
from data.people.attendance import arrive
from data.schedule.find_series import series_ahead
from data.schedule.series import add_series, extend, series_now
from data.schedule.sessions import add_session
from data.store.transaction import Transaction

ZONE = "Europe/London"
WEEKS_BEFORE = 16
"""Age of the demo's server."""
MEMBERS = ("Robin", "Sam", "Priya", "Jordan", "Mei", "Tomás", "Amara", "Kit")
"""The first one is the organizer."""
_THURSDAY = 3
_NEXT_THURSDAY = ("Robin", "Jordan", "Kit")
_QUIET_MORNING = {
    "Priya": Wish(Answer.GOING, mood=Mood.EITHER, note="chapter three"),
    "Robin": Wish(Answer.GOING, mood=Mood.HEADS_DOWN, note="invoices, all of them"),
    "Jordan": Wish(Answer.GOING, mood=Mood.HEADS_DOWN, guests=1),
    "Mei": Wish(Answer.GOING, mood=Mood.CHATTY, note="a website for the allotment"),
    "Tomás": Wish(Answer.MAYBE),
    "Amara": Wish(Answer.DECLINED),
}


class People(NamedTuple):
    """The server, its channel for jellies, and the user ids of its members by name."""

    guild_id: int
    channel_id: int
    ids: dict[str, int]


def seed_past(transaction: Transaction, people: People, now: datetime) -> None:
    """Sets the server up some weeks ago, with a jelly every Thursday and those who came."""
    began = now - timedelta(weeks=WEEKS_BEFORE)
    organizer = people.ids[MEMBERS[0]]
    set_up(
        transaction,
        guild_id=people.guild_id,
        channel_id=people.channel_id,
        zone=ZONE,
        now=began,
    )
    weekly = read("every thursday 10-16", zone=ZONE, now=began)
    series, _ = add_series(
        transaction,
        channel_id=people.channel_id,
        created_by=organizer,
        details=Details(
            "Thursday jelly",
            "The Alb, Shrewsbury",
            "Big table upstairs, sockets along the wall. Lunch together at one if you like.",
            organizer,
            tone=Tone.SOCIAL,
        ),
        schedule=weekly,
        horizon=horizon_of(weekly, began),
        now=began,
    )
    for week in range(WEEKS_BEFORE):
        then = began + timedelta(weeks=week)
        present = series_now(transaction, series.series_id)
        extend(transaction, present, horizon=horizon_of(weekly, then), now=then)
        soonest = series_ahead(transaction, series.series_id, now=then)[0]
        if soonest.ends_at < now:
            _hold(transaction, people, soonest, week, then)
    extend(
        transaction,
        series_now(transaction, series.series_id),
        horizon=horizon_of(weekly, now),
        now=now,
    )
    ahead = series_ahead(transaction, series.series_id, now=now)[0]
    for name in _NEXT_THURSDAY:
        _answer(transaction, people, ahead, name, Wish(Answer.GOING), now=now)
    # Those messages belong to the time before the demo, so they are not sent now.
    error, is_owed = DeliveryError(ErrorCode.BEFORE_DEMO), True
    while is_owed:
        follow_clock(transaction, now=now)
        is_owed = withdraw_due(transaction, now=now, error=error) > 0
    post_missing_cards(transaction, people.guild_id, [people.channel_id], now=now)


def _hold(
    transaction: Transaction, people: People, session: Session, week: int, then: datetime
) -> None:
    """Has members answer a session, and most of them come."""
    for number, name in enumerate(MEMBERS):
        if (week + 2) * (number + 3) % 5 < 2:
            continue
        _answer(transaction, people, session, name, Wish(Answer.GOING), now=then)
        if (week + number) % 4:
            arrive(
                transaction,
                guild_id=people.guild_id,
                session_id=session.session_id,
                user_id=people.ids[name],
                name=name,
                now=session.starts_at + timedelta(minutes=9 * number),
            )


def quiet_morning(now: datetime) -> datetime:
    """Returns when the quiet morning starts: a day later at most, something is reminded of.

    Its reminder is a day before. It isn't on the Thursday jelly's day, whose reminder comes then.
    """
    local = now.astimezone(ZoneInfo(ZONE))
    start = local.replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=1)
    if start - local <= timedelta(days=1):
        start += timedelta(days=1)
    if start.weekday() == _THURSDAY:
        start += timedelta(days=1)
    return start


def seed_soon(transaction: Transaction, people: People, now: datetime) -> None:
    """Adds a quiet morning that people have answered."""
    schedule = read(f"{quiet_morning(now).date()} 9:30-13:00", zone=ZONE, now=now)
    session = add_session(
        transaction,
        channel_id=people.channel_id,
        created_by=people.ids["Priya"],
        details=Details(
            "Quiet morning at Priya's",
            "Priya's kitchen table, Frankwell",
            "Headphones welcome. Tea is on, and the cat decides who sits by the window.",
            people.ids["Priya"],
            tone=Tone.QUIET,
            capacity=8,
        ),
        schedule=schedule,
        occurrence=next(occurrences(schedule)),
        now=now,
    )
    for name, wish in _QUIET_MORNING.items():
        _answer(transaction, people, session, name, wish, now=now)
    stay = Stay(session.starts_at, session.starts_at + timedelta(hours=2))
    _answer(transaction, people, session, "Robin", Wish(stay=stay), now=now)


def _answer(
    transaction: Transaction,
    people: People,
    session: Session,
    name: str,
    wish: Wish,
    *,
    now: datetime,
) -> None:
    rsvps.answer(
        transaction,
        guild_id=people.guild_id,
        session_id=session.session_id,
        user_id=people.ids[name],
        wish=wish,
        name=name,
        now=now,
    )
