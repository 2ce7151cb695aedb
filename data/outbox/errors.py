"""Why a message did not arrive, or may have arrived twice: a code with values, not a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | list[str]


class ErrorCode(StrEnum):
    """The reason; the comment names the values that belong to it."""

    TOO_LATE = "too_late"
    OUTDATED = "outdated"
    NOBODY_LEFT = "nobody_left"
    UNKNOWN_KIND = "unknown_kind"
    BEFORE_DEMO = "before_demo"
    CHANNEL_GONE = "channel_gone"
    CARD_DELETED = "card_deleted"
    NOT_IN_SERVER = "not_in_server"
    PRIVATE_CLOSED = "private_closed"
    HOST_THERE = "host_there"
    HOST_LEFT = "host_left"
    NOT_ORGANIZER = "not_organizer"
    MAYBE_TWICE = "maybe_twice"
    MISSING = "missing"  # permissions: Discord's names of one or two
    FORBIDDEN = "forbidden"  # status, code, text: Discord's answer
    REFUSED = "refused"  # status, code, text: Discord's answer
    FAULT = "fault"  # number: of the error in the log
    FOREIGN = "foreign"  # text: of a failed try, or a sentence from before version 5


@dataclass(frozen=True, slots=True)
class DeliveryError:
    code: ErrorCode
    values: Mapping[str, Value] = field(default_factory=dict)


def text_of(error: DeliveryError | None) -> str | None:
    """Returns an error as the store keeps it: ``["fault",{"number":"0a1b2c"}]``."""
    if error is None:
        return None
    parts = [error.code, dict(error.values)] if error.values else [error.code]
    return json.dumps(parts, separators=(",", ":"))


def error_of(text: str | None) -> DeliveryError | None:
    """Returns an error from the store."""
    if text is None:
        return None
    code, *values = json.loads(text)
    return DeliveryError(ErrorCode(code), *values)
