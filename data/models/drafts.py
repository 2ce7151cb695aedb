"""What a person is about to post or change, and of what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from data.models.details import WHEN, Details
from data.models.series import Series
from data.models.sessions import Session


def fingerprint(jelly: Session | Series) -> str:
    """Returns 8 hexadecimal characters that change with the details or the schedule."""
    text = repr((jelly.details, jelly.schedule))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a command: nothing yet, one session, that and all later ones, or a series."""

    series_id: int | None = None
    session_id: int | None = None
    and_later: bool = False
    adds_date: bool = False
    """With a series: whether it is one more date of it, and changes none."""

    @property
    def is_new(self) -> bool:
        """Returns whether something new is scheduled, instead of changed."""
        return self.adds_date or self == Target()


@dataclass(frozen=True, slots=True)
class Draft:
    """A session or series that a person is about to post or to change."""

    draft_id: int
    guild_id: int
    user_id: int
    target: Target
    based_on: str
    """The :func:`fingerprint` of the target when the draft was made; "" if it is new."""
    details: Details
    phrase: str
    """The phrase for "when", as typed."""
    changed: frozenset[str] = frozenset()
    """What its author changed about the target: names of its details, and WHEN for its dates."""

    def on_top_of(self, details: Details) -> Details:
        """Returns details with what the author of the draft changed about them."""
        mine = self.changed - {WHEN}
        return replace(details, **{name: getattr(self.details, name) for name in mine})
