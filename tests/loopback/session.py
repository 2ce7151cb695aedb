"""A gateway session: numbered events for one bot, so that they can be sent again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from secrets import token_hex
from typing import Any

import discord
from simcord.gateway import FakeGateway

from .backend import LoopbackBackend
from .models import Json

_REPLAYABLE_EVENTS = 5_000
_COMPONENT = 3


class _EveryEvent(dict[str, Callable[[Json], None]]):
    """Replaces discord.py's parsers per event: every event is passed on."""

    def __init__(self, pass_on: Callable[[str, Json], None]) -> None:
        super().__init__()
        self._pass_on = pass_on

    def __missing__(self, event: str) -> Callable[[Json], None]:
        return self.setdefault(event, partial(self._pass_on, event))


class _WireState:
    """The two things that SimCord's gateway asks of a connection state."""

    def __init__(self, intents: discord.Intents, parsers: _EveryEvent) -> None:
        self.intents = intents
        self.parsers = parsers


class Session:
    """Filters events by the bot's intents and numbers them; `send` is set while connected."""

    def __init__(self, backend: LoopbackBackend, intents: int) -> None:
        self.id = token_hex(16)
        self.intents = discord.Intents._from_value(intents)
        self.send: Callable[[str], None] | None = None
        self._bot_id = str(backend.bot_user.id)
        self._gateway = FakeGateway(backend, _WireState(self.intents, _EveryEvent(self._pass_on)))
        self._sequence = 0
        self._sent: deque[tuple[int, str]] = deque(maxlen=_REPLAYABLE_EVENTS)

    def feed(self, event: str, payload: Mapping[str, Any]) -> None:
        """Sends the bot an event, as far as its intents allow."""
        if event == "INTERACTION_CREATE" and self._shows_own_message(payload):
            # A bot may read its own message, so there is nothing to hide and no need for the
            # copy in which SimCord would hide it.
            self._pass_on(event, payload)
        else:
            self._gateway.feed(event, payload)

    def feed_as_it_is(self, event: str, payload: Mapping[str, Any]) -> None:
        """Sends the bot what Discord would never send."""
        self._pass_on(event, payload)

    def can_replay_after(self, sequence: int) -> bool:
        if sequence > self._sequence:
            return False
        return not self._sent or self._sent[0][0] <= sequence + 1

    def sent_after(self, sequence: int) -> list[str]:
        return [text for number, text in self._sent if number > sequence]

    def _shows_own_message(self, payload: Mapping[str, Any]) -> bool:
        if payload["type"] != _COMPONENT:
            return False
        message = payload["message"]
        return message["author"]["id"] == self._bot_id and "referenced_message" not in message

    def _pass_on(self, event: str, payload: Mapping[str, Any]) -> None:
        self._sequence += 1
        text = json.dumps({"op": 0, "s": self._sequence, "t": event, "d": payload})
        self._sent.append((self._sequence, text))
        if self.send is not None:
            self.send(text)
