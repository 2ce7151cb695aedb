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
                "- your name, your answers, guests, and whether you came: for seats, lists and "
                "`/me record`, until you have it deleted"
            ),
            words(
                "- notes, moods, hours, when you arrived and left: for cards and hosts, until "
                "{days} after the jelly",
                days=words.duration(kept.answers),
            ),
            words("- what you schedule, with its place: for its card, until you have it deleted"),
            words(
                "- to whom I sent what: so that it comes once, for {days}",
                days=words.duration(kept.messages),
            ),
            words(
                "- who changed which jelly: so that its host and organizers can look it up, for "
                "{days}",
                days=words.duration(kept.changes),
            ),
            words(
                "Your hours are seen by those going and the host, a note with **Can't make it** by "
                "the host alone, and who came by the host and organizers. The rest stands on cards "
                "and in lists. I read no messages."
            ),
            words("### Have it deleted"),
            words(
                "`/me export` gives you all of it, `/me forget` deletes it. If a server removes "
                "me, its data are deleted {days} later. Copies of my data keep all that a little "
                "longer; ask the person who runs me.",
                days=words.duration(REMOVED_KEPT_FOR),
            ),
        )
    )
