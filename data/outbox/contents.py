"""Reading a row of the outbox together with all data needed to write its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from data.mirrors import card_of
from data.models import Invitation, Owner, Series, SessionView
from data.outbox.alerts import problems_alerted_by, sessions_left_out, sessions_without_host
from data.outbox.card_role import role_to_mention
from data.outbox.deliveries import Delivery, Problem
from data.outbox.failures import problems_told_by
from data.outbox.kinds import (
    ALERT,
    HOST_DECLINED,
    HOST_LEFT,
    INVITATION,
    QUESTION,
    RETURNED,
    THANKS,
    UNDELIVERED,
    Kind,
    Lists,
    kind_of,
)
from data.outbox.pings import changed_by, pinged, told_of_seat
from data.outbox.quiet import waits_until
from data.outbox.recipients import first_in_line, is_moot, people_of
from data.people.history import figures_of
from data.people.members import has_left
from data.people.session_views import card_view, session_view
from data.rows import invitation_of, maybe_moment, moment, owner_of, series_of
from data.store.transaction import Row, Transaction


def delivery_of(
    transaction: Transaction, delivery_id: int, *, is_outdated: bool, now: datetime
) -> Delivery:
    """Returns a claimed message with the data needed to write it."""
    row = transaction.one(
        """
        SELECT delivery.*, private_channel.channel_id AS private_channel_id
        FROM delivery LEFT JOIN private_channel
            ON is_private = 1 AND user_id = delivery.channel_id
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery_id,
    )
    assert row is not None  # just claimed
    kind, owner = kind_of(row["kind"]), owner_of(row)
    session_id = _session_id(transaction, kind, owner, row["occasion"])
    view = None if session_id is None else _view(transaction, kind, session_id)
    people = people_of(transaction, kind, row, view)
    return Delivery(
        delivery_id=row["delivery_id"],
        kind=kind,
        owner=owner,
        channel_id=row["channel_id"],
        is_private=bool(row["is_private"]),
        part=row["part"],
        previous_at=maybe_moment(row["previous_at"]),
        previous_place=row["previous_place"],
        useful_until=moment(row["useful_until"]),
        is_outdated=is_outdated,
        attempts=row["attempts"],
        first_try_at=moment(row["first_try_at"]),
        nonce_session_id=owner.session_id or row["former_session_id"] or 0,
        people=people,
        view=view,
        series=_series(transaction, row),
        card=None if session_id is None else card_of(transaction, session_id),
        figures=figures_of(transaction, owner.channel_id, month=row["occasion"])
        if kind is THANKS and owner.channel_id is not None
        else None,
        problems=_problems(transaction, kind, delivery_id),
        without_host=sessions_without_host(transaction, delivery_id, now=now)
        if kind is HOST_LEFT
        else (),
        left_out=sessions_left_out(
            transaction, owner.guild_id, since=moment(row["previous_at"]), until=now
        )
        if kind is RETURNED
        else 0,
        reader_left=bool(row["is_private"])
        and has_left(transaction, owner.guild_id, row["channel_id"]),
        invitation=_invitation(transaction, row["occasion"])
        if kind in (INVITATION, HOST_DECLINED)
        else None,
        private_channel_id=row["private_channel_id"],
        card_role_id=None
        if view is None
        else role_to_mention(transaction, kind, row, view.session, now=now),
        pinged=frozenset()
        if session_id is None or view is None
        else pinged(transaction, session_id, kind, people)
        | told_of_seat(transaction, session_id, kind, now=now)
        | changed_by(transaction, view.session.guild_id, kind, due=row["due_at"]),
        waits_until=waits_until(transaction, delivery_id, now=now),
        is_moot=is_moot(transaction, kind, row, view),
    )


def _problems(transaction: Transaction, kind: Kind, delivery_id: int) -> tuple[Problem, ...]:
    if kind is ALERT:
        return problems_alerted_by(transaction, delivery_id)
    return problems_told_by(transaction, delivery_id) if kind is UNDELIVERED else ()


def _invitation(transaction: Transaction, invitation_id: int) -> Invitation | None:
    row = transaction.one(
        "SELECT * FROM invitation WHERE invitation_id = :invitation_id",
        invitation_id=invitation_id,
    )
    return None if row is None else invitation_of(row)


def _session_id(transaction: Transaction, kind: Kind, owner: Owner, occasion: int) -> int | None:
    """Returns the id of the session that a message is about, which need not be its owner."""
    if kind is QUESTION and owner.series_id is not None:
        return occasion
    if kind is not UNDELIVERED:
        return owner.session_id
    row = transaction.one(
        "SELECT * FROM delivery WHERE delivery_id = :delivery_id", delivery_id=occasion
    )
    if row is None:
        return None
    return _session_id(transaction, kind_of(row["kind"]), owner_of(row), row["occasion"])


def _view(transaction: Transaction, kind: Kind, session_id: int) -> SessionView | None:
    if kind.lists is Lists.EVERYBODY:
        return session_view(transaction, session_id)
    view = card_view(transaction, session_id)
    if view is not None and kind.lists is Lists.IN_LINE:
        waiting = first_in_line(transaction, session_id)
        return replace(view, roster=replace(view.roster, waiting=waiting))
    return view


def _series(transaction: Transaction, row: Row) -> Series | None:
    if row["series_id"] is None:
        return None
    series = transaction.one(
        "SELECT * FROM series WHERE series_id = :series_id", series_id=row["series_id"]
    )
    return None if series is None else series_of(transaction, series)
