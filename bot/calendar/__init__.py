"""When jellies happen: rules, dates and zones; pure, and without a word of any language."""

from bot.calendar.recurrence import instant_of, occurrences
from bot.calendar.split_rule import CannotSplit, split

__all__ = ["CannotSplit", "instant_of", "occurrences", "split"]
