"""What is told when a draft is posted, saved or discarded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.language import Words
from bot.messages.buttons import Layout, layout, text_display
from bot.messages.text import escaped, lines, mention, timestamp
from data.models import Draft, Session


def posted(
    words: Words,
    title: str,
    *,
    first: datetime,
    rule: str,
    channel_id: int,
    posted_at: datetime,
    asked_host_id: int | None = None,
    adds_date: bool = False,
    now: datetime,
) -> Layout:
    """Returns the confirmation after posting: the first date, and when the card is posted."""
    title, when = escaped(title), timestamp(first, "F")
    channel, posted_on = f"<#{channel_id}>", timestamp(posted_at, "F")
    if adds_date:
        done = words("**{title}** has one more date: {when}.", title=title, when=when)
    elif rule:
        done = words("**{title}** is scheduled, first on {when}.", title=title, when=when)
    else:
        done = words("**{title}** is scheduled for {when}.", title=title, when=when)
    parts = (
        done,
        words("It repeats {rule}.", rule=escaped(words.hours(rule))) if rule else "",
        words("Its card will be in {channel} in a moment.", channel=channel)
        if posted_at <= now
        else words("I'll post its card in {channel} on {when}.", channel=channel, when=posted_on),
        _is_asked(words, asked_host_id),
        words("-# Change it with `/jelly edit`, call it off with `/jelly cancel`."),
    )
    return layout(text_display(lines(parts)))


def _is_asked(words: Words, asked_id: int | None) -> str:
    return words("I've asked {asked} to host it.", asked=mention(asked_id)) if asked_id else ""


def unchanged(words: Words, title: str, *, asked_host_id: int | None = None) -> Layout:
    """Returns that a change changes nothing, except that someone may be asked to host."""
    text = _is_asked(words, asked_host_id) or words(
        "Nothing's different, so **{title}** stays as it is.", title=escaped(title)
    )
    return layout(text_display(text))


def saved(
    words: Words, title: str, sessions: Sequence[Session], *, asked_host_id: int | None = None
) -> Layout:
    """Returns the result of a change."""
    text = words("**{title}** is changed.", title=escaped(title))
    if sessions:
        text += " " + words("Next: {when}.", when=timestamp(sessions[0].starts_at, "F"))
    consequence = words(
        "-# Its cards change in a moment. Those going are told if the time or place changed."
    )
    asked = _is_asked(words, asked_host_id)
    return layout(text_display(lines((text, asked, consequence))))


def discarded(words: Words, draft: Draft) -> Layout:
    """Returns that a draft is deleted; it has the details of what it is about as they stay."""
    title = escaped(draft.details.title)
    if draft.target.adds_date:
        text = words("Discarded. **{title}** gets no extra date.", title=title)
    elif draft.target.is_new:
        text = words("Discarded. **{title}** isn't scheduled.", title=title)
    else:
        text = words("Your changes are discarded. **{title}** stays as it is.", title=title)
    return layout(text_display(text))
