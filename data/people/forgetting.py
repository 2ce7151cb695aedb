"""Deleting a person's data, in bounded steps that go on after a crash.

1. Series they host end; dates they host ahead are called off.
2. Their answers to dates that are not over are taken back, so that seats come free; only where they
   are, they keep theirs and are counted.
3. Messages that name them are to be deleted; then the rules of ``data/people/personal.py`` are
   carried out, in one transaction.
4. The file is rewritten, so that nothing deleted is left in it: ``Database.rewrite_file``.

Until step 3 is done, the store holds whose data are being deleted; then no longer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data.changes import note_change
from data.deletions import delete_message_of
from data.limits import REWRITES_APART
from data.models import Answer, ChangeAction, Hosted, Wish
from data.outbox.kinds import To, names_where
from data.people.invitations import withdraw_invitations
from data.people.personal import HASH, TABLES, Column, Holds, Then
from data.people.pseudonyms import HASH_KEY, HASHES, hashed, random_id
from data.people.rsvps import answer
from data.rows import epoch, moment, series_of, session_of
from data.schedule.sessions import call_off
from data.store.key_value import forget, recall, remember
from data.store.transaction import Transaction

FORGETTING = "forgetting"
"""The name in key_value of the ids of people whose data are being deleted, as JSON."""
FILE_TO_REWRITE = "file_to_rewrite"
FILE_REWRITTEN_AT = "file_rewritten_at"
"""The name in key_value of when the file was last rewritten, in epoch seconds."""
AT_ONCE = 50
"""Dates that one step calls off, or takes an answer back from."""

_TO_HOST = names_where(lambda kind: kind.to is To.HOST)
_HOSTED = "SELECT session_id FROM session WHERE host_id = :user_id"
_HOSTED_SERIES = "SELECT series_id FROM series WHERE host_id = :user_id"
_ANSWERED = """SELECT session_id FROM rsvp WHERE user_id = :user_id OR answered_by = :user_id
    UNION SELECT session_id FROM invitation
        WHERE session_id IS NOT NULL AND (user_id = :user_id OR invited_by = :user_id)"""
"""SQL: the sessions of others whose messages may name a person."""
_INVITED = """SELECT series_id FROM invitation
    WHERE series_id IS NOT NULL AND (user_id = :user_id OR invited_by = :user_id)"""


def hosted_ahead(transaction: Transaction, user_id: int, *, now: datetime) -> Hosted:
    """Returns what a person hosts ahead in all servers."""
    row = transaction.one(
        """
        SELECT (SELECT COUNT(*) FROM session
                WHERE host_id = :user_id AND starts_at > :now AND state = 'scheduled') AS dates,
            (SELECT COUNT(*) FROM series
                WHERE host_id = :user_id AND state = 'active') AS series
        """,
        user_id=user_id,
        now=epoch(now),
    )
    assert row is not None  # COUNT always returns a row
    return Hosted(row["dates"], row["series"])


def begin_forgetting(transaction: Transaction, user_id: int) -> None:
    """Notes that a person's data are to be deleted."""
    _remember(transaction, {*being_forgotten(transaction), user_id})


def being_forgotten(transaction: Transaction) -> list[int]:
    """Returns whose data are being deleted."""
    noted: list[int] = json.loads(recall(transaction, FORGETTING) or "[]")
    return noted


def is_unfinished(transaction: Transaction) -> bool:
    """Returns whether someone's data are being deleted, or the file is still to be rewritten."""
    row = transaction.one(
        "SELECT 1 FROM key_value WHERE name IN (:forgetting, :rewrite)",
        forgetting=FORGETTING,
        rewrite=FILE_TO_REWRITE,
    )
    return row is not None


def forget_some(transaction: Transaction, user_id: int, *, now: datetime) -> bool:
    """Carries out one step for a person; returns whether there are more."""
    if user_id not in being_forgotten(transaction):
        return False
    _end_series(transaction, user_id, now)
    if _call_off_some(transaction, user_id, now) or _take_back_some(transaction, user_id, now):
        return True
    _erase(transaction, user_id, now)
    _remember(transaction, {*being_forgotten(transaction)} - {user_id})
    want_rewrite(transaction)
    return False


def want_rewrite(transaction: Transaction) -> None:
    """Has the file rewritten, since what was just deleted must not be left in it."""
    remember(transaction, FILE_TO_REWRITE, secrets.token_hex(8))


def rewrite_wanted(transaction: Transaction) -> str | None:
    """Returns a mark of the latest deletion since which the file was not rewritten, if any."""
    return recall(transaction, FILE_TO_REWRITE)


def may_rewrite(transaction: Transaction, *, now: datetime) -> bool:
    """Returns whether the last rewriting was REWRITES_APART ago: every change waits for one."""
    last_at = moment(int(recall(transaction, FILE_REWRITTEN_AT) or 0))
    return abs(now - last_at) >= REWRITES_APART


def note_rewritten(transaction: Transaction, mark: str, *, now: datetime) -> None:
    """Notes that the file was rewritten after the deletion with that mark."""
    remember(transaction, FILE_REWRITTEN_AT, str(epoch(now)))
    if recall(transaction, FILE_TO_REWRITE) == mark:
        forget(transaction, FILE_TO_REWRITE)


def drop_lapsed(transaction: Transaction, *, now: datetime) -> None:
    """Drops the keyed hashes that count no more: those of limits and of dates that are over."""
    values = _moments(now)
    if recall(transaction, HASH_KEY) is None:
        return  # there never was one, so no table has to be gone through
    for table, name, column in _ids():
        lapses = [then for then in column.then if then.becomes == HASH and then.where]
        for then in lapses:
            is_lapsed = (
                f"{name} BETWEEN {HASHES.start} AND {HASHES.stop - 1} AND NOT ({then.where})"
            )
            # An id of its own for each, or two people would be one in the same date.
            for row in transaction.all(
                f"SELECT DISTINCT {name} AS hash FROM {table} WHERE {is_lapsed}", **values
            ):
                whose = {**values, "hash": row["hash"], "random": random_id()}
                for after in column.then[column.then.index(then) + 1 :]:
                    which = f"{name} = :hash AND {is_lapsed}"
                    _carry_out(transaction, table, name, after, which, whose)


def _end_series(transaction: Transaction, user_id: int, now: datetime) -> None:
    for row in transaction.all(
        """
        UPDATE series SET state = 'cancelled', extend_at = NULL, version = version + 1
        WHERE host_id = :user_id AND state = 'active' RETURNING *
        """,
        user_id=user_id,
    ):
        series = series_of(transaction, row)
        withdraw_invitations(transaction, series, now=now)
        note_change(
            transaction,
            ChangeAction.ENDED,
            guild_id=series.guild_id,
            made_by=user_id,
            jelly=series,
            now=now,
        )


def _call_off_some(transaction: Transaction, user_id: int, now: datetime) -> bool:
    """Calls off dates that a person hosts; members are told, without the person."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE host_id = :user_id AND starts_at > :now AND state = 'scheduled'
        ORDER BY starts_at LIMIT :limit
        """,
        user_id=user_id,
        now=epoch(now),
        limit=AT_ONCE,
    )
    for row in rows:
        session = session_of(row)
        call_off(transaction, session, now)
        transaction.run(
            "DELETE FROM rsvp WHERE session_id = :session_id AND user_id = :user_id",
            session_id=session.session_id,
            user_id=user_id,
        )
        note_change(
            transaction,
            ChangeAction.CALLED_OFF,
            guild_id=session.guild_id,
            made_by=user_id,
            jelly=session,
            now=now,
        )
    return bool(rows)


def _take_back_some(transaction: Transaction, user_id: int, now: datetime) -> bool:
    """Takes a person's answers back, as their own "Can't make it" would, but not where they are."""
    rows = transaction.all(
        """
        SELECT session_id, guild_id FROM rsvp JOIN session USING (session_id)
        WHERE user_id = :user_id AND answer <> 'declined' AND ends_at > :now
            AND NOT (answer = 'going' AND came = 1) AND state = 'scheduled'
        LIMIT :limit
        """,
        user_id=user_id,
        now=epoch(now),
        limit=AT_ONCE,
    )
    if rows:
        # While it is known which dates they answered.
        _delete_messages(transaction, user_id, now)
    for row in rows:
        answer(
            transaction,
            guild_id=row["guild_id"],
            session_id=row["session_id"],
            user_id=user_id,
            wish=Wish(Answer.DECLINED),
            now=now,
        )
        # It is no refusal of theirs, so that it need not be remembered as one.
        transaction.run(
            """
            DELETE FROM rsvp WHERE session_id = :session_id AND user_id = :user_id
                AND is_refused = 0 AND given_up < 2
            """,
            session_id=row["session_id"],
            user_id=user_id,
        )
    return bool(rows)


def _erase(transaction: Transaction, user_id: int, now: datetime) -> None:
    """Deletes what is left of a person, by the rules."""
    _delete_messages(transaction, user_id, now)
    _withdraw_messages(transaction, user_id)
    # What others were about to change holds the person's words.
    transaction.run(
        f"DELETE FROM draft WHERE session_id IN ({_HOSTED}) OR series_id IN ({_HOSTED_SERIES})",
        user_id=user_id,
    )
    # Cards show the host, and the words of a jelly.
    transaction.run(
        "UPDATE session SET version = version + 1 WHERE host_id = :user_id", user_id=user_id
    )
    values = {
        **_moments(now),
        "user_id": user_id,
        "random": random_id(),
        "hash": hashed(transaction, user_id),
    }
    # Whose words they are stands in the ids, so these come last.
    for table, columns in TABLES.items():
        for name, column in columns.items():
            if column.becomes:
                where = column.where or f"{column.of} = :user_id"
                transaction.run(
                    f"UPDATE {table} SET {name} = {column.becomes} WHERE {where}", **values
                )
    for table, name, column in _ids():
        is_theirs = f"{name} = :user_id AND ({column.where or '1 = 1'})"
        _make_way_for_hash(transaction, table, name, column, values)
        for then in column.then:
            _carry_out(transaction, table, name, then, is_theirs, values)


def _ids() -> Iterator[tuple[str, str, Column]]:
    """Yields table, name and rule of every column that holds a person's id."""
    for table, columns in TABLES.items():
        for name, column in columns.items():
            if column.holds is Holds.PERSON:
                yield table, name, column


def _carry_out(
    transaction: Transaction,
    table: str,
    name: str,
    then: Then,
    which: str,
    values: dict[str, object],
) -> None:
    where = f"{which} AND ({then.where or '1 = 1'})"
    if then.becomes is None:
        transaction.run(f"DELETE FROM {table} WHERE {where}", **values)
    else:
        transaction.run(f"UPDATE {table} SET {name} = {then.becomes} WHERE {where}", **values)


def _make_way_for_hash(
    transaction: Transaction, table: str, name: str, column: Column, values: dict[str, object]
) -> None:
    """Deletes rows of which there is one with the hash already: of someone who came back."""
    if column.key:
        alike = " AND ".join(f"earlier.{other} = {table}.{other}" for other in column.key)
        transaction.run(
            f"""
            DELETE FROM {table} WHERE {name} = :user_id AND EXISTS (
                SELECT 1 FROM {table} AS earlier WHERE earlier.{name} = :hash AND {alike})
            """,
            **values,
        )


def _delete_messages(transaction: Transaction, user_id: int, now: datetime) -> None:
    """Has the messages deleted that name a person or quote them, but those in their own inbox.

    What is not sent yet is written without them, such as that their jellies are called off. Whom
    a message names is not known before it is recorded as sent, nor if an older version sent it.
    """
    is_for_others = "NOT (is_private = 1 AND channel_id = :user_id)"
    named = f"""
        kind <> 'announcement' AND {is_for_others} AND (
            session_id IN ({_HOSTED}) OR series_id IN ({_HOSTED_SERIES})
            OR (names_known = 0 AND (session_id IN ({_ANSWERED}) OR series_id IN ({_INVITED})))
            OR delivery_id IN (
                SELECT delivery_id FROM delivery_named WHERE user_id = :user_id
                UNION SELECT delivery_id FROM delivery_recipient WHERE user_id = :user_id
                UNION SELECT alerted_by FROM delivery WHERE session_id IN ({_HOSTED})
                UNION SELECT told_by FROM delivery WHERE session_id IN ({_HOSTED})))
        """
    for row in transaction.all(
        f"SELECT delivery_id FROM delivery WHERE message_id IS NOT NULL AND {named}",
        user_id=user_id,
    ):
        delete_message_of(transaction, row["delivery_id"], at=now)
    # What is on its way, or may have arrived unnoticed, is deleted once that is known.
    transaction.run(
        f"""
        UPDATE delivery SET is_unwanted = 1
        WHERE (state = 'sending' OR (state = 'pending' AND attempts > 0)) AND {named}
        """,
        user_id=user_id,
    )
    for delivery_id in _thanks(transaction, user_id):
        delete_message_of(transaction, delivery_id, at=now)


def _thanks(transaction: Transaction, user_id: int) -> Iterator[int]:
    """Yields the posts that thank a person for hosting, by their months."""
    months = {
        (row["channel_id"], int(f"{moment(row['ends_at']).astimezone(ZoneInfo(row['zone'])):%Y%m}"))
        for row in transaction.all(
            """
            SELECT session.channel_id, ends_at, channel.zone
            FROM session JOIN channel USING (channel_id) WHERE host_id = :user_id
            """,
            user_id=user_id,
        )
    }
    for row in transaction.all(
        """
        SELECT delivery_id, owner_channel_id, occasion FROM delivery
        WHERE kind = 'thanks' AND owner_channel_id IS NOT NULL AND message_id IS NOT NULL
        """
    ):
        if (row["owner_channel_id"], row["occasion"]) in months:
            yield row["delivery_id"]


def _withdraw_messages(transaction: Transaction, user_id: int) -> None:
    """Withdraws messages that are owed to a person."""
    transaction.run(
        f"""
        UPDATE delivery SET state = 'withdrawn'
        WHERE state = 'pending' AND ((is_private = 1 AND channel_id = :user_id)
            OR (attempts = 0 AND kind IN {_TO_HOST}
                AND (session_id IN ({_HOSTED}) OR series_id IN ({_HOSTED_SERIES}))))
        """,
        user_id=user_id,
    )


def _moments(now: datetime) -> dict[str, object]:
    return {
        "now": epoch(now),
        "hour_ago": epoch(now - timedelta(hours=1)),
        "day_ago": epoch(now - timedelta(days=1)),
    }


def _remember(transaction: Transaction, user_ids: set[int]) -> None:
    if user_ids:
        remember(transaction, FORGETTING, json.dumps(sorted(user_ids)))
    else:
        forget(transaction, FORGETTING)
