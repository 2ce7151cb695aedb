"""What is known of the world outside, of Discord: it does not go back when the store does."""

from __future__ import annotations

from datetime import datetime

from data.outbox.plan import PUT_OFF
from data.outbox.private_channels import REFUSED
from data.rows import epoch
from data.store.key_value import forget, recall, remember
from data.store.transaction import Transaction
from data.upgrades import plan_anew

COMMANDS_TOLD = "commands"
"""Key in the store for the digest of the commands that were last synced to Discord."""
APPLICATION = "application"
"""Key in the store for the id of the application in Discord to which its servers belong."""


def note_application(transaction: Transaction, application_id: int) -> None:
    """Notes to which application the store belongs: the first that logs in."""
    remember(transaction, APPLICATION, str(application_id))


def application_of(transaction: Transaction) -> int | None:
    """Returns the id of the application to which the store belongs; None before its first login."""
    owner = recall(transaction, APPLICATION)
    return None if owner is None else int(owner)


def forget_outside(transaction: Transaction, *, now: datetime) -> None:
    """Forgets what an older copy knows of Discord and may no longer be so.

    Commands are told again, cards that may change are refreshed, nothing is being sent, and whether
    a server removed the bot shows at the next logins: until then its data are kept.
    """
    forget(transaction, COMMANDS_TOLD)
    forget(transaction, REFUSED)
    # Sessions that change no more have no boundary left; what shows them is as it was.
    transaction.run(
        """
        UPDATE mirror SET version_shown = 0
        WHERE session_id IN (SELECT session_id FROM session_boundary WHERE at < :put_off)
        """,
        put_off=PUT_OFF,
    )
    transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = first_try_at WHERE state = 'sending'
        """
    )
    transaction.run("UPDATE guild SET missing_since = NULL WHERE missing_since IS NOT NULL")
    transaction.run(
        "UPDATE guild SET removed_at = :now WHERE removed_at IS NOT NULL", now=epoch(now)
    )


def change_application(transaction: Transaction) -> None:
    """Lets the next application that logs in own the store.

    It can't edit what the former one posted, so cards ahead are posted anew.
    """
    for name in (APPLICATION, COMMANDS_TOLD, REFUSED):
        forget(transaction, name)
    transaction.run("DELETE FROM private_channel")
    transaction.run(
        """
        UPDATE delivery SET state = 'withdrawn', attempts = 0, first_try_at = NULL,
            message_id = NULL, sent_at = NULL
        WHERE kind = 'announcement' AND state = 'sent'
            AND session_id IN (SELECT session_id FROM session_boundary)
        """
    )
    transaction.run("DELETE FROM mirror")
    transaction.run("UPDATE guild SET missing_since = NULL WHERE missing_since IS NOT NULL")
    plan_anew(transaction)
