"""Import rules: who may import what, and that documents and code agree."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence, Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.config import PROJECT, VARIABLES
from bot.permissions import NEEDED

ROOMS = ("bot", "cogs", "data")
DISCORD_FREE = ("bot/calendar", "bot/language", "bot/phrases", "bot/actions", "data")
PURE = (
    *("bot/calendar", "bot/language", "bot/phrases", "bot/messages"),
    *("data/models", "data/limits.py", "data/characters.py", "data/wall_time.py"),
    "data/quiet_hours.py",
)
ASKS_THE_WORLD = {"aiosqlite", "sqlite3", "asyncio", "aiohttp", "apscheduler"}
PLAIN_VALUES = {
    *("data.models", "data.limits", "data.refusal", "data.characters", "data.wall_time"),
    *("data.outbox.kinds", "data.outbox.deliveries", "data.outbox.errors"),
}
"""What modules that request nothing may know of the store."""


def _modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        yield from _modules_in(room)


@cache
def _modules_in(room: str) -> Sequence[tuple[Path, ast.Module]]:
    files = sorted((PROJECT / room).rglob("*.py"))
    return [(file.relative_to(PROJECT), ast.parse(file.read_text("utf-8"))) for file in files]


@cache
def _imports(tree: ast.Module) -> Set[str]:
    """Returns every imported module, for types too; of a package's modules, each by its name."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _rooms_imported(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in _imports(tree)}


def _is_in(file: Path, *rooms: str) -> bool:
    return any(file == Path(room) or Path(room) in file.parents for room in rooms)


def test_imports_run_one_way() -> None:
    """cogs -> actions -> data; messages -> phrases -> calendar."""
    forbidden = {
        "data": {"bot", "cogs"},
        "bot": {"cogs"},
        "bot/calendar": {"bot.language", "bot.phrases", "bot.messages", "bot.mirrors"},
        "bot/language": {"bot.actions", "bot.messages", "bot.mirrors"},
        "bot/phrases": {"bot.language", "bot.messages", "bot.mirrors"},
        "bot/messages": {"bot.actions", "bot.mirrors"},
        "bot/actions": {
            "bot.messages",
            "bot.mirrors",
            "bot.interactions",
            "bot.members",
            "bot.submitted",
            "bot.app",
        },
    }
    for file, tree in _modules(*ROOMS):
        for room, rooms in forbidden.items():
            if _is_in(file, room):
                wrong = {name for name in _imports(tree) if _within(name, rooms)}
                assert not wrong, f"{file} imports {wrong}"


def test_a_cog_changes_and_looks_up_nothing_by_itself() -> None:
    """Of the store it knows plain values and refusals; everything else it asks of an action."""
    allowed = {"data.models", "data.limits", "data.refusal"}
    for file, tree in _modules("cogs"):
        ours = {name for name in _imports(tree) if name.split(".")[0] == "data"}
        wrong = {name for name in ours if not _within(name, allowed)}
        assert not wrong, f"{file} imports {wrong}"


def _within(name: str, packages: Set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_pure_rooms_import_only_what_is_pure() -> None:
    """``bot`` beside those packages is the program, which has a clock, a store and Discord."""
    rooms = {"bot.calendar", "bot.language", "bot.phrases", "bot.messages"}
    assert [room for room in PURE if not (PROJECT / room).exists()] == []
    for file, tree in _modules("bot", "data"):
        if not _is_in(file, *PURE):
            continue
        bad = {name for name in _imports(tree) if name.split(".")[0] in ASKS_THE_WORLD}
        ours = {name for name in _imports(tree) if name.split(".")[0] in ROOMS}
        bad |= {name for name in ours if not _within(name, rooms | PLAIN_VALUES)}
        assert not bad, f"{file} imports {bad}"


def test_no_two_files_import_each_other() -> None:
    """Not indirectly either, and not for types."""
    modules = {_name_of(file): _imports(tree) for file, tree in _modules(*ROOMS)}
    graph = {name: (found & modules.keys()) - {name} for name, found in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


def _name_of(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def test_discord_is_unknown_to_the_core() -> None:
    for file, tree in _modules(*ROOMS):
        if _is_in(file, *DISCORD_FREE):
            assert "discord" not in _rooms_imported(tree), file


def test_tests_import_no_benchmark() -> None:
    """What both need is in tests; a benchmark is run as a separate process."""
    for file in (PROJECT / "tests").rglob("*.py"):
        source = file.read_text("utf-8")
        if "benchmarks" in source:  # reading all of them takes seconds
            assert "benchmarks" not in _rooms_imported(ast.parse(source)), file


@pytest.mark.parametrize(
    ("library", "only_in"),
    [
        ("apscheduler", {"bot/alarm.py"}),
        ("aiosqlite", {"data/store/database.py"}),
        ("dotenv", {"bot/config.py"}),
        ("lark", {"bot/phrases/en"}),
        ("regex", {"data/characters.py"}),
        ("dateutil", {"bot/calendar", "bot/phrases/en"}),
        ("simcord", {"bot/demo"}),
        ("babel", {"bot/language"}),
        ("matplotlib", {"bot/charts/drawing.py"}),
    ],
)
def test_a_library_is_used_in_one_place(library: str, only_in: set[str]) -> None:
    for file, tree in _modules(*ROOMS):
        if library in _rooms_imported(tree):
            assert any(file.as_posix().startswith(place) for place in only_in), file


def test_sql_stands_only_in_data() -> None:
    sql = re.compile(r"\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    for file, tree in _modules("bot", "cogs"):
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in texts if sql.search(text)], file


ONLY_IN_SQLITE = re.compile(
    r"""
    \b(MIN|MAX)\([^()]*,                # CASE
    | (?<!BIGINT\)\s):\w+\ IS\ (NOT\ )?NULL   # CAST(:x AS BIGINT) IS NULL
    | \bIS\ (NOT\ )?:                   # IS DISTINCT FROM, or COALESCE on both sides
    | \bSUM\([^()]*(<|>|=|\bIS\b)      # COUNT(*) FILTER (WHERE ...)
    | \b(PRAGMA|rowid|INSERT\ OR|REPLACE\ INTO|GLOB)\b
    | \b(unixepoch|strftime|datetime|json_\w+)\(
    """,
    re.VERBOSE,
)


def test_statements_are_spelled_as_sqlite_and_postgresql_share_them() -> None:
    """The store itself is SQLite's; rules and queries are not."""
    for file, tree in _modules("data"):
        if _is_in(file, "data/store", "data/migrations"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = ONLY_IN_SQLITE.search(node.value)
                assert not found, f"{file}:{node.lineno} says {found[0]!r}"


def test_what_is_only_in_sqlite_is_found() -> None:
    for sql in (
        "SET a = MAX(a, :b)",
        "WHERE :a IS NULL OR a = :a",
        "a IS NOT :a",
        "SUM(a < b)",
        "PRAGMA user_version",
        "INSERT OR IGNORE INTO a",
    ):
        assert ONLY_IN_SQLITE.search(sql), sql
    for sql in ("SELECT MAX(a) FROM b", "CAST(:a AS BIGINT) IS NULL", "a IS NOT NULL", "SUM(a)"):
        assert not ONLY_IN_SQLITE.search(sql), sql


def test_now_is_read_only_by_the_clock_and_the_environment_only_by_the_config() -> None:
    for file, tree in _modules(*ROOMS):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            source = ast.unparse(node)
            if source in ("datetime.now", "datetime.utcnow", "time.time", "discord.utils.utcnow"):
                assert file.as_posix() == "bot/clock.py", f"{file} reads the time"
            if source in ("os.environ", "os.getenv"):
                assert file.as_posix() == "bot/config.py", f"{file} reads the environment"


def test_every_variable_is_explained_to_whoever_hosts_the_bot() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text("utf-8"), re.M))
    hosting = (PROJECT / "docs/hosting.md").read_text("utf-8")
    assert example == set(VARIABLES)
    assert {name for name in VARIABLES if f"\n| `{name}` |" not in hosting} == set()
    read = re.findall(r'values\.get\("([A-Z_]+)"', (PROJECT / "bot/config.py").read_text("utf-8"))
    assert set(read) == set(VARIABLES)


def test_every_permission_is_explained() -> None:
    for page in ("README.md", "docs/hosting.md"):
        text = " ".join((PROJECT / page).read_text("utf-8").split())
        for name in NEEDED.values():
            assert f"**{name}**" in text, (page, name)


def test_every_dependency_has_its_line_in_the_docs() -> None:
    _, after = (PROJECT / "docs/design.md").read_text("utf-8").split("\n## Dependencies\n")
    rows = re.findall(r"^\| ([a-z][a-z,. -]*) \|", after.lower(), re.M)
    explained = {name for row in rows for name in row.split(", ")}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = {Requirement(line).name.lower() for group in groups for line in group}
    assert asked - explained == set()


def test_actions_find_sessions_only_by_what_an_actor_may_view() -> None:
    finding = {
        file.as_posix()
        for file, tree in _modules("bot/actions")
        if {"data.schedule.find.find_session", "data.people.session_views.session_view"}
        & _imports(tree)
    }
    assert finding == {"bot/actions/visibility.py"}
