"""The language in which a person reads: sentences from gettext's catalogues, the rest by Babel.

Sentences stand in the code in English, as templates with named placeholders. ``make messages``
collects them in ``messages.pot``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from gettext import NullTranslations
from typing import Literal

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from bot.phrases.en import with_hours

ENGLISH = "en"
CHANNEL_LOCALE = ENGLISH
"""What cards and notices are written in, since everybody in a channel reads the same ones."""

_UNITS = (
    (timedelta(weeks=1), "duration-week"),
    (timedelta(days=1), "duration-day"),
    (timedelta(hours=1), "duration-hour"),
    (timedelta(minutes=1), "duration-minute"),
)


_DATE_AND_TIME = "EEE d MMM y, HH:mm"
"""https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table"""


def N_(template: str) -> str:  # noqa: N802  gettext's name for it
    """Mark a template for the catalogues where it is not said yet, such as in a table."""
    return template


class Words:
    """What is said in one language; it never changes, so it can be passed to pure functions."""

    __slots__ = ("_between", "_catalogue", "_locale", "hour12", "locale")

    def __init__(self, locale: str, babel_locale: Locale, catalogue: NullTranslations) -> None:
        self.locale = locale
        self.hour12 = "a" in babel_locale.time_formats["short"].pattern
        """Whether its readers write "2pm" rather than "14:00"."""
        self._locale = babel_locale
        self._catalogue = catalogue
        # Between the first two of four; Babel's own lists without "and" lack parts in German, and
        # take 10 µs for the names on a card.
        self._between = format_list(["\0"] * 4, locale=babel_locale).split("\0")[1]

    def __call__(self, template: str, /, **values: object) -> str:
        """Returns a sentence with its values as they are: what people typed comes in escaped."""
        said = self._catalogue.gettext(template)
        return said.format_map(values) if values else said

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Returns the form of a sentence that fits ``count``, which fills ``{count}``."""
        values["count"] = count
        return self._catalogue.ngettext(one, many, count).format_map(values)

    def opening(self, clause: str) -> str:
        """Returns a clause as it begins a sentence: with a capital letter."""
        return clause[:1].upper() + clause[1:]

    def list(self, items: Sequence[str], kind: Literal["and", "or", "none"] = "and") -> str:
        """Returns items as a list: "a, b and c", "a, b or c" or, of kind none, "a, b, c"."""
        if kind == "none":
            return self._between.join(items)
        return format_list(items, "or" if kind == "or" else "standard", self._locale)

    def duration(self, span: timedelta) -> str:
        """Returns a length of whole minutes, largest unit first: "1 day 2 hours".

        Weeks only if nothing is left over, so ten days stay "10 days". Raises ValueError if it is
        not above zero or not in whole minutes.
        """
        if span <= timedelta() or span % timedelta(minutes=1):
            raise ValueError(f"not a whole number of minutes above zero: {span!r}")
        units = _UNITS if not span % timedelta(weeks=1) else _UNITS[1:]
        parts = []
        for unit, name in units:
            number, span = divmod(span, unit)
            if number:
                parts.append(format_unit(number, name, locale=self._locale))
        return " ".join(parts)  # Babel's lists of units lack parts in German

    def date_and_time(self, local: datetime) -> str:
        """Returns a date with its weekday and time, "Thu 3 Dec 2026, 10:00".

        Only where Discord shows no timestamps: in choices, labels and files.
        """
        if not self.hour12:
            return format_datetime(local, _DATE_AND_TIME, locale=self._locale)
        day = format_skeleton("yMMMEd", local, locale=self._locale)
        return f"{day}, {self.hours(f'{local:%H:%M}')}"

    def hours(self, phrase: str) -> str:
        """Returns a phrase, or a description of hours, as readers write these.

        "10:00 to 14:00", or "10am to 2pm".
        """
        return with_hours(phrase, hour12=self.hour12)

    def day(self, day: date, fields: Literal["yMMMd", "MMMd", "yMMM"] = "yMMMd") -> str:
        """Returns a day with its year, without it, or without the day: "3 Dec 2026"."""
        return format_skeleton(fields, day, locale=self._locale)

    def month(self, day: date, *, short: bool = False) -> str:
        """Returns the name of a day's month, as it stands alone: "December"."""
        return format_date(day, "LLL" if short else "LLLL", locale=self._locale)

    def weekday(self, day: date, *, short: bool = False) -> str:
        """Returns the name of a day of the week, as it stands alone: "Thursday"."""
        return format_date(day, "ccc" if short else "cccc", locale=self._locale)

    def number(self, number: float) -> str:
        """Returns a number to a tenth, which is left out if it is 0: "3", "2.5"."""
        return format_decimal(round(number, 1), "0.#", locale=self._locale)


_NAMES = {ENGLISH: "en_GB"}
"""What Babel calls a language here: British English has no comma before "and"."""
BRITISH = Words(ENGLISH, Locale.parse(_NAMES[ENGLISH]), NullTranslations())
BY_LOCALE = {ENGLISH: BRITISH}
AMERICAN = Words("en-US", Locale.parse("en_US"), NullTranslations())
"""The same sentences with American dates, lists and hours."""


def words_for(locale: str) -> Words:
    """Returns the words of Discord's locale, such as "de" or "en-GB"; English if there are none."""
    language = locale.partition("-")[0]
    words = BY_LOCALE.get(locale) or BY_LOCALE.get(language) or BY_LOCALE[ENGLISH]
    return AMERICAN if locale == AMERICAN.locale and words is BRITISH else words
