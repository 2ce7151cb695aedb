"""Tells what someone changed in a form about a jelly, also if others changed that meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from bot.language.typed import one_line, shorten
from bot.phrases.en import with_hours
from data.limits import LONGEST_TYPED_PHRASE
from data.models import WHEN, Details, Series, Session, differing, fingerprint

JELLY_FORM = ("title", WHEN, "place", "about", "host_id")
SEATS_FORM = ("tone", "capacity", "most_guests", "answers_close")
"""The fields of the forms, in the order in which their fingerprints are remembered."""
_DIGITS = 8
"""The length of a jelly's fingerprint, and of each field's."""


def as_shown(phrase: str) -> str:
    """Returns a phrase as a form that showed it sends it back, to be compared with another.

    A long one is cut; the form may have shown its hours by the 12-hour clock.
    """
    return with_hours(one_line(shorten(phrase, LONGEST_TYPED_PHRASE)), hour12=False)


def filled_with(details: Details, phrase: str, fields: Sequence[str] = JELLY_FORM) -> str:
    """Returns what a form remembers of the values that it was filled with."""
    return "".join(_fingerprints(details, phrase, fields))


def version_of(jelly: Session | Series, phrase: str) -> str:
    """Returns what a form remembers of the jelly that it was filled with."""
    return fingerprint(jelly) + filled_with(jelly.details, phrase)


def parts_of(version: str) -> tuple[str, str]:
    """Returns the fingerprint of the jelly, and what the form was filled with.

    The second is "" of forms of older versions of Jelly.
    """
    return version[:_DIGITS], version[_DIGITS:]


def edited(
    details: Details,
    phrase: str,
    entered: Details,
    typed: str,
    *,
    filled: str,
    fields: Sequence[str] = JELLY_FORM,
) -> frozenset[str]:
    """Returns the names of the details that someone changed in a form, and WHEN for the dates.

    ``details`` and ``phrase`` are as they are now. What came back as the form was ``filled`` is not
    changed, even if it is different now.
    """
    names = set(differing(details, entered))
    if as_shown(typed) != as_shown(phrase):
        names.add(WHEN)
    was = [filled[at : at + _DIGITS] for at in range(0, len(filled), _DIGITS)]
    sent = zip(fields, _fingerprints(entered, typed, fields), was, strict=False)
    return frozenset(names - {name for name, value, before in sent if value == before})


def _fingerprints(details: Details, phrase: str, fields: Sequence[str]) -> Iterator[str]:
    for name in fields:
        value = as_shown(phrase) if name == WHEN else getattr(details, name)
        yield hashlib.blake2b(repr(value).encode(), digest_size=_DIGITS // 2).hexdigest()
