"""What monitoring is told: the health page, and systemd."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot import config
from bot.alarm import LONGEST_WORK
from bot.command_line import MISCONFIGURED
from bot.health import PATIENCE, health_page
from bot.supervisor import supervised
from tests.loopback import Loopback, Process
from tests.process.notify_socket import NotifySocket
from tests.server.simulated_server import SimulatedServer

AS_A_PROCESS = pytest.mark.asyncio(loop_scope="module")
Told = tuple[int, dict[str, Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord() -> AsyncIterator[Loopback]:
    async with Loopback() as discord:
        yield discord


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "jelly.sqlite3"


@pytest.fixture
def port() -> int:
    """Returns a port on which nothing listens."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@AS_A_PROCESS
class TestPage:
    async def test_it_tells_how_a_bot_is(self, discord: Loopback, file: Path, port: int) -> None:
        env = {"JELLY_DATABASE": str(file), "JELLY_HEALTH_PORT": str(port)}
        async with discord.bot("bot", "run", env=env) as bot:
            await bot.said("Ready as")
            status, told = await _asked(port)
            assert status == 200
            assert told["problems"] == []
            assert told["connected"]
            assert told["away"] == 0
            assert told["database"]
            assert told["alarm"]["alive"]
            assert 0 <= told["alarm"]["last"] < 60
            assert told["memory"] > 10e6
            assert told["tasks"] > 3
            assert told["open_files"] > 3
            assert (told["owed"], told["overdue"]) == (0, 0)
            await _keep_from_turning(bot, 0.5)
            assert (await _asked(port))[1]["event_loop_stall"] >= 0.4
            assert (await _asked(port))[1]["event_loop_stall"] < 0.4
            # Only this machine is told; 127.0.0.2 is another address of it.
            with pytest.raises(aiohttp.ClientConnectorError):
                await _asked(port, host="127.0.0.2")
            # Discord mostly comes back by itself, so it is no reason to restart the bot.
            await discord.go_away(api=False)
            async with asyncio.timeout(10):
                while (told := (await _asked(port))[1])["connected"]:
                    await asyncio.sleep(0.01)
            assert told["problems"] == []
            await discord.come_back()
            assert await bot.stop() == 0

    async def test_a_bot_that_still_waits_for_discord(
        self, discord: Loopback, file: Path, port: int
    ) -> None:
        await discord.go_away()
        env = {"JELLY_DATABASE": str(file), "JELLY_HEALTH_PORT": str(port)}
        async with discord.bot("bot", "run", env=env) as bot:
            await bot.said("I can't reach Discord")
            status, told = await _asked(port)
            await discord.come_back()
        assert status == 200
        assert not told["connected"]
        assert told["alarm"] == {"alive": True, "last": None}

    async def test_a_port_that_is_taken(self, discord: Loopback, file: Path, port: int) -> None:
        env = {"JELLY_DATABASE": str(file), "JELLY_HEALTH_PORT": str(port)}
        with closing(socket.create_server(("127.0.0.1", port))):
            async with discord.bot("bot", "run", env=env) as bot:
                assert await bot.ended() == MISCONFIGURED
        assert f"The port {port} of JELLY_HEALTH_PORT can't be had" in bot.output
        assert "Traceback" not in bot.output
        assert "Unclosed" not in bot.output


class TestWhoAsks:
    @pytest.mark.parametrize(
        "name", ["127.0.0.1:{port}", "127.0.0.1", "localhost:{port}", "LocalHost", "[::1]:{port}"]
    )
    async def test_this_machine_is_told(
        self, server: SimulatedServer, port: int, name: str
    ) -> None:
        async with health_page(_settings(server, health_port=port), server.bot):
            assert (await _asked_as(port, f"Host: {name.format(port=port)}"))[0] == 200

    @pytest.mark.parametrize(
        "header",
        [
            "Host: rebound.example:{port}",
            "Host: 127.0.0.1.rebound.example",
            "Host: localhost.rebound.example:{port}",
            "Host: localhost:{port}@rebound.example",
            "Host: 127.0.0.2",
            "Host: 0.0.0.0:{port}",
            "Host: [::ffff:7f00:1]",
            "Host: localhost:",
            "Host:",
            "X-Forwarded-Host: localhost",
        ],
    )
    async def test_a_page_in_a_browser_whose_name_leads_here_is_not(
        self, server: SimulatedServer, port: int, header: str
    ) -> None:
        before = server.database.commits
        async with health_page(_settings(server, health_port=port), server.bot):
            status, text = await _asked_as(port, header.format(port=port))
        assert (status, text) == (403, "Ask for this page at http://127.0.0.1 or http://localhost.")
        assert server.database.commits == before


class TestIllness:
    async def test_a_database_that_can_not_be_written(
        self, server: SimulatedServer, port: int
    ) -> None:
        async with health_page(_settings(server, health_port=port), server.bot):
            with closing(sqlite3.connect(server.file, isolation_level=None)) as another:
                another.execute("BEGIN IMMEDIATE")
                status, told = await _asked(port)
        assert (status, told["database"]) == (503, False)
        [problem] = told["problems"]
        assert problem.startswith("The database can't be written: Another program keeps ")

    async def test_many_questions_write_once(self, server: SimulatedServer, port: int) -> None:
        before = server.database.commits
        async with health_page(_settings(server, health_port=port), server.bot):
            answers = await asyncio.gather(*(_asked(port) for _ in range(20)))
        assert [status for status, _ in answers] == [200] * 20
        assert server.database.commits == before + 1

    async def test_discord_away_for_long(self, server: SimulatedServer, port: int) -> None:
        server.bot.note_away()
        async with health_page(_settings(server, health_port=port), server.bot):
            server.clock.moment += PATIENCE
            assert (await _asked(port))[0] == 200
            server.clock.moment += PATIENCE / 900
            status, told = await _asked(port)
        assert status == 503
        assert told["problems"] == ["Discord has been away for 901 seconds."]

    async def test_work_that_hangs(self, server: SimulatedServer, port: int) -> None:
        server.bot.alarm.worked_at = asyncio.get_running_loop().time() - LONGEST_WORK - 1
        async with health_page(_settings(server, health_port=port), server.bot):
            status, told = await _asked(port)
        assert status == 503
        assert not told["alarm"]["alive"]
        assert told["problems"] == ["The work at the alarm hangs."]

    async def test_what_is_owed_is_counted(self, server: SimulatedServer, port: int) -> None:
        await server.schedule()
        async with health_page(_settings(server, health_port=port), server.bot):
            _, told = await _asked(port)
        assert told["owed"] > 0
        assert told["overdue"] == 0


@AS_A_PROCESS
class TestSystemd:
    @pytest.mark.parametrize("kind", ["a file", "abstract"])
    async def test_it_follows_a_bot_from_its_start_to_its_end(
        self, discord: Loopback, file: Path, kind: str
    ) -> None:
        await discord.go_away()
        with NotifySocket.on(kind) as systemd:
            # Waiting for Discord is no reason to restart the bot.
            async with discord.bot("bot", "run", env=systemd.environment(file)) as bot:
                assert await systemd.heard() == "READY=1"
                await systemd.hear("STATUS=Waiting for Discord since")
                await systemd.hear("WATCHDOG=1")
                await discord.come_back()
                await systemd.hear("STATUS=Connected to Discord")
                await systemd.hear("WATCHDOG=1")
                await systemd.hear("WATCHDOG=1")
                os.kill(bot.pid, signal.SIGTERM)
                await systemd.hear("STOPPING=1\nSTATUS=Stopping")
                assert await bot.ended() == 0

    async def test_a_bot_that_can_not_start_is_never_ready(
        self, discord: Loopback, file: Path
    ) -> None:
        file.mkdir(parents=True)
        with NotifySocket.on("abstract") as systemd:
            async with discord.bot("bot", "run", env=systemd.environment(file)) as bot:
                assert await bot.ended() == 1
            assert systemd.is_silent


class TestSystemdAndIllness:
    async def test_work_that_hangs_is_not_covered_up(self, server: SimulatedServer) -> None:
        loop = asyncio.get_running_loop()
        with NotifySocket.on("a file") as systemd:
            settings = _settings(server, notify_socket=systemd.name, watchdog=0.05)
            server.bot.alarm.worked_at = loop.time() - LONGEST_WORK - 1
            async with supervised(settings, server.bot, asyncio.Event()):
                assert await systemd.heard() == "READY=1"
                assert await systemd.heard() == "STATUS=The work at the alarm hangs"
                with pytest.raises(TimeoutError):
                    await systemd.heard(within=0.3)
                server.bot.alarm.worked_at = loop.time()
                await systemd.hear("WATCHDOG=1")

    async def test_a_signal_at_any_moment_ends_it(self, server: SimulatedServer) -> None:
        for turns in range(5):
            with NotifySocket.on("a file") as systemd:
                settings, stop = _settings(server, notify_socket=systemd.name), asyncio.Event()
                async with asyncio.timeout(10), supervised(settings, server.bot, stop):
                    await systemd.hear("WATCHDOG=1")
                    stop.set()
                    for _ in range(turns):
                        await asyncio.sleep(0)
                await systemd.hear("STOPPING=1")

    async def test_a_bot_goes_on_without_systemd(
        self, server: SimulatedServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings = _settings(server, notify_socket="/nobody/listens", watchdog=0.02)
        async with supervised(settings, server.bot, asyncio.Event()):
            await asyncio.sleep(0.1)
        assert [r.getMessage() for r in caplog.records if "systemd" in r.getMessage()] == [
            "systemd can't be told how the bot is: [Errno 2] No such file or directory"
        ]


async def _asked(port: int, *, host: str = "127.0.0.1") -> Told:
    async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/healthz") as said:
        return said.status, await said.json()


async def _asked_as(port: int, header: str) -> tuple[int, str]:
    """Returns the status and the body of an answer to a request with one header, over a socket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /healthz HTTP/1.0\r\n{header}\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), body.strip()


def _settings(server: SimulatedServer, **others: Any) -> config.Config:  # noqa: ANN401  the settings' own types
    settings = config.load({"JELLY_DATABASE": str(server.file)}, server.file.with_name(".env"))
    return replace(settings, **others)


async def _keep_from_turning(bot: Process, seconds: float) -> None:
    """Blocks the whole process, as a machine without time for it does."""
    os.kill(bot.pid, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    os.kill(bot.pid, signal.SIGCONT)
