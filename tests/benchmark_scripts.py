"""Runs scripts of ``benchmarks`` as separate processes; nothing of theirs is imported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from bot.config import PROJECT

LONGEST_RUN = 900.0
"""Seconds."""


@dataclass(frozen=True)
class Ran:
    """How a script ended, and its output."""

    exit_code: int
    output: str

    @property
    def broken(self) -> list[str]:
        """Returns the promises that the script reports as broken."""
        sentences = (line.partition("BROKEN: ") for line in self.output.splitlines())
        return [sentence for _, sign, sentence in sentences if sign]


def run_script(name: str, *options: str, how: str | None = None) -> Ran:
    """Runs ``benchmarks.NAME``; if ``how`` is given, with that promise broken."""
    breaking = ("tests.load.break_promise", how) if how else ()
    finished = subprocess.run(
        [sys.executable, "-m", *breaking, f"benchmarks.{name}", *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    print(finished.stdout)  # noqa: T201  pytest shows it if the test fails
    return Ran(finished.returncode, finished.stdout)
