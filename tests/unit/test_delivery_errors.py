"""Why a message did not arrive: kept as a code with values, said as a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.language import ENGLISH, words_for
from bot.messages.delivery_errors import why
from bot.messages.text import said
from data.migrations import migrate
from data.outbox.errors import DeliveryError, ErrorCode, error_of, text_of
from data.refusal import in_english

_SENTENCES = {
    "it was too late": DeliveryError(ErrorCode.TOO_LATE),
    "the jelly was called off or has moved": DeliveryError(ErrorCode.OUTDATED),
    "there was no one left to tell": DeliveryError(ErrorCode.NOBODY_LEFT),
    "this version of Jelly doesn't know it": DeliveryError(ErrorCode.UNKNOWN_KIND),
    "it was before the demo began": DeliveryError(ErrorCode.BEFORE_DEMO),
    "the channel is gone": DeliveryError(ErrorCode.CHANNEL_GONE),
    "the card was deleted": DeliveryError(ErrorCode.CARD_DELETED),
    "I'm no longer in that server; invite me again": DeliveryError(ErrorCode.NOT_IN_SERVER),
    "they don't take private messages": DeliveryError(ErrorCode.PRIVATE_CLOSED),
    "it may have come twice, because I can't read the channel's history; allow my role "
    "Read Message History there": DeliveryError(ErrorCode.MAYBE_TWICE),
    "I'm missing View Channel there; allow my role that": DeliveryError(
        ErrorCode.MISSING, {"permissions": ["View Channel"]}
    ),
    "I'm missing Send Messages there; allow my role that": DeliveryError(
        ErrorCode.MISSING, {"permissions": ["Send Messages"]}
    ),
    "I'm missing View Channel and Send Messages there; allow my role that": DeliveryError(
        ErrorCode.MISSING, {"permissions": ["View Channel", "Send Messages"]}
    ),
    "a permission is missing (Missing Permissions)": DeliveryError(
        ErrorCode.FORBIDDEN, {"text": "Missing Permissions"}
    ),
    'Discord refused it (In content: "x\\y" (or so)\nis too long)': DeliveryError(
        ErrorCode.REFUSED, {"text": 'In content: "x\\y" (or so)\nis too long'}
    ),
    "something went wrong (0a1b2c)": DeliveryError(ErrorCode.FAULT, {"number": "0a1b2c"}),
    '503 Service Unavailable (error code: 0): "upstream"': DeliveryError(
        ErrorCode.FOREIGN, {"text": '503 Service Unavailable (error code: 0): "upstream"'}
    ),
}
"""The sentences that versions before 5 stored, and what stands for each now."""
_STORED = {
    "it was too late": "it was too late to be of use",
    "the jelly was called off or has moved": "the session was called off or has moved",
    "there was no one left to tell": "nobody was left to tell",
    "this version of Jelly doesn't know it": "this version of Jelly does not know what that is",
    "I'm no longer in that server; invite me again": (
        "I am not in that server any more; invite me again"
    ),
    "they don't take private messages": "their private messages are closed",
    "it may have come twice, because I can't read the channel's history; allow my role "
    "Read Message History there": (
        "it may have come twice, because I may not look into the channel; allow my role "
        "Read Message History there"
    ),
    "I'm missing View Channel there; allow my role that": (
        "I am missing View Channel there; allow my role that"
    ),
    "I'm missing Send Messages there; allow my role that": (
        "I am missing Send Messages there; allow my role that"
    ),
    "I'm missing View Channel and Send Messages there; allow my role that": (
        "I am missing View Channel and Send Messages there; allow my role that"
    ),
}
"""Those that were stored in other words than they are said in now."""


@pytest.mark.parametrize(("sentence", "error"), _SENTENCES.items())
def test_an_error_is_kept_and_said(sentence: str, error: DeliveryError) -> None:
    assert error_of(text_of(error)) == error
    assert in_english(why(error)) == sentence


def test_every_code_has_its_sentence() -> None:
    # These came with version 5 and later.
    later = {ErrorCode.NOT_ORGANIZER, ErrorCode.HOST_THERE, ErrorCode.HOST_LEFT}
    assert {error.code for error in _SENTENCES.values()} | later == set(ErrorCode)
    assert "no longer manage the server" in in_english(why(DeliveryError(ErrorCode.NOT_ORGANIZER)))


def test_what_others_said_is_shortened_and_escaped() -> None:
    error = DeliveryError(ErrorCode.REFUSED, {"status": 400, "code": 50035, "text": "**No** way"})
    sentence = why(error, lambda text: text[:6])
    assert said(words_for(ENGLISH), sentence) == r"Discord refused it (\*\*No\*\*)"


def test_sentences_of_older_versions_become_codes() -> None:
    stored = [*(_STORED.get(sentence, sentence) for sentence in _SENTENCES), None, ""]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, up_to=4)
        connection.execute(
            "INSERT INTO guild (guild_id, channel_id, zone, announce_before) "
            "VALUES (1, 2, 'UTC', 0)"
        )
        connection.executemany(
            """
            INSERT INTO delivery (
                kind, guild_id, channel_id, occasion, due_at, useful_until, try_at, error)
            VALUES ('thanks', 1, 2, ?, 0, 0, 0, ?)
            """,
            list(enumerate(stored)),
        )
        migrate(connection)
        rows = connection.execute("SELECT error FROM delivery ORDER BY occasion").fetchall()
    assert [error_of(text) for (text,) in rows] == [*_SENTENCES.values(), None, None]
