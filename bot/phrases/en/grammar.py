"""Parses one phrase by a strict grammar into its parts, or reports where it stopped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.lexer import TerminalDef

from bot.phrases.en.cities import ABBREVIATIONS
from bot.phrases.en.zones import zone_names

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’"), "'")
# Marks that are copied with dates from a page, and mean nothing between words.
_INVISIBLE = dict.fromkeys((0x200E, 0x200F, 0x2060, 0xFEFF), " ")
_PLAIN = {**_DASHES, **_QUOTES, **_INVISIBLE}


@dataclass(frozen=True, slots=True)
class Stopped(Exception):
    """The phrase follows the grammar up to ``position``; ``at_end`` if something is missing."""

    position: int
    at_end: bool


def plain(phrase: str) -> str:
    """Returns the phrase in lower case, without accents, with plain dashes.

    It keeps its length, so that positions in it stay valid.
    """
    return "".join(_plain_character(c) for c in phrase.translate(_PLAIN))


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


def _plain_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    base, *marks = list(unicodedata.normalize("NFD", character))
    if base.isascii() and marks and all(unicodedata.combining(mark) for mark in marks):
        return base.lower()
    return character


def _fill_in(terminal: TerminalDef) -> None:
    """Fills the two terminals that come from the zone database with its names, longest first."""
    names = {"ZONE": tuple(zone_names()), "ABBREVIATION": tuple(ABBREVIATIONS)}.get(terminal.name)
    if names:
        alternatives = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        terminal.pattern.value = f"(?:{alternatives})(?![a-z])".replace("\\ ", r"\s+")


_PARSER = Lark(
    Path(__file__).with_name("phrase.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="basic",
    propagate_positions=True,
    edit_terminals=_fill_in,
)

# Compiles the terminals, which would otherwise delay the first person to type something.
parse("today")
