"""What text says, and what of it is shown: held against every code point of Unicode."""

from __future__ import annotations

import sys
from unicodedata import category, normalize

import pytest
import regex

from bot.messages.text import escaped
from data.characters import bounded, says_something

IGNORABLE = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Default_Ignorable_Code_Point, first and last of each range, as
https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt has them."""
BRAILLE_BLANK = 0x2800
EVERY = range(sys.maxunicode + 1)


def _is_ignorable(code: int) -> bool:
    return any(first <= code <= last for first, last in IGNORABLE)


def test_no_character_that_shows_nothing_says_something() -> None:
    """White space, controls, formats, surrogates, private use, unassigned, ignorable, marks."""
    # An older Python takes what a newer Unicode assigns for unassigned.
    unassigned = regex.compile(r"\p{Cn}")
    silent = [
        code
        for code in EVERY
        if category(chr(code)) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Mn", "Me", "Mc")
        or unassigned.match(chr(code))
        or chr(code).isspace()
        or _is_ignorable(code)
    ]
    assert [hex(code) for code in silent if says_something(chr(code))] == []
    assert not says_something(chr(BRAILLE_BLANK))
    assert not says_something("".join(map(chr, silent)))


def test_every_letter_number_punctuation_and_symbol_says_something() -> None:
    loud = (
        chr(code)
        for code in EVERY
        if category(chr(code))[0] in "LNPS" and not _is_ignorable(code) and code != BRAILLE_BLANK
    )
    assert [hex(ord(character)) for character in loud if not says_something(character)] == []


@pytest.mark.parametrize("code", [0x3164, 0x2800, 0x34F, 0x115F, 0x17B4, 0xFE0F, 0xFFA0, 0x180E])
def test_what_once_passed_says_nothing_also_among_spaces_and_joiners(code: int) -> None:
    assert not says_something(f" {chr(code)}\u200d {chr(code)}\u2800\u0301 ")


REAL = (
    *(
        "🎉",
        "👩‍👩‍👧‍👦",
        "❤️‍🔥",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "1️⃣",
        "🇬🇧",
        "你好",
        "東京",
        "こんにちは",
        "한국어",
        "مُحَمَّدٌ",
        "שלום",
    ),
    *("สวัสดีน้ำผึ้งที่นี่", "हिन्दी क्ष्म्य", "বাংলা", "தமிழ்", "རྒྱལ་པོ", "ខ្មែរ", "မြန်မာ", "አማርኛ"),
    *(
        "Tiếng Việt",
        normalize("NFD", "Tiếng Việt: ậ ệ ỗ ữ"),
        "בְּרֵאשִׁית בָּרָא",
        "שַּׁבָּת",
        "Zażółć",
        "naïve",
    ),
    *("e\u0301", "⠓⠑⠇⠇⠕", "𝟙", "!", "…", "♥"),
)


@pytest.mark.parametrize("typed", REAL)
def test_people_write_in_their_own_script(typed: str) -> None:
    assert says_something(typed)
    assert bounded(typed) == typed
    assert escaped(typed) == typed


@pytest.mark.parametrize("joined", ["", "\u200d", "\u200c", "\u2060", "\u034f"])
def test_marks_piled_up_on_a_letter_are_bounded(joined: str) -> None:
    zalgo = "J" + f"\u0335{joined}\u0301{joined}\u0489{joined}" * 40 + "elly"
    shown = bounded(zalgo)
    assert sum(category(character)[0] == "M" for character in shown) <= 4
    assert shown.startswith("J")
    assert shown.endswith("elly")


@pytest.mark.parametrize("code", [0x61C, *range(0x200E, 0x2010), *range(0x202A, 0x202F)])
def test_nothing_turns_around_what_stands_beside_it(code: int) -> None:
    assert bounded(f"ab{chr(code)}cd") == "abcd"
