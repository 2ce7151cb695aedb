"""One process on one database, by whatever path it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.lock import is_held, only_process_on
from data.store.unusable import DatabaseUnusable


@pytest.fixture
def real(tmp_path: Path) -> Path:
    return tmp_path / "disk" / "jelly.sqlite3"


def _link(path: Path, to: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)
    return path


def test_a_second_process_is_refused(real: Path) -> None:
    refused = pytest.raises(DatabaseUnusable, match="Another process")
    with only_process_on(real), refused, only_process_on(real):
        pass


@pytest.mark.parametrize("first", ["the file", "the link"])
def test_a_link_to_the_same_database_is_the_same_lock(
    real: Path, tmp_path: Path, first: str
) -> None:
    real.parent.mkdir()
    link = _link(tmp_path / "var" / "linked.sqlite3", real)
    held, other = (real, link) if first == "the file" else (link, real)
    with only_process_on(held):
        assert is_held(other)
        with pytest.raises(DatabaseUnusable, match="Another process"), only_process_on(other):
            pass
    assert is_held(other) is False


def test_links_to_links_and_folders_are_followed(real: Path, tmp_path: Path) -> None:
    real.parent.mkdir()
    chain = _link(tmp_path / "one.sqlite3", _link(tmp_path / "two.sqlite3", real))
    folder = _link(tmp_path / "mounted", real.parent)
    with only_process_on(real):
        for name in (chain, folder / real.name, Path("..", "disk", real.name)):
            path = name if name.is_absolute() else real.parent / name
            with pytest.raises(DatabaseUnusable, match="Another process"), only_process_on(path):
                pass


def test_another_database_is_not_held_by_it(real: Path, tmp_path: Path) -> None:
    with only_process_on(real), only_process_on(tmp_path / "other.sqlite3"):
        assert is_held(real)


def test_a_link_that_leads_nowhere_can_be_locked_and_makes_no_folder(tmp_path: Path) -> None:
    link = _link(tmp_path / "jelly.sqlite3", tmp_path / "unmounted" / "jelly.sqlite3")
    with only_process_on(link):
        assert is_held(link)
    assert not (tmp_path / "unmounted").exists()


def test_a_link_to_itself_is_told_not_raised(tmp_path: Path) -> None:
    loop = _link(tmp_path / "jelly.sqlite3", tmp_path / "jelly.sqlite3")
    with only_process_on(loop):
        assert is_held(loop)
