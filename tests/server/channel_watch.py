"""What stands in the channel for jellies at each moment, told by the messages' own words.

Nothing here asks the bot which of its messages still count. The store is only asked which dates
there are, since a series has the same title on each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from simcord.backend.models import Message
from simcord.components import walk_components

from tests.server.simulated_server import SimulatedServer

_MENTIONS = re.compile(r"(?:<@\d+>[, ]*)+")
_STAMP = re.compile(r"<t:(\d+):")
_TEXT_DISPLAY, _BUTTON = 10, 2


class Part(StrEnum):
    """What a message is for a reader of the channel."""

    CARD = "card"
    WORD = "word"
    SEAT = "seat"  # somebody got a seat, or was put on or taken off a list by someone else
    QUESTION = "question"  # somebody is to press something
    OF_SERIES = "of a series"  # it is about no single date
    OTHER = "other"


_SAYS = {
    Part.OF_SERIES: r"Keep it going\?|every date of \*\*|### \w+ in this server",
    Part.QUESTION: r"is yours if you take it|would like (to join|you to host)|invites you to",
    Part.SEAT: r"a seat came free|added you to|put you on the|took you off|changed your answer",
    Part.OTHER: r"couldn't be posted|### What didn't arrive",
}
_SAYING = {part: re.compile(pattern) for part, pattern in _SAYS.items()}


@dataclass(frozen=True)
class Posted:
    """A message that the bot posted in the channel, as it was then."""

    message_id: int
    text: str
    at: datetime
    pinged: tuple[int, ...]
    buttons: tuple[str, ...]
    """The ids of its buttons."""

    @property
    def part(self) -> Part:
        if self.text.startswith("## "):
            return Part.CARD
        found = (part for part, says in _SAYING.items() if says.search(self.text))
        return next(found, Part.WORD)

    @property
    def beginning(self) -> str:
        """Returns the first line without mentions, which parts of one message have in common."""
        return _MENTIONS.sub("", self.text.splitlines()[0])


@dataclass
class Date:
    """One date of a jelly, by the title and the starts that it has had."""

    session_id: int
    title: str
    starts: set[int] = field(default_factory=set)
    starts_at: int = 0
    ends_at: int = 0
    is_called_off: bool = False


@dataclass(frozen=True)
class Standing:
    """What of a date stands in the channel at a moment."""

    at: datetime
    date: Date
    posts: tuple[Posted, ...]
    ever: tuple[Posted, ...]
    """All that had been posted about it by then, oldest first."""
    open_questions: int
    """Offers, requests and invitations that somebody may still answer, posted or not."""

    @property
    def is_over(self) -> bool:
        return self.at.timestamp() >= self.date.ends_at

    def of(self, *parts: Part) -> list[Posted]:
        return [post for post in self.posts if post.part in parts]

    @property
    def cards(self) -> int:
        return len(self.of(Part.CARD))

    @property
    def words(self) -> int:
        """Returns how many words stand, each with all its parts, which many mentions need."""
        return len({(post.at, post.beginning) for post in self.of(Part.WORD)})

    @property
    def questions(self) -> int:
        """Returns how many messages stand that ask somebody something."""
        return len(self.of(Part.QUESTION))

    @property
    def seats(self) -> int:
        """Returns how many messages stand that tell somebody of their place on the list."""
        return len(self.of(Part.SEAT))

    def __str__(self) -> str:
        said = "\n".join(
            f"  {post.part}, {post.at:%a %H:%M}: {post.text[:100]!r}" for post in self.posts
        )
        return f"{self.date.title} at {self.at:%a %d %H:%M}:\n{said}"


class ChannelWatch:
    """Remembers all that the bot posts in the channel for jellies, and looks at what is left."""

    def __init__(self, server: SimulatedServer) -> None:
        self._server = server
        self._dates: dict[int, Date] = {}
        self._about: dict[int, Date | None] = {}
        self.posted: dict[int, Posted] = {}
        """By the id of the message, oldest first, deleted ones included."""
        self.letters: dict[int, Posted] = {}
        """The same in all other channels, such as those for private messages."""
        self.seen: list[Standing] = []
        """What was found each time, of each date."""
        backend = server.environment.backend
        commit = backend.commit_message

        def committed(message: Message, **options: Any) -> Message:  # noqa: ANN401  as in SimCord
            done = commit(message, **options)
            self._note(done)
            return done

        setattr(backend, "commit_message", committed)  # noqa: B010  it is a method of the class

    def _note(self, message: Message) -> None:
        bot_id = self._server.environment.backend.bot_user.id
        is_answer = message.interaction_metadata is not None
        if message.author_id != bot_id or message.is_ephemeral or is_answer:
            return
        posts = self.posted if message.channel_id == self._server.jellies.id else self.letters
        posts[message.id] = Posted(
            message.id,
            text_of_stored(message),
            datetime.fromisoformat(message.timestamp),
            (*message.ping_user_ids, *message.ping_role_ids),
            tuple(buttons_of_stored(message)),
        )

    async def look(self) -> list[Standing]:
        """Returns what stands of each date of which something ever stood."""
        await self._learn_dates()
        left = self._server.environment.backend.messages[self._server.jellies.id]
        for post in self.posted.values():
            if post.message_id not in self._about:
                self._about[post.message_id] = self._date_of(post)
        now, open_questions = self._server.clock.moment, await self._open_questions()
        found = [
            Standing(
                now,
                date,
                tuple(post for post in posts if post.message_id in left),
                tuple(posts),
                open_questions[date.session_id],
            )
            for date, posts in self._by_date()
        ]
        self.seen += found
        return found

    async def _open_questions(self) -> Counter[int]:
        """Returns how many offers, requests and invitations of each date are still open."""
        rows = await self._server.read(
            """
            SELECT session_id FROM session JOIN rsvp USING (session_id)
            WHERE state = 'scheduled' AND ends_at > :now
                AND (answer = 'requested' OR offered_until > :now)
            UNION ALL
            SELECT session_id FROM session JOIN invitation USING (session_id)
            WHERE session.state = 'scheduled' AND ends_at > :now AND invitation.state = 'open'
            """,
            now=int(self._server.clock.moment.timestamp()),
        )
        return Counter(row["session_id"] for row in rows)

    async def _learn_dates(self) -> None:
        rows = await self._server.read(
            "SELECT session_id, title, starts_at, ends_at, state FROM session"
        )
        for row in rows:
            date = self._dates.setdefault(row["session_id"], Date(row["session_id"], row["title"]))
            date.starts.add(row["starts_at"])
            date.starts_at, date.ends_at = row["starts_at"], row["ends_at"]
            date.is_called_off = row["state"] == "cancelled"

    def _date_of(self, post: Posted) -> Date | None:
        """Returns the date that a message is about; None if it is about a series or none."""
        if post.part is Part.OF_SERIES:
            return None
        alike = [date for date in self._dates.values() if date.title in post.text]
        stamps = set(map(int, _STAMP.findall(post.text)))
        if named := [date for date in alike if date.starts & stamps]:
            return named[0]
        # The line at the start names no start: it is about the date that has begun last.
        begun = [date for date in alike if date.starts_at <= post.at.timestamp()]
        return max(begun, key=lambda date: date.starts_at, default=None)

    def _by_date(self) -> Iterator[tuple[Date, list[Posted]]]:
        for date in self._dates.values():
            posts = self.posts_of(date)
            if posts:
                yield date, posts

    def posts_of(self, date: Date) -> list[Posted]:
        """Returns all that was ever posted about a date."""
        return [post for post in self.posted.values() if self._about.get(post.message_id) is date]

    @property
    def left(self) -> int:
        """Returns how many of all messages that were posted stand now."""
        return sum(map(self.stands, self.posted.values()))

    def stands(self, post: Posted) -> bool:
        """Returns whether a message, public or private, has not been deleted."""
        messages = self._server.environment.backend.messages
        return any(post.message_id in channel for channel in messages.values())

    def dates(self) -> list[Date]:
        """Returns all dates that are known."""
        return list(self._dates.values())

    def unexplained(self) -> list[Posted]:
        """Returns the messages that are about neither a date nor a series."""
        return [
            post
            for post in self.posted.values()
            if self._about.get(post.message_id) is None and post.part is not Part.OF_SERIES
        ]

    def pings(self, date: Date) -> Counter[int]:
        """Returns how often each person, or role, was notified about a date in the channel."""
        return Counter(who for post in self.posts_of(date) for who in post.pinged)


def text_of_stored(message: Message) -> str:
    """Returns all text of a message, without labels of buttons."""
    shown = [
        str(part["content"])
        for part in walk_components(message.components)
        if part.get("type") == _TEXT_DISPLAY
    ]
    return "\n".join([*([message.content] if message.content else []), *shown])


def buttons_of_stored(message: Message) -> list[str]:
    """Returns the ids of a message's buttons."""
    return [
        str(part["custom_id"])
        for part in walk_components(message.components)
        if part.get("type") == _BUTTON and "custom_id" in part
    ]
