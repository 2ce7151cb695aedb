"""Computes when jellies happen: rules, dates and zones. Pure; has no text in any language."""

from bot.calendar.recurrence import horizon_of, instant_of, left_out, occurrences
from bot.calendar.rhythm import Rhythm
from bot.calendar.split_rule import CannotSplit, split

__all__ = ["CannotSplit", "Rhythm", "horizon_of", "instant_of", "left_out", "occurrences", "split"]
