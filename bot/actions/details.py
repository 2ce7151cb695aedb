"""Typed fields of a jelly as its details."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.language.typed import one_line, paragraphs
from bot.phrases.en import read_duration
from data.models import Details, Tone
from data.refusal import Refusal
from data.schedule.sessions import check_seats


def details_of(what: str, where: str, about: str, host_id: int) -> Details:
    """Returns typed details, each on one line, except that ``about`` keeps its lines."""
    return Details(one_line(what), one_line(where), paragraphs(about), host_id)


def with_seats(
    details: Details, *, tone: str, seats: str, guests: str, closes: str | None = None
) -> Details:
    """Returns details with the typed seats and tone. Raises Refusal with what to type.

    ``closes`` is None if the deadline stays as it is.
    """
    no_seats = Refusal("“seats” has to be a number, e.g. 8.")
    no_guests = Refusal("“guests” has to be a number, e.g. 2.")
    return replace(
        details,
        tone=_tone(tone) if tone else details.tone,
        capacity=_number(seats, no_seats) if seats.strip() else None,
        most_guests=_number(guests, no_guests),
        answers_close=details.answers_close if closes is None else _before_the_start(closes),
    )


def with_deadline(details: Details, closes: str) -> tuple[Details, Refusal | None]:
    """Returns details with the typed deadline; without one, and why, if it can't be read or be."""
    try:
        dated = replace(details, answers_close=_before_the_start(closes))
        check_seats(dated)
    except Refusal as refusal:
        return details, refusal
    return dated, None


def _before_the_start(typed: str) -> timedelta | None:
    """Returns how long before the start answers close; None if nothing was typed.

    Raises Refusal.
    """
    span = typed.strip().casefold().removesuffix("before")
    return read_duration(span) if span else None


def _tone(chosen: str) -> Tone:
    try:
        return Tone(chosen)
    except ValueError as error:
        raise Refusal("Choose one of the tones in the list.") from error


def _number(typed: str, refusal: Refusal) -> int:
    if not (typed.strip().isascii() and typed.strip().isdecimal()):
        raise refusal
    return int(typed)
