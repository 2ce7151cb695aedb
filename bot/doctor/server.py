"""Checks one server: its channels, its time zones, and the messages owed to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import discord

from bot.doctor.findings import Finding, Voice, fine, problem, warning
from bot.messages.text import count, names
from bot.permissions import missing_in
from data.checkup import Checkup, Owed
from data.limits import FAILURES_LOOKED_BACK, FAILURES_TOLD_ONE_BY_ONE, OVERDUE_AFTER
from data.models import DeliveryState, GuildSettings
from data.outbox.deliveries import Problem


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
            "This server is not set up yet.",
            "Type `/settings channel: zone:`, or `/jelly new`, which asks for both.",
        )
    elif seen is not None:
        yield from _in_discord(subject, settings, checkup.other_channels, seen, voice)
    if missing := unknown_zones(checkup.zones):
        shown = names([voice.quoted(zone) for zone in missing], total=len(missing), most=3)
        yield problem(
            subject,
            f"There is no zone data for {shown}: times there can't be reckoned.",
            "Choose another zone with `/settings zone:` and `/jelly edit`, or have whoever runs "
            "this bot update its zone data.",
        )
    yield from _owed(subject, checkup.owed, voice)
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


def _in_discord(
    subject: str,
    settings: GuildSettings,
    other_channels: Sequence[int],
    seen: Seen,
    voice: Voice,
) -> Iterator[Finding]:
    if settings.channel_id not in seen.channels:
        yield problem(
            subject,
            "The channel for jellies is gone.",
            "Type `/settings channel:` and choose another one.",
        )
    else:
        for channel_id in (settings.channel_id, *other_channels):
            if channel_id in seen.channels:
                yield _channel(subject, seen.channels[channel_id], seen.me, voice)
    role_id = settings.host_role_id
    if role_id is not None and seen.me.guild.get_role(role_id) is None:
        yield warning(
            subject,
            "The role that may host is gone, so that only organizers can schedule.",
            "Type `/settings host_role:` and choose another one; @everyone lets everybody.",
        )


def _channel(
    subject: str, channel: discord.abc.GuildChannel, me: discord.Member, voice: Voice
) -> Finding:
    name = voice.channel(channel.id, channel.name)
    missing = missing_in(channel, me)
    if not missing:
        return fine(subject, f"In {name} I have every permission that I need.")
    return problem(
        subject,
        f"In {name} I am missing: {', '.join(missing)}.",
        # A permission that a channel allows a member overrides everything denied elsewhere.
        f"Edit Channel of {name} > Permissions > Advanced permissions > the member "
        f"{voice.quoted(me.display_name)}, added there if need be > {', '.join(missing)} > allow.",
    )


def _owed(subject: str, owed: Owed, voice: Voice) -> Iterator[Finding]:
    if owed.longest_overdue is not None:
        late = owed.longest_overdue
        because = f" ({voice.quoted(late.error)})" if late.error else ""
        yield problem(
            subject,
            f"{count(owed.overdue, 'message')} should have been sent more than "
            f"{count(int(OVERDUE_AFTER.total_seconds()) // 60, 'minute')} ago, first the "
            f"{_named(late, voice)}, due "
            f"{voice.at(late.due_at)}{because}.",
            "See that the bot runs and is online; it then tries again by itself.",
        )
    elif owed.messages and owed.next_at is not None:
        yield fine(
            subject,
            f"{count(owed.messages, 'message')} to come, the next on {voice.at(owed.next_at)}; "
            "nothing is overdue.",
        )
    else:
        yield fine(subject, "No message is owed.")


def _died(subject: str, died: Sequence[Problem], voice: Voice) -> Iterator[Finding]:
    if not died:
        yield fine(subject, f"In the last {FAILURES_LOOKED_BACK.days} days every message arrived.")
    if len(died) > FAILURES_TOLD_ONE_BY_ONE:
        yield warning(
            subject,
            f"{count(len(died), 'message')} did not arrive in the last "
            f"{FAILURES_LOOKED_BACK.days} days; here are the last {FAILURES_TOLD_ONE_BY_ONE}.",
            "Mend what each one says.",
        )
    for lost in reversed(died[-FAILURES_TOLD_ONE_BY_ONE:]):
        yield warning(
            subject,
            f"The {_named(lost, voice)}, due "
            f"{voice.at(lost.due_at)}, did not arrive: {voice.quoted(lost.error.rstrip('.'))}.",
            "Mend that; Try again in `/jelly list` then sends what is still of use."
            if lost.state is DeliveryState.FAILED
            else "Nothing; see that the bot runs and is online all the time.",
        )


def _named(message: Problem, voice: Voice) -> str:
    """Returns the usual name of a message, and the jelly that it is about."""
    about = f" of “{voice.quoted(message.title)}”" if message.title else ""
    return f"{message.kind.label}{about}"
