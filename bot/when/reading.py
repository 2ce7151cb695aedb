"""From a phrase to a schedule: everything is understood, or the phrase is refused."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.when.examples import nearest
from bot.when.grammar import LONGEST_PHRASE, Stopped, parse, plain
from bot.when.hours import read_hours
from bot.when.parts import Parts
from bot.when.refusal import NotUnderstood, Refused, refusal
from bot.when.series import series
from bot.when.single import at_moment, one_off
from data.models import Schedule


def read(phrase: str, *, zone: str, now: datetime) -> Schedule:
    """Read what somebody typed for "when"; ``zone`` (IANA) is taken where the phrase names none.

    ``now`` is aware; the first session is strictly after it. Raises :class:`NotUnderstood`.
    """
    text = plain(phrase[: LONGEST_PHRASE + 1])
    try:
        return understand(text, zone, now)
    except Stopped as stopped:
        raise _explain_stop(phrase, text, stopped, zone, now) from None
    except Refused as refused:
        raise _explain_refusal(phrase, text, refused, zone, now) from None


def understand(text: str, zone: str, now: datetime) -> Schedule:
    """Read plain text; raises :class:`Stopped` or :class:`Refused` and looks for no examples."""
    if len(text) > LONGEST_PHRASE:
        raise Refused("that is too long to be a time", (0, len(text)))
    parts = Parts(parse(text))
    info = ZoneInfo(parts.zone or zone)
    if parts.moment is not None:
        return at_moment(parts, info, now)
    day = parts.one_day()
    hours = read_hours(parts.hours, tonight=day is not None and day.data == "tonight")
    end = len(text)
    if hours is None:
        raise Refused("it needs a time", (end, end), (" 10am", " 9:30-16:00"))
    if day is not None:
        return one_off(day, hours, info, now)
    if not any(parts.repeats):
        raise Refused("it needs a day", (0, 0), ("tomorrow ", "every tuesday "))
    return series(parts, hours, info, now)


def can_read(text: str, zone: str, now: datetime) -> bool:
    """Whether a phrase is understood."""
    try:
        understand(plain(text), zone, now)
    except (Stopped, Refused):
        return False
    return True


def _explain_stop(
    phrase: str, text: str, stopped: Stopped, zone: str, now: datetime
) -> NotUnderstood:
    understood, rest = phrase[: stopped.position], phrase[stopped.position :]
    reason = "more has to follow" if stopped.at_end and understood.strip() else ""
    examples = nearest(text, stopped.position, [], lambda other: can_read(other, zone, now))
    return refusal(understood, " ".join(rest.split(maxsplit=1)[:1]), reason, examples)


def _explain_refusal(
    phrase: str, text: str, refused: Refused, zone: str, now: datetime
) -> NotUnderstood:
    understood, stopped_at, wanted = phrase, "", list(refused.examples)
    if refused.place is not None:
        begin, end = refused.place
        understood, stopped_at = f"{phrase[:begin]} {phrase[end:]}", phrase[begin:end]
        wanted += [text[:begin] + other + text[end:] for other in refused.instead]
    examples = nearest(text, None, wanted, lambda other: can_read(other, zone, now))
    return refusal(understood.strip(" ,"), stopped_at, refused.reason, examples)
