"""What people type about time, and when jellies happen: pure, no Discord, no SQL, no clock."""

from bot.when.reading import read
from bot.when.recurrence import instant_of, occurrences
from bot.when.refusal import NotUnderstood
from bot.when.spans import SpanNotUnderstood, describe_span, parse_span
from bot.when.splitting import Inseparable, split
from bot.when.suggestions import Suggestion, suggest
from bot.when.visits import LONGEST_VISIT, VisitNotUnderstood, describe_visit, read_visit
from bot.when.words import describe
from bot.when.zones import UnknownZone, check_zone, find_zones, zone_label
from data.models import Occurrence

__all__ = [
    "LONGEST_VISIT",
    "Inseparable",
    "NotUnderstood",
    "Occurrence",
    "SpanNotUnderstood",
    "Suggestion",
    "UnknownZone",
    "VisitNotUnderstood",
    "check_zone",
    "describe",
    "describe_span",
    "describe_visit",
    "find_zones",
    "instant_of",
    "occurrences",
    "parse_span",
    "read",
    "read_visit",
    "split",
    "suggest",
    "zone_label",
]
