"""Word to organizers: what they alone can mend, who takes over, that the bot is back."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.failures import alert, why_you
from bot.messages.notices.writing import Text, writes
from bot.messages.text import escaped, timestamp, whole_lines
from data.outbox.deliveries import Delivery
from data.outbox.kinds import ALERT, HOST_CHECK, HOST_LEFT, RETURNED


@writes(ALERT)
def alert_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    if not delivery.problems:
        return None
    return Text(alert(words, delivery.problems, is_private=delivery.is_private))


@writes(RETURNED)
def returned_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    removed_at = delivery.previous_at
    assert removed_at is not None  # it is owed with that
    parts = [
        words("### Jelly is back"),
        words(
            "I've been away since {when}. Settings, series and answers are as they were, "
            "and cards that were due are being posted now.",
            when=timestamp(removed_at, "F"),
        ),
        words("Reminders and notices that were due meanwhile are skipped."),
    ]
    if delivery.left_out:
        parts.append(
            words.ngettext(
                "{count} jelly began meanwhile.",
                "{count} jellies began meanwhile.",
                delivery.left_out,
            )
        )
    return Text(whole_lines(words, [*parts, *why_you(words, is_private=delivery.is_private)]))


@writes(HOST_CHECK)
def host_check_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    return None  # bot/addressees.py looks for the host instead of sending anything


@writes(HOST_LEFT)
def host_left_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    if not delivery.without_host:
        return None
    parts = [
        words("### Who takes over?"),
        words.ngettext(
            "The host of this jelly has left the server:",
            "The hosts of these jellies have left the server:",
            len(delivery.without_host),
        ),
        *(
            words(
                "- **{title}** on {when}",
                title=escaped(session.details.title),
                when=timestamp(session.starts_at, "F"),
            )
            for session in delivery.without_host
        ),
        words("Choose another host with `/jelly edit`, or call it off with `/jelly cancel`."),
    ]
    return Text(whole_lines(words, [*parts, *why_you(words, is_private=delivery.is_private)]))
