"""Says why a message did not arrive, or may have arrived twice."""

from __future__ import annotations

from collections.abc import Callable

from bot.language import N_
from bot.language.typed import shorten
from data.limits import LONGEST_QUOTE
from data.outbox.errors import DeliveryError, ErrorCode
from data.refusal import Sentence, Value

_REASONS = {
    ErrorCode.TOO_LATE: N_("it was too late"),
    ErrorCode.OUTDATED: N_("the jelly was called off or has moved"),
    ErrorCode.NOBODY_LEFT: N_("there was no one left to tell"),
    ErrorCode.UNKNOWN_KIND: N_("this version of Jelly doesn't know it"),
    ErrorCode.BEFORE_DEMO: N_("it was before the demo began"),
    ErrorCode.CHANNEL_GONE: N_("the channel is gone"),
    ErrorCode.CARD_DELETED: N_("the card was deleted"),
    ErrorCode.NOT_IN_SERVER: N_("I'm no longer in that server; invite me again"),
    ErrorCode.PRIVATE_CLOSED: N_("they don't take private messages"),
    ErrorCode.HOST_THERE: N_("the host is still here"),
    ErrorCode.HOST_LEFT: N_("the host has left the server"),
    ErrorCode.NOT_ORGANIZER: N_("that person can no longer manage the server"),
    ErrorCode.MAYBE_TWICE: N_(
        "it may have come twice, because I can't read the channel's history; allow my "
        "role Read Message History there"
    ),
    ErrorCode.FORBIDDEN: N_("a permission is missing ({text})"),
    ErrorCode.REFUSED: N_("Discord refused it ({text})"),
    ErrorCode.FAULT: N_("something went wrong ({number})"),
    ErrorCode.FOREIGN: N_("{text}"),
}


def _shortened(said: str) -> str:
    return shorten(said, LONGEST_QUOTE)


def why(error: DeliveryError, quoted: Callable[[str], str] = _shortened) -> Sentence:
    """Returns a clause without its full stop; ``quoted`` shortens what others said."""
    if error.code is ErrorCode.MISSING:
        return _missing(error)
    values: dict[str, Value] = {}
    for name, value in error.values.items():
        assert not isinstance(value, list)  # only permissions are
        values[name] = quoted(value) if isinstance(value, str) else value
    return Sentence(_REASONS[error.code], values)


def _missing(error: DeliveryError) -> Sentence:
    named = error.values["permissions"]
    assert isinstance(named, list)
    permission, *others = (Sentence(name) for name in named)
    if not others:
        return Sentence(
            "I'm missing {permission} there; allow my role that", {"permission": permission}
        )
    return Sentence(
        "I'm missing {permission} and {other} there; allow my role that",
        {"permission": permission, "other": others[0]},
    )
