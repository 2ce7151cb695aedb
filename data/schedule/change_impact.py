"""How many dates and people a change of a series concerns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from data.models import ChangeImpact, Concerned, Session
from data.rows import listed
from data.schedule.reschedule import Reschedule
from data.store.transaction import Transaction


def impact_of(transaction: Transaction, dates: Sequence[Session], plan: Reschedule) -> ChangeImpact:
    """Returns what a plan concerns that is about to be carried out; ``dates`` are as they are."""

    def concerned(sessions: Collection[Session]) -> Concerned:
        return Concerned(len(sessions), *_people(transaction, sessions))

    changed = [one for one in dates if one.session_id in plan.changed]
    moved = [one for one in changed if plan.changed[one.session_id].starts_at != one.starts_at]
    return ChangeImpact(
        moved=concerned(moved),
        kept=concerned([one for one in changed if one not in moved]),
        called_off=concerned([one for one in dates if one.session_id in plan.called_off]),
        added=len(plan.added),
        unchanged=len(plan.unchanged),
        most_taken=max((session.counts.seats_taken for session in changed), default=0),
    )


def _people(transaction: Transaction, sessions: Collection[Session]) -> tuple[int, int]:
    """Returns how many members gave an answer other than no, and how many more than maybe.

    Hosts for whom the bot did are not counted.
    """
    row = transaction.one(
        f"""
        SELECT COUNT(DISTINCT user_id) AS people,
            COUNT(DISTINCT CASE WHEN answer <> 'maybe' THEN user_id END) AS coming
        FROM rsvp
        WHERE session_id IN ({listed(one.session_id for one in sessions)})
            AND answer <> 'declined' AND as_host = 0
        """
    )
    assert row is not None  # COUNT always returns a row
    return int(row["people"]), int(row["coming"])
