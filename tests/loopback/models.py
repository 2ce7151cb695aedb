"""The loopback Discord's results for a test, as plain values."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

#: The only bot token the loopback Discord accepts.
TOKEN = "loopback.accepted.token"

_BUTTON = 2
_TEXT_DISPLAY = 10
_EPHEMERAL = 1 << 6


@dataclass(frozen=True)
class Place:
    """Where a running loopback Discord listens, and the bot's identity there."""

    api: str
    gateway: str
    control: str
    bot_id: int
    application_id: int


@dataclass(frozen=True)
class Guild:
    """A server: its channels by name, its members without owner and bot."""

    id: int
    owner: int
    channels: dict[str, int]
    members: list[int]


@dataclass(frozen=True)
class Message:
    """A message as Discord stores it; `raw` is its wire form plus `pings`, those it notifies."""

    raw: Json

    @property
    def id(self) -> int:
        return int(self.raw["id"])

    @property
    def channel_id(self) -> int:
        return int(self.raw["channel_id"])

    @property
    def author_id(self) -> int:
        return int(self.raw["author"]["id"])

    @property
    def ephemeral(self) -> bool:
        return bool(self.raw["flags"] & _EPHEMERAL)

    @property
    def text(self) -> str:
        """Returns all readable text: the content, then each text display."""
        shown = [part["content"] for part in self.parts if part["type"] == _TEXT_DISPLAY]
        return "\n".join(filter(None, [self.raw["content"], *shown])).replace("\u00a0", " ")

    @property
    def parts(self) -> Iterator[Json]:
        """Yields every component, nested ones included, in reading order."""
        return walk(self.raw["components"])

    @property
    def buttons(self) -> dict[str, str]:
        """Returns the custom id of each button that can be pressed, by label."""
        return {
            part["label"]: part["custom_id"]
            for part in self.parts
            if part["type"] == _BUTTON and "custom_id" in part and not part.get("disabled")
        }

    @property
    def pinged_users(self) -> list[int]:
        return list(self.raw["pings"]["users"])

    @property
    def pinged_roles(self) -> list[int]:
        return list(self.raw["pings"]["roles"])

    @property
    def pings_everyone(self) -> bool:
        return bool(self.raw["pings"]["everyone"])


@dataclass(frozen=True)
class Answer:
    """The bot's answer to one interaction.

    `kind` is message, deferred, deferred_update, update, modal or autocomplete, and None if
    nothing came in time. `seconds` is the time to the acknowledgement. `refusals` are the error
    codes of answers that Discord did not accept.
    """

    interaction_id: int
    kind: str | None
    seconds: float | None
    message: Message | None
    followups: list[Message]
    modal: Json | None
    choices: list[Json]
    refusals: list[int]

    @classmethod
    def read(cls, raw: Json) -> Answer:
        return cls(
            interaction_id=raw["interaction_id"],
            kind=raw["kind"],
            seconds=raw["seconds"],
            message=Message(raw["message"]) if raw["message"] else None,
            followups=[Message(message) for message in raw["followups"]],
            modal=raw["modal"],
            choices=raw["choices"],
            refusals=raw["refusals"],
        )


@dataclass(frozen=True)
class Press:
    """One of many presses: the user, the time on the loopback's clock, and the outcome.

    `kind` is as in `Answer`, and "unanswered" if nothing came in time; then `seconds` is None.
    """

    user: int
    sent_at: float
    kind: str
    seconds: float | None

    def was_answered_before(self, other: Press) -> bool:
        """Returns whether this press was acknowledged before the other was sent."""
        return self.seconds is not None and self.sent_at + self.seconds < other.sent_at


@dataclass(frozen=True)
class Presses:
    """The outcomes of many button presses, in the order of their acknowledgement."""

    elapsed: float
    each: list[Press]

    @classmethod
    def read(cls, raw: Json) -> Presses:
        return cls(raw["elapsed"], [Press(**press) for press in raw["each"]])

    @property
    def latencies(self) -> list[float]:
        """Returns the seconds to each acknowledgement."""
        return [press.seconds for press in self.each if press.seconds is not None]

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(Counter(press.kind for press in self.each))

    @property
    def per_second(self) -> float:
        return len(self.each) / self.elapsed

    @property
    def unanswered(self) -> int:
        return self.outcomes.get("unanswered", 0)

    @property
    def p50(self) -> float:
        latencies = self.latencies
        return statistics.median(latencies) if latencies else math.nan

    @property
    def p99(self) -> float:
        latencies = sorted(self.latencies)
        return latencies[int(len(latencies) * 0.99)] if latencies else math.nan


@dataclass(frozen=True)
class Counters:
    """Counts since the start or the last reset.

    `requests` by method and route, `statuses` by HTTP status, `limited` counts each 429 by
    `global`, `bucket` or `old-edit`, `invalid` the responses that Cloudflare counts against the
    bot (401, 403 and 429), `gateway` identifies, resumes, heartbeats and closes.
    """

    requests: dict[str, int]
    statuses: dict[int, int]
    limited: dict[str, int]
    invalid: int
    gateway: dict[str, int]


@dataclass(frozen=True)
class Request:
    """One request as it was answered; `at` is Unix time, `status` is 0 for a cut connection."""

    at: float
    method: str
    path: str
    status: int


@dataclass(frozen=True)
class Violation:
    """A request body that Discord would not have accepted.

    `source` is `discord` (the simulated Discord refused it), `openapi` (Discord's description
    of its API does), `rules` (what that file does not contain) or `unsupported` (the loopback
    lacks it, so nothing is proved).
    """

    source: str
    method: str
    path: str
    problem: str


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Yields components depth first, whatever key they are nested under."""
    for component in components:
        yield component
        yield from walk(component.get("components") or ())
        for key in ("accessory", "component"):
            if key in component:
                yield from walk((component[key],))
