"""Whatever is due, moves and changes: nobody is pinged in quiet hours without need, and nothing is
stuck or sent twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from data.change_settings import save, set_up
from data.due import follow_clock, next_due
from data.models import Answer, Details, Occurrence, QuietHours, Schedule, Session, Wish
from data.outbox.claims import try_again_now
from data.outbox.deliveries import Delivery
from data.outbox.kinds import CANCELLED, MOVED
from data.outbox.outcomes import record_sent
from data.people.rsvps import answer, answer_for
from data.quiet_hours import quiet_until
from data.refusal import Refusal
from data.rows import epoch
from data.schedule.find import session_now
from data.schedule.sessions import add_session, cancel_session, change_session
from data.store.transaction import Transaction
from tests.moments import DAY, HOUR, MINUTE, MONDAY
from tests.unit.in_memory import LEASE, claim_due, open_in_memory

GUILD, CHANNEL, HOST = 1, 10, 100
REMINDERS = tuple(hours * HOUR for hours in (24, 16, 9, 5, 1))
ANSWERS = (Answer.GOING, Answer.GOING, Answer.MAYBE, Answer.DECLINED)
HOURS = st.sampled_from(
    [
        None,
        QuietHours(),
        QuietHours(),
        QuietHours(time(20), time(11)),
        QuietHours(time(9), time(17)),
    ]
)
ZONES = st.sampled_from(["Europe/London", "Europe/London", "Asia/Tokyo"])


class Nights(RuleBasedStateMachine):
    """A jelly with two seats, through some days and nights."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = open_in_memory()
        self.store = Transaction(self.connection)
        self.now = MONDAY
        self.sent: set[int] = set()

    @initialize(hours=st.integers(6, 40), at=st.integers(8, 20))
    def begin(self, hours: int, at: int) -> None:
        """Begins some hours before the start, mostly in an evening."""
        self.now += at * HOUR
        first = set_up(
            self.store, guild_id=GUILD, channel_id=CHANNEL, zone="Europe/London", now=self.now
        )
        self.settings = replace(first, reminders=REMINDERS)
        save(self.store, self.settings, now=self.now)
        self.details = Details("Jelly", "The Alb", "", HOST, capacity=2)
        starts_at = self.now + hours * HOUR
        self.session_id = add_session(
            self.store,
            channel_id=CHANNEL,
            created_by=HOST,
            details=self.details,
            schedule=_schedule(starts_at),
            occurrence=_occurrence(starts_at),
            now=self.now,
        ).session_id

    def teardown(self) -> None:
        """Checks that a day later nothing is owed any more that is due by then."""
        if hasattr(self, "session_id"):
            self.wait(24 * 60)
            self.wait(24 * 60)
            left = self.store.all(
                "SELECT * FROM delivery WHERE state = 'pending' AND due_at <= :then",
                then=epoch(self.now - DAY),
            )
            assert left == []
        self.connection.close()

    @property
    def session(self) -> Session:
        return session_now(self.store, self.session_id)

    @rule(user_id=st.integers(1, 5), what=st.sampled_from(ANSWERS))
    def press(self, user_id: int, what: Answer) -> None:
        with suppress(Refusal):
            answer(
                self.store,
                guild_id=GUILD,
                session_id=self.session_id,
                user_id=user_id,
                wish=Wish(what),
                now=self.now,
            )

    @rule(user_id=st.integers(1, 5))
    def put_down(self, user_id: int) -> None:
        with suppress(Refusal):
            answer_for(
                self.store,
                guild_id=GUILD,
                session_id=self.session_id,
                user_id=user_id,
                wish=Wish(Answer.GOING),
                answered_by=HOST,
                now=self.now,
            )

    @rule(hours=st.integers(1, 48))
    def move(self, hours: int) -> None:
        starts_at = (self.now + hours * HOUR).replace(minute=0)
        with suppress(Refusal):
            change_session(
                self.store,
                self.session_id,
                details=self.details,
                schedule=_schedule(starts_at),
                occurrence=_occurrence(starts_at),
                is_limited=False,
                now=self.now,
            )

    @rule()
    def call_off(self) -> None:
        with suppress(Refusal):
            cancel_session(self.store, self.session_id, now=self.now)

    @rule(hours=HOURS, zone=ZONES)
    def choose_others(self, hours: QuietHours | None, zone: str) -> None:
        self.settings = replace(self.settings, quiet_hours=hours, zone=zone)
        save(self.store, self.settings, now=self.now)

    @rule()
    def come_back(self) -> None:
        """Discord was away for a moment."""
        try_again_now(self.store, now=self.now, lease=LEASE)

    @rule(minutes=st.sampled_from([1, 30, 30, 60, 60, 240]))
    def wait(self, minutes: int) -> None:
        """Does what is due until then, each at its moment."""
        target = self.now + minutes * MINUTE
        while (due := next_due(self.store)) is not None and due <= target:
            self.now = max(self.now, due)
            self.deliver()
        self.now = target

    def deliver(self) -> None:
        while True:
            follow_clock(self.store, now=self.now)
            due = claim_due(self.store, now=self.now).deliveries
            for delivery in due:
                assert delivery.delivery_id not in self.sent
                self.sent.add(delivery.delivery_id)
                if not delivery.is_private and delivery.kind.notifies and delivery.part == 0:
                    self._check_hour(delivery)
                record_sent(
                    self.store, delivery, message_id=1000 + delivery.delivery_id, now=self.now
                )
            self.store.run("DELETE FROM deletion WHERE try_at <= :now", now=epoch(self.now))
            if not due:
                return

    def _check_hour(self, delivery: Delivery) -> None:
        until = quiet_until(self.now, self.settings.quiet_hours, self.settings.zone)
        if until is None or delivery.is_outdated:
            return
        session = delivery.shown.session
        assert session.ends_at > self.now
        starts_at = min(session.starts_at, delivery.previous_at or session.starts_at)
        is_change = delivery.kind in (MOVED, CANCELLED)
        assert starts_at < until + 3 * HOUR or (is_change and starts_at <= self.now + 12 * HOUR)

    @invariant()
    def what_waits_comes_when_quiet_hours_end_and_is_not_needed_sooner(self) -> None:
        for row in self.store.all(
            """
            SELECT try_at, starts_at, ends_at, previous_at FROM delivery JOIN session
            USING (session_id)
            WHERE delivery.state = 'pending' AND attempts = 0 AND is_private = 0
                AND try_at > due_at AND try_at > :now
            """,
            now=epoch(self.now),
        ):
            until = quiet_until(self.now, self.settings.quiet_hours, self.settings.zone)
            assert until is not None
            assert row["try_at"] == epoch(until)
            starts_at = min(row["starts_at"], row["previous_at"] or row["starts_at"])
            assert starts_at >= epoch(until + 3 * HOUR) or row["ends_at"] <= epoch(self.now)


def _schedule(starts_at: datetime) -> Schedule:
    return Schedule("UTC", starts_at.replace(tzinfo=None), 3 * HOUR)


def _occurrence(starts_at: datetime) -> Occurrence:
    return Occurrence(starts_at.replace(tzinfo=None), starts_at, starts_at + 3 * HOUR)


TestNights = Nights.TestCase
TestNights.settings = settings(max_examples=5 * settings().max_examples, stateful_step_count=25)
