"""Seats under any order of presses, guests, changes, offers and time, against a naive model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from data.change_settings import save, set_up
from data.due import follow_clock, next_due
from data.models import (
    ANSWERS,
    DEFAULT_QUIET_HOURS,
    Answer,
    ChannelSettings,
    Details,
    Occurrence,
    QuietHours,
    Schedule,
    Session,
    SessionView,
    Wish,
)
from data.outbox.kinds import OFFER, PROMOTED
from data.outbox.outcomes import record_sent
from data.people.rsvps import answer, answer_for
from data.people.seats import offer_until
from data.people.session_views import session_view
from data.quiet_hours import awake_between, quiet_until
from data.refusal import Refusal
from data.schedule.sessions import add_session, cancel_session, change_session
from data.store.transaction import Transaction
from tests.moments import DAY, HOUR, MINUTE, MONDAY, SECOND
from tests.unit.in_memory import claim_due, open_in_memory

GUILD, CHANNEL, HOST = 1, 10, 100
MOST_GUESTS = 3
PEOPLE = st.integers(min_value=1, max_value=8) | st.just(HOST)
PRESSES = st.tuples(
    PEOPLE,
    st.sampled_from([Answer.GOING] * 4 + list(ANSWERS)),
    st.none() | st.integers(min_value=0, max_value=MOST_GUESTS),
    st.sampled_from([None, None, None, HOST]),
)
"""Member, answer, number of guests, and who presses for them."""


@dataclass
class Person:
    """A member in the model: their answer, number of guests, and since which step."""

    answer: Answer
    guests: int
    since: int
    offered_until: datetime | None = None
    passed: bool = False
    given_up: int = 0
    as_host: bool = False

    @property
    def party(self) -> int:
        return 1 + self.guests


class Seats(RuleBasedStateMachine):
    """One session that people press, leave, bring guests to; the model computes it naively."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = open_in_memory()
        self.store = Transaction(self.connection)
        self.now = MONDAY
        self.people: dict[int, Person] = {}
        self.step = 0
        self.capacity: int | None = 4
        self.untold: set[int] = set()
        self.taken_before = 0
        self.begin(20)

    @initialize(hours=st.sampled_from([100, 100, 16, 8]))
    def begin(self, hours: int) -> None:
        """Begins that many hours before the start; the host is going, without having said so."""
        self.people = {HOST: Person(Answer.GOING, 0, since=0, as_host=True)}
        settings = set_up(self.store, guild_id=GUILD, channel_id=CHANNEL, zone="UTC", now=self.now)
        # What waits for their end is tested in test_quiet_outbox.py.
        save(self.store, replace(settings, quiet_hours=None), now=self.now)
        start = self.now + timedelta(hours=hours)
        self.schedule = Schedule("UTC", start.replace(tzinfo=None), timedelta(hours=6))
        self.occurrence = Occurrence(self.schedule.start, start, start + timedelta(hours=6))
        self.details = Details(
            "Jelly", "The Alb", "", HOST, capacity=self.capacity, most_guests=MOST_GUESTS
        )
        self.session: Session = add_session(
            self.store,
            channel_id=CHANNEL,
            created_by=HOST,
            details=self.details,
            schedule=self.schedule,
            occurrence=self.occurrence,
            now=self.now,
        )

    def teardown(self) -> None:
        self.connection.close()

    # Rules.

    @precondition(lambda self: self._is_open())
    @rule(presses=st.lists(PRESSES, min_size=3, max_size=10))
    def several_press(self, presses: list[tuple[int, Answer, int | None, int | None]]) -> None:
        for press in presses:
            self.press(*press)

    @precondition(lambda self: self._is_open())
    @rule(data=st.data())
    def someone_going_leaves(self, data: st.DataObject) -> None:
        going = [u for u, p in self.people.items() if p.answer is Answer.GOING]
        if going:
            self.press(data.draw(st.sampled_from(going)), Answer.DECLINED, None, None)

    def press(self, user_id: int, what: Answer, guests: int | None, by: int | None) -> None:
        if by == user_id:
            by = None
        self._model_lapse()
        person = self.people.get(user_id)
        has_seat = person is not None and person.answer is Answer.GOING and not person.as_host
        gives_up = by is None and has_seat
        given_up = (person.given_up if person else 0) + (
            gives_up and what is not Answer.GOING and self.capacity is not None
        )
        expected = self._model_answer(user_id, what, guests, given_up)
        mine = self.people.get(user_id)
        if by is not None and person is not None and mine is not None and person.as_host:
            # What is as it was is no word of theirs.
            mine.as_host = (mine.answer, mine.guests) == (person.answer, person.guests)
        try:
            if by is None:
                answer(
                    self.store,
                    guild_id=GUILD,
                    session_id=self.session.session_id,
                    user_id=user_id,
                    wish=Wish(what, guests),
                    now=self.now,
                )
            else:
                answer_for(
                    self.store,
                    guild_id=GUILD,
                    session_id=self.session.session_id,
                    user_id=user_id,
                    wish=Wish(what, guests),
                    answered_by=by,
                    now=self.now,
                )
        except Refusal:
            assert not expected
        else:
            assert expected

    @precondition(lambda self: self._is_open())
    @rule(capacity=st.none() | st.integers(min_value=1, max_value=9))
    def change_capacity(self, capacity: int | None) -> None:
        if capacity == self.capacity:
            return
        self.capacity = capacity
        self.details = replace(self.details, capacity=capacity)
        change_session(
            self.store,
            self.session.session_id,
            details=self.details,
            schedule=self.schedule,
            occurrence=self.occurrence,
            is_limited=False,
            now=self.now,
        )
        self._model_fill()

    @rule(minutes=st.sampled_from([1, 7, 61]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from([0, 1, 30, 61]))
    def look_at_the_clock(self, minutes: int) -> None:
        self._pay()
        self.now += timedelta(minutes=minutes)
        self._pay()

    def deliver(self) -> None:
        self._pay()

    @precondition(lambda self: self._is_open() and self.step > 5)
    @rule(sure=st.sampled_from([False] * 9 + [True]))
    def call_off(self, sure: bool) -> None:
        if sure:
            cancel_session(self.store, self.session.session_id, now=self.now)
            self.session = replace(self.session, state=self.view.session.state)
            self.untold.clear()
            for person in self.people.values():
                person.offered_until = None

    # Invariants.

    @invariant()
    def everybody_is_where_the_model_has_them(self) -> None:
        roster = self.view.roster
        for answered, listed in (
            (Answer.GOING, roster.going),
            (Answer.WAITLISTED, roster.waiting),
            (Answer.MAYBE, roster.maybe),
            (Answer.DECLINED, roster.declined),
        ):
            expected = sorted(
                (user_id for user_id, p in self.people.items() if p.answer is answered),
                key=lambda user_id: self.people[user_id].since,
            )
            assert [rsvp.user_id for rsvp in listed] == expected, answered
            for rsvp in listed:
                assert rsvp.guests == self.people[rsvp.user_id].guests
                assert rsvp.offered_until == self.people[rsvp.user_id].offered_until

    @invariant()
    def counts_are_those_of_the_answers(self) -> None:
        roster = self.view.roster
        assert roster.counts.going == len(roster.going)
        assert roster.counts.guests == sum(rsvp.guests for rsvp in roster.going)
        assert roster.counts.waiting == len(roster.waiting)
        assert roster.counts.maybe == len(roster.maybe)
        assert roster.counts.declined == len(roster.declined)
        assert roster.counts.offered_seats == sum(
            r.party for r in roster.waiting if r.offered_until
        )

    @invariant()
    def no_more_seats_are_taken_than_there_are_or_only_ever_fewer(self) -> None:
        taken = self.view.roster.counts.seats_taken
        assert self.capacity is None or taken <= max(self.capacity, self.taken_before)
        self.taken_before = taken

    @invariant()
    def nobody_who_fits_waits_before_the_last_hours(self) -> None:
        starts = self.occurrence.starts_at
        if self._is_open() and self.now < starts - timedelta(hours=12) and self.capacity:
            free = self.capacity - self.view.roster.counts.seats_taken
            assert all(
                rsvp.party > free or self.people[rsvp.user_id].given_up >= 2
                for rsvp in self.view.roster.waiting
            )

    # The model.

    @property
    def view(self) -> SessionView:
        view = session_view(self.store, self.session.session_id)
        assert view is not None
        return view

    def _is_open(self) -> bool:
        return self.session.state == "scheduled" and self.now < self.occurrence.ends_at

    def _free(self) -> int:
        if self.capacity is None:
            return 10**9
        return self.capacity - sum(
            person.party
            for person in self.people.values()
            if person.answer is Answer.GOING or person.offered_until
        )

    def _next_step(self) -> int:
        self.step += 1
        return self.step

    def _model_answer(self, user_id: int, what: Answer, guests: int | None, given_up: int) -> bool:
        """Applies an answer and all that follows; returns whether it is accepted."""
        person = self.people.get(user_id)
        if what is not Answer.GOING:
            if self.capacity is not None:
                self.untold.discard(user_id)
            if person is None or person.answer is not what or person.guests:
                since = self._next_step()
                if person is not None and person.answer is what:
                    since = person.since
                self.people[user_id] = Person(what, 0, since, given_up=given_up)
            self._model_fill()
            return True
        brings = guests if guests is not None else (person.guests if person else 0)
        more = brings > (person.guests if person else 0)
        if more and self.capacity is not None and brings >= self.capacity:
            return False
        if person and (person.answer is Answer.GOING or person.offered_until):
            if brings > person.guests and brings - person.guests > self._free():
                return False
            seated, since = True, person.since
            if person.answer is not Answer.GOING:
                since = self._next_step()
        else:
            seated = 1 + brings <= self._free()
            since = person.since if person and person.answer is Answer.WAITLISTED else -1
            if seated or since < 0:
                since = self._next_step()
        if seated:
            self.people[user_id] = Person(Answer.GOING, brings, since, given_up=given_up)
        else:
            self.people[user_id] = Person(Answer.WAITLISTED, brings, since, given_up=given_up)
        self._model_fill()
        return True

    def _model_fill(self) -> None:
        """Searches the whole list repeatedly for the first who fits."""
        if not self._is_open():
            return
        offer_until = self._model_offer_until()
        offers = offer_until is not None
        while True:
            fitting = [
                person
                for person in sorted(self.people.values(), key=lambda person: person.since)
                if person.answer is Answer.WAITLISTED
                and person.offered_until is None
                and person.party <= self._free()
                and not (offers and person.passed)
                and (self.capacity is None or person.given_up < 2)
            ]
            if not fitting:
                return
            first = fitting[0]
            if offer_until is None:
                first.answer, first.passed = Answer.GOING, False
                first.since = self._next_step()
                self.untold.add(self._id_of(first))
                continue
            if offer_until <= self.now:
                return
            first.offered_until = offer_until

    def _model_offer_until(self) -> datetime | None:
        """Returns until when an offer holds that is told now; None while seats are given."""
        starts, ends = self.occurrence.starts_at, self.occurrence.ends_at
        if self.now < starts - timedelta(hours=12):
            return None
        third = (starts - self.now) / 3
        if third < timedelta(minutes=5):
            third = (ends - self.now) / 3
        if third < timedelta(minutes=5):
            return self.now
        until = self.now + min(timedelta(hours=1), third)
        return until.replace(second=0, microsecond=0)

    def _model_lapse(self) -> None:
        lapsed = sorted(
            (
                person
                for person in self.people.values()
                if person.offered_until and person.offered_until <= self.now
            ),
            key=lambda person: (person.offered_until, person.since),
        )
        for person in lapsed:
            told = self._offer_was_told(self._id_of(person))
            person.offered_until = None
            if told:
                person.passed = True
                person.since = self._next_step()
        if lapsed:
            self._model_fill()

    def _model_tell(self, user_ids: Iterable[int]) -> None:
        """Has offers last from when they are told."""
        until = self._model_offer_until()
        for person in (self.people[user_id] for user_id in user_ids):
            if until and person.offered_until and person.offered_until < until:
                person.offered_until = until

    def _offer_was_told(self, user_id: int) -> bool:
        row = self.store.one(
            """
            SELECT state FROM delivery JOIN delivery_recipient USING (delivery_id)
            WHERE kind = 'offer' AND user_id = :user_id ORDER BY delivery_id DESC LIMIT 1
            """,
            user_id=user_id,
        )
        return row is not None and row["state"] == "sent"

    def _id_of(self, person: Person) -> int:
        return next(user_id for user_id, other in self.people.items() if other is person)

    def _pay(self) -> None:
        """Sends each promotion exactly once, also if people left and came back since."""
        told: Counter[int] = Counter()
        self._deliver(told)
        expected = {u for u in self.untold if self.people[u].answer is Answer.GOING}
        if self.now >= self.occurrence.ends_at:
            expected = set()
        assert told == Counter(expected)
        self.untold.clear()

    def _deliver(self, told: Counter[int]) -> None:
        while True:
            self._model_lapse()
            follow_clock(self.store, now=self.now)
            due = claim_due(self.store, now=self.now).deliveries
            if not due:
                return
            for delivery in due:
                if delivery.kind is OFFER:
                    self._model_tell(rsvp.user_id for rsvp in delivery.people)
                if delivery.kind is PROMOTED:
                    for rsvp in delivery.people:
                        assert rsvp.answer is Answer.GOING
                        told[rsvp.user_id] += 1
                record_sent(
                    self.store, delivery, message_id=1000 + delivery.delivery_id, now=self.now
                )


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=2 * settings().max_examples, stateful_step_count=40)


@given(
    at=st.integers(min_value=0, max_value=24 * 60),
    minutes=st.integers(min_value=-6 * 60, max_value=3 * 24 * 60),
    length=st.integers(min_value=1, max_value=24 * 60),
    at_most=st.integers(min_value=5, max_value=24 * 60),
    hours=st.sampled_from([None, DEFAULT_QUIET_HOURS, QuietHours(time(9), time(17))]),
)
def test_an_offer_lasts_at_most_a_third_of_the_time_left(
    at: int, minutes: int, length: int, at_most: int, hours: QuietHours | None
) -> None:
    now = MONDAY + at * MINUTE
    starts = now + minutes * MINUTE
    ends = starts + length * MINUTE
    settings = replace(
        ChannelSettings(CHANNEL, GUILD, "UTC", DAY, (), None),
        offer_for=at_most * MINUTE,
        quiet_hours=hours,
    )
    until = offer_until(now, starts_at=starts, ends_at=ends, settings=settings)
    awake_left = awake_between(now, starts, hours, "UTC")
    if awake_left >= 15 * MINUTE:
        # Nobody loses it in their sleep.
        assert quiet_until(until - SECOND, hours, "UTC") is None
        assert awake_between(now, until, hours, "UTC") == min(at_most * MINUTE, awake_left / 3)
    else:
        left = starts - now if starts - now >= 15 * MINUTE else ends - now
        assert until - now == min(at_most * MINUTE, left / 3)


@pytest.mark.parametrize(
    ("made", "starts", "until"),
    [
        ("21:30", "18:00", "08:30"),
        ("23:39", "18:00", "09:00"),
        ("20:00", "18:00", "21:00"),
        ("21:00", "18:00", "22:00"),
        # A third of the time awake is left.
        ("23:39", "10:00", "08:40"),
        ("21:40", "09:00", "08:06"),
        # It starts before anyone is awake, or is on, so the night counts.
        ("23:00", "06:00", "00:00"),
        ("23:00", "08:14", "00:00"),
        ("21:50", "23:00", "22:13"),
    ],
)
def test_an_offer_runs_while_people_are_awake(made: str, starts: str, until: str) -> None:
    """From ten to eight is quiet; what is written as earlier is on the next day."""
    now, start, expected = (
        datetime.combine(MONDAY + (DAY if one < "20:00" else timedelta()), time.fromisoformat(one))
        for one in (made, starts, until)
    )
    settings = ChannelSettings(CHANNEL, GUILD, "UTC", DAY, (), None)
    found = offer_until(
        now.replace(tzinfo=UTC),
        starts_at=start.replace(tzinfo=UTC),
        ends_at=(start + 2 * HOUR).replace(tzinfo=UTC),
        settings=settings,
    )
    assert found.replace(second=0) == expected.replace(tzinfo=UTC)


def test_what_is_next_due_includes_an_offer_that_ends() -> None:
    machine = Seats()
    machine.change_capacity(2)  # the host has one
    machine.press(1, Answer.GOING, None, None)
    machine.press(2, Answer.GOING, None, None)
    machine.wait(600)
    machine.press(1, Answer.DECLINED, None, None)
    machine.deliver()
    [waiting] = machine.view.roster.waiting
    assert waiting.offered_until == machine.now + timedelta(hours=1)
    assert next_due(machine.store) == waiting.offered_until
    machine.teardown()
