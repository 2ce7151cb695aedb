"""``python -m tests.kills FOLDER WORD...``: kill a program at each of its steps in turn.

The program is ``python -m bot WORD...``, or with the word ``open`` the start of the bot's store.
Each time it works on a new copy of the folder, ``FOLDER-0`` and so on, with the database
``jelly.sqlite3``, and is killed one step later, until it ends by itself. A step is a call that
opens or changes a file in that folder, or a statement that changes a database there. In a word,
``FOLDER`` stands for the copy.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.__main__ import main
from data.database import Database

# https://docs.python.org/3/library/audit_events.html
_CALLS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}
# Of a migration's many statements, these are enough.
_STATEMENTS = {"BEGIN", "COMMIT", "DROP", "INSERT", "PRAGMA", "ROLLBACK"}


class _Killer:
    """Counts the steps of this process in a folder, and kills it before one of them."""

    def __init__(self, folder: Path, steps: int) -> None:
        self._folder = str(folder)
        self._left = steps

    def hear_call(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in _CALLS or not any(self._folder in str(one) for one in arguments):
            return
        self._step()

    def hear_statement(self, sql: str) -> None:
        if sql.split(maxsplit=1)[0] in _STATEMENTS:
            self._step()

    def _step(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def _start_killer(folder: Path, steps: int) -> None:
    killer = _Killer(folder, steps)

    class Watched(sqlite3.Connection):
        def __init__(self, database: str | Path, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  as sqlite3.connect passes them
            super().__init__(database, *arguments, **options)
            if str(folder) in str(database):
                self.set_trace_callback(killer.hear_statement)

    watched = partial(sqlite3.connect, factory=Watched)
    sqlite3.connect = watched  # type: ignore[assignment]  # one of many overloads is enough
    sys.addaudithook(killer.hear_call)


async def _open(database: Path) -> None:
    async with await Database.open(database):
        pass


def _run(folder: Path, words: Sequence[str], steps: int) -> int:
    database = folder / "jelly.sqlite3"
    os.environ["JELLY_DATABASE"] = str(database)
    _start_killer(folder, steps)
    if words == ["open"]:
        asyncio.run(_open(database))
        return 0
    return main([word.replace("FOLDER", str(folder)) for word in words])


def _kill_at_each_step(original: Path, words: Sequence[str]) -> int:
    steps = 0
    while True:
        folder = original.with_name(f"{original.name}-{steps}")
        shutil.copytree(original, folder)
        child = os.fork()
        if child == 0:
            os._exit(_run(folder, words, steps))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != -signal.SIGKILL:
            return code
        steps += 1


if __name__ == "__main__":
    sys.exit(_kill_at_each_step(Path(sys.argv[1]), sys.argv[2:]))
