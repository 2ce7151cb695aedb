"""A SIGKILL at a chosen step, shared by a process that counts its steps and its controller."""

from __future__ import annotations

import mmap
import os
import signal
import sqlite3
import struct
import sys
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.crash.kill_points import NEVER, KillPoint, Step, changes_something

# https://docs.python.org/3/library/audit_events.html
_CALLS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}


class Trigger:
    """When a process is to be killed, in a file that can be set while the process runs."""

    # The kinds of steps that count, how many are left; the ``after`` and ``named`` of KillPoint.
    _DOOM = struct.Struct("=qq100s100s")

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), self._DOOM.size)

    @classmethod
    def new(cls, file: Path) -> Self:
        file.write_bytes(bytes(cls._DOOM.size))
        return cls(file)

    def arm(self, kill_point: KillPoint) -> None:
        """Kills the process before the step that the kill point names."""
        texts = (text.encode() for text in (kill_point.after, kill_point.named))
        self._DOOM.pack_into(self._memory, 0, kill_point.steps, kill_point.left, *texts)

    def step(self, step: Step, what: str) -> None:
        """Records that the process is about to do this."""
        steps, left, *texts = self._DOOM.unpack_from(self._memory)
        after, named = (text.rstrip(b"\0").decode() for text in texts)
        if after:
            if step is Step.ANSWER and after in what:
                self.arm(KillPoint(steps, left, named=named))
        elif step & steps and named in what:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if left > NEVER // 2:
                os.write(sys.stderr.fileno(), f"{step.name} {' '.join(what.split())}\n".encode())
            self.arm(KillPoint(steps, left - 1, named=named))


def watch(trigger: Trigger, folder: Path, *, statements: Collection[str] | None = None) -> None:
    """Makes this process report its steps to the trigger from now on.

    ``statements`` lists the first words of those that count; by default all that change anything.
    """

    def hear_statement(sql: str) -> None:
        counts = (
            changes_something(sql) if statements is None else sql.split(maxsplit=1)[0] in statements
        )
        if counts:
            trigger.step(Step.STATEMENT, sql)

    def hear_call(event: str, arguments: tuple[object, ...]) -> None:
        if event in _CALLS and any(str(folder) in str(one) for one in arguments):
            trigger.step(Step.FILE, f"{event} {arguments[0]}")

    _watch_databases(folder, hear_statement)
    sys.addaudithook(hear_call)
    _watch_requests(trigger)


def _watch_databases(folder: Path, hear: Callable[[str], None]) -> None:
    class Watched(sqlite3.Connection):
        def __init__(self, database: str | Path, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  as sqlite3.connect passes them
            super().__init__(database, *arguments, **options)
            if str(folder) in str(database):
                self.set_trace_callback(hear)

    watched = partial(sqlite3.connect, factory=Watched)
    sqlite3.connect = watched  # type: ignore[assignment]  # it lacks overloads that nothing here calls


def _watch_requests(trigger: Trigger) -> None:
    real = aiohttp.ClientSession._request

    async def request(
        session: aiohttp.ClientSession,
        method: str,
        *rest: Any,  # noqa: ANN401  as aiohttp passes them
        **options: Any,  # noqa: ANN401
    ) -> aiohttp.ClientResponse:
        what = f"{method} {rest[0]}"
        trigger.step(Step.REQUEST, what)
        response = await real(session, method, *rest, **options)
        trigger.step(Step.ANSWER, what)
        return response

    setattr(aiohttp.ClientSession, "_request", request)  # noqa: B010  the attribute is not ours to type
