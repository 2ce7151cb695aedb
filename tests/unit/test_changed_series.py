"""Series that change at random: what the preview counted is what happens, and people go along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from bot.actions.details import details_of
from bot.actions.previews import Preview, Saved, post_or_save, preview_of
from bot.calendar import horizon_of, occurrences
from data.change_settings import set_up
from data.limits import SESSIONS_AHEAD
from data.models import (
    WHEN,
    Answer,
    ChangeImpact,
    Occurrence,
    Series,
    Session,
    SessionState,
    Target,
    Wish,
    fingerprint,
)
from data.people.rsvps import answer
from data.refusal import Refusal
from data.rows import session_of
from data.schedule import drafts
from data.schedule.extra_dates import add_date
from data.schedule.series import extend, series_now
from data.schedule.sessions import cancel_session, change_session
from data.store.transaction import Transaction
from tests.moments import DAY, HOUR
from tests.unit.in_memory import open_in_memory
from tests.unit.made_up import CHANNEL, HERE, ROBIN

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe")
MOMENTS = (
    datetime(2026, 11, 29, 9, tzinfo=UTC),  # a Sunday
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2027, 3, 12, 12, tzinfo=UTC),  # before the clocks change
    datetime(2027, 10, 20, 7, 15, tzinfo=UTC),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = st.sampled_from(WEEKDAYS)
RULES = st.one_of(
    st.builds("every {}".format, WEEKDAY),
    st.builds("every {} {}".format, st.sampled_from(["2 weeks on", "3 weeks on"]), WEEKDAY),
    st.lists(WEEKDAY, min_size=2, max_size=3, unique=True).map(
        lambda days: f"every {', '.join(days)}"
    ),
    st.builds("every {} {}".format, st.sampled_from(["first", "2nd and 4th", "last"]), WEEKDAY),
    st.sampled_from(["every day", "every 2 days", "every weekday", "every month on the 15th"]),
)
HOURS = st.sampled_from(["8:00 to 10:00", "10:00 to 16:00", "11:30 to 12:30", "22:00 to 23:30"])
BEGINS = st.none() | st.integers(0, 20)
ENDS = st.sampled_from(["", "", "", ", 6 times", ", 2 times"])


@dataclass(frozen=True)
class World:
    """A series in a store, and the people who answer to its dates."""

    store: Transaction
    zone: str

    def previewed(
        self, phrase: str, now: datetime, changed: Session | Series | None = None
    ) -> Preview:
        """Returns the preview of a new series, or of a change of one from a date on."""
        target = Target()
        if isinstance(changed, Series):
            target = Target(series_id=changed.series_id)
        elif changed is not None:
            target = Target(session_id=changed.session_id, and_later=True)
        draft = drafts.add(
            self.store,
            guild_id=HERE,
            user_id=ROBIN.user_id,
            target=target,
            based_on="" if changed is None else fingerprint(changed),
            details=details_of("Weekly", "The Alb", "", ROBIN.user_id),
            phrase=phrase,
            changed=(WHEN,),
            most=None,
            now=now,
        )
        return preview_of(self.store, ROBIN, draft.draft_id, now)

    def saved(self, preview: Preview, now: datetime) -> Saved:
        assert preview.reading is not None, preview.refusal
        return post_or_save(self.store, ROBIN, preview.context, preview.reading, now)

    def sessions(self) -> dict[int, Session]:
        """Returns all dates by their ids, also called off ones."""
        rows = self.store.all("SELECT * FROM session ORDER BY starts_at")
        return {row["session_id"]: session_of(row) for row in rows}

    def answers(self) -> dict[int, set[int]]:
        """Returns who said more than no to each date."""
        answers: dict[int, set[int]] = {}
        for row in self.store.all("SELECT session_id, user_id FROM rsvp WHERE answer = 'going'"):
            answers.setdefault(row["session_id"], set()).add(row["user_id"])
        return answers


@contextmanager
def new_world(zone: str, now: datetime) -> Iterator[World]:
    connection = open_in_memory()
    try:
        store = Transaction(connection)
        set_up(store, guild_id=HERE, channel_id=CHANNEL, zone=zone, now=now)
        yield World(store, zone)
    finally:
        connection.close()


def phrases(today: date) -> st.SearchStrategy[str]:
    def phrase(rule: str, hours: str, begins: int | None, end: str) -> str:
        begin = "" if begins is None else f", from {today + begins * DAY:%Y-%m-%d}"
        return f"{rule}, {hours}{begin}{end}"

    return st.builds(phrase, RULES, HOURS, BEGINS, ENDS)


def edited(data: st.DataObject, series: Series, rule: str, hours: str) -> str:
    """Returns words that keep the start, as the form shows it, or leave it out."""
    kept = f", from {series.schedule.start:%Y-%m-%d}" if data.draw(st.booleans()) else ""
    change = data.draw(st.sampled_from(["rule", "hours", "both"]))
    new_rule = rule if change == "hours" else data.draw(RULES)
    new_hours = hours if change == "rule" else data.draw(HOURS)
    return f"{new_rule}, {new_hours}{kept}{data.draw(ENDS)}"


def happens(data: st.DataObject, world: World, series: Series, now: datetime) -> None:
    """Has people answer to dates, and some dates skipped, moved or added."""
    ahead = [
        one
        for one in world.sessions().values()
        if one.starts_at > now and one.state is SessionState.SCHEDULED
    ]
    chosen = data.draw(st.lists(st.sampled_from(ahead), max_size=6)) if ahead else []
    for session in chosen:
        what = data.draw(st.sampled_from(["answer", "answer", "answer", "skip", "move", "extra"]))
        day = timedelta(days=data.draw(st.integers(-3, 3)))
        moved = Occurrence(
            session.schedule.start + day, session.starts_at + day, session.ends_at + day
        )
        with suppress(Refusal):
            if what == "answer":
                for user_id in data.draw(st.sets(st.integers(1, 4), min_size=1)):
                    answer(
                        world.store,
                        guild_id=HERE,
                        session_id=session.session_id,
                        user_id=user_id,
                        wish=Wish(Answer.GOING),
                        now=now,
                    )
            elif what == "skip":
                cancel_session(world.store, session.session_id, now=now)
            elif what == "move" and moved.starts_at > now:
                change_session(
                    world.store,
                    session.session_id,
                    details=session.details,
                    schedule=session.schedule,
                    occurrence=moved,
                    is_limited=False,
                    now=now,
                )
            elif what == "extra":
                add_date(
                    world.store,
                    series.series_id,
                    details=series.details,
                    schedule=session.schedule,
                    occurrence=moved,
                    now=now,
                )


@given(st.data(), st.sampled_from(ZONES), st.sampled_from(MOMENTS))
def test_what_a_preview_counted_is_what_happened(
    data: st.DataObject, zone: str, now: datetime
) -> None:
    with new_world(zone, now) as world:
        rule, hours = data.draw(RULES), data.draw(HOURS)
        preview = world.previewed(f"{rule}, {hours}{data.draw(ENDS)}", now)
        series = world.saved(preview, now).jelly
        assert isinstance(series, Series)
        for _ in range(data.draw(st.integers(1, 3))):
            happens(data, world, series, now)
            now += data.draw(st.integers(0, 20)) * DAY + data.draw(st.integers(0, 23)) * HOUR
            if data.draw(st.booleans()):
                extend(world.store, series, horizon=horizon_of(series.schedule, now), now=now)
            series = series_now(world.store, series.series_id)
            today = now.astimezone(ZoneInfo(zone)).date()
            kept = edited(data, series, rule, hours)
            phrase = data.draw(st.just(kept) | phrases(today))
            changed: Session | Series = series
            regular = [
                one
                for one in world.sessions().values()
                if one.series_id == series.series_id and is_regular(one, now)
            ]
            if data.draw(st.booleans()) and regular:
                changed = data.draw(st.sampled_from(regular))
            try:
                preview = world.previewed(phrase, now, changed)
            except Refusal:
                return  # the series has ended
            if preview.reading is None:
                event(f"refused: {preview.refusal}"[:60])
                continue
            before, answers = world.sessions(), world.answers()
            saved = world.saved(preview, now)
            assert isinstance(saved.jelly, Series)
            series = saved.jelly
            check(world, preview, series, before, answers, now)


def is_regular(session: Session, now: datetime) -> bool:
    is_ahead = session.state is SessionState.SCHEDULED and session.starts_at > now
    return is_ahead and not session.is_exception


def check(
    world: World,
    preview: Preview,
    series: Series,
    before: Mapping[int, Session],
    answers: Mapping[int, set[int]],
    now: datetime,
) -> None:
    """Compares what a preview said with what became of the dates."""
    after = world.sessions()
    assert preview.reading is not None
    assert preview.impact is not None
    count_what_happened(preview.impact, series, before, after, answers, now)
    by_rule = {one.starts_at for one in dates_of(series, now)}
    regular = [one for one in after.values() if one.series_id == series.series_id]
    regular = [one for one in regular if is_regular(one, now)]
    for session in regular:
        was = before.get(session.session_id)
        if was is None or was.starts_at != session.starts_at:
            assert session.starts_at in by_rule
            # No hour here is one that a clock change skips.
            wall = session.starts_at.astimezone(ZoneInfo(world.zone))
            assert wall.time() == series.schedule.start.time()
            assert session.schedule.duration == series.schedule.duration
        if was is not None:
            there = world.answers().get(session.session_id)
            assert there == answers.get(session.session_id)
    starts = [
        one.starts_at
        for one in after.values()
        if one.series_id == series.series_id
        and one.state is SessionState.SCHEDULED
        and one.starts_at > now
    ]
    assert len(starts) == len(set(starts))
    for session in before.values():
        if session.is_exception and session.starts_at > now:
            then = after[session.session_id]
            assert (then.starts_at, then.state) == (session.starts_at, session.state)
        if session.state is SessionState.CANCELLED and session.session_id in after:
            assert after[session.session_id].state is SessionState.CANCELLED
    keeps_order(before, after, now)
    horizon = now + SESSIONS_AHEAD
    soon = [one.starts_at for one in preview.reading.next_dates if one.starts_at < horizon]
    held = {one.starts_at for one in after.values() if one.state is SessionState.SCHEDULED}
    # If every date is skipped, the preview shows how the first would look.
    assert set(soon) <= held or (len(soon) == 1 and not regular)


def count_what_happened(
    impact: ChangeImpact,
    series: Series,
    before: Mapping[int, Session],
    after: Mapping[int, Session],
    answers: Mapping[int, set[int]],
    now: datetime,
) -> None:
    moved, kept, called_off = set(), set(), set()
    for session in before.values():
        if not is_regular(session, now):
            continue
        then = after.get(session.session_id)
        if then is None or then.state is SessionState.CANCELLED:
            called_off.add(session.session_id)
        elif then.starts_at != session.starts_at:
            moved.add(session.session_id)
        elif then.version != session.version:
            kept.add(session.session_id)
    for ids, counted in (
        (moved, impact.moved),
        (kept, impact.kept),
        (called_off, impact.called_off),
    ):
        people = set().union(*(answers.get(session_id, set()) for session_id in ids))
        people.discard(ROBIN.user_id)  # whose Going is the bot's, as they host
        assert (counted.dates, counted.people) == (len(ids), len(people))
    new = [session for session_id, session in after.items() if session_id not in before]
    assert impact.added == len(new)
    unchanged = [
        one
        for one in after.values()
        if one.series_id == series.series_id
        and one.state is SessionState.SCHEDULED
        and one.starts_at > now
        and one.session_id not in moved | kept
        and one not in new
    ]
    assert impact.unchanged == len(unchanged)


def keeps_order(before: Mapping[int, Session], after: Mapping[int, Session], now: datetime) -> None:
    """People are moved in order, never to a date that has begun, and none of them is further."""
    pairs = [
        (session.starts_at, after[session.session_id].starts_at)
        for session in before.values()
        if is_regular(session, now)
        and session.session_id in after
        and is_regular(after[session.session_id], now)
    ]
    changed = [(was, then) for was, then in pairs if was != then]
    assert all(then > now for _, then in changed)
    assert [then for _, then in sorted(changed)] == sorted(then for _, then in changed)


def dates_of(series: Series, now: datetime) -> list[Occurrence]:
    end = now + 3 * SESSIONS_AHEAD
    return list(occurrences(series.schedule, after=now, before=end))
