"""Errors of requests to Discord: which are its final word, and what of them is told.

Only Discord's own word is final: an answer with one of its JSON codes. A proxy between the bot and
Discord answers with a page, and so does Discord's own edge; such an error passes.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

import discord

from bot.language.typed import one_line, shorten

UNKNOWN_CHANNEL = 10003
UNKNOWN_MEMBER = 10007
UNKNOWN_MESSAGE = 10008
UNKNOWN_USER = 10013
INTERACTION_TOO_LATE = 10062
OLD_EDITS = 30046
OPENING_TOO_FAST = 40003
ANSWERED_ALREADY = 40060

LONGEST_ERROR = 200
"""Characters of an error that are logged or stored."""


def is_final(error: BaseException) -> bool:
    """Whether Discord itself refused a request, so that a retry would be refused again.

    A refused token (401) and a rate limit (429) pass, as a lost connection does.
    """
    return (
        isinstance(error, discord.HTTPException)
        and 400 <= error.status < 500
        and error.status not in (401, 429)
        and error.code != 0
    )


def brief(error: BaseException) -> str:
    """Returns what an error says, or its type, on one line of at most LONGEST_ERROR characters."""
    return shorten(one_line(str(error)), LONGEST_ERROR) or type(error).__name__
