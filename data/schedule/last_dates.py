"""Series without dates ahead: the clock looks at them at once, and ends those that are over."""

from __future__ import annotations

from datetime import datetime

from data.rows import epoch
from data.store.transaction import Transaction

_NONE_AHEAD = """NOT EXISTS (
    SELECT 1 FROM session
    WHERE session.series_id = series.series_id AND ends_at > :now AND state = 'scheduled')"""


def look_at_series(transaction: Transaction, series_id: int | None, *, now: datetime) -> None:
    """Has a series without dates ahead looked at now; its rule may have later ones."""
    transaction.run(
        f"""
        UPDATE series SET extend_at = :now
        WHERE series_id = :series_id AND extend_at > :now AND {_NONE_AHEAD}
        """,
        series_id=series_id,
        now=epoch(now),
    )


def look_at_all_series(transaction: Transaction, *, now: datetime) -> None:
    """Has all series without dates ahead looked at now."""
    transaction.run(
        f"UPDATE series SET extend_at = :now WHERE extend_at > :now AND {_NONE_AHEAD}",
        now=epoch(now),
    )
