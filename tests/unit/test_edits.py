"""What someone changed in a form is told from what it was filled with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.edits import as_shown, edited, filled_with
from data.limits import LONGEST_TYPED_PHRASE
from data.models import WHEN, Session
from data.schedule.find import find_session
from data.store.database import Database
from tests.unit.made_up import HERE, ROBIN, MadeUpProgram, post, set_up

PHRASE = "Thursday 26 November 2026, 10:00 to 16:00, London time"


@pytest.fixture
async def jelly(tmp_path: Path) -> Session:
    """Returns a jelly on Thursday."""
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        program = MadeUpProgram(database)
        await set_up(program)
        await post(program, ROBIN, "Jelly", "thursday 10-16")
        session = await database.read(lambda t: find_session(t, HERE, 1))
    assert session is not None
    return session


def test_a_form_that_comes_back_as_it_was_changes_nothing(jelly: Session) -> None:
    filled = filled_with(jelly.details, PHRASE)
    assert edited(jelly.details, PHRASE, jelly.details, PHRASE, filled=filled) == set()


def test_what_others_changed_meanwhile_is_not_the_authors(jelly: Session) -> None:
    filled, mine = filled_with(jelly.details, PHRASE), replace(jelly.details, about="Cake!")
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    friday = PHRASE.replace("Thursday 26", "Friday 27")
    assert edited(theirs.details, friday, mine, PHRASE, filled=filled) == {"about"}


def test_what_both_changed_is_the_authors_too(jelly: Session) -> None:
    filled, mine = filled_with(jelly.details, PHRASE), replace(jelly.details, place="The Fox")
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    assert edited(theirs.details, PHRASE, mine, "friday 10am", filled=filled) == {"place", WHEN}


def test_a_form_of_an_older_jelly_counts_all_that_differs(jelly: Session) -> None:
    """It does not hold what it was filled with."""
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    names = edited(theirs.details, PHRASE, jelly.details, PHRASE, filled="")
    assert names == {"place"}


def test_a_phrase_that_is_too_long_to_show_is_as_it_was_if_it_comes_back_cut(
    jelly: Session,
) -> None:
    phrase = "every Thursday except " + ", ".join(["24 December 2026"] * 60)
    filled = filled_with(jelly.details, phrase)
    cut = as_shown(phrase)
    assert len(cut) <= LONGEST_TYPED_PHRASE < len(phrase)
    assert edited(jelly.details, phrase, jelly.details, cut, filled=filled) == set()
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    names = edited(theirs.details, "every Friday", jelly.details, cut, filled=filled)
    assert WHEN not in names


def test_a_forged_form_is_no_error(jelly: Session) -> None:
    for filled in ("", "x", "0" * 8, "0" * 80, "é" * 17):
        assert edited(jelly.details, PHRASE, jelly.details, PHRASE, filled=filled) == set()
