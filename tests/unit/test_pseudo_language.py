"""The pseudo-language finds what it is there to find."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language.typed import shorten
from tests.pseudo_language import PSEUDO, Checks, english

GOING = PSEUDO("Going")
HOST = PSEUDO("**Host** {host}", host="<@1>")


def _problems(body: dict[str, Any], *, typed: str = "") -> list[str]:
    checks = Checks()
    checks.begin("a test")
    checks.note_typed(typed)
    checks.in_english(body)
    return checks.finish()


def test_a_sentence_is_longer_and_comes_back_as_it_was() -> None:
    assert len(GOING) >= len("Going") * 1.4
    assert english(f"{HOST}\n{GOING}") == "**Host** <@1>\nGoing"


@pytest.mark.parametrize(
    ("body", "typed"),
    [
        ({"content": f"{HOST}\n{GOING} · <t:1:R> https://discord.com/channels/1"}, ""),
        ({"content": f"## Jelly at home\n{HOST}"}, "Jelly at home"),
        ({"components": [{"type": 2, "label": GOING, "custom_id": "jelly:rsvp:1:going"}]}, ""),
        ({"content": PSEUDO("**Where** {place}", place="The Alb")}, "the alb"),
        ({"content": PSEUDO("**Where** {place}", place=GOING)}, ""),
        ({"content": "every 2nd Thursday, 10:00 to 16:00, London time"}, ""),
    ],
)
def test_what_is_translated_or_typed_is_no_problem(body: dict[str, Any], typed: str) -> None:
    assert _problems(body, typed=typed) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"content": f"{GOING} Nobody yet"}, "past the catalogue: ['nobody', 'yet']"),
        ({"components": [{"type": 2, "label": "Going", "custom_id": "a"}]}, "past the catalogue"),
        ({"content": PSEUDO("**Where** {place}", place="Nowhere")}, "past the catalogue"),
        ({"content": shorten(HOST, 12)}, "is cut"),
        ({"components": [{"type": 2, "label": GOING * 9, "custom_id": "a"}]}, "more than 80"),
        ({"title": GOING * 6}, "more than 45"),
        ({"content": GOING * 250}, "more than 2000"),
        ({"components": [{"type": 18, "label": GOING * 6, "component": {}}]}, "more than 45"),
    ],
)
def test_what_went_past_the_catalogue_or_is_too_long_is_found(
    body: dict[str, Any], found: str
) -> None:
    [problem, *_] = _problems(body)
    assert found in problem


def test_a_sentence_that_is_in_no_catalogue_is_found() -> None:
    with pytest.raises(AssertionError, match="make messages"):
        PSEUDO("This sentence is nowhere.")
