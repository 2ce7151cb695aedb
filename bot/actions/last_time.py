"""From last time: what a person scheduled last, offered first for the next jelly, or repeated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.actions.actor import Actor, Program
from bot.actions.choices import Choice, named_choices, suggested
from bot.actions.defaults import Defaults
from bot.actions.drafts import NeedsSetUp, propose
from bot.actions.find import session_id_of
from bot.actions.previews import Preview
from bot.actions.rights import check
from bot.actions.visibility import channels_seen, session_seen
from bot.language import words_for
from bot.language.typed import folded, in_names, one_line
from bot.phrases.en import (
    NotUnderstood,
    describe_duration,
    phrase_of_weekday,
    suggestion_of,
)
from data.channels import settings_of
from data.limits import (
    LAST_TIMES,
    LONGEST_CHOICE,
    LOOKED_BACK_TO_REPEAT,
    MOST_CHOICES,
    SESSIONS_SEARCHED,
)
from data.models import Session, Tone
from data.schedule.find import latest_scheduled_by, sessions_over
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class LastTimes:
    """What the actor scheduled last in the channel, the latest first, and the zone of new words."""

    sessions: list[Session]
    defaults: Defaults


async def where_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the places of the actor's last jellies, the latest first."""
    last = await _last_times(program, actor)
    places = dict.fromkeys(one.details.place for one in last.sessions) if last else ()
    wanted = folded(typed)
    return [
        Choice(in_names(place, actor.channels.name_of)[:LONGEST_CHOICE], place)
        for place in places
        if wanted in folded(place) and len(place) <= LONGEST_CHOICE
    ]


async def seats_choices(program: Program, actor: Actor, typed: str) -> list[int]:
    """Returns the numbers of seats of the actor's last jellies, the latest first."""
    last = await _last_times(program, actor)
    seats = dict.fromkeys(one.details.capacity for one in last.sessions) if last else ()
    return [number for number in seats if number is not None and str(number).startswith(typed)]


async def tone_choices(program: Program, actor: Actor) -> list[Tone]:
    """Returns all tones, that of the actor's last jelly first."""
    last = await _last_times(program, actor)
    first = [one.details.tone for one in last.sessions[:1]] if last else []
    return list(dict.fromkeys([*first, *Tone]))


async def when_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns completions of a typed date for a new jelly, the first as long as the last one.

    Before anything is typed, the first is on the weekday and at the hours of the last one.
    """
    last = await _last_times(program, actor)
    if last is None:
        return []
    words, defaults = words_for(actor.locale), last.defaults
    found = defaults.suggest(typed)
    if last.sessions:
        length = last.sessions[0].schedule.duration
        if typed.strip():
            phrases = [_as_long(one.phrase, length, defaults) for one in found[:1]]
        else:
            phrases = [_same_weekday(last.sessions[0], defaults.zone)]
        for phrase in filter(None, phrases):
            with suppress(NotUnderstood):
                first = suggestion_of(phrase, defaults.read(phrase), now=defaults.now)
                found = [first, *(one for one in found if one.phrase != phrase)]
    return suggested(words, found, defaults.zone)


async def past_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the past jellies that the actor may repeat, the latest first."""
    now = program.clock.now()

    def query(transaction: Transaction) -> list[Choice]:
        over = sessions_over(
            transaction,
            channels_seen(transaction, actor),
            since=now - LOOKED_BACK_TO_REPEAT,
            by=None if actor.is_organizer else actor.user_id,
            now=now,
            limit=SESSIONS_SEARCHED if typed.strip() else MOST_CHOICES,
        )
        return named_choices(transaction, actor, over, typed)

    return await program.database.read(query)


async def propose_again(
    program: Program, actor: Actor, which: str, when: str
) -> Preview | NeedsSetUp:
    """Keeps a past jelly with a new date as a draft; the actor hosts it, and it is as long.

    Raises Refusal if there is none such, or it is not the actor's.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> Session:
        since = now - LOOKED_BACK_TO_REPEAT
        session_id = session_id_of(transaction, actor, which, now, since=since)
        session = session_seen(transaction, actor, session_id)
        check(actor, "/jelly again", session)
        return session

    past = await program.database.read(query)
    settings = await program.database.read(lambda t: settings_of(t, actor.guild_id))
    phrase = one_line(when)
    if settings is not None:
        defaults = Defaults(settings.zone, now)
        phrase = _as_long(phrase, past.schedule.duration, defaults) or phrase
    details = replace(past.details, host_id=actor.user_id)
    return await propose(program, actor, details, phrase)


async def _last_times(program: Program, actor: Actor) -> LastTimes | None:
    """Returns what the actor scheduled last; None if the server is not set up."""
    now = program.clock.now()

    def query(transaction: Transaction) -> LastTimes | None:
        settings = settings_of(transaction, actor.guild_id)
        if settings is None:
            return None
        last: list[Session] = []
        if actor.channels.may_view(settings.channel_id):
            last = latest_scheduled_by(
                transaction,
                settings.channel_id,
                actor.user_id,
                limit=LAST_TIMES,
                searched=SESSIONS_SEARCHED,
            )
        return LastTimes(last, Defaults(settings.zone, now))

    return await program.database.read(query)


def _as_long(phrase: str, length: timedelta, defaults: Defaults) -> str | None:
    """Returns a phrase that says no end with a length; None if it says one, or can't be read."""
    longer = f"{phrase} for {describe_duration(length)}"
    try:
        says_none = defaults.read(phrase).duration != (
            defaults._replace(length=length).read(phrase).duration
        )
        return longer if says_none and defaults.read(longer).duration == length else None
    except NotUnderstood:
        return None


def _same_weekday(session: Session, zone_name: str) -> str:
    """Returns the weekday and the hours of a session, to be read in the zone of new words."""
    zone = ZoneInfo(zone_name)
    start, end = (one.astimezone(zone) for one in (session.starts_at, session.ends_at))
    return phrase_of_weekday(start, end)
