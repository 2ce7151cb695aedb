"""Notices for hosts: new members, attendance, failed deliveries, whether to go on; and thanks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages.lists import undelivered
from bot.messages.notices.writing import Text, party, what_and_when, writes
from bot.messages.text import count, escaped, lines, mention, names, span, timestamp
from data.limits import CORRECTABLE_FOR, NAMES_GOING, QUIET_MENTIONS
from data.models import Answer, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import NEWCOMER, QUESTION, SUMMARY, THANKS, UNDELIVERED


@writes(NEWCOMER)
def newcomer(delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    host_id = session.details.host_id
    new = [
        rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING and rsvp.user_id != host_id
    ]
    if not new:
        return None
    listed = names([mention(rsvp.user_id) for rsvp in new], total=len(new), most=QUIET_MENTIONS)
    return Text(
        lines(
            (
                f"First time: {listed} will be at {what_and_when(session)}.",
                "Say hello when they come in. Only you are told.",
            )
        )
    )


@writes(SUMMARY)
def summary_notice(delivery: Delivery, now: datetime) -> Text | None:
    session, counts = delivery.shown.session, delivery.shown.roster.counts
    if not counts.going and not counts.came:
        return None
    if not delivery.is_private:
        # The host accepts no private messages, so the summary is behind a button for the host only.
        return Text(
            f"{mention(session.details.host_id)}, {what_and_when(session)} is over. "
            "Press below to see how it went; only you will see it.",
            (("See the summary", "summary", (session.session_id,)),),
        )
    return Text(summary(delivery.shown, [rsvp.user_id for rsvp in delivery.people]))


def summary(view: SessionView, first_timers: Sequence[int]) -> str:
    """Returns the summary for the host: who was going, who came, who was new."""
    session, roster = view.session, view.roster
    came = [rsvp for rsvp in roster.everybody() if rsvp.arrived_at is not None]
    parts = [
        f"### How {escaped(session.details.title)} went",
        f"{span(session.starts_at, session.ends_at)}, {escaped(session.details.place)}",
        f"**{roster.counts.going} were going**"
        + (f", with {count(roster.counts.guests, 'guest')}" if roster.counts.guests else ""),
    ]
    if came:
        people = [party(rsvp) for rsvp in came]
        listed = names(people, total=len(came), most=NAMES_GOING)
        parts.append(f"**{roster.counts.came} came**: {listed}")
    else:
        parts.append("Nobody was ticked off, so who came is not known.")
    new = [rsvp for rsvp in came or roster.going if rsvp.user_id in first_timers]
    if new:
        listed = names([mention(rsvp.user_id) for rsvp in new], total=len(new), most=NAMES_GOING)
        parts.append(f"**For the first time**: {listed}")
    until = timestamp(session.ends_at + CORRECTABLE_FOR, "F")
    parts.append(f"Until {until} you can tick people off with `/headcount session`.")
    return lines(parts)


@writes(QUESTION)
def question(delivery: Delivery, now: datetime) -> Text | None:
    series = delivery.series
    if series is None:
        return None
    title = (series if delivery.view is None else delivery.view.session).details.title
    return Text(
        f"{mention(delivery.host_id)}, nobody said they were coming to the last three "
        f"dates of **{escaped(title)}**. Shall it go on?",
        (
            ("Go on", "series-go-on", (series.series_id,)),
            ("Pause it", "series-pause", (series.series_id, 0)),
            ("End it", "series-end", (series.series_id,)),
        ),
    )


@writes(THANKS)
def thanks(delivery: Delivery, now: datetime) -> Text | None:
    figures = delivery.figures
    if figures is None or not figures.jellies:
        return None
    hosts = names([mention(host) for host in figures.hosts], total=len(figures.hosts), most=20)
    return Text(
        lines(
            (
                f"### {figures.month:%B} in this server",
                f"{count(figures.jellies, 'jelly', 'jellies')}, {count(figures.places, 'place')}, "
                f"{count(figures.people, 'person', 'people')}.",
                f"Thank you for hosting: {hosts}.",
            )
        )
    )


@writes(UNDELIVERED)
def undelivered_notice(delivery: Delivery, now: datetime) -> Text | None:
    if not delivery.problems:
        return None
    if delivery.is_private:
        return Text(undelivered(delivery.problems))
    if delivery.view is None:
        return None
    # The host accepts no private messages, and `/jelly list` shows the problems.
    session = delivery.view.session
    return Text(
        f"{mention(session.details.host_id)}, something about {what_and_when(session)} could "
        "not be posted. Type `/jelly list` to see what did not arrive."
    )
