"""Sentences: each can be collected, filled and said in languages with other plurals and lists."""

from __future__ import annotations

import ast
import io
import string
from datetime import timedelta
from gettext import GNUTranslations, NullTranslations

import pytest
from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.language import ENGLISH, Words, words_for
from bot.language.extract import TEMPLATES, as_text, calls, catalogue
from bot.messages.text import said
from data.refusal import Alternatives, Refusal, Sentence, in_english
from tests.moments import THURSDAY_10


def test_the_catalogue_holds_every_sentence() -> None:
    assert TEMPLATES.read_text("utf-8") == as_text(catalogue()), "run `make messages`"


def test_a_sentence_is_a_whole_literal_and_never_glued_together() -> None:
    """A name may stand for a literal that N_ marks; anything else could not be collected."""
    for file, call, templates in calls():
        for template in templates:
            literal = isinstance(template, ast.Constant) and isinstance(template.value, str)
            looked_up = isinstance(template, (ast.Name, ast.Attribute, ast.Subscript))
            is_mark = getattr(call.func, "id", "") == "N_"
            where = f"{file}:{call.lineno}: {ast.unparse(template)}"
            assert literal or (looked_up and not is_mark), where


def test_every_placeholder_has_its_value() -> None:
    for file, call, templates in calls():
        called = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
        values = {keyword.arg for keyword in call.keywords}
        # What a mark or a mapping holds is filled elsewhere.
        if called in ("N_", "Sentence", "Refused") or None in values:
            continue
        if called == "ngettext":
            values.add("count")
        for template in templates:
            if isinstance(template, ast.Constant):
                where = f"{file}:{call.lineno}: {template.value!r}"
                assert set(_placeholders(str(template.value))) <= values, where


def _placeholders(template: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def test_placeholders_are_plain_names() -> None:
    """Neither attributes nor formats: a translation could reach into a value with them."""
    for message in catalogue():
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            for _, field, spec, conversion in string.Formatter().parse(text):
                assert field is None or field.isidentifier(), text
                assert not spec
                assert not conversion


def _polish() -> Words:
    translated = Catalog(locale="pl")
    translated.add("Free: {free}", "Wolne: {free}")
    translated.add(
        ("{count} seat", "{count} seats"), ("{count} miejsce", "{count} miejsca", "{count} miejsc")
    )
    file = io.BytesIO()
    write_mo(file, translated)
    file.seek(0)
    return Words("pl", Locale.parse("pl"), GNUTranslations(file))


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "1 miejsce"), (3, "3 miejsca"), (5, "5 miejsc"), (22, "22 miejsca")]
)
def test_a_language_with_three_plurals(count: int, expected: str) -> None:
    assert _polish().ngettext("{count} seat", "{count} seats", count) == expected
    refusal = Refusal.counted("{count} seat", "{count} seats", count=count)
    assert said(_polish(), refusal.sentence) == expected


def test_lists_and_lengths_of_time_follow_the_language() -> None:
    english, polish = words_for(ENGLISH), _polish()
    assert english.list(["a", "b", "c"]) == "a, b and c"
    assert english.list(["a", "b", "c"], "or") == "a, b or c"
    assert english.duration(timedelta(days=1, hours=2)) == "1 day 2 hours"
    assert english.duration(timedelta(days=10)) == "10 days"
    assert english.duration(timedelta(weeks=2)) == "2 weeks"
    assert english.date_and_time(THURSDAY_10) == "Thu 26 Nov 2026, 10:00"
    assert polish.list(["a", "b"], "or") == "a lub b"
    assert polish.duration(timedelta(hours=5)) == "5 godzin"
    assert polish.list(["a", "b", "c"], "none") == "a, b, c"
    assert polish.day(THURSDAY_10) == "26 lis 2026"
    assert polish.number(2.5) == "2,5"


@pytest.mark.parametrize("locale", ["bg", "cs", "de", "es", "fi", "ja", "nl", "ro", "uk"])
def test_lists_and_lengths_are_said_where_babel_lacks_a_style(locale: str) -> None:
    """Babel 2.19 has no lists of units in them, or a part of one."""
    words = Words(locale, Locale.parse(locale), NullTranslations())
    listed = words.list(["a", "b", "c", "d"], "none")
    assert listed in ("a, b, c, d", "a、b、c、d")
    assert len(words.duration(timedelta(days=1, hours=2, minutes=3)).split(" ")) >= 3


@pytest.mark.parametrize("span", [timedelta(), timedelta(seconds=90), -timedelta(hours=1)])
def test_a_length_that_can_not_be_said_is_refused(span: timedelta) -> None:
    with pytest.raises(ValueError, match="whole number of minutes"):
        words_for(ENGLISH).duration(span)


def test_what_people_typed_is_escaped_when_it_is_said() -> None:
    refusal = Refusal(
        "{title} is full; try {others} from {when}, for {span}: {why}",
        title="**Jelly** @everyone",
        others=Alternatives(("`a`", "b")),
        when=THURSDAY_10,
        span=timedelta(hours=2),
        why=Sentence("{name} left", {"name": "_x_"}),
    )
    words = words_for("de")
    assert said(words, refusal.sentence) == (
        '\\*\\*Jelly\\*\\* @\u200beveryone is full; try "\\`a\\`" or "b" from '
        f"<t:{int(THURSDAY_10.timestamp())}:F>, for 2 hours: \\_x\\_ left"
    )
    assert str(refusal).startswith('**Jelly** @everyone is full; try "`a`" or "b" from ')


def test_a_template_with_a_brace_in_its_value_is_filled_once() -> None:
    sentence = Sentence("{typed}?", {"typed": "{typed.__class__}"})
    assert in_english(sentence) == "{typed.__class__}?"
    assert said(words_for("en"), sentence) == "{typed.\\_\\_class\\_\\_}?"


def test_a_locale_without_a_catalogue_is_answered_in_english() -> None:
    assert words_for("xx-YY").locale == words_for("en-GB").locale == ENGLISH
