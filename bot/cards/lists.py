"""Private lists: what is on, who is coming, what is owed, how a server is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import ANSWER_LABELS
from bot.cards.text import card_link, count, escaped, lines, mention, shorten, span, timestamp
from bot.when import describe, describe_span
from data.models import (
    AgendaItem,
    Board,
    DeliveryKind,
    DeliveryState,
    GuildSettings,
    Problem,
    Rsvp,
    Series,
)

LONGEST_MESSAGE = 2000
"""https://discord.com/developers/docs/resources/message#create-message."""

MOST_PROBLEMS = 5

_WITHOUT_BRACKETS = str.maketrans("[]", "()")

NOTHING_ON = "No jelly is planned yet. Anybody who may host can start one with `/jelly new`."

_KINDS = {
    DeliveryKind.ANNOUNCEMENT: "card",
    DeliveryKind.REMINDER: "reminder",
    DeliveryKind.START: "starting line",
    DeliveryKind.MOVED: "notice of the move",
    DeliveryKind.CANCELLED: "notice that it is off",
    DeliveryKind.QUESTION: "question whether to go on",
    DeliveryKind.REFRESH: "update",
}


def agenda(items: Sequence[AgendaItem]) -> str:
    """What is on, with one's own answers."""
    if not items:
        return NOTHING_ON
    parts = ["### What is on"]
    for item in items:
        session = item.session
        parts.append(
            lines(
                (
                    f"{timestamp(session.starts_at, 'F')} **{_title(item)}**, "
                    f"{escaped(session.details.place)} · {item.going_count} going",
                    f"-# You: {_my_answer(item)}",
                )
            )
        )
    parts.append("To answer, press a button on the card or type `/rsvp`.")
    return fitting(parts)


def headcount(board: Board) -> str:
    """Everybody who answered, with what they are working on."""
    session, roster = board.session, board.roster
    parts = [
        f"**{escaped(session.details.title)}**, {span(session.starts_at, session.ends_at)}",
        f"{roster.going_count} going · {roster.maybe_count} maybe · "
        f"{roster.declined_count} can't make it",
        f"**{roster.going_count} going**",
        *(_person(rsvp) for rsvp in roster.going),
        f"**{roster.maybe_count} maybe**",
        *(_person(rsvp) for rsvp in roster.maybe),
        f"**{roster.declined_count} can't make it**",
        *(_person(rsvp) for rsvp in roster.declined),
    ]
    return fitting(parts)


def plan(
    items: Sequence[AgendaItem],
    series: Sequence[Series],
    problems: Sequence[Problem],
    now: datetime,
) -> str:
    """What is scheduled, by which rules, and what did not arrive."""
    if not items and not series and not problems:
        return NOTHING_ON
    parts: list[str] = []
    if problems:
        parts.append("### What did not arrive")
        parts += [_problem(problem) for problem in problems[-MOST_PROBLEMS:]]
        if len(problems) > MOST_PROBLEMS:
            parts.append(f"-# and {count(len(problems) - MOST_PROBLEMS, 'earlier one')}")
        if any(problem.state is DeliveryState.FAILED for problem in problems):
            parts.append("Mend what is missing, then press **Try again**.")
    if series:
        parts.append("### Series")
        parts += [_series(one, now) for one in series]
    parts.append("### Dates")
    parts += [
        f"{timestamp(item.session.starts_at, 'F')} **{_title(item)}**, {item.going_count} going"
        + ("" if item.session.card_message_id else " · no card yet")
        for item in items
    ] or ["None in the next weeks."]
    return fitting(parts)


def settings(settings: GuildSettings) -> str:
    """How a server is set up, and how to change it."""
    reminders = ", ".join(describe_span(before) for before in settings.reminders)
    host = f"<@&{settings.host_role_id}>" if settings.host_role_id else "everybody"
    return lines(
        (
            "### Jelly in this server",
            f"Channel for jellies: <#{settings.channel_id}>",
            f"Time zone: {settings.zone}",
            f"Cards are posted {describe_span(settings.announce_before)} before",
            f"Reminders: {reminders + ' before' if reminders else 'none'}",
            f"Who may host: {host}",
            "-# Change any of these with the options of `/settings`.",
        )
    )


def fitting(parts: Sequence[str]) -> str:
    """As many whole lines as fit into one message, and how many more there are."""
    room = LONGEST_MESSAGE - 40
    kept: list[str] = []
    used = 0
    for part in parts:
        if used + len(part) + 1 > room:
            kept.append(f"-# … and {count(len(parts) - len(kept), 'more line')}.")
            break
        kept.append(part)
        used += len(part) + 1
    return lines(kept)


def _series(series: Series, now: datetime) -> str:
    if not series.is_paused(now):
        # A series that never ends by itself is only as alive as somebody lately said it was.
        goes_on = all("UNTIL" not in rule and "COUNT" not in rule for rule in series.schedule.rules)
        state = f" · last confirmed {timestamp(series.confirmed_at, 'D')}" if goes_on else ""
    elif series.paused_until is None:
        state = " · **paused**, `/jelly resume` lets it go on"
    else:
        state = f" · **paused** until {timestamp(series.paused_until, 'D')}"
    return (
        f"**{escaped(series.details.title)}**: {escaped(describe(series.schedule))}, "
        f"host {mention(series.details.host_id)}{state}"
    )


def _title(item: AgendaItem) -> str:
    session = item.session
    title = shorten(session.details.title, 60)
    if session.card_channel_id and session.card_message_id:
        link = card_link(session.guild_id, session.card_channel_id, session.card_message_id)
        # A bracket would end the link's words, escaped or not.
        return f"[{escaped(title.translate(_WITHOUT_BRACKETS))}]({link})"
    return escaped(title)


def _my_answer(item: AgendaItem) -> str:
    if item.answer is None:
        return "no answer yet"
    note = f", {escaped(item.note)}" if item.note else ""
    return f"{ANSWER_LABELS[item.answer]}{note}"


def _person(rsvp: Rsvp) -> str:
    return f"{mention(rsvp.user_id)} {escaped(rsvp.note)}".strip()


def _problem(problem: Problem) -> str:
    return (
        f"The {_KINDS[problem.kind]} of **{escaped(problem.title)}**, due "
        f"{timestamp(problem.due_at, 'F')} in <#{problem.channel_id}>: {escaped(problem.error)}."
    )
