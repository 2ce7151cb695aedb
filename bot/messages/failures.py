"""Messages that did not arrive, or may have come twice, as hosts and organizers are told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.language import N_, Words
from bot.messages.delivery_errors import why
from bot.messages.text import escaped, mention, said, timestamp, whole_lines
from data.limits import FAILURES_TOLD_ONE_BY_ONE
from data.models import DeliveryState
from data.outbox.deliveries import Problem
from data.outbox.errors import ErrorCode
from data.outbox.kinds import (
    ALERT,
    ANNOUNCEMENT,
    CANCELLED,
    HOST_CHECK,
    HOST_DECLINED,
    HOST_LEFT,
    INVITATION,
    MOVED,
    NEWCOMER,
    OFFER,
    ON_BEHALF,
    PROMOTED,
    QUESTION,
    REMINDER,
    REQUEST,
    RETURNED,
    START,
    SUMMARY,
    THANKS,
    UNDECIDED,
    UNDELIVERED,
)

MESSAGES = {
    ANNOUNCEMENT: N_("the card"),
    REMINDER: N_("the reminder"),
    START: N_("the start message"),
    UNDECIDED: N_("the question to those who said maybe"),
    SUMMARY: N_("the summary for the host"),
    MOVED: N_("the notice of the move"),
    CANCELLED: N_("the notice that it's called off"),
    PROMOTED: N_("the notice of a free seat"),
    OFFER: N_("the offer of a seat"),
    ON_BEHALF: N_("the notice of an answer given for someone"),
    INVITATION: N_("the invitation"),
    REQUEST: N_("the request to join"),
    NEWCOMER: N_("the note about newcomers"),
    HOST_DECLINED: N_("the news that no one takes over as host"),
    QUESTION: N_("the question whether to go on"),
    THANKS: N_("the thanks to the hosts"),
    UNDELIVERED: N_("the note about what didn't arrive"),
    ALERT: N_("the note to organizers"),
    RETURNED: N_("the note that I'm back"),
    HOST_CHECK: N_("the check that the host is still here"),
    HOST_LEFT: N_("the question about a new host"),
}
"""What people call each kind of message, as a clause."""


def undelivered(words: Words, problems: Sequence[Problem]) -> str:
    """Returns what was not delivered, or is not there any more, for a host."""
    deleted = [one for one in problems if _is_about(one, ErrorCode.CARD_DELETED)]
    parts = failed(words, problems)
    if deleted:
        parts.append(words("To post a deleted card again, press **Try again** in `/jelly list`."))
    if len(deleted) < len(problems):
        parts.append(words("Tell anyone who still needs to know."))
    return whole_lines(words, [*parts, words("Only you were told.")])


def alert(words: Words, problems: Sequence[Problem], *, is_private: bool) -> str:
    """Returns what did not arrive and how to mend it, for organizers."""
    parts = failed(words, problems)
    if any(_is_about(one, ErrorCode.CHANNEL_GONE) for one in problems):
        parts.append(
            words("Choose another channel with `/settings`: the cards are then posted there.")
        )
    parts.append(
        words("Fix what's missing, then press **Try again** in `/jelly list`. `/doctor` says more.")
    )
    return whole_lines(words, [*parts, *why_you(words, is_private=is_private)])


def why_you(words: Words, *, is_private: bool) -> list[str]:
    """Returns why one person gets word to organizers alone; nothing in a channel."""
    if not is_private:
        return []
    return [
        words(
            "-# You're getting this because you last used `/settings` there, or own the "
            "server. To have it posted in a channel instead, choose one with `/settings`."
        )
    ]


def failed(words: Words, problems: Sequence[Problem]) -> list[str]:
    """Returns a heading, and a line for each of the last messages."""
    if all(one.state is DeliveryState.SENT for one in problems):
        heading = words("### What may have come twice")
    elif all(_is_about(one, ErrorCode.CARD_DELETED) for one in problems):
        heading = words.ngettext(
            "### A card was deleted", "### {count} cards were deleted", len(problems)
        )
    else:
        heading = words("### What didn't arrive")
    parts = [heading, *(_problem(words, one) for one in problems[-FAILURES_TOLD_ONE_BY_ONE:])]
    earlier = len(problems) - FAILURES_TOLD_ONE_BY_ONE
    if earlier > 0:
        parts.append(
            words.ngettext("-# and {count} earlier one", "-# and {count} earlier ones", earlier)
        )
    return parts


def _is_about(problem: Problem, code: ErrorCode) -> bool:
    return problem.error is not None and problem.error.code is code


def _problem(words: Words, problem: Problem) -> str:
    values = {
        "message": words.opening(words(MESSAGES[problem.kind])),
        "when": timestamp(problem.due_at, "F"),
        "reason": "" if problem.error is None else said(words, why(problem.error)),
    }
    member, channel = mention(problem.channel_id), f"<#{problem.channel_id}>"
    title = escaped(problem.title)
    match bool(title), problem.is_private:
        case True, True:
            return words(
                "{message} for **{title}**, due {when} to {member} only: {reason}.",
                title=title,
                member=member,
                **values,
            )
        case True, False:
            return words(
                "{message} for **{title}**, due {when} in {channel}: {reason}.",
                title=title,
                channel=channel,
                **values,
            )
        case False, True:
            return words(
                "{message}, due {when} to {member} only: {reason}.", member=member, **values
            )
        case _:
            return words("{message}, due {when} in {channel}: {reason}.", channel=channel, **values)
