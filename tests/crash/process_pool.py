"""Starts bots as real processes, each ready within a tenth of a second."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.crash.kill_points import KillPoint
from tests.crash.trigger import Trigger

_ROOT = Path(__file__).resolve().parents[2]
LONGEST_WAIT = 20.0
"""Seconds; every request to a bot here takes less than one."""


@dataclass(frozen=True)
class Order:
    """What a process is to run: the words after ``python -m bot``, and where."""

    words: tuple[str, ...]
    folder: str
    """Holds the database ``jelly.sqlite3``."""
    trigger: str
    """The file of its trigger, used by one process at a time."""
    log: str
    """A file to which its log and all other output is appended."""
    api: str
    gateway: str
    token: str
    ahead: float
    """Seconds by which its clock is ahead of the machine's."""


class Life:
    """One process, from its fork to its end."""

    def __init__(self, pid: int, trigger: Trigger) -> None:
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, negative for a signal."""
        self._trigger = trigger
        self._timer: asyncio.TimerHandle | None = None

    def kill_point(self, kill_point: KillPoint) -> None:
        """Sets the moment at which the process is killed, from now on."""
        if kill_point.steps:
            self._trigger.arm(kill_point)
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(kill_point.seconds, self.kill)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Asks the process to end, as a supervisor does."""
        self._signal(signal.SIGTERM)

    async def over(self) -> int:
        """Waits until the process has ended and returns its exit code."""
        async with asyncio.timeout(LONGEST_WAIT):
            code = await self.ended
        if self._timer is not None:
            self._timer.cancel()
        return code

    def _signal(self, number: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):  # it has ended, and this is not reported yet
                os.kill(self.pid, number)


class ProcessPool:
    """Starts processes one after another; all of them end with the pool."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash",
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._lives: dict[int, Life] = {}
        self._codes: dict[int, int] = {}
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(), name="pool")
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def begin(self, order: Order, kill_point: KillPoint | None = None) -> Life:
        """Starts a process, with a kill point from the start if one is given."""
        assert self._process.stdin is not None
        trigger = Trigger.new(Path(order.trigger))
        if kill_point is not None:
            trigger.arm(kill_point)
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        life = Life(await self._born.get(), trigger)
        self._lives[life.pid] = life
        if life.pid in self._codes:
            life.ended.set_result(self._codes.pop(life.pid))
        if kill_point is not None and not kill_point.steps:
            life.kill_point(kill_point)
        return life

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            what, *numbers = line.split()
            if what == b"began":
                self._born.put_nowait(int(numbers[0]))
            elif what == b"ended":
                pid, code = map(int, numbers)
                if life := self._lives.pop(pid, None):
                    life.ended.set_result(code)
                else:
                    self._codes[pid] = code  # it ended before its start was reported
