"""Parses one phrase by a strict grammar into its parts, or reports where it stopped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.lexer import TerminalDef

from bot.phrases.en.tokens_in_context import TokensInContext, TooManyTokens
from bot.phrases.en.zones.find import zone_names
from bot.phrases.en.zones.shared_names import shared_names
from data.characters import without_invisible

# Characters that are typed or copied for the plain ones.
_PLAIN = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−〜～→"), "-"),
    **dict.fromkeys(map(ord, "‘’"), "'"),
    **dict.fromkeys(map(ord, "“”„«»"), '"'),
    **dict.fromkeys(map(ord, "•∙・"), "·"),
    **{ord("…"): ".", ord("\u3000"): " "},
    # The full-width forms of Chinese and Japanese keyboards, such as "１０：００".
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5E)},
}
_WORD = re.compile("[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Stopped(Exception):
    """The phrase follows the grammar up to ``position``; ``at_end`` if something is missing."""

    position: int
    at_end: bool


def as_seen(phrase: str) -> str:
    """Returns the phrase without invisible characters, each accent in one with its letter."""
    return unicodedata.normalize("NFC", without_invisible(phrase))


def plain(phrase: str) -> str:
    """Returns the phrase in lower case, without accents, with plain dashes and digits.

    It is as long as the phrase :func:`as_seen`, so that positions in one are valid in the other.
    """
    return "".join(_plain_character(c) for c in as_seen(phrase).translate(_PLAIN))


def count_words(text: str) -> int:
    """Returns how many words and numbers a phrase has."""
    return len(_WORD.findall(text))


def parse(text: str) -> Tree[Token]:
    """Parses a phrase from :func:`plain`; raises :class:`Stopped`."""
    try:
        return _PARSER.parse(text)
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        position = len(text) if at_end else error.token.start_pos or 0
        raise Stopped(position, at_end) from None
    except UnexpectedCharacters as error:
        raise Stopped(error.pos_in_stream or 0, at_end=False) from None
    except TooManyTokens as error:
        raise Stopped(error.position, at_end=False) from None


def _plain_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    base, *marks = list(unicodedata.normalize("NFD", character))
    if base.isascii() and marks and all(unicodedata.combining(mark) for mark in marks):
        return base.lower()
    return character


def _fill_in(terminal: TerminalDef) -> None:
    """Fills the two terminals that come from the zone database with its names, longest first."""
    names = {"ZONE": tuple(zone_names()), "SHARED_NAME": tuple(shared_names())}.get(terminal.name)
    if names:
        alternatives = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        terminal.pattern.value = f"(?:{alternatives})(?![a-z])".replace("\\ ", r"\s+")


_PARSER = Lark(
    Path(__file__).with_name("phrase.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="basic",
    propagate_positions=True,
    edit_terminals=_fill_in,
    postlex=TokensInContext(),
)

# Compiles the terminals, which would otherwise delay the first person to type something.
parse("today")
