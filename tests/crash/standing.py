"""Whether what stands in the channel is what the file says, and no more than people need.

Of each date that is its card, its latest word, and what somebody has yet to answer. Messages are
identified by their visible text.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from discord.utils import snowflake_time

from data.limits import MESSAGES_KEPT_FOR
from tests.crash.says import what_it_says
from tests.crash.world import World
from tests.loopback import Message
from tests.moments import MINUTE

WORDS = ("reminder", "undecided", "start", "moved", "cancelled")
"""Of these the newest one of a date stands, by when it was planned."""
SEAT_STANDS_FOR = 24 * 3600
"""Seconds for which the word of a seat stands, and the bot may be a while in deleting it."""


async def verify_standing(world: World, problems: list[str], *, is_settled: bool) -> None:
    """Compares while no bot is running; adds a sentence for each problem.

    Unless it is settled, a bot was killed: what it sent last it may not have recorded, and what is
    to be deleted may still be there.
    """
    standing, deleted = await world.messages(), await world.deleted()
    with world.remains() as connection:
        if any(row["name"] == "is_superseded" for row in _columns(connection)):
            # No older message has to be known; a minute more, for clocks that differ.
            since = world.now - MESSAGES_KEPT_FOR + MINUTE
            known = [one for one in deleted if snowflake_time(one.id) >= since]
            channel = _Channel(connection, standing, known, int(world.now.timestamp()))
            problems += channel.flaws(is_settled=is_settled)


def _columns(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Returns the columns of messages, which an upgrade may still be going to add."""
    return connection.execute("SELECT name FROM pragma_table_info('delivery')").fetchall()


class _Channel:
    def __init__(
        self,
        connection: sqlite3.Connection,
        standing: Sequence[Message],
        deleted: Sequence[Message],
        now: int,
    ) -> None:
        self._now = now
        self._sessions = {row["title"]: row for row in connection.execute("SELECT * FROM session")}
        self._sent = {
            row["message_id"]: row
            for row in connection.execute(
                "SELECT * FROM delivery WHERE state = 'sent' AND is_private = 0"
            )
        }
        self._to_go = {
            message_id
            for (message_id,) in connection.execute(
                "SELECT message_id FROM deletion WHERE only_buttons = 0"
            )
        }
        self._requests = Counter(
            session_id
            for (session_id,) in connection.execute(
                "SELECT session_id FROM rsvp WHERE answer = 'requested'"
            )
        )
        self._offers = Counter(
            session_id
            for (session_id,) in connection.execute(
                "SELECT session_id FROM rsvp WHERE offered_until > ?", (now,)
            )
        )
        self._standing, self._deleted = standing, deleted

    def flaws(self, *, is_settled: bool) -> Iterator[str]:
        yield from self._gone_against_the_file()
        yield from self._there_against_the_file()
        by_date: defaultdict[str, list[tuple[str, Message]]] = defaultdict(list)
        for message in self._standing:
            # What a killed bot has not recorded, or not deleted yet, the next one settles.
            row = self._sent.get(message.id)
            if row is not None and not row["is_superseded"]:
                kind, title = what_it_says(message) or ("", "")
                by_date[title].append((kind, message))
        for title, session in self._sessions.items():
            for flaw in self._flaws_of_date(session, by_date[title], is_settled=is_settled):
                yield f"{title}: {flaw}"

    def _gone_against_the_file(self) -> Iterator[str]:
        for message in self._deleted:
            row = self._sent.get(message.id)
            if row is None:
                yield f"deleted, and not known to have been sent: {message.text[:80]!r}"
            elif not (row["is_superseded"] or row["is_unwanted"] or message.id in self._to_go):
                yield f"deleted, though it stands (row {row['delivery_id']}): {message.text[:80]!r}"

    def _there_against_the_file(self) -> Iterator[str]:
        for message in self._standing:
            row = self._sent.get(message.id)
            if row is not None and row["is_superseded"] and message.id not in self._to_go:
                yield f"still there (row {row['delivery_id']}): {message.text[:80]!r}"

    def _flaws_of_date(
        self, session: sqlite3.Row, there: Sequence[tuple[str, Message]], *, is_settled: bool
    ) -> Iterator[str]:
        counts = Counter(kind for kind, _ in there)
        words = [message.id for kind, message in there if kind in WORDS]
        if counts["announcement"] > 1:
            yield f"{counts['announcement']} cards stand"
        if len(words) > 1:
            yield f"{len(words)} words stand, by rows {[self._row(one) for one in words]}"
        session_id, is_over = session["session_id"], session["ends_at"] <= self._now
        newest = self._newest_word(session)
        if newest is not None and not is_over and newest["message_id"] not in words:
            yield f"its latest word is gone: {dict(newest)}"
        if not is_settled:
            return
        if is_over and words:
            yield f"it is over, and words stand, by rows {[self._row(one) for one in words]}"
        is_on = session["state"] == "scheduled" and not is_over
        if counts["request"] != self._requests[session_id] * is_on:
            yield f"{counts['request']} questions to the host stand"
        if counts["offer"] > self._offers[session_id] * is_on:
            yield f"{counts['offer']} offers stand"
        for kind, message in there:
            if kind == "promoted" and self._now - self._sent_at(message) > SEAT_STANDS_FOR:
                yield f"the word of a seat stands too long, by row {self._row(message.id)}"

    def _newest_word(self, session: sqlite3.Row) -> sqlite3.Row | None:
        """Returns the word of a date that was planned last, of those that were sent and hold."""
        hold = ("cancelled",) if session["state"] == "cancelled" else WORDS
        words = [
            row
            for row in self._sent.values()
            if row["session_id"] == session["session_id"] and row["kind"] in hold
        ]
        return max(words, key=lambda row: (row["due_at"], row["delivery_id"]), default=None)

    def _sent_at(self, message: Message) -> int:
        return int(self._sent[message.id]["sent_at"])

    def _row(self, message_id: int) -> int:
        return int(self._sent[message_id]["delivery_id"])
