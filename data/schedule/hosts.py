"""Handing a jelly over to another host, once they agreed."""

from __future__ import annotations

from datetime import datetime

from data.models import Series, Session
from data.outbox.plan import plan
from data.people.hosting import follow_new_host
from data.people.invitations import withdraw_invitations_to_host
from data.rows import epoch, session_of
from data.schedule.find import session_now
from data.store.transaction import Transaction


def hand_over(
    transaction: Transaction,
    jelly: Session | Series,
    host_id: int,
    *,
    moves_rights: bool,
    has_accepted: bool,
    now: datetime,
) -> None:
    """Makes a person the host of a date, or of a series.

    Of a series, the dates ahead follow that were given no other host. ``moves_rights`` also gives
    the new host the rights of the person who scheduled it, who loses them. Nobody else stays asked
    to host it. Who is going follows, by whether they ``has_accepted`` now or agreed once before:
    :func:`follow_new_host`.
    """
    withdraw_invitations_to_host(transaction, jelly, now=now)
    created_by = host_id if moves_rights else None
    if isinstance(jelly, Session):
        _set_host(transaction, jelly, host_id, created_by, has_accepted=has_accepted, now=now)
        # An edit of its series must not take it from its host.
        transaction.run(
            """
            UPDATE session SET is_exception = 1
            WHERE session_id = :session_id AND series_id IS NOT NULL
            """,
            session_id=jelly.session_id,
        )
        return
    transaction.run(
        """
        UPDATE series SET host_id = :host_id, version = version + 1,
            created_by = COALESCE(:created_by, created_by)
        WHERE series_id = :series_id
        """,
        series_id=jelly.series_id,
        host_id=host_id,
        created_by=created_by,
    )
    for row in transaction.all(
        """
        SELECT * FROM session
        WHERE series_id = :series_id AND ends_at > :now AND state = 'scheduled'
        """,
        series_id=jelly.series_id,
        now=epoch(now),
    ):
        date = session_of(row)
        has_another = date.details.host_id != jelly.details.host_id
        hosted_by = date.details.host_id if has_another else host_id
        _set_host(transaction, date, hosted_by, created_by, has_accepted=False, now=now)


def _set_host(
    transaction: Transaction,
    session: Session,
    host_id: int,
    created_by: int | None,
    *,
    has_accepted: bool,
    now: datetime,
) -> None:
    transaction.run(
        """
        UPDATE session SET host_id = :host_id, version = version + 1,
            created_by = COALESCE(:created_by, created_by)
        WHERE session_id = :session_id
        """,
        session_id=session.session_id,
        host_id=host_id,
        created_by=created_by,
    )
    follow_new_host(
        transaction,
        session_now(transaction, session.session_id),
        session.details.host_id,
        has_accepted=has_accepted,
        now=now,
    )
    plan(transaction, session_now(transaction, session.session_id), now=now)
