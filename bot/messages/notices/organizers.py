"""Word to organizers: what they alone can mend."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.failures import alert
from bot.messages.notices.writing import Text, writes
from data.outbox.deliveries import Delivery
from data.outbox.kinds import ALERT


@writes(ALERT)
def alert_notice(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    if not delivery.problems:
        return None
    return Text(alert(words, delivery.problems, is_private=delivery.is_private))
