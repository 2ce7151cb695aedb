"""The walls of the house: who may import what, and that documents and code agree."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.config import PROJECT, VARIABLES
from bot.permissions import NEEDED

ROOMS = ("bot", "cogs", "data")


def _modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for file in sorted((PROJECT / room).rglob("*.py")):
            yield file.relative_to(PROJECT), ast.parse(file.read_text("utf-8"))


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _rooms_imported(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in _imports(tree)}


def test_imports_run_one_way() -> None:
    forbidden = {"data": {"bot", "cogs", "discord"}, "bot": {"cogs"}, "cogs": set[str]()}
    for file, tree in _modules(*ROOMS):
        wrong = _rooms_imported(tree) & forbidden[file.parts[0]]
        assert not wrong, f"{file} imports {wrong}"


def test_tests_import_no_benchmark() -> None:
    """What both need stands in tests; a benchmark is run as a process of its own."""
    for file, tree in _modules("tests"):
        assert "benchmarks" not in _rooms_imported(tree), file


def test_time_and_cards_stay_pure() -> None:
    impure = {"aiosqlite", "sqlite3", "asyncio", "aiohttp", "apscheduler"}
    for file, tree in _modules("bot"):
        names = _imports(tree)
        if file.parts[:2] == ("bot", "when"):
            bad = {name for name in names if name.split(".")[0] in impure | {"discord"}}
            bad |= {n for n in names if n.startswith("data.") and n != "data.models"}
        elif file.parts[:2] == ("bot", "cards"):
            bad = {name for name in names if name.split(".")[0] in impure}
        else:
            continue
        assert not bad, f"{file} imports {bad}"


@pytest.mark.parametrize(
    ("library", "only_in"),
    [
        ("apscheduler", {"bot/alarm.py"}),
        ("aiosqlite", {"data/database.py"}),
        ("dotenv", {"bot/config.py"}),
        ("lark", {"bot/when"}),
        ("dateutil", {"bot/when"}),
        ("simcord", {"bot/demo.py"}),
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
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert example == set(VARIABLES)
    assert {name for name in VARIABLES if f"`{name}`" not in readme} == set()
    read = re.findall(r'values\.get\("([A-Z_]+)"', (PROJECT / "bot/config.py").read_text("utf-8"))
    assert set(read) == set(VARIABLES)


def test_every_permission_is_explained() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    for name in NEEDED.values():
        assert f"**{name}**" in readme, name


def test_every_dependency_has_its_line_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8").lower()
    rows = re.findall(r"^\| ([a-z][a-z,. -]*) \|", readme, re.M)
    explained = {name for row in rows for name in row.split(", ")}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = {Requirement(line).name.lower() for group in groups for line in group}
    assert asked - explained == set()


def test_every_file_that_the_readme_names_is_there() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?)`", readme)
    assert named
    named += re.findall(r"\brequirements/\w+\.txt", readme)
    assert [name for name in named if not (PROJECT / name).exists()] == []
