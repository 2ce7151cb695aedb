"""Tells what someone changed in the form of a jelly, also if others changed the jelly meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bot.language.typed import one_line, shorten
from data.limits import LONGEST_TYPED_PHRASE
from data.models import WHEN, Details, Series, Session, differing, fingerprint

_FIELDS = ("title", WHEN, "place", "about", "host_id")
"""The fields of the form."""
_DIGITS = 8
"""The length of a jelly's fingerprint, and of each field's."""


def as_shown(phrase: str) -> str:
    """Returns a phrase as a form that showed it sends it back: a long one is cut."""
    return one_line(shorten(phrase, LONGEST_TYPED_PHRASE))


def version_of(jelly: Session | Series, phrase: str) -> str:
    """Returns what a form remembers of the jelly that it was filled with."""
    return fingerprint(jelly) + "".join(_fingerprints(jelly.details, phrase))


def fingerprint_in(version: str) -> str:
    """Returns the fingerprint of the jelly; forms of older versions of Jelly hold only that."""
    return version[:_DIGITS]


def edited(
    jelly: Session | Series, phrase: str, entered: Details, typed: str, *, version: str
) -> frozenset[str]:
    """Returns the names of the details that someone changed in a form, and WHEN for the dates.

    The jelly and its ``phrase`` are as they are now. What came back as the form was filled is not
    changed, even if it is different now.
    """
    names = set(differing(jelly.details, entered))
    if typed != as_shown(phrase):
        names.add(WHEN)
    if fingerprint_in(version) != fingerprint(jelly):
        filled = [version[at : at + _DIGITS] for at in range(_DIGITS, len(version), _DIGITS)]
        sent = zip(_FIELDS, _fingerprints(entered, typed), strict=True)
        names -= {name for (name, value), was in zip(sent, filled, strict=False) if value == was}
    return frozenset(names)


def _fingerprints(details: Details, phrase: str) -> Iterator[str]:
    for name in _FIELDS:
        value = as_shown(phrase) if name == WHEN else getattr(details, name)
        yield hashlib.blake2b(repr(value).encode(), digest_size=_DIGITS // 2).hexdigest()
