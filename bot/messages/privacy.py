"""What ``/privacy`` says: what is kept about people, why, how long, and how to have it deleted."""

from __future__ import annotations

from bot.language import Words
from data.limits import REMOVED_KEPT_FOR
from data.models import Kept


def privacy(words: Words, kept: Kept) -> str:
    """Returns the text, with the spans that hold for this bot."""
    return "\n".join(
        (
            words("### What I keep about you"),
            words(
                "- your name, answers, guests, and whether you came: for seats, lists "
                "and `/me record`, until you delete it"
            ),
            words(
                "- notes, moods, hours, and when you arrived and left: for cards and "
                "hosts, until {days} after the jelly",
                days=words.duration(kept.answers),
            ),
            words("- what you schedule, with its place: for its card, until you delete it"),
            words(
                "- to whom I sent what: so that it comes once, for {days}",
                days=words.duration(kept.messages),
            ),
            words(
                "- who changed which jelly: so that its host and organizers can look it up, for "
                "{days}",
                days=words.duration(kept.changes),
            ),
            "",
            words(
                "Those going, the host and organizers see your hours, and that you're "
                "there while it's on. Only the host sees a note with **Can't make it**. "
                "The rest is on cards and in lists. I don't read messages."
            ),
            words("### Get it or delete it"),
            words(
                "`/me export` gives you all of it, `/me forget` deletes it. If a server "
                "removes me, its data is deleted {days} later. Backups keep it a little "
                "longer; ask the person who runs me.",
                days=words.duration(REMOVED_KEPT_FOR),
            ),
        )
    )
