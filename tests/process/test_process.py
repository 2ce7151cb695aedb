"""The bot as a separate process: real sockets, a real file, real signals and the real alarm."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from bot.alarm import Alarm
from bot.app import JellyBot
from bot.clock import Clock
from bot.command_line import FAILED, MISCONFIGURED
from bot.config import PROJECT
from bot.permissions import PERMISSIONS
from data.store.database import Database
from data.store.transaction import Transaction
from tests import stored
from tests.loopback import TOKEN, Guild, Loopback, Message, Process
from tests.moments import MINUTE

pytestmark = pytest.mark.asyncio(loop_scope="module")


_SEND = "POST /channels/{id}/messages"
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ +[\w.]+: ")
_INVITE = re.compile(r"^Invite .*?(https://\S+)$", re.MULTILINE)


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord without faults or counts; every request to it must be valid."""
    await started.reset_counters()
    yield started
    await started.clear_faults()
    await started.come_back()
    assert await started.violations() == []


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback) -> Guild:
    return await discord.create_guild()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Returns where the bot keeps its data; the bot has to create the folder."""
    return tmp_path / "var" / "jelly.sqlite3"


class TestStart:
    async def test_it_prints_the_invite_link_with_exactly_its_permissions(
        self, discord: Loopback, file: Path
    ) -> None:
        async with _running(discord, file) as bot:
            link = _INVITE.search(bot.output)
            assert link is not None, bot.output
        invite = urlsplit(link[1])
        assert invite.hostname == "discord.com"
        assert parse_qs(invite.query) == {
            "client_id": [str(discord.place.application_id)],
            "permissions": [str(PERMISSIONS.value)],
            "scope": ["bot applications.commands"],
        }

    async def test_it_tells_discord_of_its_commands_once(
        self, discord: Loopback, guild: Guild, file: Path
    ) -> None:
        async with _running(discord, file) as bot:
            assert await bot.stop() == 0
        assert await _command_updates(discord) == 1
        async with _running(discord, file) as bot:
            listed = await discord.slash(guild.owner, guild.channels["jellies"], "jelly list")
            assert listed.kind == "message"
            assert await bot.stop() == 0
        assert await _command_updates(discord) == 1

    async def test_it_waits_for_a_gateway_that_is_away(self, discord: Loopback, file: Path) -> None:
        await discord.go_away(api=False)
        async with _starting(discord, file) as bot:
            await bot.said("Attempting a reconnect")
            await discord.come_back()
            await discord.wait_ready()
            assert await bot.stop() == 0

    async def test_its_token_never_shows(self, discord: Loopback, guild: Guild, file: Path) -> None:
        loud = _environment(file, JELLY_LOG_LEVEL="DEBUG")
        async with discord.bot("bot", "run", env=loud) as bot:
            await discord.wait_ready()
            card = await _scheduled_card(discord, guild)
            await discord.click(guild.members[0], card, card.buttons["Going"])
            await discord.disturb_requests(path="/interactions/*", status=403, code=50001, times=1)
            await discord.click(guild.members[0], card, card.buttons["Maybe"], within=0.2)
            await discord.close_gateway(1000)
            await discord.wait_gateway("resume")
            assert await bot.stop() == 0
        assert "DEBUG" in bot.output
        assert "ERROR" in bot.output
        assert TOKEN not in bot.output


class TestTime:
    async def test_a_card_is_posted_as_soon_as_it_is_due(
        self, discord: Loopback, guild: Guild, file: Path
    ) -> None:
        async with _running(discord, file):
            card = await _scheduled_card(discord, guild)
            assert "## Thursday jelly" in card.text
            assert list(card.buttons) == [
                *("Going", "Maybe", "Can't make it", "Add details", "Who's coming")
            ]

    async def test_what_is_due_seconds_ahead_comes_once_and_in_time(
        self, discord: Loopback, guild: Guild, file: Path
    ) -> None:
        async with _running(discord, file) as bot:
            due = int(time.time()) + 2
            await stored.write(file, lambda t: _owe_line_and_reminder(t, guild, due))
            await _ring_alarm(discord, guild)
            messages = await _posted(discord, guild, 4)
            assert await bot.stop() == 0
        async with _running(discord, file) as bot:
            assert await bot.stop() == 0
        assert messages == await _posted(discord, guild, 4)
        notices = [message for message in messages if not message.text.startswith("## ")]
        assert sorted("is on now" in message.text for message in notices) == [False, True]
        for message in notices:
            assert due <= _posted_at(message) < due + 1.5
        assert _count(file, "delivery WHERE kind IN ('start', 'reminder') AND state = 'sent'") == 2


class TestPresses:
    async def test_an_answered_press_survives_a_kill_and_so_do_the_buttons(
        self, discord: Loopback, guild: Guild, file: Path
    ) -> None:
        sam, priya, _ = guild.members
        async with _running(discord, file) as bot:
            card = await _scheduled_card(discord, guild)
            pressed = await discord.click(sam, card, card.buttons["Going"])
            await bot.kill()
        assert pressed.kind == "update"
        assert _answers(file) == {sam: "going"}
        async with _running(discord, file):
            await discord.click(priya, card, card.buttons["Maybe"])
            [shown] = await _posted(discord, guild, 1)
        assert f"<@{sam}>" in shown.text
        assert f"<@{priya}>" in shown.text
        assert _answers(file) == {sam: "going", priya: "maybe"}


def _imports(bot: Process, file: Path) -> bool:
    """Returns whether a module is loaded that the bot imports, so that its first lines have run.

    Before them, Python itself answers Ctrl-C.
    """
    maps = Path(f"/proc/{bot.pid}/maps")
    return "_asyncio" in maps.read_text() if maps.exists() else file.exists()


def _opens_its_database(bot: Process, file: Path) -> bool:
    return file.exists()


SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


class TestStop:
    @pytest.mark.parametrize("moment", [_imports, _opens_its_database])
    async def test_ctrl_c_while_it_starts_ends_it_without_a_word(
        self, file: Path, moment: Callable[[Process, Path], bool]
    ) -> None:
        bot = await Process.start("bot", "run", env=_environment(file, DISCORD_TOKEN=TOKEN))
        async with asyncio.timeout(30):
            while not moment(bot, file):
                await asyncio.sleep(0.001)
        os.kill(bot.pid, signal.SIGINT)
        await bot.ended()
        assert "Traceback" not in bot.output

    async def test_ctrl_c_while_discord_is_away_ends_it_without_a_word(
        self, discord: Loopback, file: Path
    ) -> None:
        await discord.go_away()
        try:
            async with _starting(discord, file) as bot:
                await bot.said("I can't reach Discord")
                os.kill(bot.pid, signal.SIGINT)
                assert await bot.ended() == 0
        finally:
            await discord.come_back()
        assert "Traceback" not in bot.output

    @SIGNALS
    async def test_it_ends_well(
        self, discord: Loopback, file: Path, number: signal.Signals
    ) -> None:
        async with _running(discord, file) as bot:
            os.kill(bot.pid, number)
            assert await bot.ended() == 0
        assert not file.with_name(f"{file.name}-wal").exists()

    @SIGNALS
    async def test_it_finishes_the_answer_in_hand(
        self, discord: Loopback, guild: Guild, file: Path, number: signal.Signals
    ) -> None:
        member = guild.members[0]
        async with _running(discord, file) as bot:
            card = await _scheduled_card(discord, guild)
            await discord.disturb_requests(path="/interactions/*", latency=0.5, times=1)
            press = asyncio.create_task(discord.click(member, card, card.buttons["Going"]))
            await _until(lambda: _answers(file) == {member: "going"})
            os.kill(bot.pid, number)
            assert (await press).kind == "update"
            assert await bot.ended() == 0
        [shown] = await _posted(discord, guild, 1)
        assert f"<@{member}>" in shown.text

    async def test_it_finishes_the_message_in_hand(
        self, discord: Loopback, guild: Guild, file: Path
    ) -> None:
        async with _running(discord, file) as bot:
            await stored.write(file, lambda t: _owe_card(t, guild))
            await discord.disturb_requests(path="/channels/*/messages", latency=0.5, times=1)
            await _ring_alarm(discord, guild)
            await _until(lambda: _count(file, "delivery WHERE state = 'sending'") == 1)
            assert await bot.stop() == 0
        [card] = await _posted(discord, guild, 1)
        assert _count(file, f"mirror WHERE remote_id = {card.id}") == 1

    async def test_it_does_not_wait_for_a_login_that_hangs(
        self, discord: Loopback, file: Path
    ) -> None:
        await discord.disturb_requests(path="/users/@me", latency=30, times=1)
        async with _starting(discord, file) as bot:
            await _until(lambda: file.exists() and _count(file, "sqlite_master") > 0)
            assert await bot.stop(within=5) == 0

    async def test_it_does_not_wait_for_a_gateway_that_is_away(
        self, discord: Loopback, file: Path
    ) -> None:
        await discord.go_away(api=False)
        async with _starting(discord, file) as bot:
            await bot.said("Attempting a reconnect")
            assert await bot.stop(within=1.5) == 0

    async def test_the_alarm_ends_although_it_rings_at_that_moment(self) -> None:
        worked = asyncio.Event()

        async def work() -> None:
            worked.set()

        alarm = Alarm(Clock(), work)
        alarm.start()
        await worked.wait()
        for _ in range(5):  # until it waits for the next change
            await asyncio.sleep(0)
        alarm.ring()
        async with asyncio.timeout(5):
            await alarm.stop()

    async def test_it_ignores_what_discord_py_calls_after_the_end(self, file: Path) -> None:
        async with await Database.open(file) as database:
            async with JellyBot(database, Clock()) as bot:
                pass
            bot.dispatch("ready")


class TestRefusal:
    async def test_a_wrong_token(self, discord: Loopback, file: Path) -> None:
        wrong = "not.the.token.that.is.accepted"
        async with _starting(discord, file, token=wrong) as bot:
            assert "DISCORD_TOKEN" in await _last_words(bot)
        assert wrong not in bot.output

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            (4004, "doesn't accept DISCORD_TOKEN"),
            (4011, "needs shards"),
            (4013, "what this program asks for"),
            (4014, "what this program asks for"),
        ],
    )
    async def test_a_connection_closed_for_good_at_the_start(
        self, discord: Loopback, file: Path, code: int, words: str
    ) -> None:
        await discord.refuse_identify(code)
        async with _starting(discord, file) as bot:
            sentence = await _last_words(bot)
            assert words in sentence
            assert ("DISCORD_TOKEN" in sentence) is (code == 4004)
            assert await bot.ended() == MISCONFIGURED

    async def test_a_connection_closed_for_good_later(self, discord: Loopback, file: Path) -> None:
        async with _starting(discord, file) as bot:
            await bot.said("Ready")
            await discord.close_gateway(4004)
            assert "DISCORD_TOKEN" in await _last_words(bot)

    async def test_a_folder_that_cannot_be_made(self, discord: Loopback, file: Path) -> None:
        file.parent.write_text("A file stands where the folder should be.")
        async with _starting(discord, file) as bot:
            assert str(file.parent) in await _last_words(bot)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    async def test_a_folder_that_cannot_be_written(self, discord: Loopback, file: Path) -> None:
        file.parent.mkdir(mode=0o500)
        async with _starting(discord, file) as bot:
            assert str(file.parent) in await _last_words(bot)

    async def test_a_second_process_on_the_same_database(
        self, discord: Loopback, file: Path
    ) -> None:
        async with _running(discord, file) as first:
            async with _starting(discord, file) as second:
                assert "Another process" in await _last_words(second)
            assert await first.stop() == 0

    async def test_settings_that_cannot_be_read(self, tmp_path: Path) -> None:
        for package in ("bot", "data"):
            shutil.copytree(PROJECT / package, tmp_path / package)
        (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")
        bot = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "run"),
            cwd=tmp_path,
            # Without the file this would be refused too, except for its token.
            env={**os.environ, "DISCORD_TOKEN": "short"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, said = await bot.communicate()
        assert bot.returncode == MISCONFIGURED
        assert printed == b""
        [sentence] = said.decode().splitlines()
        assert str(tmp_path / ".env") in sentence


@asynccontextmanager
async def _running(discord: Loopback, file: Path) -> AsyncIterator[Process]:
    """Runs the bot, connected; killed at the end if still running."""
    async with discord.bot("bot", "run", env=_environment(file)) as bot:
        await discord.wait_ready()
        yield bot
    assert "Traceback" not in bot.output


def _starting(
    discord: Loopback, file: Path, *, token: str = TOKEN
) -> AbstractAsyncContextManager[Process]:
    """Runs the bot from its start; killed at the end if still running."""
    return discord.bot("bot", "run", token=token, env=_environment(file))


def _environment(file: Path, **settings: str) -> dict[str, str]:
    return {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO", **settings}


async def _last_words(bot: Process) -> str:
    """Returns the one line besides its log and the invite link with which the bot gave up."""
    assert await bot.ended() in (FAILED, MISCONFIGURED)
    lines = _INVITE.sub("", bot.output).splitlines()
    [sentence] = [line for line in lines if line and not _LOG_LINE.match(line)]
    assert sentence.endswith(".")
    assert TOKEN not in bot.output
    return sentence


async def _command_updates(discord: Loopback) -> int:
    return (await discord.counters()).requests.get("PUT /applications/{id}/commands", 0)


async def _scheduled_card(discord: Loopback, guild: Guild) -> Message:
    """Sets the server up, schedules a jelly and returns its card."""
    channel = guild.channels["jellies"]
    await discord.slash(guild.owner, channel, "settings", {"channel": channel, "zone": "UTC"})
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    asked = {"what": "Thursday jelly", "when": f"{in_two_days:%Y-%m-%d} 10:00", "where": "The Alb"}
    preview = await discord.slash(guild.owner, channel, "jelly new", asked)
    assert preview.message is not None
    await discord.click(guild.owner, preview.message, preview.message.buttons["Schedule it"])
    [card] = await _posted(discord, guild, 1)
    return card


async def _posted(discord: Loopback, guild: Guild, count: int) -> list[Message]:
    """Returns what everybody sees in the channel, once the bot has posted that many messages."""
    async with asyncio.timeout(10):
        while True:
            messages = await discord.messages(guild.channels["jellies"])
            shown = [message for message in messages if not message.ephemeral]
            if len(shown) >= count:
                return shown
            await asyncio.sleep(0.02)


def _posted_at(message: Message) -> float:
    return datetime.fromisoformat(message.raw["timestamp"]).timestamp()


async def _ring_alarm(discord: Loopback, guild: Guild) -> None:
    """Makes the bot look at what is due, as after any change."""
    await discord.slash(guild.owner, guild.channels["jellies"], "settings", {"thanks": True})


def _owe_line_and_reminder(transaction: Transaction, guild: Guild, due: int) -> None:
    """Makes the start line of one jelly and the reminder of another due at that moment."""
    stored.set_up(transaction, guild)
    stored.go(transaction, guild, stored.schedule(transaction, guild, "Starting", due))
    reminded = stored.schedule(transaction, guild, "Reminded", due + int(MINUTE.total_seconds()))
    stored.go(transaction, guild, reminded)


def _owe_card(transaction: Transaction, guild: Guild) -> None:
    """Makes the card of a jelly in ten minutes due."""
    stored.set_up(transaction, guild)
    stored.schedule(transaction, guild, "Stopped", int(time.time()) + 600)


def _answers(file: Path) -> dict[int, str]:
    """Returns what people answered themselves, by user id."""
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT user_id, answer FROM rsvp WHERE as_host = 0"))


def _count(file: Path, rows: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute(f"SELECT COUNT(*) FROM {rows}").fetchone()[0]
        return count


async def _until(holds: Callable[[], bool], within: float = 5.0) -> None:
    """Waits until something that is not announced has happened."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)
