"""Notices for hosts: new members, attendance, failed deliveries, whether to go on; and thanks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.language import Words
from bot.messages.counts import had_said_going
from bot.messages.failures import undelivered
from bot.messages.notices.writing import Text, party, writes
from bot.messages.text import escaped, lines, mention, names, span, timestamp
from data.limits import CORRECTABLE_FOR, NAMES_GOING, QUIET_MENTIONS
from data.models import Answer, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import NEWCOMER, QUESTION, SUMMARY, THANKS, UNDELIVERED


@writes(NEWCOMER)
def newcomer(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    host_id = session.details.host_id
    new = [
        rsvp for rsvp in delivery.people if rsvp.answer is Answer.GOING and rsvp.user_id != host_id
    ]
    if not new:
        return None
    people = [mention(rsvp.user_id) for rsvp in new]
    return Text(
        lines(
            (
                words(
                    "First time: {people} will be at **{title}** on {when}.",
                    people=names(words, people, total=len(new), most=QUIET_MENTIONS),
                    title=escaped(session.details.title),
                    when=timestamp(session.starts_at, "F"),
                ),
                words("Say hello when they arrive. Only you were told."),
            )
        )
    )


@writes(SUMMARY)
def summary_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    session = delivery.shown.session
    if not _had_others(delivery.shown):
        return None
    if not delivery.is_private:
        # The host accepts no private messages, so the summary is behind a button for the host only.
        return Text(
            words(
                "{host}, **{title}** on {when} is over. Want to see how it went? Only "
                "you will see it.",
                host=mention(session.details.host_id),
                title=escaped(session.details.title),
                when=timestamp(session.starts_at, "F"),
            ),
            ((words("See the summary"), "summary", (session.session_id,)),),
        )
    return Text(summary(words, delivery.shown, [rsvp.user_id for rsvp in delivery.people]))


def _had_others(view: SessionView) -> bool:
    """Returns whether anybody but the host was going, or came."""
    host_id, came = view.session.details.host_id, view.roster.counts.came
    is_host_there = any(one.came and one.user_id == host_id for one in view.roster.everybody())
    return view.has_others or came > is_host_there


def summary(words: Words, view: SessionView, first_timers: Sequence[int]) -> str:
    """Returns the summary for the host: who was going, who came, who was new."""
    session, roster, counts = view.session, view.roster, view.roster.counts
    came = [rsvp for rsvp in roster.everybody() if rsvp.came]
    parts = [
        words("### How {title} went", title=escaped(session.details.title)),
        words.list(
            (span(words, session.starts_at, session.ends_at), escaped(session.details.place)),
            "none",
        ),
    ]
    if counts.coming:
        parts.append(had_said_going(words, counts))
    if came:
        people = [party(rsvp) for rsvp in came]
        parts.append(
            words.ngettext(
                "**{count} came**: {people}",
                "**{count} came**: {people}",
                counts.came,
                people=names(words, people, total=len(came), most=NAMES_GOING),
            )
        )
    else:
        parts.append(words("No one checked in, so I don't know who came."))
    new = [rsvp for rsvp in came or roster.going if rsvp.user_id in first_timers]
    if new:
        people = [mention(rsvp.user_id) for rsvp in new]
        listed = names(words, people, total=len(new), most=NAMES_GOING)
        parts.append(words("**For the first time**: {people}", people=listed))
    parts.append(
        words(
            "Until {until} you can check people in with `/headcount session`.",
            until=timestamp(session.ends_at + CORRECTABLE_FOR, "F"),
        )
    )
    return lines(parts)


@writes(QUESTION)
def question(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    series = delivery.series
    if series is None:
        return None
    title = (series if delivery.view is None else delivery.view.session).details.title
    return Text(
        words(
            "{host}, no one else joined the last three dates of **{title}**. Keep it going?",
            host=mention(delivery.host_id),
            title=escaped(title),
        ),
        (
            (words("Keep it going"), "series-go-on", (series.series_id,)),
            (words("Pause it"), "series-pause", (series.series_id, 0)),
            (words("End it"), "series-end", (series.series_id,)),
        ),
    )


@writes(THANKS)
def thanks(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    figures = delivery.figures
    if figures is None or not figures.jellies:
        return None
    hosts = [mention(host) for host in figures.hosts]
    return Text(
        lines(
            (
                words("### {month} in this server", month=words.month(figures.month)),
                words(
                    "{jellies}, {places}, {people}.",
                    jellies=words.ngettext("{count} jelly", "{count} jellies", figures.jellies),
                    places=words.ngettext("{count} place", "{count} places", figures.places),
                    people=words.ngettext("{count} person", "{count} people", figures.people),
                ),
                words(
                    "Thank you for hosting: {hosts}.",
                    hosts=names(words, hosts, total=len(hosts), most=20),
                ),
            )
        )
    )


@writes(UNDELIVERED)
def undelivered_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    if not delivery.problems:
        return None
    if delivery.is_private:
        return Text(undelivered(words, delivery.problems))
    if delivery.view is None:
        return None
    # The host accepts no private messages, and `/jelly list` shows the problems.
    session = delivery.view.session
    return Text(
        words(
            "{host}, something about **{title}** on {when} couldn't be posted. Type "
            "`/jelly list` to see what didn't arrive.",
            host=mention(session.details.host_id),
            title=escaped(session.details.title),
            when=timestamp(session.starts_at, "F"),
        )
    )
