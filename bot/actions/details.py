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


def with_seats(details: Details, *, tone: str, seats: str, guests: str, closes: str) -> Details:
    """Returns details with the typed seats and tone. Raises Refusal with what to type."""
    no_seats = Refusal("“seats” has to be a number, e.g. 8.")
    no_guests = Refusal("“guests” has to be a number, e.g. 2.")
    return replace(
        details,
        tone=_tone(tone) if tone else details.tone,
        capacity=_number(seats, no_seats) if seats.strip() else None,
        most_guests=_number(guests, no_guests),
        answers_close=_before_the_start(closes),
    )


def as_far_as_typed(details: Details, *, tone: str, closes: str) -> tuple[Details, Refusal | None]:
    """Returns details with the typed tone and deadline, as far as they can be read and be.

    With them, why one is left out.
    """
    problem = None
    try:
        details = replace(details, tone=_tone(tone) if tone else details.tone)
    except Refusal as refusal:
        problem = refusal
    try:
        dated = replace(details, answers_close=_before_the_start(closes))
        check_seats(dated)
    except Refusal as refusal:
        return details, problem or refusal
    return dated, problem


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
