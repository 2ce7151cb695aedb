"""The docs and the help in Discord say what the program does, and no link of the docs is dead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from discord import app_commands

from bot.actions.rights import TABLE
from bot.config import PROJECT
from bot.language import BRITISH, ENGLISH, words_for
from bot.messages.help import NAMED
from bot.phrases.en import describe_daily_range
from cogs.help import unnamed
from data.limits import (
    DEFAULT_ANNOUNCE_BEFORE,
    DEFAULT_OFFER_FOR,
    DEFAULT_OFFER_WITHIN,
    DEFAULT_REMINDERS,
    MOST_DRAFTS_EACH,
    MOST_EXTRA_DATES,
    MOST_TOLD_EACH,
)
from data.models import DEFAULT_LIMITS, DEFAULT_QUIET_HOURS
from tests.server.simulated_server import SimulatedServer

PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
README, USING = PROJECT / "README.md", PROJECT / "docs/using.md"
LONGEST_README = 130
"""Lines."""
HEADING = re.compile(r"^#+ +(.*?) *$", re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:bot|cogs|data|tests|docs|deploy|requirements)/[\w/.]+)`")

pages = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix()
)


def prose(page: Path) -> str:
    """Returns a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)


def table(page: Path, head: str) -> list[list[str]]:
    """Returns the cells of the rows below a table's head."""
    _, found, after = page.read_text("utf-8").partition(f"\n{head}\n")
    assert found, head
    _, *rows = after.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def anchors(page: Path) -> set[str]:
    """Returns what a link to a heading of a page ends with, as GitHub has it."""
    found: set[str] = set()
    for heading in HEADING.findall(prose(page)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        same = sum(re.fullmatch(rf"{re.escape(name)}(-\d+)?", other) is not None for other in found)
        found.add(f"{name}-{same}" if same else name)
    return found


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yields where the links of a page lead in this project: a file, and an anchor or ""."""
    for link in LINK.findall(prose(page)):
        if not re.match(r"https?:|mailto:", link):
            address, _, anchor = unquote(link).partition("#")
            yield (page.parent / address).resolve() if address else page, anchor


def commands_of(server: SimulatedServer) -> list[app_commands.Command[Any, ..., Any]]:
    found = [
        command
        for command in server.bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    ]
    assert len(found) >= 20
    return found


async def test_every_command_stands_in_the_docs_with_its_options(server: SimulatedServer) -> None:
    rows = table(USING, "| command | options | what it does |")
    documented = {command.strip("`"): options for command, options, _ in rows}
    assert len(documented) == len(rows)
    options = {}
    for command in commands_of(server):
        needed = [one.display_name for one in command.parameters if one.required]
        others = [one.display_name for one in command.parameters if not one.required]
        more = [f"({' '.join(f'`{name}`' for name in others)})"] if others else []
        options[f"/{command.qualified_name}"] = " ".join([*(f"`{one}`" for one in needed), *more])
    options["/settings"] = documented["/settings"]  # which have a table of their own
    assert documented == options


async def test_every_command_is_in_the_help_in_discord(server: SimulatedServer) -> None:
    in_app = "\n".join((NAMED, *unnamed(words_for(ENGLISH), server.bot)))
    named = re.findall(r"`(/[a-z -]+)`", in_app)
    every = {f"/{command.qualified_name}" for command in commands_of(server)}
    assert set(named) == every - {"/help"}


async def test_every_option_of_the_settings_stands_in_the_docs(server: SimulatedServer) -> None:
    settings = server.bot.tree.get_command("settings")
    assert isinstance(settings, app_commands.Command)
    rows = table(USING, "| option of `/settings` | what it decides | at first |")
    assert [row[0] for row in rows] == [f"`{one.display_name}`" for one in settings.parameters]


def test_the_docs_tell_what_is_set_at_first() -> None:
    words = BRITISH
    rows = table(USING, "| option of `/settings` | what it decides | at first |")
    at_first = {name.strip("`"): value for name, _, value in rows}
    spans = {
        "card": [DEFAULT_ANNOUNCE_BEFORE],
        "reminders": DEFAULT_REMINDERS,
        "offers_within": [DEFAULT_OFFER_WITHIN],
        "offer_time": [DEFAULT_OFFER_FOR],
    }
    for name, durations in spans.items():
        assert at_first[name] == ", ".join(map(words.duration, durations))
    assert at_first["quiet_hours"] == describe_daily_range(*DEFAULT_QUIET_HOURS)


def test_the_docs_tell_the_limits() -> None:
    rows = table(USING, "| of | at most | what to do then |")
    limits = [
        (DEFAULT_LIMITS.jellies_each, "jellies ahead", False),
        (DEFAULT_LIMITS.series_each, "series", False),
        (DEFAULT_LIMITS.changes_each, "changes of jellies an hour", False),
        (MOST_TOLD_EACH, "cards, moves and callings-off an hour", True),
        (MOST_EXTRA_DATES, "dates of each series beside its rule", True),
        (MOST_DRAFTS_EACH, "open previews", True),
        (DEFAULT_LIMITS.cards, "dates whose cards stand", False),
        (DEFAULT_LIMITS.series, "series", False),
    ]
    for (_, at_most, _), (number, what, is_fixed) in zip(rows, limits, strict=True):
        assert at_most.startswith(f"{number} {what}")
        assert ("always" in at_most) == is_fixed, at_most


def test_the_docs_tell_who_may_what_as_the_table_does() -> None:
    rows = table(USING, "| what | who may |")
    assert rows == [[row.what, row.right.value] for row in TABLE]


async def test_every_command_is_for_servers_alone(server: SimulatedServer) -> None:
    for command in server.bot.tree.get_commands():
        assert command.guild_only, command.qualified_name


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert target.is_relative_to(PROJECT), target
        if anchor:
            assert anchor in anchors(target), f"{target.name}#{anchor}"


@pages
def test_every_file_that_the_docs_name_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = {*PATH.findall(text), *re.findall(r"\brequirements/\w+\.txt", text)}
    missing = {name for name in named if not (PROJECT / name).exists()}
    assert {name for name in missing if not re.search("NAME|NNNN", name)} == set()


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    assert len(README.read_text("utf-8").splitlines()) < LONGEST_README
    linked = {target for target, _ in links(README)}
    assert set(PAGES) - linked == {README}
