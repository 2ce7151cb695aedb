"""Rate limits as Discord announces them.

The numbers per route are not documented but announced in headers; these are the known ones.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from hashlib import blake2b

from .models import Json

GLOBAL_PER_SECOND = 50
_OLD_EDIT_CODE = 30046
_SWEEP_ABOVE = 10_000


@dataclass(frozen=True)
class Limit:
    """That many requests in that many seconds."""

    count: int
    seconds: float


_PER_METHOD_AND_KIND = {
    ("POST", "message"): Limit(5, 5.0),
    ("PATCH", "message"): Limit(5, 5.0),
    ("DELETE", "message"): Limit(5, 1.0),
}
_OLD_EDIT = Limit(3, 6.0)
_WEBHOOK = Limit(5, 2.0)
_ANY_OTHER = Limit(50, 1.0)


@dataclass(slots=True)
class Bucket:
    """A window that opens with its first request."""

    limit: Limit
    left: int = 0
    resets_at: float = 0.0

    def refresh(self, now: float) -> None:
        if now >= self.resets_at:
            self.left = self.limit.count
            self.resets_at = now + self.limit.seconds


@dataclass(frozen=True)
class Admission:
    """Whether a request may pass: `refusal` is the body of the 429, else None."""

    headers: dict[str, str] = field(default_factory=dict)
    refusal: Json | None = None
    scope: str = ""


class RateLimits:
    """Admits requests; refused requests are not counted against any limit."""

    def __init__(self, *, enabled: bool = True, per_second: int = GLOBAL_PER_SECOND) -> None:
        self.enabled = enabled
        #: Answers that edit an old message count as edits of it; whether Discord does that is
        #: not documented.
        self.answers_count = False
        self._per_second = per_second
        self._buckets: dict[str, Bucket] = {}
        self._latest: deque[float] = deque()

    def reset(self) -> None:
        self._buckets.clear()
        self._latest.clear()

    def admit(self, method: str, segments: list[str], *, old_in: int | None = None) -> Admission:
        """Judges one request; `old_in` is the channel of the message over an hour old it edits."""
        if not self.enabled:
            return Admission()
        now = time.time()
        if segments[0] == "interactions":
            if old_in is None:
                return Admission()
            old_edits = self._bucket(f"old-edit:{old_in}", _OLD_EDIT, now)
            if old_edits.left <= 0:
                wait = old_edits.resets_at - now
                return _refused("interaction", old_edits, now, wait, "old-edit")
            old_edits.left -= 1
            return Admission()
        name, limit, outside_global = _bucket_of(method, segments)
        bucket = self._bucket(f"{name}:{_major(segments)}", limit, now)
        if not outside_global and (wait := self._global_wait(now)) > 0:
            return _refused(name, bucket, now, wait, "global")
        if old_in is not None:
            old_edits = self._bucket(f"old-edit:{old_in}", _OLD_EDIT, now)
            if old_edits.left <= 0:
                return _refused(name, bucket, now, old_edits.resets_at - now, "old-edit")
        if bucket.left <= 0:
            return _refused(name, bucket, now, bucket.resets_at - now, "bucket")
        bucket.left -= 1
        if old_in is not None:
            old_edits.left -= 1
        if not outside_global:
            self._latest.append(now)
        return Admission(_headers(name, bucket, now))

    def _bucket(self, key: str, limit: Limit, now: float) -> Bucket:
        if len(self._buckets) > _SWEEP_ABOVE:
            self._buckets = {k: b for k, b in self._buckets.items() if b.resets_at > now}
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(limit)
        bucket.refresh(now)
        return bucket

    def _global_wait(self, now: float) -> float:
        while self._latest and self._latest[0] <= now - 1.0:
            self._latest.popleft()
        if len(self._latest) < self._per_second:
            return 0.0
        return self._latest[0] + 1.0 - now


def _bucket_of(method: str, segments: list[str]) -> tuple[str, Limit, bool]:
    """Returns the bucket's name, its limit, and whether it is outside the global limit."""
    if segments[0] == "webhooks" and len(segments) > 2:
        return "webhook", _WEBHOOK, True
    if segments[0] == "channels" and segments[2:3] == ["messages"]:
        limit = _PER_METHOD_AND_KIND.get((method, "message"), _ANY_OTHER)
        return f"{method} message", limit, False
    shape = "/".join("*" if segment.isdigit() else segment for segment in segments)
    return f"{method} {shape}", _ANY_OTHER, False


def _major(segments: list[str]) -> str:
    if segments[0] in {"channels", "guilds"}:
        return segments[1]
    return "/".join(segments[1:3]) if segments[0] == "webhooks" else ""


def _headers(name: str, bucket: Bucket, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit.count),
        "X-RateLimit-Remaining": str(bucket.left),
        "X-RateLimit-Reset": f"{bucket.resets_at:.3f}",
        "X-RateLimit-Reset-After": f"{max(bucket.resets_at - now, 0.0):.3f}",
        "X-RateLimit-Bucket": blake2b(name.encode(), digest_size=8).hexdigest(),
    }


def _refused(name: str, bucket: Bucket, now: float, wait: float, scope: str) -> Admission:
    headers = {
        **_headers(name, bucket, now),
        # discord.py takes a 429 without Via for a Cloudflare ban and does not retry.
        "Via": "1.1 loopback",
        "Retry-After": str(math.ceil(wait)),
        "X-RateLimit-Scope": "global" if scope == "global" else "user",
    }
    body: Json = {
        "message": "You are being rate limited.",
        # Rounded up, so that a client that waits exactly that long is not refused again.
        "retry_after": math.ceil(wait * 1000) / 1000,
        "global": scope == "global",
    }
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    if scope == "old-edit":
        body["code"] = _OLD_EDIT_CODE
        body["message"] = "Maximum number of edits to messages older than 1 hour reached."
    return Admission(headers, body, scope)
