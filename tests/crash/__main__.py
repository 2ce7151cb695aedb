"""``python -m tests.crash``: starts bot processes, each a fork with everything already imported.

Orders are read as lines of JSON from stdin, with the fields of
:class:`~tests.crash.process_pool.Order`. For each process stdout gets two lines,
``began PID`` and ``ended PID CODE``. All processes end when stdin closes.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import bot.clock
import bot.mirrors.card
import bot.mirrors.refresh
import bot.run
from bot.app import COGS
from bot.command_line import main
from bot.config import VARIABLES
from tests.crash.trigger import Trigger, watch
from tests.loopback.launch import point_discord_at, shorten_ready

_READY_AFTER = 0.05
_QUIET = 0.02
"""Seconds after which a card is refreshed; what cards show is recorded after the same delay."""
_EDITS = 1_000


def _live(order: dict[str, Any]) -> int:
    """Runs the bot, or one of its commands, and returns the exit code."""
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    folder = Path(order["folder"])
    os.environ.update(
        {
            **dict.fromkeys(VARIABLES, ""),  # overrides a .env
            "JELLY_DATABASE": str(folder / "jelly.sqlite3"),
            "JELLY_BACKUPS": "3",
            "DISCORD_TOKEN": order["token"],
        }
    )
    point_discord_at(order["api"], order["gateway"])
    shorten_ready(_READY_AFTER)
    _shift_clock(timedelta(seconds=order["ahead"]))
    bot.mirrors.refresh.QUIET = bot.mirrors.refresh.RECORD_AFTER = _QUIET
    bot.mirrors.card.EDITS = _EDITS
    watch(Trigger(Path(order["trigger"])), folder)
    return main(order["words"])


def _shift_clock(ahead: timedelta) -> None:
    now, machine_time = bot.clock.Clock.now, bot.clock.Clock.machine_time

    def shifted(self: bot.clock.Clock) -> datetime:
        return now(self) + ahead

    def shifted_back(self: bot.clock.Clock, moment: datetime) -> datetime:
        return machine_time(self, moment) - ahead

    # The process cannot pass in a clock of its own: it starts the bot the usual way.
    bot.clock.Clock.now = shifted  # type: ignore[method-assign]  # mypy forbids it for methods
    bot.clock.Clock.machine_time = shifted_back  # type: ignore[method-assign]  # as above


def _say(*words: object) -> None:
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


def _in_fork(work: Callable[[], int]) -> int:
    pid = os.fork()
    if not pid:
        try:
            code = work()
        except BaseException:  # noqa: BLE001  the fork ends here, whatever the exception
            traceback.print_exc()
            code = os.EX_SOFTWARE
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return pid


def _watch_over(order: dict[str, Any]) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = _in_fork(partial(_live, order))
    _say("began", pid)
    _, status = os.waitpid(pid, 0)
    _say("ended", pid, os.waitstatus_to_exitcode(status))
    return 0


def _main() -> None:
    os.setpgrp()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for cog in COGS:
        __import__(cog)
    gc.freeze()
    _say("ready")
    for line in sys.stdin:
        _in_fork(partial(_watch_over, json.loads(line)))
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    _main()
