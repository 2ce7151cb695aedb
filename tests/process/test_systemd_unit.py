"""deploy/jelly.service: how little it allows, and that the bot works with that."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from tests import sandbox
from tests.loopback import TOKEN, Loopback, Process
from tests.process.notify_socket import NotifySocket

MOST_EXPOSED = 2.0
"""Of ten: https://www.freedesktop.org/software/systemd/man/latest/systemd-analyze.html."""
DRAW = """
import asyncio
from bot.charts import history_pictures
from bot.language import ENGLISH, words_for
from tests.histories import history
drawn = asyncio.run(history_pictures(words_for(ENGLISH), history(40)))
for picture in (drawn.over_time, drawn.by_hour):
    assert picture.png.startswith(b"\\x89PNG")
print("drawn", len(drawn.over_time.png), len(drawn.by_hour.png))
"""
TRY_WHAT_IS_FORBIDDEN = """
import errno, mmap, os, socket
def refused(number, call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        assert error.errno == number, error
    else:
        raise AssertionError(f"{call} is allowed")
refused(errno.EPERM, mmap.mmap, -1, 4096, mmap.MAP_PRIVATE, 7)
refused(errno.EPERM, os.chown, "/tmp", 0, 0)
refused(errno.EPERM, os.setpriority, os.PRIO_PROCESS, 0, 1)
refused(errno.EAFNOSUPPORT, socket.socket, 17, socket.SOCK_RAW)
with open("/proc/self/status") as file:
    assert "NoNewPrivs:\\t1" in file.read()
assert socket.getaddrinfo("localhost", 80)
print("forbidden")
"""
SANDBOXED = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")


@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_exposes_little() -> None:
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(sandbox.UNIT)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    overall = re.search(r"Overall exposure level for jelly.service: ([\d.]+)", told)
    assert overall is not None, told
    assert float(overall[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("limit", ["MemoryHigh", "MemoryMax", "TasksMax", "LimitNOFILE"])
def test_memory_tasks_and_files_are_limited(limit: str) -> None:
    [value] = sandbox.settings(limit)
    assert value[0].isdigit()


def test_nothing_but_the_data_may_be_written() -> None:
    assert sandbox.settings("ProtectSystem") == ["strict"]
    assert sandbox.settings("ReadWritePaths") == ["/opt/jelly/app/var"]
    assert sandbox.settings("UMask") == ["0077"]
    assert sandbox.settings("CapabilityBoundingSet") == [""]


@SANDBOXED
async def test_the_sandbox_of_these_tests_forbids_what_the_unit_forbids() -> None:
    assert await _sandboxed(TRY_WHAT_IS_FORBIDDEN) == "forbidden\n"


@SANDBOXED
async def test_the_pictures_are_drawn_under_it() -> None:
    assert re.fullmatch(r"drawn \d{5,} \d{5,}\n", await _sandboxed(DRAW))


@SANDBOXED
async def test_the_bot_works_under_it_and_keeps_the_watchdog_quiet(tmp_path: Path) -> None:
    file = tmp_path / "var" / "jelly.sqlite3"
    async with Loopback() as discord:
        guild = await discord.create_guild()
        await discord.expect_bot()
        with NotifySocket.on("a file") as systemd:
            bot = await Process.start(
                "tests.sandbox",
                *(sys.executable, "-m", "tests.loopback.launch"),
                *("--api", discord.place.api, "--gateway", discord.place.gateway),
                *("--with-parent", "--ready-after", "0.05", "--", "bot", "run"),
                env={"DISCORD_TOKEN": TOKEN, **systemd.environment(file)},
            )
            try:
                assert await systemd.heard() == "READY=1"
                await systemd.hear("STATUS=Connected to Discord")
                for _ in range(3):
                    await systemd.hear("WATCHDOG=1")
                await bot.said("Made the nightly copy")
                answer = await discord.slash(guild.owner, guild.channels["jellies"], "help")
                assert answer.kind == "message"
                assert await bot.stop() == 0
            finally:
                await bot.kill()
    assert "WARNING" not in bot.output
    assert "ERROR" not in bot.output


async def _sandboxed(program: str) -> str:
    """Runs a program in the sandbox; returns what it said."""
    process = await Process.start("tests.sandbox", sys.executable, "-c", program, env={})
    assert await process.ended() == 0, process.output
    return process.output
