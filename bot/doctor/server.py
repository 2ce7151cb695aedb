"""Checks one server: its channels, its time zones, and the messages owed to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import discord

from bot.doctor.findings import Finding, Voice, fine, problem, quoted, warning
from bot.messages.delivery_errors import why
from bot.messages.failures import MESSAGES
from bot.permissions import listed, may_mention, missing_in
from data.checkup import Checkup, Owed
from data.limits import FAILURES_LOOKED_BACK, FAILURES_TOLD_ONE_BY_ONE, MOST_COUNTED, OVERDUE_AFTER
from data.models import ChannelSettings, DeliveryState, Session
from data.outbox.deliveries import Problem
from data.refusal import Listed, Sentence, Value

MOST_ZONES = 3
"""Unknown zones that are named; of the others only the number is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A server as Discord shows it to the bot: over REST, or from the gateway."""

    me: discord.Member
    channels: Mapping[int, discord.abc.GuildChannel]


def findings_of(
    subject: str, checkup: Checkup, seen: Seen | None, voice: Voice
) -> Iterator[Finding]:
    """Yields every finding about one server; without ``seen`` only what the store knows."""
    settings = checkup.settings
    if settings is None:
        yield warning(
            subject,
            Sentence("This server isn't set up yet."),
            Sentence("Type `/settings channel: zone:`, or `/jelly new`, which asks for both."),
        )
    elif seen is not None:
        yield from _in_discord(subject, settings, checkup.other_channels, seen, voice)
        yield from _organizers(subject, checkup.organizers_channel_id, seen, voice)
    if missing := unknown_zones(checkup.zones):
        yield problem(
            subject,
            _no_data(missing),
            Sentence(
                "Choose another zone with `/settings zone:` and `/jelly edit`, or ask the person "
                "who runs this bot to update its zone data."
            ),
        )
    yield from _owed(subject, checkup.owed, voice)
    yield from _without_card(subject, checkup.without_card, voice)
    yield from _died(subject, checkup.died, voice)


def unknown_zones(zones: Sequence[str]) -> list[str]:
    """Returns the zones of which this machine has no data."""
    missing = []
    for zone in zones:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            missing.append(zone)
    return missing


def _no_data(zones: Sequence[str]) -> Sentence:
    named = Listed(quoted(zone) for zone in zones[:MOST_ZONES])
    if len(zones) <= MOST_ZONES:
        return Sentence(
            "There's no zone data for {zones}, so times there can't be worked out.",
            {"zones": named},
        )
    return Sentence.counted(
        "There's no zone data for {zones} and {count} more, so times there can't be worked out.",
        "There's no zone data for {zones} and {count} more, so times there can't be worked out.",
        count=len(zones) - MOST_ZONES,
        zones=named,
    )


def _in_discord(
    subject: str,
    settings: ChannelSettings,
    other_channels: Sequence[int],
    seen: Seen,
    voice: Voice,
) -> Iterator[Finding]:
    if settings.channel_id not in seen.channels:
        yield problem(
            subject,
            Sentence("The channel for jellies is gone."),
            Sentence("Type `/settings channel:` and choose another one."),
        )
    else:
        for channel_id in (settings.channel_id, *other_channels):
            if channel_id in seen.channels:
                yield _channel(subject, seen.channels[channel_id], seen.me, voice)
    role_id = settings.host_role_id
    if role_id is not None and seen.me.guild.get_role(role_id) is None:
        yield warning(
            subject,
            Sentence("The role that may host is gone, so only organizers can schedule."),
            Sentence("Type `/settings host_role:` and choose another one, or @everyone."),
        )
    yield from _card_role(subject, settings, seen, voice)


def _card_role(
    subject: str, settings: ChannelSettings, seen: Seen, voice: Voice
) -> Iterator[Finding]:
    channel = seen.channels.get(settings.channel_id)
    if settings.card_role_id is None or channel is None:
        return
    role = seen.me.guild.get_role(settings.card_role_id)
    if role is None or not may_mention(role, channel, seen.me):
        yield warning(
            subject,
            Sentence("New cards can't mention the chosen role, so they mention no one."),
            Sentence(
                "Switch on “Allow anyone to @mention this role” in its settings, allow my role "
                "“Mention @everyone, @here, and All Roles” in {channel}, or choose another role "
                "with `/settings card_role:`.",
                {"channel": voice.channel(channel.id, channel.name)},
            ),
        )


def _organizers(
    subject: str, channel_id: int | None, seen: Seen, voice: Voice
) -> Iterator[Finding]:
    if channel_id is None:
        return
    if channel_id in seen.channels:
        yield _channel(subject, seen.channels[channel_id], seen.me, voice)
    else:
        yield warning(
            subject,
            Sentence("The channel for organizers is gone, so they're told privately."),
            Sentence("Type `/settings organizers:` and choose another one."),
        )


def _channel(
    subject: str, channel: discord.abc.GuildChannel, me: discord.Member, voice: Voice
) -> Finding:
    missing = missing_in(channel, me)
    values = {
        "channel": voice.channel(channel.id, channel.name),
        "permissions": listed(missing),
        "bot": quoted(me.display_name),
    }
    if not missing:
        return fine(subject, Sentence("In {channel} I have every permission I need.", values))
    return problem(
        subject,
        Sentence("In {channel} I'm missing: {permissions}.", values),
        # A permission that a channel allows a member overrides everything denied elsewhere.
        Sentence(
            "Edit Channel of {channel} > Permissions > Advanced permissions > the member {bot}, "
            "added there if need be > {permissions} > allow.",
            values,
        ),
    )


def _owed(subject: str, owed: Owed, voice: Voice) -> Iterator[Finding]:
    if owed.longest_overdue is not None:
        yield problem(
            subject,
            _overdue(owed.overdue, owed.longest_overdue, voice),
            Sentence("Make sure the bot is running and online. It then tries again by itself."),
        )
    elif owed.messages >= MOST_COUNTED and owed.next_at is not None:
        yield fine(
            subject,
            Sentence.counted(
                "At least {count} message scheduled, the next on {due}; none is overdue.",
                "At least {count} messages scheduled, the next on {due}; none is overdue.",
                count=MOST_COUNTED,
                due=voice.at(owed.next_at),
            ),
        )
    elif owed.messages and owed.next_at is not None:
        yield fine(
            subject,
            Sentence.counted(
                "{count} message scheduled, the next on {due}; none is overdue.",
                "{count} messages scheduled, the next on {due}; none is overdue.",
                count=owed.messages,
                due=voice.at(owed.next_at),
            ),
        )
    else:
        yield fine(subject, Sentence("No message is scheduled."))


def _overdue(messages: int, first: Problem, voice: Voice) -> Sentence:
    minutes = OVERDUE_AFTER // timedelta(minutes=1)
    values: dict[str, Value] = {
        "span": Sentence.counted("{count} minute", "{count} minutes", count=minutes),
        "message": _named(first),
        "due": voice.at(first.due_at),
    }
    if first.error is None:
        return Sentence.counted(
            "{count} message should have been sent more than {span} ago, first {message}, due "
            "{due}.",
            "{count} messages should have been sent more than {span} ago, first {message}, due "
            "{due}.",
            count=messages,
            **values,
        )
    return Sentence.counted(
        "{count} message should have been sent more than {span} ago, first {message}, due "
        "{due} ({reason}).",
        "{count} messages should have been sent more than {span} ago, first {message}, due "
        "{due} ({reason}).",
        count=messages,
        reason=why(first.error, quoted),
        **values,
    )


def _without_card(subject: str, sessions: Sequence[Session], voice: Voice) -> Iterator[Finding]:
    if sessions:
        first = sessions[0]
        yield problem(
            subject,
            Sentence.counted(
                "{count} date should have a card by now: “{title}” on {start}.",
                "{count} dates should have cards by now, first “{title}” on {start}.",
                count=len(sessions),
                title=quoted(first.details.title),
                start=voice.at(first.starts_at),
            ),
            Sentence("Press Try again in `/jelly list` to post them."),
        )


def _died(subject: str, died: Sequence[Problem], voice: Voice) -> Iterator[Finding]:
    if not died:
        yield fine(
            subject,
            Sentence.counted(
                "Every message arrived in the last {count} day.",
                "Every message arrived in the last {count} days.",
                count=FAILURES_LOOKED_BACK.days,
            ),
        )
    if len(died) > FAILURES_TOLD_ONE_BY_ONE:
        days = FAILURES_LOOKED_BACK.days
        yield warning(
            subject,
            Sentence.counted(
                "{count} message didn't arrive in the last {days}. Here are the last {shown}.",
                "{count} messages didn't arrive in the last {days}. Here are the last {shown}.",
                count=len(died),
                days=Sentence.counted("{count} day", "{count} days", count=days),
                shown=FAILURES_TOLD_ONE_BY_ONE,
            ),
            Sentence("Fix what each one says."),
        )
    for lost in reversed(died[-FAILURES_TOLD_ONE_BY_ONE:]):
        yield warning(
            subject,
            _lost(lost, voice),
            Sentence("Fix that, then press Try again in `/jelly list`.")
            if lost.state is DeliveryState.FAILED
            else Sentence("Nothing to do, but keep the bot running and online."),
        )


def _lost(message: Problem, voice: Voice) -> Sentence:
    values: dict[str, Value] = {
        "message": Sentence(MESSAGES[message.kind], opens=True),
        "due": voice.at(message.due_at),
        "reason": "" if message.error is None else why(message.error, _quoted_clause),
    }
    if not message.title:
        return Sentence("{message}, due {due}, didn't arrive: {reason}.", values)
    values["title"] = quoted(message.title)
    return Sentence("{message} for “{title}”, due {due}, didn't arrive: {reason}.", values)


def _quoted_clause(typed: str) -> str:
    return quoted(typed.rstrip("."))


def _named(message: Problem) -> Sentence:
    """Returns what a message is called, and the jelly that it is about."""
    called = Sentence(MESSAGES[message.kind])
    if not message.title:
        return called
    return Sentence("{message} for “{title}”", {"message": called, "title": quoted(message.title)})
