"""Measures the size of Jelly: installed, in MB on the disk, and at rest, in MiB of memory.

``installed`` puts each set of requirements into a new virtual environment, as pip does it, and adds
up the size of the files, compiled ones included; the environment itself, with pip in it, is listed
separately. It needs the network, or pip's cache. Another system or Python gets other files.

``at rest`` starts a new process for each figure, over real sockets to a simulated Discord with one
server, and takes its resident memory some seconds after it has logged in. The full store holds open
sessions whose cards are out, and answers to each; the bare bot is an ordinary discord.py bot
without a store: little more than the interpreter and the library. The first process on a store
takes the most: it also tells Discord of the commands and makes the nightly copy. Memory is measured
only on Linux.

It does not show servers with thousands of members, of which Discord tells a bot more, nor what a
busy day adds; for that see ``benchmarks.soak``.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import subprocess
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from benchmarks.report import median, print_table
from benchmarks.start import Start, fill
from bot.config import PROJECT
from tests.loopback import Loopback, Process

SETS = {
    "server": "the bot",
    "charts": "and pictures",
    "run": "and the demo",
    "dev": "and what develops it",
}
"""The files in requirements/, each with what it adds to the one before."""
MB, MIB = 1e6, 2**20


def installed(name: str) -> tuple[float, float]:
    """Returns the MB of a new virtual environment, and those that a set of requirements adds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        before = _size(environment)
        python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
        subprocess.run(
            [
                *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--require-hashes", "-r", PROJECT / "requirements" / f"{name}.txt"),
            ],
            check=True,
        )
        return before / MB, (_size(environment) - before) / MB


def measure_sizes() -> None:
    rows: list[tuple[str, float, float, str]] = []
    empty = smaller = 0.0
    for name, adds in SETS.items():
        empty, size = installed(name)
        rows.append((f"requirements/{name}.txt", size, size - smaller, adds))
        smaller = size
    print_table("installed, MB on the disk", ("", "all", "more", "for"), rows)
    print(f"and {empty:.0f} MB of the virtual environment itself")


async def at_rest(discord: Loopback, start: Start, seconds: float) -> float:
    """Returns the MiB of a new process, so many seconds after it has logged in."""
    async with start() as bot:
        await discord.wait_ready()
        await asyncio.sleep(seconds)
        return _memory(bot.pid)


async def measure_memory(full: Path, empty: Path, rounds: int, seconds: float) -> None:
    async with Loopback(env={"DISCORD_OPENAPI": ""}) as discord:
        await discord.create_guild()

        def ours(file: Path) -> AbstractAsyncContextManager[Process]:
            return discord.bot("bot", "run", env={"JELLY_DATABASE": str(file)})

        contestants: dict[str, Start] = {
            "bare bot": lambda: discord.bot("tests.loopback.bare_bot"),
            "empty store": lambda: ours(empty),
            "full store": lambda: ours(full),
        }
        taken: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, start in contestants.items():
                taken[name].append(await at_rest(discord, start, seconds))
    print_table(
        f"at rest {seconds:g} seconds after the login, MiB in memory, of {rounds} processes",
        ("", "median", "most"),
        [(name, median(values), max(values)) for name, values in taken.items()],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("installed", "at-rest"))
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    if options.only != "at-rest":
        measure_sizes()
    if options.only != "installed":
        with tempfile.TemporaryDirectory() as folder:
            empty, full = Path(folder) / "empty.sqlite3", Path(folder) / "full.sqlite3"
            fill(full, options.sessions, options.answers)
            print(f"\nfull: {options.sessions:,} open sessions, {options.answers:,} answers")
            asyncio.run(measure_memory(full, empty, options.rounds, options.seconds))


def _size(folder: Path) -> int:
    """Returns the bytes of all files in a folder.

    Links, such as that to the interpreter, are not followed.
    """
    return sum(
        file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    )


def _memory(pid: int) -> float:
    """Returns the resident MiB of a process; not a number if the system doesn't report it."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:
        return math.nan
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


if __name__ == "__main__":
    main()
