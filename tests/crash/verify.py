"""Whether a server's file, its channel and what its people were told are correct.

Messages are identified by their visible text, not by what the bot stores about them.
"""

from __future__ import annotations

import re
import signal
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from discord.utils import snowflake_time

from data.limits import MESSAGES_KEPT_FOR
from tests.crash.says import OF_ALL, what_it_says
from tests.crash.world import Word, World
from tests.loopback import Message
from tests.moments import MINUTE

_ADDED_BY = re.compile(r" \(added by <@\d+>\)")
_MENTION = re.compile(r"<@(\d+)>")
_LONG_AHEAD = timedelta(days=1, hours=2)
_OWED_FOR_EACH = {"announcement": 1, "reminder": 2, "start": 1, "summary": 1}
"""What a jelly made that long before its start is owed, whatever became of it."""


@dataclass
class Count:
    """The messages that were owed, by outcome."""

    owed: int = 0
    sent: int = 0
    expired: int = 0
    withdrawn: int = 0
    doubled: int = 0
    """Messages in Discord beyond those that were owed."""
    missing: int = 0
    """Messages that are sent according to the file but are not in Discord."""
    lost: int = 0
    """Acknowledged actions that the file does not have."""

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


async def verify(world: World, problems: list[str]) -> Count:
    """Compares everything while no bot is running; adds a sentence for each problem."""
    public = await world.messages()
    private = await world.discord.dms(world.guild.owner)
    deleted = await world.deleted()
    with closing(sqlite3.connect(world.file)) as connection:
        connection.row_factory = sqlite3.Row
        verification = _Verification(
            world, connection, public, private, deleted, world.now, problems
        )
        return verification.all()


class _Verification:
    def __init__(
        self,
        world: World,
        connection: sqlite3.Connection,
        public: list[Message],
        private: list[Message],
        deleted: list[Message],
        now: datetime,
        problems: list[str],
    ) -> None:
        self._world = world
        self._connection = connection
        self._public = public
        self._private = private
        self._deleted = deleted
        self._now = int(now.timestamp())
        self._kept_since = now - MESSAGES_KEPT_FOR + MINUTE
        """Since when no message is deleted for its age; a minute more, for clocks that differ."""
        self._problems = problems
        self._lost = 0
        self._sessions = {row["title"]: row for row in self._rows("SELECT * FROM session")}
        cards = self._rows("SELECT session_id, remote_id FROM mirror WHERE kind = 'card'")
        self._card_ids = {row["session_id"]: row["remote_id"] for row in cards}

    def all(self) -> Count:
        self._the_file_is_whole()
        self._copies_are_whole()
        self._nothing_went_wrong()
        self._what_was_acknowledged_is_kept()
        self._hosts_are_going()
        self._seats_are_not_overbooked()
        self._free_seats_went_to_the_next_in_line()
        self._cards_show_the_store()
        self._everything_is_owed()
        return self._messages_came_once()

    def _wrong(self, problem: str) -> None:
        self._problems.append(problem)

    def _lose(self, problem: str) -> None:
        self._lost += 1
        self._wrong(problem)

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    # The file

    def _the_file_is_whole(self) -> None:
        for flaw in _flaws(self._connection):
            self._wrong(f"the database: {flaw}")
        titles = Counter(row["title"] for row in self._rows("SELECT title FROM session"))
        for title, count in titles.items():
            if count > 1:
                self._wrong(f"{title} is there {count} times")
        for row in self._rows("SELECT * FROM session"):
            counts = Counter(rsvp["answer"] for rsvp in self._answers(row["title"]))
            for answer, column in _COUNTS.items():
                if row[column] != counts[answer]:
                    self._wrong(f"{row['title']}: {column} is {row[column]}, not {counts[answer]}")

    def _copies_are_whole(self) -> None:
        copies = [*self._world.folder.glob("backups/*"), *self._world.copies.iterdir()]
        for copy in copies:
            if copy.suffix == ".part":
                if copy.parent != self._world.copies:
                    self._wrong(f"{copy.name} was left over")
                continue
            with closing(sqlite3.connect(copy)) as connection:
                for flaw in _flaws(connection):
                    self._wrong(f"the copy {copy.name}: {flaw}")

    def _nothing_went_wrong(self) -> None:
        for code in self._world.codes:
            if code not in (0, -signal.SIGKILL):
                self._wrong(f"a life ended by itself, with {code}")
        log = self._world.log.read_text("utf-8")
        for sign in ("Traceback", " ERROR ", "Exception", "Task was destroyed"):
            if sign in log:
                at = log.index(sign)
                self._wrong(f"the log has {sign!r}: {log[max(0, at - 300) : at + 2000]}")
                return

    # What people said

    def _what_was_acknowledged_is_kept(self) -> None:
        for jelly in self._world.ledger.jellies.values():
            session = self._sessions.get(jelly.title)
            if jelly.is_scheduled and session is None:
                self._lose(f"{jelly.title} was acknowledged and is gone")
            if session is None:
                continue
            if jelly.is_called_off and session["state"] != "cancelled":
                self._lose(f"{jelly.title} was called off, acknowledged, and is on")
            if not jelly.call_off_asked and session["state"] == "cancelled":
                self._wrong(f"{jelly.title} is called off, and nobody did that")
        for (title, user), words in self._world.ledger.words.items():
            kept = [row for row in self._answers(title) if row["user_id"] == user]
            session = self._sessions.get(title)
            has_notes = session is None or not session["is_forgotten"]
            if not _may_stand(kept[0] if kept else None, words, has_notes=has_notes):
                found = dict(kept[0]) if kept else None
                self._lose(f"{title}: member {user} said {words}, and the store has {found}")

    def _answers(self, title: str) -> list[sqlite3.Row]:
        return self._rows(
            "SELECT rsvp.* FROM rsvp JOIN session USING (session_id) "
            "WHERE title = ? ORDER BY position",
            title,
        )

    # Seats

    def _hosts_are_going(self) -> None:
        for title, session in self._sessions.items():
            host = [row for row in self._answers(title) if row["user_id"] == session["host_id"]]
            if [(row["answer"], row["as_host"]) for row in host] != [("going", 1)]:
                self._wrong(f"the host of {title} is not going: {[dict(row) for row in host]}")

    def _seats_are_not_overbooked(self) -> None:
        for title, session in self._sessions.items():
            going = [row for row in self._answers(title) if row["answer"] == "going"]
            taken = sum(1 + row["guests"] for row in going)
            if session["capacity"] is not None and taken > session["capacity"]:
                self._wrong(f"{title} has {session['capacity']} seats, and {taken} are taken")

    def _free_seats_went_to_the_next_in_line(self) -> None:
        told: Counter[tuple[str, int]] = Counter()
        # It would have come too late, or at night, when nobody is notified.
        untold = {
            (row["title"], row["user_id"])
            for row in self._rows(
                """
                SELECT title, user_id FROM delivery JOIN delivery_recipient USING (delivery_id)
                JOIN session USING (session_id)
                WHERE kind = 'promoted' AND (delivery.state = 'expired'
                    OR (delivery.state = 'pending' AND try_at > ?))
                """,
                self._now,
            )
        }
        for message in (*self._public, *self._deleted):
            kind, title = what_it_says(message) or ("", "")
            if kind == "promoted":
                users = {int(user) for user in _MENTION.findall(message.text)}
                told.update((title, user) for user in users)
        for jelly in self._world.ledger.jellies.values():
            if not jelly.seats or not jelly.in_order:
                continue
            answers = {row["user_id"]: row["answer"] for row in self._answers(jelly.title)}
            left = [user for user in jelly.in_order if answers.get(user) != "declined"]
            going = [user for user in left if answers.get(user) == "going"]
            if set(going) != set(left[: jelly.seats]):
                self._wrong(f"{jelly.title}: {going} have the seats, of {left} in line")
            for number, user in enumerate(jelly.in_order):
                most = 0 if number < jelly.seats else 1
                least = most if user in going and (jelly.title, user) not in untold else 0
                if not least <= told[jelly.title, user] <= most:
                    self._wrong(
                        f"{jelly.title}: {user} was told {told[jelly.title, user]} times of a seat"
                    )

    # The channel

    def _cards_show_the_store(self) -> None:
        cards = {message.id: message for message in self._public}
        for title, session in self._sessions.items():
            if (card_id := self._card_ids.get(session["session_id"])) is None:
                continue
            card = cards.get(card_id)
            if card is None:
                self._wrong(f"{title} has no card where the store says")
                continue
            for flaw in _flaws_of_card(card, session, self._answers(title), self._now):
                self._wrong(f"the card of {title}: {flaw}:\n{card.text}")

    def _everything_is_owed(self) -> None:
        for jelly in self._world.ledger.jellies.values():
            session = self._sessions.get(jelly.title)
            if session is None or jelly.starts_at - jelly.made_at < _LONG_AHEAD:
                continue
            if jelly.made_at < self._kept_since:
                continue
            rows = self._rows(
                "SELECT kind FROM delivery WHERE session_id = ?", session["session_id"]
            )
            owed = Counter(row["kind"] for row in rows)
            # If nobody but the host means to come, a cancellation may concern nobody.
            concerned = any(
                row["answer"] != "declined" and row["user_id"] != session["host_id"]
                for row in self._answers(jelly.title)
            )
            is_told = jelly.is_called_off and concerned
            expected = _OWED_FOR_EACH | ({"cancelled": 1} if is_told else {})
            for kind, number in expected.items():
                if owed[kind] != number:
                    self._wrong(f"{jelly.title} owes {owed[kind]} of {kind}, not {number}")

    def _by_mark(self, message: Message) -> tuple[str, str]:
        """Returns the kind and title of a message whose wording is not known here, by its mark."""
        parts = message.raw.get("components") or [{}]
        mark = next((part.get("id") for part in parts[0].get("components", ())), None)
        rows = self._rows(
            "SELECT kind, COALESCE(title, '') AS title FROM delivery "
            "LEFT JOIN session USING (session_id) WHERE delivery_id = ?",
            (mark or 0) - 1,
        )
        return (rows[0]["kind"], rows[0]["title"]) if rows else ("", "")

    def _is_kept(self, message_id: int | None) -> bool:
        """Returns whether the file still has to know a message."""
        return message_id is None or snowflake_time(message_id) >= self._kept_since

    def _messages_came_once(self) -> Count:
        rows = self._rows(
            "SELECT delivery.*, COALESCE(title, '') AS title "
            "FROM delivery LEFT JOIN session USING (session_id)"
        )
        count = Count(
            owed=len(rows),
            sent=sum(row["state"] == "sent" for row in rows),
            expired=sum(row["state"] == "expired" for row in rows),
            withdrawn=sum(row["state"] == "withdrawn" for row in rows),
            lost=self._lost,
        )
        for row in rows:
            what = f"{row['kind']} of {row['title']} (row {row['delivery_id']})"
            if row["state"] in ("pending", "sending") and row["try_at"] <= self._now:
                self._wrong(f"the {what} is overdue: {dict(row)}")
            elif row["state"] == "failed":
                self._wrong(f"the {what} failed: {row['error']}")
        said: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for message in (*self._public, *self._private, *self._deleted):
            if not self._is_kept(message.id):
                continue
            kind, title = what_it_says(message) or self._by_mark(message)
            if not kind:
                self._wrong(f"nobody knows what this is: {message.text}")
            said[kind, title].append(message.id)
        sent: defaultdict[tuple[str, str], list[int | None]] = defaultdict(list)
        for row in rows:
            if row["state"] == "sent" and self._is_kept(row["message_id"]):
                title = "" if row["kind"] in OF_ALL else row["title"]
                sent[row["kind"], title].append(row["message_id"])
        for key in said.keys() | sent.keys():
            in_discord, in_file = set(said[key]), set(sent[key])
            count.doubled += len(in_discord - in_file)
            count.missing += len(sent[key]) - len(in_discord & in_file)
            if in_discord != in_file or len(sent[key]) != len(in_file):
                self._wrong(
                    f"{key[0]} of {key[1]}: in Discord {said[key]}, in the file {sent[key]}"
                )
        return count


_COUNTS = {
    "going": "going_count",
    "waitlisted": "waiting_count",
    "maybe": "maybe_count",
    "declined": "declined_count",
}
_STANDS_FOR = {"going": ("going", "waitlisted")}
"""The stored answers that an answer may lead to."""


def _may_stand(kept: sqlite3.Row | None, words: list[Word], *, has_notes: bool) -> bool:
    """Returns whether the store has the last acknowledged word, or a later one.

    ``has_notes`` is false once the notes of that date are forgotten.
    """
    last = max((n for n, word in enumerate(words) if word.is_acknowledged), default=None)
    allowed = words if last is None else words[last:]
    if kept is None:
        return last is None
    return any(
        kept["answer"] in _STANDS_FOR.get(word.answer, (word.answer,))
        and (word.note is None or not has_notes or word.note == kept["note"])
        for word in allowed
    )


def _flaws(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield line
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row refers to none: {tuple(row)}"


def _flaws_of_card(
    card: Message, session: sqlite3.Row, answers: list[sqlite3.Row], now: int
) -> Iterator[str]:
    """Yields what a card shows that is not true."""
    people = {
        answer: [row["user_id"] for row in answers if row["answer"] == answer] for answer in _COUNTS
    }
    is_over = now >= session["ends_at"]
    is_past = is_over or session["state"] == "cancelled"
    state = (
        "**Called off**"
        if session["state"] == "cancelled"
        else "**Over**"
        if is_over
        else "**On now**"
        if now >= session["starts_at"]
        else "**When** <t:"
    )
    lines = card.text.splitlines()
    if not lines[1].startswith(state):
        yield f"not {state}"
    number = len(people["going"])
    said = f"{'1 person' if number == 1 else number or 'No one'} had said they'd come"
    coming = f"{len(people['going'])} coming" if people["going"] else "No one's in yet"
    if f"**{said if is_past else coming}**" not in card.text:
        yield f"not {said if is_past else coming}"
    names = [_ADDED_BY.sub("", line) for line in lines if line.startswith(("<@", "Just <@"))]
    if [int(user) for line in names[:1] for user in _MENTION.findall(line)] != people["going"]:
        yield f"not the names {people['going']}"
    maybe = [line for line in lines if " maybe: " in line]
    undecided = [] if is_past else people["maybe"]
    if [int(user) for line in maybe for user in _MENTION.findall(line)] != undecided:
        yield f"not the names {people['maybe']} for Maybe"
    waiting = re.search(r"\*\*(\d+) waiting\*\*", card.text)
    if not is_past and (int(waiting[1]) if waiting else 0) != len(people["waitlisted"]):
        yield f"not {len(people['waitlisted'])} waiting"
