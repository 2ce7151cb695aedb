"""What someone changed in a form is told from what it was filled with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.edits import as_shown, edited, version_of
from data.limits import LONGEST_TYPED_PHRASE
from data.models import WHEN, Session, fingerprint
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
    version = version_of(jelly, PHRASE)
    assert edited(jelly, PHRASE, jelly.details, PHRASE, version=version) == set()


def test_what_others_changed_meanwhile_is_not_the_authors(jelly: Session) -> None:
    version, mine = version_of(jelly, PHRASE), replace(jelly.details, about="Cake!")
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    friday = PHRASE.replace("Thursday 26", "Friday 27")
    assert edited(theirs, friday, mine, PHRASE, version=version) == {"about"}


def test_what_both_changed_is_the_authors_too(jelly: Session) -> None:
    version, mine = version_of(jelly, PHRASE), replace(jelly.details, place="The Fox")
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    assert edited(theirs, PHRASE, mine, "friday 10am", version=version) == {"place", WHEN}


def test_a_form_of_an_older_jelly_counts_all_that_differs(jelly: Session) -> None:
    """It holds what it was about, but not what it was filled with."""
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    names = edited(theirs, PHRASE, jelly.details, PHRASE, version=fingerprint(jelly))
    assert names == {"place"}


def test_a_phrase_that_is_too_long_to_show_is_as_it_was_if_it_comes_back_cut(
    jelly: Session,
) -> None:
    phrase = "every Thursday except " + ", ".join(["24 December 2026"] * 60)
    version = version_of(jelly, phrase)
    cut = as_shown(phrase)
    assert len(cut) <= LONGEST_TYPED_PHRASE < len(phrase)
    assert edited(jelly, phrase, jelly.details, cut, version=version) == set()
    theirs = replace(jelly, details=replace(jelly.details, place="The Shrew"))
    names = edited(theirs, "every Friday", jelly.details, cut, version=version)
    assert WHEN not in names


def test_a_forged_form_is_no_error(jelly: Session) -> None:
    for version in ("", "x", "0" * 8, "0" * 80, "é" * 17):
        assert edited(jelly, PHRASE, jelly.details, PHRASE, version=version) == set()
