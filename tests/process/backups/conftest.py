from __future__ import annotations

import logging
from pathlib import Path

import pytest

# So that a failure in there shows the compared values.
pytest.register_assert_rewrite("tests.process.backups.databases")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the path of the database, also for the command line; its folder has nothing else."""
    file = tmp_path / "var" / "jelly.sqlite3"
    file.parent.mkdir()
    monkeypatch.setenv("JELLY_DATABASE", str(file))
    monkeypatch.setenv("DISCORD_TOKEN", "")
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    return file
