"""Invariants whatever people send: what each request of the bot, and the store, must be like."""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from discord import app_commands
from simcord.types import HttpLogEntry

from data.refusal import Refusal
from tests.loopback import rules
from tests.loopback.models import walk
from tests.server.four_servers import NEXT_DOOR, UNPOSTED, FourServers, Json
from tests.server.fuzz_inputs import Sent

if TYPE_CHECKING:
    from tests.loopback.openapi import OpenApi

DESCRIPTION = os.environ.get("DISCORD_OPENAPI")
"""The path of a copy of Discord's OpenAPI file, if there is one."""

_TEXT_DISPLAY, _EPHEMERAL = 10, 1 << 6
_FORM, _NEW_MESSAGES = 9, (4, 5)
_AUTOCOMPLETE = 4
_EXPORT = "/me export {}"
"""What everybody may get of themselves from all servers."""
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback")
_FOLLOW_UP = re.compile(r"/webhooks/\d+/([^/]+)")
_CHANNEL = re.compile(r"/channels/(\d+)/")
# A backslash escapes the mark that follows it.
_HARMLESS = re.compile(r"\\[^\w\s]")
# A whole custom emoji may be typed.
_FORGED = re.compile(
    r"\]\(https?://evil|<t:1:|</cmd:|<a?:smile:(?!1>)|<id:|@everyone|@here|\|\||~~|\*\*bold"
    r"|^ *(#{1,3}|-#|>|\d+\.) shout",
    re.MULTILINE,
)
_INTERNAL = re.compile(
    r"Something went wrong|Nothing can be saved|Traceback|Failed to convert|\w(Error|Exception)\b"
)
_QUOTED = re.compile('"[^"]*"|“[^”]*”|`[^`]*`')

_COUNTS = """
    SELECT session.session_id, session.capacity,
        going_count, guest_count, waiting_count, offered_seats, requested_count, maybe_count,
        declined_count, here_count, came_count,
        COALESCE(SUM(answer = 'going'), 0) AS going,
        COALESCE(SUM((answer = 'going') * guests), 0) AS guests,
        COALESCE(SUM(answer = 'waitlisted'), 0) AS waiting,
        COALESCE(SUM((offered_until IS NOT NULL) * (1 + guests)), 0) AS offered,
        COALESCE(SUM(answer = 'requested'), 0) AS requested,
        COALESCE(SUM(answer = 'maybe'), 0) AS maybe,
        COALESCE(SUM(answer = 'declined'), 0) AS declined,
        COALESCE(SUM((arrived_at IS NOT NULL AND left_at IS NULL) * (1 + guests)), 0) AS here,
        COALESCE(SUM((arrived_at IS NOT NULL) * (1 + guests)), 0) AS came
    FROM session LEFT JOIN rsvp USING (session_id) GROUP BY session_id
"""
_COUNTED = {
    "going": "going_count",
    "guests": "guest_count",
    "waiting": "waiting_count",
    "offered": "offered_seats",
    "requested": "requested_count",
    "maybe": "maybe_count",
    "declined": "declined_count",
    "here": "here_count",
    "came": "came_count",
}
_NEXT_DOOR = (
    "SELECT * FROM channel WHERE guild_id = :guild_id",
    "SELECT * FROM member WHERE guild_id = :guild_id ORDER BY user_id",
    "SELECT * FROM draft WHERE guild_id = :guild_id ORDER BY draft_id",
    "SELECT rsvp.* FROM rsvp JOIN session USING (session_id) WHERE guild_id = :guild_id"
    " ORDER BY session_id, user_id",
    "SELECT session_id, title, place, about, host_id, starts_local, state, capacity FROM session"
    " WHERE guild_id = :guild_id AND series_id IS NULL ORDER BY session_id",
    "SELECT series_id, title, place, about, host_id, starts_local, state, paused_from FROM series"
    " WHERE guild_id = :guild_id ORDER BY series_id",
)


class Complaints(logging.Handler):
    """Keeps what anything in the process logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Invariants:
    """Checks what people did in a quarter, and its results."""

    def __init__(self, four_servers: FourServers) -> None:
        self._four_servers = four_servers
        self._openapi: OpenApi | None = None
        if DESCRIPTION:
            from tests.loopback.openapi import OpenApi  # only these checks need its package

            self._openapi = OpenApi(Path(DESCRIPTION))
        self.complaints = Complaints()
        self.refused: set[int] = set()
        """The interactions that were refused, or failed."""
        self._next_door: list[list[Json]] = []
        self._taken: dict[int, int] = {}
        self._people: set[int] = set()

    async def begin(self) -> None:
        """Records the state before an action."""
        self.complaints.lines.clear()
        self.refused.clear()
        self._next_door = await self._rows_next_door()
        self._taken = {row["session_id"]: _taken(row) for row in await self._counts()}
        self._people = await self._taking_part()

    async def hold(self, sent: Sequence[Sent]) -> None:
        """Raises AssertionError if a promise is broken."""
        await self._four_servers.server.settle()
        assert not self._loud(), self._loud()
        self._check_answers(sent)
        self._people |= await self._taking_part()
        actors = {one.who.id for one in sent}
        for request in self._four_servers.server.environment.http_requests:
            for problem in self._problems(request, actors):
                raise AssertionError(f"{problem}: {request}")
        self._check_notified()
        self._check_files(sent)
        await self._check_store()

    def _loud(self) -> list[object]:
        """Returns what was logged as an error, or raised without anybody being told."""
        # One server has lost its channel, which its host is told.
        loud: list[object] = [
            line for line in self.complaints.lines if "the channel is gone" not in line
        ]
        for error in self._four_servers.server.environment._errors:
            cause = getattr(error, "original", error)
            if not isinstance(cause, Refusal | app_commands.TransformerError):
                loud.append(error)
        return loud

    def _check_answers(self, sent: Sequence[Sent]) -> None:
        """Asserts that each was answered exactly once, in the fitting way."""
        paths = [one.path for one in self._four_servers.server.environment.http_requests]
        answers = Counter(int(found[1]) for path in paths if (found := _CALLBACK.match(path)))
        for one in sent:
            assert answers[one.record.id] == 1, (answers[one.record.id], one.what)
            assert one.record.responded, one.what
            assert not one.record.loading, one.what
            # If there is nothing to choose from, there is no room for a sentence.
            if one.record.id in self.refused and one.record.type != _AUTOCOMPLETE:
                [sentence] = [message.content for message in one.shown]
                assert _is_plain(sentence), sentence

    def _problems(self, request: HttpLogEntry, actors: set[int]) -> Iterator[str]:
        """Yields what is wrong with a request."""
        body = request.json
        if body is None:
            return
        yield from self._breaches(request.method, request.path, body)
        where = self._server_of(request.path)
        if where is None or where == self._four_servers.next_door.id:
            return  # what the server's host is told in private, or all its members are
        said = json.dumps(body, ensure_ascii=False).casefold()
        if NEXT_DOOR in said:
            yield "said what is known next door alone"
        if UNPOSTED in said and self._four_servers.home.people[1].id not in actors:
            yield "said what only Sam may know"
        message = body.get("data") or {} if _CALLBACK.match(request.path) else body
        if "content" in message or "components" in message:
            yield from self._misuses(request.path, body, message)

    def _breaches(self, method: str, path: str, body: Json) -> Iterator[str]:
        """Yields why Discord would not accept it."""
        interactions = self._four_servers.server.environment.backend.interactions
        segments = path.strip("/").split("/")
        if found := _CALLBACK.match(path):
            yield from rules.of_callback(body, interactions[int(found[1])].type)
        elif "messages" in segments or segments[0] == "webhooks":
            yield from rules.of_message(body)
        if self._openapi is not None:
            yield from self._openapi.problems(method, segments, body)

    def _misuses(self, path: str, body: Json, message: Json) -> Iterator[str]:
        """Yields whom a message must not notify, and what it must not look like."""
        is_form = body.get("type") == _FORM
        if not is_form:
            allowed = message.get("allowed_mentions", {"parse": ["everyone"]})
            if allowed.get("parse") or allowed.get("roles"):
                yield "may notify everybody, a role, or the person who is named in it"
            if strangers := set(map(int, allowed.get("users", ()))) - self._people:
                yield f"notifies {strangers}"
        if body.get("type") in _NEW_MESSAGES and not message.get("flags", 0) & _EPHEMERAL:
            yield "is an answer for everybody to see"
        texts = [
            part["content"]
            for part in walk(message.get("components") or ())
            if part["type"] == _TEXT_DISPLAY
        ]
        for text in (message.get("content") or "", *texts):
            if text.startswith("```") and text.count("```") == 2:
                continue
            if found := _FORGED.search(_HARMLESS.sub("", text)):
                yield f"shows {found[0]!r} that someone typed"
            if "```" in text:
                yield "shows a block of code that someone typed"
            for mention in (
                self._four_servers.bystander.mention,
                *(one.mention for one in self._four_servers.decoys),
            ):
                if mention in text:
                    yield f"mentions {mention}"

    def _server_of(self, path: str) -> int | None:
        backend = self._four_servers.server.environment.backend
        if found := _CALLBACK.match(path):
            return backend.interactions[int(found[1])].guild_id
        if found := _FOLLOW_UP.match(path):
            return backend.interactions[backend.interaction_tokens[found[1]]].guild_id
        found = _CHANNEL.match(path)
        return self._four_servers.server_of(int(found[1])) if found else None

    def _check_notified(self) -> None:
        """Asserts that the simulated Discord notified nobody because of the texts either."""
        backend = self._four_servers.server.environment.backend
        for messages in backend.messages.values():
            for message in messages.values():
                if message.author_id == backend.bot_user.id:
                    assert not message.mention_everyone, message
                    assert not message.ping_role_ids, message
                    assert self._four_servers.bystander.id not in message.ping_user_ids, message

    def _check_files(self, sent: Sequence[Sent]) -> None:
        own = {
            file["url"]
            for one in sent
            if one.who.id in self._four_servers.people_next_door and one.what == _EXPORT
            for message in one.shown
            for file in message.attachments
        }
        for url, file in self._four_servers.server.environment.backend.cdn._blobs.items():
            assert url in own or NEXT_DOOR not in file.decode("utf-8", "replace").casefold()

    async def _check_store(self) -> None:
        assert await self._four_servers.server.read("PRAGMA foreign_key_check") == []
        for row in await self._counts():
            for counted, column in _COUNTED.items():
                assert row[column] == row[counted], (column, row)
            capacity, taken = row["capacity"], _taken(row)
            # A change to fewer seats removes nobody.
            before = self._taken.get(row["session_id"], 0)
            assert capacity is None or taken <= max(capacity, before), row
        assert await self._rows_next_door() == self._next_door

    async def _counts(self) -> list[Json]:
        return await self._four_servers.server.read(_COUNTS)

    async def _rows_next_door(self) -> list[list[Json]]:
        read = self._four_servers.server.read
        return [await read(sql, guild_id=self._four_servers.next_door.id) for sql in _NEXT_DOOR]

    async def _taking_part(self) -> set[int]:
        rows = await self._four_servers.server.read(
            "SELECT user_id FROM rsvp UNION SELECT host_id FROM session"
        )
        return {row["user_id"] for row in rows}


def _taken(row: Json) -> int:
    """Returns the seats that are taken or kept for a member."""
    return int(row["going"] + row["guests"] + row["offered"])


def _is_plain(sentence: str) -> bool:
    """Returns whether it is a sentence or two, or three with an example, in plain words."""
    own = _QUOTED.sub("", sentence)
    ends = re.findall(r"[.?!](?= |$)", own)
    return (
        len(sentence) <= 600
        and "\n" not in sentence
        and len(ends) <= 3
        and sentence.rstrip('"”')[-1] in ".?!:"
        and _INTERNAL.search(sentence) is None
    )
