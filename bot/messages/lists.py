"""Private lists: what is on, who is coming, what is planned, what was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.language import Words
from bot.language.typed import shorten
from bot.messages.buttons import Payload
from bot.messages.card import ANSWER_LABELS, MOOD_FACTS, MOOD_LABELS
from bot.messages.counts import (
    BETWEEN,
    by_the_hour,
    cant_make_it,
    counted,
    is_past,
    tells_who_came,
)
from bot.messages.pages import Line, page
from bot.messages.text import (
    escaped,
    lines,
    mention,
    names,
    span,
    timestamp,
    whole_lines,
)
from bot.phrases.en import describe, describe_attendance
from data.limits import LISTED, QUIET_MENTIONS, SHORT_RULE
from data.models import (
    Answer,
    Page,
    Record,
    Rsvp,
    Series,
    Session,
    SessionView,
)


def headcount(
    words: Words,
    view: SessionView,
    *,
    shows_hours: bool,
    first_timers: Collection[int] = (),
    start: int = 0,
    now: datetime,
) -> tuple[str, list[Payload]]:
    """Returns everybody who answered, from a position on, as far as they are given, and buttons.

    If not ``shows_hours``, it says who sees who comes when, and who is there.
    """
    session, counts = view.session, view.roster.counts
    over = is_past(session, now)
    came = view.roster.came if tells_who_came(view, now) else ()
    declined = counts.declined - sum(rsvp.answer is Answer.DECLINED for rsvp in came)
    totals = [counted(words, view, now)]
    if counts.maybe:
        totals.append(words.ngettext("{count} maybe", "{count} maybe", counts.maybe))
    if declined:
        totals.append(cant_make_it(words, declined, is_past=over))
    head = [
        words(
            "### {title}, {when}",
            title=escaped(session.details.title),
            when=span(words, session.starts_at, session.ends_at),
        ),
        BETWEEN.join(totals),
        by_the_hour(words, view) if view.roster.hours and not over else "",
    ]
    is_on = session.has_begun(now) and not over
    sections = (
        _sections_now(words, view) if is_on and shows_hours else _sections(words, view, came, now)
    )
    people = [(heading, rsvp) for heading, some in sections for rsvp in some]
    listed = [
        Line(
            _person(words, rsvp, session, is_on=is_on, is_new=rsvp.user_id in first_timers),
            heading,
        )
        for heading, rsvp in people[start : start + LISTED]
    ]
    hides_hours = not shows_hours and (view.roster.hours or (is_on and counts.here))
    return page(
        words,
        listed,
        head=lines(head),
        tail=words("-# Those going see who's here, and who comes when.") if hides_hours else "",
        start=start,
        total=len(people),
        name="headcount",
        arguments=(session.session_id,),
    )


def _sections_now(words: Words, view: SessionView) -> list[tuple[str, Sequence[Rsvp]]]:
    """Returns everybody once while it is on: first those who are there."""
    roster, counts = view.roster, view.roster.counts
    groups = (roster.going, roster.waiting, roster.requested, roster.maybe, roster.declined)
    here = [rsvp for group in groups for rsvp in group if rsvp.is_here]
    yet_to_come = counts.coming - sum(one.party for one in here if one.answer is Answer.GOING)
    first, *others = _sections(words, view, here, None)[1:]
    return [
        (words.ngettext("**{count} here now**", "**{count} here now**", counts.here), here),
        (
            words.ngettext("**{count} more coming**", "**{count} more coming**", yet_to_come)
            if here
            else "",
            first[1],
        ),
        *others,
    ]


def _sections(
    words: Words, view: SessionView, came: Sequence[Rsvp], now: datetime | None
) -> list[tuple[str, Sequence[Rsvp]]]:
    """Returns everybody once, in groups with their headings; first those of whom the head tells.

    ``now`` is None while it is on.
    """
    roster, counts = view.roster, view.roster.counts
    past = now is not None and is_past(view.session, now)
    there = {rsvp.user_id for rsvp in came}

    def absent(people: Sequence[Rsvp]) -> list[Rsvp]:
        return [rsvp for rsvp in people if rsvp.user_id not in there]

    missed = counts.coming - sum(rsvp.party for rsvp in came if rsvp.answer is Answer.GOING)
    more = words.ngettext(
        "**{count} more had said they'd come**", "**{count} more had said they'd come**", missed
    )
    declined = absent(roster.declined)
    return [
        ("", came),
        (more if came else "", absent(roster.going)),
        (
            words.ngettext(
                "**{count} on the waiting list**", "**{count} on the waiting list**", counts.waiting
            ),
            absent(roster.waiting),
        ),
        (
            words.ngettext(
                "**{count} asked to join**",
                "**{count} asked to join**",
                counts.requested,
            ),
            absent(roster.requested),
        ),
        (
            words.ngettext("**{count} maybe**", "**{count} maybe**", counts.maybe),
            absent(roster.maybe),
        ),
        (
            f"**{cant_make_it(words, len(declined), is_past=past)}**",
            declined,
        ),
    ]


def series(words: Words, page_: Page[Series], now: datetime) -> tuple[str, list[Payload]]:
    """Returns a page of the series that go on, and its buttons."""
    return page(
        words,
        [Line(_series(words, one, now)) for one in page_.items],
        head=words("### Series"),
        start=page_.start,
        total=page_.total,
        is_cut=page_.is_cut,
        name="series-page",
    )


def nothing_on(words: Words) -> str:
    return words("Nothing's planned yet. Anyone who may host can start one with `/jelly new`.")


def _series(words: Words, series: Series, now: datetime) -> str:
    fact = words(
        "**{title}**: {rule}, host {host}",
        title=escaped(series.details.title),
        rule=escaped(shorten(words.hours(describe(series.schedule, now=now)), SHORT_RULE)),
        host=mention(series.details.host_id),
    )
    state = _state_of_series(words, series, now)
    return f"{fact} · {state}" if state else fact


def _state_of_series(words: Words, series: Series, now: datetime) -> str:
    if series.is_paused(now):
        if series.paused_until is None:
            return words("**paused**, `/jelly resume` restarts it")
        return words("**paused** until {day}", day=timestamp(series.paused_until, "D"))
    # A series without an end may be abandoned, so the date of its last confirmation is shown.
    goes_on = all("UNTIL" not in rule and "COUNT" not in rule for rule in series.schedule.rules)
    if not goes_on:
        return ""
    return words("last confirmed {day}", day=timestamp(series.confirmed_at, "D"))


def facts_of(words: Words, rsvp: Rsvp, zone: str, place: int = 0) -> list[str]:
    """Returns an answer in words: answer, guests, mood, hours, who answered, and note.

    ``place`` is the member's place on the waiting list, from 1; 0 if it is not shown.
    """
    facts = [
        words("#{place} on the waiting list", place=place)
        if place
        else words(ANSWER_LABELS[rsvp.answer])
    ]
    if rsvp.offered_until is not None:
        facts.append(words("a seat is kept until {time}", time=timestamp(rsvp.offered_until, "t")))
    if rsvp.guests:
        facts.append(words.ngettext("with {count} guest", "with {count} guests", rsvp.guests))
    if rsvp.mood is not None:
        facts.append(words(MOOD_FACTS[rsvp.mood]))
    if rsvp.arrives_at is not None and rsvp.leaves_at is not None:
        facts.append(words.hours(describe_attendance(rsvp.arrives_at, rsvp.leaves_at, zone)))
    if (other := rsvp.known_answered_by) is not None:
        facts.append(words("answered by {member}", member=mention(other)))
    if rsvp.note:
        facts.append(escaped(rsvp.note))
    return facts


def _person(words: Words, rsvp: Rsvp, session: Session, *, is_on: bool, is_new: bool) -> str:
    """Returns a line about a member."""
    facts = [mention(rsvp.user_id) + (f" +{rsvp.guests}" if rsvp.guests else "")]
    if rsvp.user_id == session.details.host_id:
        facts.append(words("host"))
    if is_on and rsvp.left_at is not None:
        facts.append(words("has left"))
    facts += facts_of(words, rsvp._replace(guests=0), session.schedule.zone)[1:]
    if is_new:
        facts.append(words("first time here"))
    return " · ".join(facts)


def _invitations(words: Words, record: Record) -> str:
    """Returns from whom a member takes invitations."""
    if not record.takes_invitations:
        return words("Invitations: from no one. Change it below.")
    if not record.refused_hosts:
        return words("Invitations: from everyone. Change it below.")
    hosts = [mention(host_id) for host_id in record.refused_hosts]
    return words(
        "Invitations: from everyone but {hosts}. Change it below.",
        hosts=names(words, hosts, total=len(hosts), most=QUIET_MENTIONS),
    )


def record(words: Words, record: Record) -> tuple[str, list[Payload]]:
    """Returns a member's own record, for that member only, and the buttons to other pages of it."""
    done, visits = [], record.visits
    if visits.total:
        places = words.ngettext("{count} place", "{count} places", record.places)
        done.append(
            words.ngettext(
                "You've been to {count} jelly at {places}.",
                "You've been to {count} jellies at {places}.",
                visits.total,
                places=places,
            )
        )
    if record.hosted:
        done.append(
            words.ngettext(
                "You've hosted {count} jelly.", "You've hosted {count} jellies.", record.hosted
            )
        )
    if not done:
        done.append(
            words("You haven't been to a jelly here yet. Type `/jellies` to see what's on.")
        )
    listed = [
        Line(
            words(
                "{day} {title}, {place}",
                day=timestamp(visit.starts_at, "D"),
                title=escaped(shorten(visit.title, 60)),
                place=escaped(shorten(visit.place, 60)),
            )
        )
        for visit in visits.items
    ]
    mood = (
        words(
            "How you like to work: {mood}. Change it below.", mood=words(MOOD_LABELS[record.mood])
        )
        if record.mood
        else words("How you like to work: asked each time. Change it below.")
    )
    private = words(
        "-# Only you can see this. Counts jellies where you checked in, or the host checked you in."
    )
    return page(
        words,
        listed,
        head=lines((words("### Your record here"), " ".join(done))),
        tail=lines((mood, _invitations(words, record), private)),
        start=visits.start,
        total=visits.total,
        is_cut=visits.is_cut,
        name="record-page",
    )


def history(words: Words, title: str | None, facts: Sequence[str]) -> str:
    """Returns attendance over time in words; any charts show the same.

    ``title`` is that of a series; None for all jellies of the server.
    """
    heading = (
        words("### Looking back: all jellies here")
        if title is None
        else words("### Looking back: {title}", title=escaped(title))
    )
    return whole_lines(words, [heading, *facts])
