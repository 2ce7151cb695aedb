from __future__ import annotations

import logging
from pathlib import Path

import pytest

# So that what fails in there says what it saw.
pytest.register_assert_rewrite("tests.process.backups.databases")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database is, for the command line too; its folder holds nothing else."""
    file = tmp_path / "var" / "jelly.sqlite3"
    file.parent.mkdir()
    monkeypatch.setenv("JELLY_DATABASE", str(file))
    monkeypatch.setenv("DISCORD_TOKEN", "")
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    return file
