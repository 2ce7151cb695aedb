"""The grammar has one reading for every phrase, and its words don't get in each other's way."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import lark
import pytest

import bot.phrases.en.grammar
from bot.phrases.en.grammar import Stopped, as_seen, parse, plain
from bot.phrases.en.hints.spelling import WORDS
from bot.phrases.en.zones.cities import CITIES
from bot.phrases.en.zones.find import zone_names
from bot.phrases.en.zones.shared_names import shared_names

GRAMMAR = Path(bot.phrases.en.grammar.__file__).with_name("phrase.lark")


def test_it_has_no_conflicts_that_the_parser_settles_silently(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.logger.propagate = True
        lark.Lark(GRAMMAR.read_text("utf-8"), parser="lalr", lexer="basic", debug=True)
    assert [record.message for record in caplog.records if "conflict" in record.message] == []


def test_no_zone_is_also_a_word_of_the_grammar() -> None:
    words = set(WORDS) | set(
        re.findall("[a-z]{2,}", GRAMMAR.read_text("utf-8").split("// Dates.")[1])
    )
    assert not words & set(zone_names())
    assert not set(shared_names()) & (words | set(zone_names()))
    cities = {city.lower() for names in CITIES.values() for city in names}
    assert cities - set(zone_names()) == {"nice", "birmingham"}


@pytest.mark.parametrize("phrase", ["thursday 10am", "THURSDAY 10AM", "  thursday\n10am\t"])
def test_case_and_space_don_t_matter(phrase: str) -> None:
    assert parse(plain(phrase)) == parse("thursday 10am")


def test_plain_text_is_as_long_as_what_is_seen() -> None:
    typed = "Thursday 10–16 São Paulo İ ﬁ 😀 １０：００ Sa\u0303o\u200b\u200e"
    assert len(plain(typed)) == len(as_seen(typed)) == len(typed) - 3
    assert plain(typed).startswith("thursday 10-16 sao paulo")
    assert plain(typed).endswith("10:00 sao")
    assert plain(plain(typed)) == plain(typed)


def test_it_tells_where_it_stopped() -> None:
    with pytest.raises(Stopped) as caught:
        parse("thursday 10am maybe")
    assert (caught.value.position, caught.value.at_end) == (14, False)
    with pytest.raises(Stopped) as caught:
        parse("every 2 weeks on")
    assert (caught.value.position, caught.value.at_end) == (16, True)
