"""What is said about people's data is what the program does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import PROJECT, load
from bot.language import ENGLISH, words_for
from bot.messages.privacy import privacy
from data import limits
from data.models import Kept
from data.store.backups import MOST_KEPT_ASIDE
from data.store.database import Database

POLICY = (PROJECT / "PRIVACY.md").read_text("utf-8")
DOCS = (PROJECT / "docs/privacy.md").read_text("utf-8")
SPANS = {
    "your notes, moods, hours": limits.ANSWERS_KEPT_FOR,
    "who invited you": limits.ANSWERS_KEPT_FOR,
    "of what a date notified you": limits.ANSWERS_KEPT_FOR,
    "that a message was sent": limits.MESSAGES_KEPT_FOR,
    "Discord's channel for private messages": limits.MESSAGES_KEPT_FOR,
    "who changed what": limits.CHANGES_KEPT_FOR,
    "what you typed and did not post": limits.DRAFT_KEPT_FOR,
}
"""How each row of PRIVACY.md with a span in it begins."""


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(("what", "span"), SPANS.items())
def test_the_policy_names_the_spans_of_the_program(what: str, span: timedelta) -> None:
    [row] = [row for row in _rows(POLICY) if row[0].startswith(what)]
    assert _days(span) in row[2]


def test_no_other_row_of_the_policy_names_a_span() -> None:
    for row in _rows(POLICY):
        if not row[0].startswith(tuple(SPANS)):
            assert not re.search(r"\d", row[2]), row


def test_the_policy_and_the_docs_say_how_long_copies_keep_what_was_deleted(
    tmp_path: Path,
) -> None:
    nightly = load({}, tmp_path / ".env").backups
    kept = _days(limits.COPIES_KEPT_FOR)
    assert f"the nightly ones for {nightly} days" in POLICY
    assert f"a restore for {kept}" in POLICY.replace("\n", " ")
    [row] = [row for row in _rows(DOCS) if row[0].startswith("copies of the file")]
    assert f"at first {nightly}" in row[2]
    assert f"`replaced-*` {kept}, {MOST_KEPT_ASIDE} at most" in row[2]


def test_the_docs_name_the_spans_of_the_program() -> None:
    answers = [row for row in _rows(DOCS) if row[0].startswith("notes, moods, hours")]
    messages = [row for row in _rows(DOCS) if row[0].startswith("which message was sent")]
    assert [_days(limits.ANSWERS_KEPT_FOR) in row[2] for row in answers] == [True]
    assert [_days(limits.MESSAGES_KEPT_FOR) in row[2] for row in messages] == [True]
    assert limits.MESSAGES_KEPT_FOR == limits.CHANGES_KEPT_FOR


def test_a_server_that_removed_the_bot_is_forgotten_when_they_say() -> None:
    span = _days(limits.REMOVED_KEPT_FOR)
    assert f"its data are deleted {span} later" in POLICY
    assert f"{span} after the server removed the bot" in DOCS


async def test_every_table_has_its_word_in_the_policy(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        tables = await database.read(
            lambda t: t.all(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        )
    about_people = [table for row in _rows(POLICY) for table in re.findall(r"`(\w+)`", row[-1])]
    [listed] = re.findall(r"Nothing about people is in the tables ([^.]*)\.", POLICY)
    about_nobody = re.findall(r"`(\w+)`", listed)
    assert {row["name"] for row in tables} == {*about_people, *about_nobody}
    assert not set(about_people) & set(about_nobody)


def test_who_runs_it_is_left_to_whoever_does() -> None:
    for name in ("PRIVACY.md", "TERMS.md"):
        text = (PROJECT / name).read_text("utf-8")
        for placeholder in ("**[WHO RUNS IT", "**[CONTACT]**"):
            assert placeholder in text, (name, placeholder)
    assert "**[CONTACT OF THE PERSON WHO PUBLISHES THIS CODE]**" in (
        PROJECT / "SECURITY.md"
    ).read_text("utf-8")


def test_shorter_spans_are_said_in_discord() -> None:
    words = words_for(ENGLISH)
    usual, short = privacy(words, Kept()), privacy(words, Kept.at_most(10))
    assert "until 30 days after the jelly" in usual
    assert usual.count("for 90 days") == 2
    assert "until 10 days after the jelly" in short
    assert short.count("for 10 days") == 2


@pytest.mark.parametrize(("days", "answers", "others"), [(None, 30, 90), (40, 30, 40), (1, 1, 1)])
def test_one_setting_makes_all_spans_shorter_and_none_longer(
    days: int | None, answers: int, others: int
) -> None:
    kept = Kept.at_most(days)
    assert (kept.answers, kept.copies) == (timedelta(days=answers), timedelta(days=answers))
    assert (kept.messages, kept.changes) == (timedelta(days=others), timedelta(days=others))
