"""Notices: reminders, free seats, questions, cancellations, thanks; all but the cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.language import Words
from bot.messages.buttons import Payload, button, link_button, row
from bot.messages.notices import changes, hosts, invited, organizers, reminders, seats
from bot.messages.notices.writing import WRITERS, Buttons
from bot.messages.text import card_link, server_link
from data.outbox.deliveries import Delivery

__all__ = [
    "Notice",
    "changes",
    "hosts",
    "invited",
    "notice",
    "notice_buttons",
    "organizers",
    "reminders",
    "seats",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message's text, whom it may notify, and its buttons."""

    content: str
    mentioned: tuple[int, ...]
    link: tuple[str, str] | None
    """Label and address of a link: to the card, or in private to the server."""
    buttons: Buttons = ()


def notice(words: Words, delivery: Delivery, now: datetime) -> Notice | None:
    """Returns the message for a delivery at this moment; None if nobody is left to tell.

    Raises KeyError for a kind without a writer.
    """
    if delivery.is_moot or (delivery.part and not delivery.people):
        return None
    text = WRITERS[delivery.kind](words, delivery, now)
    if text is None:
        return None
    link = None
    card, guild_id = delivery.card, delivery.owner.guild_id
    if card is not None and card.channel_id is not None:
        link = words("Open the card"), card_link(guild_id, card.channel_id, card.remote_id)
    elif delivery.is_private:
        link = words("Open the server"), server_link(guild_id)
    return Notice(text.content, delivery.notified, link, text.buttons)


def notice_buttons(words: Words, owed: Notice, marker: int) -> Payload:
    """Returns the buttons of a notice; ``marker`` identifies it in the channel's history."""
    items = [button(label, name, *arguments) for label, name, arguments in owed.buttons]
    if owed.link is not None:
        label, address = owed.link
        items.append(link_button(label, address))
    if not items:
        items.append(button(words("See what's on"), "agenda"))
    items[0]["id"] = marker
    return row(*items)
