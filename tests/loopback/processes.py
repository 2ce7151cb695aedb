"""The processes of a test: the loopback Discord, and the bot that runs against it."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A Python module as a separate process; its output, both streams, is kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._output = bytearray()
        self._grown = asyncio.Event()
        self._reading = asyncio.create_task(self._read(), name=f"output of {process.pid}")

    @classmethod
    async def start(cls, module: str, *arguments: str, env: Mapping[str, str]) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=_ROOT,
            env={**os.environ, **env},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    @property
    def output(self) -> str:
        return self._output.decode(errors="replace")

    @property
    def cpu_seconds(self) -> float:
        """Returns the CPU seconds used; NaN if the system does not tell."""
        try:
            # After the name in parentheses: the 12th and 13th field, in ticks (man 5 proc).
            fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        except OSError:
            return math.nan
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def said(self, text: str, times: int = 1, within: float = 30.0) -> None:
        """Waits until the output holds a text that often; LookupError if the process ends."""
        async with asyncio.timeout(within):
            while self.output.count(text) < times:
                if self._reading.done():
                    raise LookupError(f"{text!r} never came; the process said:\n{self.output}")
                self._grown.clear()
                await self._grown.wait()

    async def ended(self, within: float = 10.0) -> int:
        """Waits for the process to end by itself; returns its exit code, negative for a signal."""
        async with asyncio.timeout(within):
            await self._reading
            return await self._process.wait()

    async def stop(self, within: float = 10.0) -> int:
        """Asks the process to end as a supervisor does, and waits for its end."""
        self._signal(signal.SIGTERM)
        return await self.ended(within)

    async def kill(self) -> None:
        """Ends the process as a power cut does."""
        self._signal(signal.SIGKILL)
        await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            self._process.send_signal(number)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(65_536):
            self._output += chunk
            self._grown.set()
        self._grown.set()
