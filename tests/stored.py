"""Jellies put into the store as if people had scheduled and answered them, for a bot to find."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.change_settings import save
from data.models import Answer, ChannelSettings, Details, Occurrence, Schedule, Wish
from data.people.rsvps import answer
from data.schedule.sessions import add_session
from data.store.database import Database
from data.store.transaction import Transaction
from tests.loopback import Guild
from tests.moments import MINUTE


async def write(file: Path, change: Callable[[Transaction], object]) -> None:
    """Changes a store on which no bot runs."""
    async with await Database.open(file) as database:
        await database.write(change)


def set_up(transaction: Transaction, guild: Guild, channel: str = "jellies") -> None:
    """Sets a server up as /settings does: cards 6 days before, a reminder one minute before.

    Without quiet hours, since processes go by the time at which they are run.
    """
    settings = ChannelSettings(
        guild.channels[channel],
        guild.id,
        "UTC",
        timedelta(days=6),
        (MINUTE,),
        None,
        quiet_hours=None,
    )
    save(transaction, settings, now=datetime.now(UTC))


def schedule(transaction: Transaction, guild: Guild, title: str, starts_at: int) -> int:
    """Schedules a jelly of an hour in a server that is set up; returns its id."""
    start = datetime.fromtimestamp(starts_at, UTC)
    wall_time, length = start.replace(tzinfo=None), timedelta(hours=1)
    session = add_session(
        transaction,
        channel_id=guild.channels["jellies"],
        created_by=guild.owner,
        details=Details(title, "The Alb", "", guild.owner),
        schedule=Schedule("UTC", wall_time, length),
        occurrence=Occurrence(wall_time, start, start + length),
        now=datetime.now(UTC),
    )
    return session.session_id


def plan(transaction: Transaction, guild: Guild) -> None:
    """Sets a server up and schedules a jelly in two days, whose card is due."""
    set_up(transaction, guild)
    schedule(transaction, guild, "Thursday jelly", int(time.time()) + 2 * 86_400)


def go(transaction: Transaction, guild: Guild, session_id: int) -> None:
    """Has the first member of the server say that they come."""
    answer(
        transaction,
        guild_id=guild.id,
        session_id=session_id,
        user_id=guild.members[0],
        wish=Wish(Answer.GOING),
        now=datetime.now(UTC),
    )
