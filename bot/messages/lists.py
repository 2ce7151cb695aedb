"""Private lists: sessions, who is coming, what was not delivered, a server's settings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.messages.card import ANSWER_LABELS, MOOD_LABELS, by_the_hour, seats
from bot.messages.text import card_link, count, escaped, lines, mention, shorten, span, timestamp
from bot.phrases.en import describe, describe_attendance, describe_duration
from data.limits import FAILURES_TOLD_ONE_BY_ONE, LONGEST_MESSAGE
from data.models import AgendaItem, DeliveryState, GuildSettings, Record, Rsvp, Series, SessionView
from data.outbox.deliveries import Problem

_WITHOUT_BRACKETS = str.maketrans("[]", "()")

NOTHING_ON = "No jelly is planned yet. Anybody who may host can start one with `/jelly new`."


def agenda(items: Sequence[AgendaItem]) -> str:
    """Returns the sessions ahead, with the member's own answers."""
    if not items:
        return NOTHING_ON
    parts = ["### What is on"]
    for item in items:
        session = item.session
        parts.append(
            lines(
                (
                    f"{timestamp(session.starts_at, 'F')} **{_title(item)}**, "
                    f"{escaped(session.details.place)} · {item.session.counts.going} going",
                    f"-# You: {_my_answer(item)}",
                )
            )
        )
    parts.append("To answer, press a button on the card or type `/rsvp`.")
    return fitting(parts)


def headcount(
    view: SessionView,
    *,
    shows_hours: bool,
    is_host: bool = False,
    first_timers: Collection[int] = (),
    now: datetime,
) -> str:
    """Returns everybody who answered, with guests, mood and notes.

    ``shows_hours`` is for those going and the host. Who was there, and who is among
    ``first_timers``, is shown only to the host (``is_host``).
    """
    session, roster = view.session, view.roster
    zone = session.schedule.zone
    # Only the host may see who said afterwards that they were there.
    declined = [rsvp for rsvp in roster.declined if is_host or rsvp.arrived_at is None]
    declined_count = roster.counts.declined - len(roster.declined) + len(declined)
    headings = (
        (f"**{roster.counts.going} going**", roster.going),
        (f"**{roster.counts.waiting} on the waiting list**", roster.waiting),
        (f"**{roster.counts.requested} waiting for the host's word**", roster.requested),
        (f"**{roster.counts.maybe} maybe**", roster.maybe),
        (f"**{declined_count} can't make it**", declined),
    )
    parts = [
        f"### {escaped(session.details.title)}, {span(session.starts_at, session.ends_at)}",
        " · ".join(
            (
                f"{roster.counts.going} going",
                *([f"{roster.counts.waiting} waiting"] if roster.counts.waiting else []),
                f"{roster.counts.maybe} maybe",
                f"{declined_count} can't make it",
            )
        ),
        seats(view, now),
        by_the_hour(view) if roster.hours else "",
        f"**{count(roster.counts.came, 'was', 'were')} there**"
        if session.is_over(now) and roster.counts.came
        else "",
    ]
    for number, (heading, people) in enumerate(headings):
        if people or number == 0:
            parts.append(heading)
            parts += [
                _person(
                    rsvp,
                    zone if shows_hours else None,
                    is_new=rsvp.user_id in first_timers,
                    shows_presence=is_host,
                )
                for rsvp in people
            ]
    if not shows_hours and roster.hours:
        parts.append("-# Those going see who comes when.")
    return fitting([part for part in parts if part])


def plan(
    items: Sequence[AgendaItem],
    series: Sequence[Series],
    problems: Sequence[Problem],
    now: datetime,
) -> str:
    """Returns the series, the dates, and what was not delivered."""
    if not items and not series and not problems:
        return NOTHING_ON
    parts: list[str] = []
    if problems:
        parts += _undelivered(problems)
        if any(problem.state is DeliveryState.FAILED for problem in problems):
            parts.append("Mend what is missing, then press **Try again**.")
    if series:
        parts.append("### Series")
        parts += [_series(one, now) for one in series]
    parts.append("### Dates")
    parts += [
        f"{timestamp(item.session.starts_at, 'F')} **{_title(item)}**, "
        f"{item.session.counts.going} going" + ("" if item.card else " · no card yet")
        for item in items
    ] or ["None in the next weeks."]
    return fitting(parts)


def undelivered(problems: Sequence[Problem]) -> str:
    """Returns what was not delivered, for a host."""
    return fitting(
        [
            *_undelivered(problems),
            "Whoever still needs to know has to hear it from you. Only you are told.",
        ]
    )


def settings(settings: GuildSettings, before: GuildSettings | None = None) -> str:
    """Returns a server's settings, with those that differ from ``before`` marked as new."""
    facts = _settings(settings)
    changed = facts if before is None else [f for f in facts if f not in _settings(before)]
    return lines(
        (
            "### Jelly in this server",
            *(f"{fact} ← new" if before and fact in changed else fact for fact in facts),
            "-# Change any of these with the options of `/settings`.",
        )
    )


def _settings(settings: GuildSettings) -> list[str]:
    reminders = ", ".join(describe_duration(before) for before in settings.reminders)
    host = f"<@&{settings.host_role_id}>" if settings.host_role_id else "everybody"
    if settings.offer_within:
        offers = (
            f"in the last {describe_duration(settings.offer_within)} before a jelly, offered to "
            f"the next in line for up to {describe_duration(settings.offer_for)}"
        )
    else:
        offers = "go to the next in line right away"
    return [
        f"Channel for jellies: <#{settings.channel_id}>",
        f"Time zone: {settings.zone}",
        f"Cards are posted {describe_duration(settings.announce_before)} before",
        f"Reminders: {reminders + ' before' if reminders else 'none'}",
        f"Who may host: {host}",
        f"Seats that come free: {offers}",
        f"Monthly thanks to the hosts: {'on' if settings.thanks_hosts else 'off'}",
    ]


def fitting(parts: Sequence[str]) -> str:
    """Returns as many whole lines as fit into one message, and the number of the others."""
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
        # A series without an end may be abandoned, so the date of its last confirmation is shown.
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
    if item.card is not None and item.card.channel_id is not None:
        link = card_link(session.guild_id, item.card.channel_id, item.card.remote_id)
        # A bracket would end the link's text, escaped or not.
        return f"[{escaped(title.translate(_WITHOUT_BRACKETS))}]({link})"
    return escaped(title)


def _my_answer(item: AgendaItem) -> str:
    if item.mine is None:
        return "no answer yet"
    return ", ".join(facts_of(item.mine, item.session.schedule.zone, item.place))


def facts_of(rsvp: Rsvp, zone: str, place: int = 0) -> list[str]:
    """Returns an answer in words: answer, guests, mood, hours, who answered, and note."""
    answer = ANSWER_LABELS[rsvp.answer]
    facts = [f"{answer}, number {place}" if place else answer]
    if rsvp.offered_until is not None:
        facts.append(f"a seat is kept until {timestamp(rsvp.offered_until, 't')}")
    if rsvp.guests:
        facts.append(f"with {count(rsvp.guests, 'guest')}")
    if rsvp.mood is not None:
        facts.append(MOOD_LABELS[rsvp.mood].lower())
    if rsvp.arrives_at is not None and rsvp.leaves_at is not None:
        facts.append(describe_attendance(rsvp.arrives_at, rsvp.leaves_at, zone))
    if rsvp.answered_by is not None:
        facts.append(f"answered by {mention(rsvp.answered_by)}")
    if rsvp.note:
        facts.append(escaped(rsvp.note))
    return facts


def _person(rsvp: Rsvp, zone: str | None, *, is_new: bool, shows_presence: bool) -> str:
    """Returns a line about a member; with hours only if a zone for them is given."""
    is_new = is_new and shows_presence
    shown = rsvp if zone is not None else rsvp._replace(arrives_at=None, leaves_at=None)
    facts = facts_of(shown._replace(guests=0), zone or "UTC")[1:]
    return " · ".join(
        (
            f"{mention(rsvp.user_id)}{f' +{rsvp.guests}' if rsvp.guests else ''}",
            *(["was there"] if shows_presence and rsvp.arrived_at is not None else []),
            *facts,
            *(["first time here"] if is_new else []),
        )
    )


def _undelivered(problems: Sequence[Problem]) -> list[str]:
    doubtful = all(one.state is DeliveryState.SENT for one in problems)
    heading = "### What may have come twice" if doubtful else "### What did not arrive"
    parts = [heading, *(_problem(one) for one in problems[-FAILURES_TOLD_ONE_BY_ONE:])]
    if len(problems) > FAILURES_TOLD_ONE_BY_ONE:
        parts.append(f"-# and {count(len(problems) - FAILURES_TOLD_ONE_BY_ONE, 'earlier one')}")
    return parts


def _problem(problem: Problem) -> str:
    where = f"in <#{problem.channel_id}>"
    if problem.is_private:
        where = f"to {mention(problem.channel_id)} alone"
    about = f" of **{escaped(problem.title)}**" if problem.title else ""
    return (
        f"The {problem.kind.label}{about}, due "
        f"{timestamp(problem.due_at, 'F')} {where}: {escaped(problem.error)}."
    )


def record(record: Record) -> str:
    """Returns a member's own record, for that member only."""
    mood = MOOD_LABELS[record.mood] if record.mood else "asked each time"
    if not record.jellies and not record.hosted:
        done = "You have not been at a jelly here yet. Type `/jellies` to see what is on."
    else:
        was_at = (
            f"You were at {count(record.jellies, 'jelly', 'jellies')} in "
            f"{count(record.places, 'place')}."
            if record.jellies
            else ""
        )
        hosted = f"You hosted {count(record.hosted, 'jelly', 'jellies')}." if record.hosted else ""
        done = " ".join(part for part in (was_at, hosted) if part)
    return fitting(
        [
            "### Your record here",
            done,
            *(
                f"{timestamp(visit.starts_at, 'D')} {escaped(shorten(visit.title, 60))}, "
                f"{escaped(shorten(visit.place, 60))}"
                for visit in record.last
            ),
            f"How you like to work: {mood}. Change it below.",
            "-# Only you can see this. It counts where you pressed I'm here, or were ticked off.",
        ]
    )


def history(title: str, facts: Sequence[str]) -> str:
    """Returns attendance over time in words; any charts show the same."""
    return fitting([f"### Looking back: {escaped(title)}", *facts])
