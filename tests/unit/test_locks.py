"""What requirements/ locks: all that pyproject.toml asks for, each in one version, with hashes."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.config import PROJECT

LOCKS = PROJECT / "requirements"
EXTRAS = {
    "server": (),
    "charts": ("charts",),
    "run": ("charts", "demo"),
    "dev": ("charts", "demo", "dev"),
}
"""Which extras of pyproject.toml each file locks, besides what a server needs."""
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize(("name", "extras"), EXTRAS.items())
def test_every_dependency_is_locked_in_a_version_that_it_allows(
    name: str, extras: tuple[str, ...]
) -> None:
    locked = _locked(name)
    project = PYPROJECT["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][e] for e in extras)]
    for asked in (Requirement(line) for group in groups for line in group):
        versions = locked.get(canonicalize_name(asked.name), set())
        assert versions, f"{asked.name} is not in {name}.txt: run make lock"
        for version in versions:
            assert asked.specifier.contains(version), f"{asked.name} {version}: run make lock"


@pytest.mark.parametrize("name", EXTRAS)
def test_everything_locked_has_hashes_and_no_address(name: str) -> None:
    assert "/" not in _text_of(name)
    for line in _lines_of(name):
        pin, *hashes = line.split(" --hash=sha256:")
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w.<>!=' ()]+)?", pin)
        assert hashes, pin
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in hashes), pin


@pytest.mark.parametrize("name", EXTRAS)
def test_what_runs_is_what_the_tests_ran(name: str) -> None:
    everything = _locked("dev")
    for package, versions in _locked(name).items():
        assert versions <= everything[package], package


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("discord-py", {"server", "charts", "run", "dev"}),
        ("matplotlib", {"charts", "run", "dev"}),
        ("numpy", {"charts", "run", "dev"}),
        ("simcord", {"run", "dev"}),
        ("pytest", {"dev"}),
    ],
)
def test_nothing_is_installed_where_it_is_not_needed(package: str, names: set[str]) -> None:
    assert {name for name in EXTRAS if package in _locked(name)} == names


def test_there_is_no_other_lock() -> None:
    assert {file.name for file in LOCKS.iterdir()} == {f"{name}.txt" for name in EXTRAS}


def test_the_build_backend_is_pinned() -> None:
    [backend] = PYPROJECT["build-system"]["requires"]
    assert re.fullmatch(r"setuptools==[\d.]+", backend)


def _text_of(name: str) -> str:
    return (LOCKS / f"{name}.txt").read_text("utf-8")


def _lines_of(name: str) -> list[str]:
    """Returns what a file locks, each package on one line with its hashes."""
    without_comments = re.sub(r"^ *#.*\n", "", _text_of(name), flags=re.M)
    return re.sub(r" \\\n +", " ", without_comments).splitlines()


def _locked(name: str) -> dict[str, set[str]]:
    """Returns the versions that a file locks, by package; more than one if systems differ."""
    locked: dict[str, set[str]] = {}
    for line in _lines_of(name):
        package, version = line.split()[0].split("==")
        locked.setdefault(package, set()).add(version)
    return locked
