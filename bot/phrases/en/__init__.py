"""Reads English phrases about time and writes rules in words: pure, no Discord, SQL or clock."""

from bot.phrases.en.attendance_window import (
    AttendanceNotUnderstood,
    describe_attendance,
    read_attendance,
)
from bot.phrases.en.clock_format import with_hours
from bot.phrases.en.describe import describe
from bot.phrases.en.hints.suggestions import (
    Suggestion,
    phrase_of_weekday,
    suggest,
    suggestion_of,
)
from bot.phrases.en.hours.daily_range import (
    DailyRangeNotUnderstood,
    describe_daily_range,
    read_daily_range,
)
from bot.phrases.en.hours.durations import (
    NONE,
    DurationNotUnderstood,
    abbreviate_duration,
    describe_duration,
    read_duration,
)
from bot.phrases.en.reading import read
from bot.phrases.en.refusal import NotUnderstood
from bot.phrases.en.zones.find import UnknownZone, check_zone, find_zones, zone_label

__all__ = [
    "NONE",
    "AttendanceNotUnderstood",
    "DailyRangeNotUnderstood",
    "DurationNotUnderstood",
    "NotUnderstood",
    "Suggestion",
    "UnknownZone",
    "abbreviate_duration",
    "check_zone",
    "describe",
    "describe_attendance",
    "describe_daily_range",
    "describe_duration",
    "find_zones",
    "phrase_of_weekday",
    "read",
    "read_attendance",
    "read_daily_range",
    "read_duration",
    "suggest",
    "suggestion_of",
    "with_hours",
    "zone_label",
]
