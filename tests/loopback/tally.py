"""Counts of what happened, and what was wrong with it."""

from __future__ import annotations

import time
from collections import Counter, deque

from .models import Json, Request, Violation

_REMEMBERED_REQUESTS = 20_000
_REMEMBERED_VIOLATIONS = 1_000
# The statuses of which Discord allows 10,000 in 10 minutes before it bans the address.
_INVALID_STATUSES = frozenset({401, 403, 429})


class Tally:
    """Everything a test may count; bounded, so that a soak does not grow it."""

    def __init__(self) -> None:
        self.requests: deque[Request] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.violations: deque[Violation] = deque(maxlen=_REMEMBERED_VIOLATIONS)
        self.gateway: Counter[str] = Counter()
        self._routes: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._limited: Counter[str] = Counter()

    def answered(self, method: str, path: str, status: int) -> None:
        """Counts one request; status 0 means a connection cut without an answer."""
        self._routes[f"{method} {_template(path)}"] += 1
        self._statuses[status] += 1
        self.requests.append(Request(time.time(), method, path, status))

    def requested(self, route: str) -> int:
        """Returns how often a route was requested, such as `POST /channels/{id}/messages`."""
        return self._routes[route]

    def limited(self, scope: str) -> None:
        self._limited[scope] += 1

    def violated(self, source: str, method: str, path: str, problem: str) -> None:
        self.violations.append(Violation(source, method, path, problem))

    def counters(self) -> Json:
        """Returns the fields of `Counters`."""
        return {
            "requests": self._routes,
            "statuses": self._statuses,
            "limited": self._limited,
            "invalid": sum(self._statuses[status] for status in _INVALID_STATUSES),
            "gateway": self.gateway,
        }

    def reset(self) -> None:
        for counts in (self._routes, self._statuses, self._limited, self.gateway):
            counts.clear()
        self.requests.clear()
        self.violations.clear()


def _template(path: str) -> str:
    """Returns the route of a path, without ids and tokens, so that like counts with like."""
    segments = path.strip("/").split("/")
    if segments[0] in {"interactions", "webhooks"} and len(segments) > 2:
        segments[2] = "{token}"
    return "/" + "/".join("{id}" if segment.isdigit() else segment for segment in segments)
