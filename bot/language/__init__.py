"""The language in which a person reads: sentences from gettext's catalogues, the rest by Babel.

Sentences stand in the code in English, as templates with named placeholders. ``make messages``
collects them in ``messages.pot``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from gettext import NullTranslations
from typing import Literal

from babel.core import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.units import format_unit

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

    __slots__ = ("_catalogue", "_locale", "locale")

    def __init__(self, locale: str, babel_locale: Locale, catalogue: NullTranslations) -> None:
        self.locale = locale
        self._locale = babel_locale
        self._catalogue = catalogue

    def __call__(self, template: str, /, **values: object) -> str:
        """Returns a sentence with its values as they are: what people typed comes in escaped."""
        said = self._catalogue.gettext(template)
        return said.format(**values) if values else said

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Returns the form of a sentence that fits ``count``, which fills ``{count}``."""
        return self._catalogue.ngettext(one, many, count).format(count=count, **values)

    def list(self, items: Sequence[str], kind: Literal["and", "or", "none"] = "and") -> str:
        """Returns items as a list: "a, b and c", "a, b or c" or, of kind none, "a, b, c"."""
        style: Literal["standard", "or", "unit"] = (
            "standard" if kind == "and" else "or" if kind == "or" else "unit"
        )
        return format_list(items, style, self._locale)

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
        return format_list(parts, "unit-narrow", self._locale)

    def date_and_time(self, local: datetime) -> str:
        """Returns a date with its weekday and time, "Thu 3 Dec 2026, 10:00".

        Only where Discord shows no timestamps: in choices, labels and files.
        """
        return format_datetime(local, _DATE_AND_TIME, locale=self._locale)


_NAMES = {ENGLISH: "en_GB"}
"""What Babel calls a language here: British English has no comma before "and"."""
BY_LOCALE = {
    ENGLISH: Words(ENGLISH, Locale.parse(_NAMES[ENGLISH]), NullTranslations()),
}


def words_for(locale: str) -> Words:
    """Returns the words of Discord's locale, such as "de" or "en-GB"; English if there are none."""
    return BY_LOCALE.get(locale) or BY_LOCALE.get(locale.partition("-")[0]) or BY_LOCALE[ENGLISH]
