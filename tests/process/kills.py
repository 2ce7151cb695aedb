"""``python -m tests.process.kills FOLDER WORD...``: kills a program at each of its steps in turn.

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
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.command_line import main
from data.store.database import Database
from tests.crash.kill_points import KillPoint, Step
from tests.crash.trigger import Trigger, watch

# Of the many statements of a migration, these are enough.
_STATEMENTS = {"BEGIN", "COMMIT", "DROP", "INSERT", "PRAGMA", "ROLLBACK"}


async def _open(database: Path) -> None:
    async with await Database.open(database):
        pass


def _run(folder: Path, words: Sequence[str], steps: int) -> int:
    database = folder / "jelly.sqlite3"
    os.environ["JELLY_DATABASE"] = str(database)
    trigger = Trigger.new(folder.with_name("trigger"))
    trigger.arm(KillPoint(Step.STATEMENT | Step.FILE, steps))
    watch(trigger, folder, statements=_STATEMENTS)
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
