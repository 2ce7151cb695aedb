"""What the store owes, under any order of changes, answers, settings and time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from data.change_settings import save, set_up
from data.models import (
    ANSWERS,
    Answer,
    ChannelSettings,
    Details,
    Occurrence,
    Schedule,
    Session,
    Wish,
)
from data.outbox.claims import Claimed
from data.outbox.deliveries import Delivery
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.kinds import ANNOUNCEMENT
from data.outbox.outcomes import postpone, record_sent
from data.people import rsvps
from data.people.session_views import session_view
from data.schedule.find import find_session
from data.schedule.sessions import add_session, cancel_session, change_session
from data.store.transaction import Transaction
from tests.moments import MONDAY
from tests.unit.in_memory import claim_due, open_in_memory

GUILD, CHANNEL, HOST = 1, 10, 100
MENTIONS = 2
MINUTES = st.integers(min_value=1, max_value=4 * 24 * 60)
REMINDERS = (10, 60, 120, 23 * 60, 23 * 60 + 30, 24 * 60)
"""In minutes; where the clocks change, a day before may be as late as 23 hours before."""
PEOPLE = st.integers(min_value=1, max_value=5)
PLACES = st.sampled_from(["The Alb", "The Shrew"])


class Owing(RuleBasedStateMachine):
    """Sessions come, change and go while deliveries are claimed, lost, repeated and recorded."""

    zone = "UTC"
    begins = MONDAY

    def __init__(self) -> None:
        super().__init__()
        self.connection = open_in_memory()
        self.store = Transaction(self.connection)
        self.now = self.begins
        self.sessions: list[int] = []
        self.sent: Counter[tuple[int, str, int, int, int]] = Counter()
        set_up(self.store, guild_id=GUILD, channel_id=CHANNEL, zone=self.zone, now=self.now)

    def teardown(self) -> None:
        self.connection.close()

    @rule(minutes=MINUTES, place=PLACES)
    def add(self, minutes: int, place: str) -> None:
        when, occurrence = _at(self.now + timedelta(minutes=minutes), self.zone)
        session = add_session(
            self.store,
            channel_id=CHANNEL,
            created_by=HOST,
            details=Details("Jelly", place, "", HOST),
            schedule=when,
            occurrence=occurrence,
            now=self.now,
        )
        self.sessions.append(session.session_id)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), minutes=MINUTES, place=PLACES)
    def change(self, data: st.DataObject, minutes: int, place: str) -> None:
        session = self._open_session(data)
        if session is None:
            return
        when, occurrence = _at(self.now + timedelta(minutes=minutes), self.zone)
        change_session(
            self.store,
            session.session_id,
            details=Details("Jelly", place, "", HOST),
            schedule=when,
            occurrence=occurrence,
            is_limited=False,
            now=self.now,
        )

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        if (session := self._open_session(data)) is not None:
            cancel_session(self.store, session.session_id, now=self.now)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), user_id=PEOPLE, answer=st.sampled_from(ANSWERS))
    def answer(self, data: st.DataObject, user_id: int, answer: Answer) -> None:
        if (session := self._open_session(data)) is not None:
            rsvps.answer(
                self.store,
                guild_id=GUILD,
                session_id=session.session_id,
                user_id=user_id,
                wish=Wish(answer),
                now=self.now,
            )
            view = session_view(self.store, session.session_id)
            assert view is not None
            roster = view.roster
            people = (*roster.going, *roster.maybe, *roster.declined)
            assert [r.answer for r in people if r.user_id == user_id] == [answer]
            assert roster.counts.going == len(roster.going)
            assert roster.counts.maybe == len(roster.maybe)
            assert roster.counts.declined == len(roster.declined)
            assert roster.counts.asked_again == sum(r.asked_again for r in roster.going)

    @rule(
        reminders=st.sets(st.sampled_from(REMINDERS), max_size=4),
        card=st.integers(min_value=0, max_value=3 * 24 * 60),
    )
    def set_settings(self, reminders: set[int], card: int) -> None:
        offsets = tuple(sorted((timedelta(minutes=m) for m in reminders), reverse=True))
        save(
            self.store,
            ChannelSettings(CHANNEL, GUILD, self.zone, timedelta(minutes=card), offsets, None),
            now=self.now,
        )

    @rule(minutes=st.integers(min_value=0, max_value=26 * 60))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(outcomes=st.lists(st.sampled_from(["sent", "failed", "killed"]), max_size=6))
    def pay(self, outcomes: list[str]) -> None:
        claimed = self._claim(6)
        for delivery, outcome in zip(claimed.deliveries, [*outcomes, *["sent"] * 6], strict=False):
            assert delivery.attempts > 1 or delivery.useful_until > self.now
            if outcome == "sent":
                self._arrive(delivery)
            elif outcome == "failed":
                later = self.now + timedelta(minutes=1)
                busy = DeliveryError(ErrorCode.FOREIGN, {"text": "busy"})
                postpone(self.store, delivery.delivery_id, until=later, error=busy)
        again = self._claim(50)
        taken = {delivery.delivery_id for delivery in claimed.deliveries}
        assert not taken & {delivery.delivery_id for delivery in again.deliveries}
        for delivery in again.deliveries:
            self._arrive(delivery)

    @invariant()
    def nothing_arrives_twice(self) -> None:
        assert all(times == 1 for times in self.sent.values()), self.sent

    @invariant()
    def exactly_the_reminders_of_the_settings_are_owed(self) -> None:
        offsets = [
            row["before"]
            for row in self.store.all("SELECT before FROM reminder_setting ORDER BY before DESC")
        ]
        for session_id in self.sessions:
            session = find_session(self.store, GUILD, session_id)
            assert session is not None
            starts = int(session.starts_at.timestamp())
            rows = self.store.all(
                """
                SELECT * FROM delivery WHERE session_id = :session_id AND state = 'pending'
                    AND kind = 'reminder' AND part = 0 AND attempts = 0
                """,
                session_id=session_id,
            )
            ahead = {row["before"] for row in rows if row["due_at"] > int(self.now.timestamp())}
            assert all(row["occasion"] == starts for row in rows)
            if session.state == "cancelled":
                assert rows == []
            else:
                gone = {
                    row["before"]
                    for row in self.store.all(
                        """
                        SELECT before FROM delivery WHERE session_id = :session_id
                            AND kind = 'reminder' AND part = 0 AND occasion = :starts
                            AND (state NOT IN ('pending', 'withdrawn') OR attempts > 0)
                        """,
                        session_id=session_id,
                        starts=starts,
                    )
                }
                due = {session.before_start(timedelta(seconds=one)): one for one in offsets}
                wanted = {before for at, before in due.items() if at > self.now}
                assert ahead | gone >= wanted
                assert ahead <= wanted

    @invariant()
    def a_called_off_session_owes_word_of_it_at_most_once(self) -> None:
        rows = self.store.all(
            """
            SELECT session_id, COUNT(*) AS owed FROM delivery
            WHERE kind = 'cancelled' AND part = 0 GROUP BY session_id
            """
        )
        assert all(row["owed"] == 1 for row in rows)

    def _claim(self, limit: int) -> Claimed:
        return claim_due(self.store, now=self.now, limit=limit, most_mentions=MENTIONS)

    def _arrive(self, delivery: Delivery) -> None:
        row = self.store.one(
            "SELECT * FROM delivery WHERE delivery_id = :delivery_id",
            delivery_id=delivery.delivery_id,
        )
        assert row is not None
        key = (row["session_id"], row["kind"], row["before"], row["occasion"], row["part"])
        self.sent[key] += 1
        assert row["due_at"] <= int(self.now.timestamp())
        if delivery.kind is ANNOUNCEMENT:
            assert delivery.card is None
        record_sent(self.store, delivery, message_id=1000 + delivery.delivery_id, now=self.now)

    def _open_session(self, data: st.DataObject) -> Session | None:
        session_id = data.draw(st.sampled_from(self.sessions))
        session = find_session(self.store, GUILD, session_id)
        assert session is not None
        return None if session.state == "cancelled" or session.is_over(self.now) else session


class OwingInSpring(Owing):
    """The clocks go forward within a week, so that a day has 23 hours."""

    zone = "America/New_York"
    begins = datetime(2027, 3, 12, 9, tzinfo=UTC)


class OwingInAutumn(Owing):
    """The clocks go back within a week, so that a day has 25 hours."""

    zone = "Europe/London"
    begins = datetime(2026, 10, 23, 9, tzinfo=UTC)


def _at(start: datetime, zone: str) -> tuple[Schedule, Occurrence]:
    wall = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    length = timedelta(hours=2)
    return Schedule(zone, wall, length), Occurrence(wall, start, start + length)


_LONG = settings(stateful_step_count=40)
TestOwing = Owing.TestCase
TestOwing.settings = _LONG
TestOwingInSpring = OwingInSpring.TestCase
TestOwingInSpring.settings = _LONG
TestOwingInAutumn = OwingInAutumn.TestCase
TestOwingInAutumn.settings = _LONG
