"""Invitations: questions to a person, who alone can say yes; and from whom they take none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.limits import (
    INVITATION_USEFUL_FOR,
    INVITATIONS_BY_EACH,
    INVITATIONS_TO_EACH,
    INVITATIONS_WINDOW,
)
from data.models import Invitation, InvitationState, Owner, Series, Session, is_deleted
from data.outbox.kinds import HOST_DECLINED, INVITATION
from data.outbox.owe import owe
from data.outbox.standing import tidy, tidy_series
from data.people.pseudonyms import stands_for
from data.refusal import Refusal
from data.rows import epoch, invitation_of
from data.store.transaction import Row, Transaction


def invite(
    transaction: Transaction,
    jelly: Session | Series,
    *,
    user_id: int,
    invited_by: int,
    to_host: bool = False,
    moves_rights: bool = False,
    now: datetime,
) -> Invitation:
    """Asks a person to come to a session or to all dates of a series, or to host it.

    Owes them a private message. Raises Refusal if they said no to it, have been asked already, take
    no invitations from the inviter, or a limit is reached.
    """
    session_id, series_id = _ids_of(jelly)
    _check_not_asked(transaction, session_id, series_id, user_id, to_host=to_host)
    _check_takes_invitations(transaction, jelly.guild_id, user_id, invited_by)
    check_limits(
        transaction, guild_id=jelly.guild_id, user_id=user_id, invited_by=invited_by, now=now
    )
    row = transaction.one(
        """
        INSERT INTO invitation (guild_id, session_id, series_id, user_id, invited_by, to_host,
            moves_rights, invited_at)
        VALUES (:guild_id, :session_id, :series_id, :user_id, :invited_by, :to_host,
            :moves_rights, :now)
        RETURNING *
        """,
        guild_id=jelly.guild_id,
        session_id=session_id,
        series_id=series_id,
        user_id=user_id,
        invited_by=invited_by,
        to_host=int(to_host),
        moves_rights=int(moves_rights),
        now=epoch(now),
    )
    assert row is not None  # RETURNING returns the inserted row
    invitation = invitation_of(row)
    latest = jelly.ends_at if isinstance(jelly, Session) else now + INVITATION_USEFUL_FOR
    owe(
        transaction,
        jelly.owner,
        INVITATION,
        user_id,
        occasion=invitation.invitation_id,
        due=epoch(now),
        useful_until=epoch(latest),
    )
    return invitation


def owe_word_to_host(transaction: Transaction, invitation: Invitation, *, now: datetime) -> None:
    """Owes the host private word that the person who was asked to take over said no."""
    row = transaction.one(
        """
        SELECT host_id FROM session WHERE session_id = :session_id
        UNION ALL SELECT host_id FROM series WHERE series_id = :series_id
        """,
        session_id=invitation.session_id,
        series_id=invitation.series_id,
    )
    assert row is not None  # ensured by a foreign key
    owe(
        transaction,
        Owner(invitation.guild_id, invitation.session_id, invitation.series_id),
        HOST_DECLINED,
        row["host_id"],
        occasion=invitation.invitation_id,
        due=epoch(now),
        useful_until=epoch(now + INVITATION_USEFUL_FOR),
    )


def check_limits(
    transaction: Transaction, *, guild_id: int, user_id: int, invited_by: int, now: datetime
) -> None:
    """Raises Refusal if a person got, or the inviter sent, as many invitations as may be."""
    counted = transaction.one(
        """
        SELECT
            (SELECT COUNT(*) FROM invitation WHERE guild_id = :guild_id
                AND user_id IN (:user_id, :user_hash) AND invited_at > :since) AS got,
            (SELECT COUNT(*) FROM invitation WHERE guild_id = :guild_id
                AND invited_by IN (:invited_by, :by_hash) AND invited_at > :since) AS sent
        """,
        guild_id=guild_id,
        user_id=user_id,
        user_hash=stands_for(transaction, user_id)[1],
        invited_by=invited_by,
        by_hash=stands_for(transaction, invited_by)[1],
        since=epoch(now - INVITATIONS_WINDOW),
    )
    assert counted is not None  # COUNT always returns a row
    if counted["got"] >= INVITATIONS_TO_EACH:
        raise Refusal.counted(
            "<@{person}> has had {count} invitation today, the most here. Try again tomorrow.",
            "<@{person}> has had {count} invitations today, the most here. Try again tomorrow.",
            count=INVITATIONS_TO_EACH,
            person=user_id,
        )
    if counted["sent"] >= INVITATIONS_BY_EACH:
        raise Refusal.counted(
            "You've sent {count} invitation today, the most here. Try again tomorrow.",
            "You've sent {count} invitations today, the most here. Try again tomorrow.",
            count=INVITATIONS_BY_EACH,
        )


def find_invitation(
    transaction: Transaction, guild_id: int, invitation_id: int
) -> Invitation | None:
    """Returns an invitation of that server, whatever came of it, or None if there is none."""
    row = transaction.one(
        """
        SELECT * FROM invitation
        WHERE invitation_id = :invitation_id AND guild_id = :guild_id
        """,
        invitation_id=invitation_id,
        guild_id=guild_id,
    )
    return None if row is None else invitation_of(row)


def settle(
    transaction: Transaction, invitation_id: int, state: InvitationState, *, now: datetime
) -> None:
    """Notes what came of an invitation."""
    settled = transaction.all(
        """
        UPDATE invitation SET state = :state WHERE invitation_id = :invitation_id
        RETURNING session_id, series_id
        """,
        state=state,
        invitation_id=invitation_id,
    )
    _tidy(transaction, settled, now)


def withdraw_invitations(
    transaction: Transaction, jelly: Session | Series, *, now: datetime
) -> None:
    """Withdraws the open invitations to a session, or to a series but not to its dates alone."""
    session_id, series_id = _ids_of(jelly)
    withdrawn = transaction.all(
        """
        UPDATE invitation SET state = 'withdrawn'
        WHERE state = 'open' AND (session_id = :session_id OR series_id = :series_id)
        RETURNING session_id, series_id
        """,
        session_id=session_id,
        series_id=series_id,
    )
    _tidy(transaction, withdrawn, now)


def withdraw_invitations_to_host(
    transaction: Transaction, jelly: Session | Series, *, but: int | None = None, now: datetime
) -> None:
    """Withdraws open invitations to host a session, or a series and its dates; not one person's."""
    session_id, series_id = _ids_of(jelly)
    withdrawn = transaction.all(
        """
        UPDATE invitation SET state = 'withdrawn'
        WHERE state = 'open' AND to_host = 1
            AND (session_id = :session_id OR series_id = :series_id OR session_id IN (
                SELECT session_id FROM session WHERE series_id = :series_id))
            AND user_id <> COALESCE(:but, 0)
        RETURNING session_id, series_id
        """,
        session_id=session_id,
        series_id=series_id,
        but=but,
    )
    _tidy(transaction, withdrawn, now)


def has_agreed_to_host(transaction: Transaction, jelly: Session | Series, user_id: int) -> bool:
    """Returns whether a person once agreed to host a session or its series, or that series."""
    session_id, _ = _ids_of(jelly)
    row = transaction.one(
        """
        SELECT 1 FROM invitation
        WHERE user_id = :user_id AND to_host = 1 AND state = 'accepted'
            AND (session_id = :session_id OR series_id = :series_id) LIMIT 1
        """,
        session_id=session_id,
        series_id=jelly.series_id,
        user_id=user_id,
    )
    return row is not None


def has_invited(transaction: Transaction, session: Session) -> bool:
    """Returns whether anybody was ever invited to a session, or to host it."""
    row = transaction.one(
        "SELECT 1 FROM invitation WHERE session_id = :session_id LIMIT 1",
        session_id=session.session_id,
    )
    return row is not None


def has_said_no(transaction: Transaction, session: Session, user_id: int) -> bool:
    """Returns whether a person themselves said no to a session, or to an invitation to it."""
    row = transaction.one(
        """
        SELECT 1 FROM rsvp
        WHERE session_id = :session_id AND user_id IN (:user_id, :hash)
            AND answer = 'declined' AND answered_by IS NULL
        UNION ALL
        SELECT 1 FROM invitation
        WHERE user_id IN (:user_id, :hash) AND to_host = 0 AND state = 'declined'
            AND (session_id = :session_id OR series_id = :series_id)
        LIMIT 1
        """,
        session_id=session.session_id,
        series_id=session.series_id,
        user_id=user_id,
        hash=stands_for(transaction, user_id)[1],
    )
    return row is not None


def keep_refusals(transaction: Transaction, series_id: int, *, later: int, now: datetime) -> None:
    """Has what people said no to in a series hold for the series that its later dates become."""
    transaction.run(
        """
        INSERT INTO invitation (guild_id, series_id, user_id, invited_by, to_host, state,
            invited_at)
        SELECT guild_id, :later, user_id, invited_by, to_host, state,
            -- Nobody was invited anew, so it counts for no limit.
            CASE WHEN invited_at < :counted_since THEN invited_at ELSE :counted_since END
        FROM invitation WHERE series_id = :series_id AND state = 'declined'
        """,
        series_id=series_id,
        later=later,
        counted_since=epoch(now - INVITATIONS_WINDOW),
    )


def unanswered_dates(transaction: Transaction, series_id: int, user_id: int) -> set[int]:
    """Returns the sessions of a series to which a person has said neither yes nor no."""
    rows = transaction.all(
        """
        SELECT session_id FROM session
        WHERE series_id = :series_id
            AND NOT EXISTS (SELECT 1 FROM rsvp
                WHERE rsvp.session_id = session.session_id AND user_id IN (:user_id, :hash))
            AND NOT EXISTS (SELECT 1 FROM invitation
                WHERE invitation.session_id = session.session_id
                    AND user_id IN (:user_id, :hash) AND to_host = 0 AND state = 'declined')
        """,
        series_id=series_id,
        user_id=user_id,
        hash=stands_for(transaction, user_id)[1],
    )
    return {row["session_id"] for row in rows}


def takes_invitations(transaction: Transaction, guild_id: int, user_id: int) -> bool:
    """Returns whether a person takes invitations in a server at all."""
    row = transaction.one(
        """
        SELECT 1 FROM member
        WHERE guild_id = :guild_id AND user_id IN (:user_id, :hash) AND takes_invitations = 0
        LIMIT 1
        """,
        guild_id=guild_id,
        user_id=user_id,
        hash=stands_for(transaction, user_id)[1],
    )
    return row is None


def refused_hosts(transaction: Transaction, guild_id: int, user_id: int) -> tuple[int, ...]:
    """Returns from whom a person takes no invitations in a server."""
    rows = transaction.all(
        """
        SELECT host_id FROM refused_host
        WHERE guild_id = :guild_id AND user_id = :user_id ORDER BY host_id
        """,
        guild_id=guild_id,
        user_id=user_id,
    )
    return tuple(row["host_id"] for row in rows if not is_deleted(row["host_id"]))


def refuse_host(transaction: Transaction, guild_id: int, user_id: int, host_id: int) -> None:
    """Notes that a person takes no more invitations from another in a server."""
    transaction.run(
        """
        INSERT INTO refused_host (guild_id, user_id, host_id)
        VALUES (:guild_id, :user_id, :host_id)
        ON CONFLICT (guild_id, user_id, host_id) DO NOTHING
        """,
        guild_id=guild_id,
        user_id=user_id,
        host_id=host_id,
    )


def take_invitations(transaction: Transaction, guild_id: int, user_id: int, *, takes: bool) -> None:
    """Notes whether a person takes invitations in a server: from everybody, or from nobody."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, takes_invitations)
        VALUES (:guild_id, :user_id, :takes)
        ON CONFLICT (guild_id, user_id)
        DO UPDATE SET takes_invitations = excluded.takes_invitations
        """,
        guild_id=guild_id,
        user_id=user_id,
        takes=int(takes),
    )
    if takes:
        # Also what was refused before their data were deleted.
        own, forgotten = stands_for(transaction, user_id)
        values = {"guild_id": guild_id, "user_id": own, "hash": forgotten}
        transaction.run(
            """
            DELETE FROM refused_host
            WHERE guild_id = :guild_id AND user_id IN (:user_id, :hash)
            """,
            **values,
        )
        transaction.run(
            """
            DELETE FROM member
            WHERE guild_id = :guild_id AND user_id = :hash AND user_id <> :user_id
            """,
            **values,
        )


def _check_not_asked(
    transaction: Transaction,
    session_id: int | None,
    series_id: int | None,
    user_id: int,
    *,
    to_host: bool,
) -> None:
    row = transaction.one(
        """
        SELECT state FROM invitation
        WHERE (session_id = :session_id OR series_id = :series_id)
            AND user_id IN (:user_id, :hash)
            AND to_host = :to_host AND state IN ('open', 'declined')
        ORDER BY state LIMIT 1
        """,
        session_id=session_id,
        series_id=series_id,
        user_id=user_id,
        hash=stands_for(transaction, user_id)[1],
        to_host=int(to_host),
    )
    if row is None:
        return
    if row["state"] == InvitationState.OPEN:
        raise Refusal("<@{person}> has been asked already and hasn't answered yet.", person=user_id)
    raise Refusal("<@{person}> has said no to that. Choose another person.", person=user_id)


def _check_takes_invitations(
    transaction: Transaction, guild_id: int, user_id: int, invited_by: int
) -> None:
    refused = transaction.one(
        """
        SELECT 1 FROM refused_host
        WHERE guild_id = :guild_id AND user_id IN (:user_id, :user_hash)
            AND host_id IN (:host_id, :host_hash) LIMIT 1
        """,
        guild_id=guild_id,
        user_id=user_id,
        user_hash=stands_for(transaction, user_id)[1],
        host_id=invited_by,
        host_hash=stands_for(transaction, invited_by)[1],
    )
    # One sentence for both: from whom someone takes no invitations is nobody else's business.
    if refused is not None or not takes_invitations(transaction, guild_id, user_id):
        raise Refusal(
            "<@{person}> isn't taking invitations. Talk to them; they can answer on the card.",
            person=user_id,
        )


def _tidy(transaction: Transaction, settled: Sequence[Row], now: datetime) -> None:
    """Has what asked in a channel for an answer to these invitations deleted."""
    for row in settled:
        if row["session_id"] is not None:
            tidy(transaction, row["session_id"], now=now)
        else:
            tidy_series(transaction, row["series_id"], now=now)


def _ids_of(jelly: Session | Series) -> tuple[int | None, int | None]:
    """Returns the session's id or the series' id; the other is None."""
    return (jelly.session_id, None) if isinstance(jelly, Session) else (None, jelly.series_id)
