"""`enforce_nonce`: a repeated message is not posted again."""

from __future__ import annotations

from collections import OrderedDict

from simcord._clock import Clock

from .models import Json


class Nonces:
    """Remembers for a while which message a channel got for a nonce.

    The bot is the only author here. Discord says "the past few minutes"; the exact window is
    not public, so it is a parameter.
    """

    def __init__(self, window: float, clock: Clock) -> None:
        self.window = window
        self._clock = clock
        self._messages: OrderedDict[tuple[int, str], tuple[int, float]] = OrderedDict()

    def first_message(self, channel_id: int, body: Json) -> int | None:
        """Returns the id of the message that already has this body's nonce, deleted or not."""
        if not body.get("enforce_nonce") or body.get("nonce") is None:
            return None
        self._forget_old()
        message_id, _ = self._messages.get((channel_id, str(body["nonce"])), (None, 0.0))
        return message_id

    def remember(self, channel_id: int, body: Json, message_id: int) -> None:
        """Remembers a posted message; only a new one, or its window would never end."""
        if body.get("nonce") is not None:
            key = (channel_id, str(body["nonce"]))
            self._messages.pop(key, None)  # the oldest must stay first
            self._messages[key] = (message_id, self._now())

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _forget_old(self) -> None:
        oldest_kept = self._now() - self.window
        while self._messages:
            key, (_, at) = next(iter(self._messages.items()))
            if at >= oldest_kept:
                return
            del self._messages[key]
