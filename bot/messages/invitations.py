"""What people are told privately about invitations: that one is sent, or what their answer did."""

from __future__ import annotations

from collections.abc import Sequence

from bot.language import Words
from bot.messages import answers
from bot.messages.text import escaped, lines, mention, timestamp
from data.models import Answer, Answered, Series, Session


def sent(words: Words, jelly: Session | Series, user_id: int) -> str:
    """Returns what the person who invites someone is told."""
    title = escaped(jelly.details.title)
    if isinstance(jelly, Session):
        text = words(
            "{member} is invited to **{title}**, {when}.",
            member=mention(user_id),
            title=title,
            when=timestamp(jelly.starts_at, "F"),
        )
    else:
        text = words(
            "{member} is invited to every date of **{title}**.",
            member=mention(user_id),
            title=title,
        )
    return lines((text, words("-# They're on the list once they say yes.")))


def accepted(words: Words, jelly: Session | Series, given: Sequence[Answered]) -> str:
    """Returns what a person is told who said yes: where they are going now."""
    if isinstance(jelly, Session):
        return lines(answers.down_as(words, answered) for answered in given)
    title = escaped(jelly.details.title)
    waiting = sum(answered.mine.answer is Answer.WAITLISTED for answered in given)
    going = len(given) - waiting
    if not given:
        return words("You've already answered every date of **{title}**.", title=title)
    return lines(
        (
            words.ngettext(
                "You're going to {count} date of **{title}**.",
                "You're going to {count} dates of **{title}**.",
                going,
                title=title,
            )
            if going
            else "",
            words.ngettext(
                "**{title}** is full on {count} date, so you're on its waiting list.",
                "**{title}** is full on {count} dates, so you're on their waiting lists.",
                waiting,
                title=title,
            )
            if waiting
            else "",
            words("To change one, type `/jellies` in the server and open its card."),
        )
    )


def hosting(words: Words, jelly: Session | Series) -> str:
    """Returns what a person is told who agreed to host."""
    title = escaped(jelly.details.title)
    if isinstance(jelly, Session):
        return words(
            "You host **{title}** on {when} now. To change it, type `/jelly edit` in the server.",
            title=title,
            when=timestamp(jelly.starts_at, "F"),
        )
    return words(
        "You host **{title}** now. To change it, type `/jelly edit` in the server.", title=title
    )


def declined(words: Words) -> str:
    return words("Done: you won't be asked that again.")


def host_refused(words: Words, host_id: int) -> str:
    return words(
        "Done: {host} can't invite you any more. Undo it with `/me record` in the server.",
        host=mention(host_id),
    )


def settled(words: Words) -> str:
    """Returns what stands in a channel in place of an invitation that was answered."""
    return words("That invitation has been answered.")
