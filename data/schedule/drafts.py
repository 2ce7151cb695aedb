"""Drafts: the input behind the buttons of a private preview, kept across restarts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.limits import DRAFT_KEPT_FOR
from data.models import Details, Draft, Target
from data.refusal import Refusal
from data.rows import DETAILS, DETAILS_GIVEN, DETAILS_SET, columns_of, draft_of, epoch
from data.store.transaction import Transaction


def add(
    transaction: Transaction,
    *,
    guild_id: int,
    user_id: int,
    target: Target,
    based_on: str,
    details: Details,
    phrase: str,
    changed: Collection[str],
    most: int | None,
    now: datetime,
) -> Draft:
    """Stores what a person typed until they post it; deletes drafts older than DRAFT_KEPT_FOR.

    If the person has more than ``most``, their oldest go; None keeps all.
    """
    transaction.run(
        "DELETE FROM draft WHERE created_at < :limit", limit=epoch(now - DRAFT_KEPT_FOR)
    )
    if most is not None:
        transaction.run(
            """
            DELETE FROM draft WHERE draft_id IN (
                SELECT draft_id FROM draft WHERE guild_id = :guild_id AND user_id = :user_id
                ORDER BY draft_id DESC LIMIT 1000 OFFSET :kept)
            """,
            guild_id=guild_id,
            user_id=user_id,
            kept=most - 1,
        )
    row = transaction.one(
        f"""
        INSERT INTO draft (guild_id, user_id, series_id, session_id, and_later, adds_date,
            based_on, {DETAILS}, phrase, changed, created_at)
        VALUES (:guild_id, :user_id, :series_id, :session_id, :and_later, :adds_date,
            :based_on, {DETAILS_GIVEN}, :phrase, :changed, :now)
        RETURNING *
        """,
        guild_id=guild_id,
        user_id=user_id,
        series_id=target.series_id,
        session_id=target.session_id,
        and_later=int(target.and_later),
        adds_date=int(target.adds_date),
        based_on=based_on,
        phrase=phrase,
        changed=" ".join(sorted(changed)),
        now=epoch(now),
        **columns_of(details),
    )
    assert row is not None  # RETURNING returns the inserted row
    return draft_of(row)


def change(
    transaction: Transaction,
    draft_id: int,
    *,
    guild_id: int,
    user_id: int,
    details: Details,
    phrase: str,
    changed: Collection[str],
) -> Draft:
    """Replaces the contents of a draft. Raises Refusal if it is gone or not this user's."""
    find(transaction, draft_id, guild_id=guild_id, user_id=user_id)
    row = transaction.one(
        f"""
        UPDATE draft SET {DETAILS_SET}, phrase = :phrase, changed = :changed
        WHERE draft_id = :draft_id RETURNING *
        """,
        draft_id=draft_id,
        phrase=phrase,
        changed=" ".join(sorted(changed)),
        **columns_of(details),
    )
    assert row is not None  # found above, in this transaction
    return draft_of(row)


def rebase(
    transaction: Transaction, draft_id: int, *, guild_id: int, user_id: int, based_on: str
) -> None:
    """Bases a draft on a newer version of its target, which its author has seen.

    Raises Refusal if it is gone or not this user's.
    """
    find(transaction, draft_id, guild_id=guild_id, user_id=user_id)
    transaction.run(
        "UPDATE draft SET based_on = :based_on WHERE draft_id = :draft_id",
        draft_id=draft_id,
        based_on=based_on,
    )


def find(transaction: Transaction, draft_id: int, *, guild_id: int, user_id: int) -> Draft:
    """Returns a draft of this user. Raises Refusal if it is gone or not theirs."""
    row = transaction.one(
        """
        SELECT * FROM draft
        WHERE draft_id = :draft_id AND guild_id = :guild_id AND user_id = :user_id
        """,
        draft_id=draft_id,
        guild_id=guild_id,
        user_id=user_id,
    )
    if row is None:
        raise Refusal(
            "That preview has been used or has expired. Start again with /jelly new or /jelly edit."
        )
    return draft_of(row)


def use_up(transaction: Transaction, draft_id: int, *, guild_id: int, user_id: int) -> Draft:
    """Removes and returns a draft, so that pressing twice posts once.

    Raises Refusal if it is gone or not this user's.
    """
    draft = find(transaction, draft_id, guild_id=guild_id, user_id=user_id)
    transaction.run("DELETE FROM draft WHERE draft_id = :draft_id", draft_id=draft_id)
    return draft
