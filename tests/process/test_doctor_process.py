"""``python -m bot doctor`` as an operator, or their monitoring, runs it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot import config
from bot.doctor import machine
from bot.doctor.findings import State
from data.migrations import migrate, newest_version
from data.models import DeliveryState
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.outcomes import record_end
from data.outside import note_application
from data.refusal import in_english
from data.removed_servers import note_removed
from data.store.backups import nightly_copy
from data.store.key_value import remember
from data.store.transaction import Transaction
from tests.loopback import TOKEN, Guild, Loopback
from tests.moments import DAY
from tests.stored import schedule, set_up, write

pytestmark = pytest.mark.asyncio(loop_scope="module")

WELL, ILL = 0, 1


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord without faults, in which every request of the doctor must be valid."""
    await started.reset_counters()
    yield started
    await started.clear_faults()
    await started.come_back()
    await started.set_clock()
    await started.set_application()
    assert await started.violations() == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "jelly.sqlite3"


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback) -> Guild:
    return await discord.create_guild("Jelly server")


class Report:
    """What the doctor printed, and its exit code."""

    def __init__(self, code: int, output: str) -> None:
        assert "Traceback" not in output, output
        assert TOKEN not in output
        self.sum, *lines = output.splitlines()
        self.lines = [line.strip() for line in lines if line.startswith("  ")]
        problems = [line for line in self.lines if line.startswith("PROBLEM")]
        assert self.sum.startswith("Jelly: ")
        assert code == (ILL if problems else WELL), output
        self.is_well = not problems

    def has(self, state: str, *words: str) -> bool:
        """Returns whether one line has that state and contains all of this."""
        return any(
            line.startswith(f"{state} ") and all(word in line for word in words)
            for line in self.lines
        )


async def test_all_is_well_while_the_bot_runs_and_after_it_has_stopped(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    async with discord.bot("bot", "run", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_ready()
        channel = guild.channels["jellies"]
        await discord.slash(guild.owner, channel, "settings", {"channel": channel, "zone": "UTC"})
        await bot.said("Made the nightly copy")
        told = await _doctor(discord, file)
        assert told.is_well
        assert told.has("OK", "A bot is running on this database")
        assert told.has("OK", str(file), "is intact:", f" version {newest_version()}")
        assert told.has("OK", "newest nightly copy is from")
        assert told.has("OK", "left.")
        assert told.has("OK", "`/headcount history` shows pictures and words.")
        assert told.has("OK", "The token works; the bot is")
        assert told.has("OK", "needs no privileged intent")
        assert told.has("OK", " bot's clock agrees with Discord's")
        assert told.has("OK", "Discord has the commands of this version")
        assert told.has("OK", "In #jellies I have every permission I need")
        assert told.has("OK", "No message is scheduled")
        # The doctor opened no session of its own, and the bot goes on.
        assert (await discord.counters()).gateway["identify"] == 1
        assert (await discord.slash(guild.owner, channel, "settings")).kind == "message"
        assert await bot.stop() == 0
    before = sorted(file.parent.rglob("*"))
    told = await _doctor(discord, file)
    assert told.is_well
    assert told.has("WARNING", "No bot is running on this database", "systemctl start jelly")
    assert told.has("OK", "In #jellies I have every permission I need")
    assert sorted(file.parent.rglob("*")) == before


async def test_what_is_wrong_in_each_server(discord: Loopback, file: Path) -> None:
    names = ("Denied", "Channel gone", "Bot gone", "Owing")
    denied, channel_gone, bot_gone, owing = [await discord.create_guild(name) for name in names]

    def change(transaction: Transaction) -> None:
        for guild in (denied, channel_gone, bot_gone, owing):
            set_up(transaction, guild)
        failing = schedule(transaction, owing, "Failing 🎉", _in(20 * DAY))
        _fail_all(transaction, failing)
        late = schedule(transaction, owing, "Late", _in(10 * DAY))
        transaction.run(
            """
            UPDATE delivery SET due_at = due_at - 2000000, try_at = try_at - 2000000
            WHERE session_id = :late
            """,
            late=late,
        )
        transaction.run(
            "UPDATE channel SET zone = 'Mars/Olympus' WHERE guild_id = :guild_id", guild_id=owing.id
        )
        remember(transaction, "commands", "those of an older Jelly")

    await write(file, change)
    await discord.deny_bot(denied.channels["jellies"], "send_messages")
    await discord.delete_channel(channel_gone.channels["jellies"])
    await discord.remove_bot(bot_gone.id)
    told = await _doctor(discord, file)
    assert told.has("PROBLEM", "In #jellies I'm missing: Send Messages", "> allow.")
    assert told.has("PROBLEM", "The channel for jellies is gone", "`/settings channel:`")
    assert told.has("WARNING", "The bot isn't in this server", "invite it again")
    assert told.has("PROBLEM", "no zone data for Mars/Olympus", "`/settings zone:`")
    assert told.has("PROBLEM", "should have been sent more than 1 minute ago", "“Late”, due 20")
    assert told.has(
        "WARNING",
        "“Failing 🎉”, due 20",
        "didn't arrive: a permission is missing (none).",
        "Try again",
    )
    assert told.has("WARNING", "commands have changed since they were sent to Discord", "Restart")


async def test_another_version_that_told_discord_its_commands_is_noticed_and_mended_by_a_start(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    running = {"JELLY_DATABASE": str(file)}
    async with discord.bot("bot", "run", env=running) as bot:
        await discord.wait_ready()
        assert await bot.stop() == 0
    older = [{"name": "jellies", "description": "As it was once", "type": 1}]
    commands = f"{discord.place.api}/applications/{discord.place.application_id}/commands"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as http,
        http.put(commands, json=older) as answer,
    ):
        assert answer.status == 200
    told = await _doctor(discord, file)
    assert told.has("WARNING", "Discord has different commands", "Restart the bot")
    async with discord.bot("bot", "run", env=running) as bot:
        await discord.wait_ready()
        assert await bot.stop() == 0
    assert (await _doctor(discord, file)).has("OK", "Discord has the commands of this version")


async def test_a_database_of_another_application_and_a_server_that_removed_the_bot(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    def change(transaction: Transaction) -> None:
        set_up(transaction, guild)
        note_removed(transaction, guild.id, now=datetime.now(UTC))
        note_application(transaction, 5)

    await write(file, change)
    told = await _doctor(discord, file)
    assert told.has("WARNING", "belongs to another application than the token (5)", "bot adopt")
    assert told.has("OK", "The bot was removed from this server", f"forget-server {guild.id}")


async def test_a_wrong_clock_and_switches_in_the_developer_portal(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await write(file, lambda t: set_up(t, guild))
    await discord.set_clock(ahead=20)
    told = await _doctor(discord, file)
    assert told.is_well
    assert told.has("WARNING", "clock is 20 seconds behind Discord's", "timedatectl set-ntp true")
    assert told.has("WARNING", "Discord doesn't have the commands yet", "Restart the bot")
    await discord.set_clock(ahead=-75)
    await discord.set_application(
        interactions_endpoint_url="https://example.org", bot_require_code_grant=True
    )
    told = await _doctor(discord, file)
    assert told.has("PROBLEM", "75 seconds ahead of Discord's", "timedatectl set-ntp true")
    assert told.has("PROBLEM", "General Information > Interactions Endpoint URL: empty it")
    assert told.has("PROBLEM", "Bot > Requires OAuth2 Code Grant: off")


async def test_the_portal_has_to_name_a_privacy_policy_and_terms(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await write(file, lambda t: set_up(t, guild))
    told = await _doctor(discord, file)
    assert told.is_well
    assert told.has("WARNING", "privacy policy", "General Information > Privacy Policy URL")
    assert told.has("WARNING", "terms", "General Information > Terms of Service URL")
    await discord.set_application(privacy_policy_url="https://example.org/privacy")
    told = await _doctor(discord, file)
    assert not told.has("WARNING", "privacy policy")
    assert told.has("WARNING", "terms", "General Information > Terms of Service URL")
    await discord.set_application(
        privacy_policy_url="https://example.org/privacy",
        terms_of_service_url="https://example.org/terms",
    )
    told = await _doctor(discord, file)
    assert not told.has("WARNING", "Discord has no ")


@pytest.mark.parametrize("fault", ["away", "away after the login", "token", "login", "no token"])
async def test_without_discord_the_rest_is_looked_at(
    discord: Loopback, guild: Guild, file: Path, fault: str
) -> None:
    await write(file, lambda t: set_up(t, guild))
    token = TOKEN
    if fault == "away":
        await discord.go_away()
        sentence = ("I can't reach Discord", "network")
    elif fault == "away after the login":
        await discord.disturb_requests(path="/guilds/*", drop=True)
        sentence = ("I can't reach Discord", "network")
    elif fault == "token":
        token = "not.the.token.that.is.accepted"
        sentence = ("Discord doesn't accept DISCORD_TOKEN", "> Bot > Reset Token")
    elif fault == "login":
        await discord.disturb_requests(path="/users/@me", status=403, code=20001)
        sentence = ("Discord refused the login (403", "> Bot")
    else:
        token = ""
        sentence = ("There's no DISCORD_TOKEN", "> Bot > Reset Token")
    told = await _doctor(discord, file, token=token)
    assert told.has("PROBLEM", *sentence)
    assert told.has("OK", "is intact:")
    assert told.has("OK", "No message is scheduled")


async def test_a_database_of_an_older_jelly_is_no_problem(discord: Loopback, file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrate(connection, up_to=1)
    told = await _doctor(discord, file)
    assert told.is_well
    assert told.has("WARNING", " version 1; this program has", "upgrades it")


async def test_there_is_no_database_before_the_first_start(discord: Loopback, file: Path) -> None:
    told = await _doctor(discord, file)
    assert told.is_well
    assert told.has("WARNING", f"There is no database {file} yet", "first start", "JELLY_DATABASE")
    assert not file.parent.exists()


def _be_gone(file: Path) -> None:
    file.unlink()


def _be_a_letter(file: Path) -> None:
    file.write_text("Dear Jelly,\n" * 100)


def _be_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _be_empty(file: Path) -> None:
    file.write_bytes(b"")


def _be_of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE guild (name)")


def _be_newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {newest_version() + 1}")


def _be_torn(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])


def _be_cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _be_secret(file: Path) -> None:
    file.chmod(0)


_NOT_AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


@pytest.mark.parametrize(
    ("become", "sentence"),
    [
        (_be_gone, "but there was one"),
        (_be_a_letter, "is no database"),
        (_be_a_folder, "can't be read"),
        (_be_empty, "is not a Jelly database"),
        (_be_of_another_program, "is not a Jelly database"),
        (_be_newer, "is from a newer Jelly"),
        (_be_torn, "is damaged"),
        (_be_cut_off, "is cut off at its end"),
        pytest.param(_be_secret, "can't be read", marks=_NOT_AS_ROOT),
    ],
)
async def test_a_database_that_can_not_be_used(
    discord: Loopback, guild: Guild, file: Path, become: Callable[[Path], None], sentence: str
) -> None:
    await write(file, lambda t: set_up(t, guild))
    copy = nightly_copy(file, date(2026, 12, 3), keep=7)
    assert copy is not None
    become(file)
    told = await _doctor(discord, file)
    assert told.has("PROBLEM", str(file), sentence, "What to do: ")
    is_lost = sentence not in ("can't be read", "is from a newer Jelly")
    assert told.has("PROBLEM", f"`python -m bot restore {copy.path}`") == is_lost
    assert told.has("OK", "The token works; the bot is")


@_NOT_AS_ROOT
async def test_a_folder_that_can_not_be_entered(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await write(file, lambda t: set_up(t, guild))
    file.parent.chmod(0)
    try:
        told = await _doctor(discord, file)
    finally:
        file.parent.chmod(0o700)
    assert told.has("PROBLEM", str(file), "can't be read", "the user who runs the bot")
    assert told.has("WARNING", "lock can't be opened", "the user who runs the bot")


@pytest.mark.parametrize(
    ("keep", "age", "state", "sentence"),
    [
        (7, None, State.WARNING, "There's no nightly copy."),
        (7, 0, State.OK, "The newest nightly copy is from 2026-12-03"),
        (7, 1, State.OK, "The newest nightly copy is from 2026-12-02"),
        (7, 2, State.WARNING, "2 days old."),
        (0, 9, State.OK, "off (JELLY_BACKUPS=0"),
    ],
)
async def test_a_nightly_copy_that_is_missing(
    file: Path, keep: int, age: int | None, state: State, sentence: str
) -> None:
    today = date(2026, 12, 3)
    await write(file, lambda _: None)
    if age is not None:
        nightly_copy(file, today - age * DAY, keep=7)
    settings = config.load(
        {"JELLY_DATABASE": str(file), "JELLY_BACKUPS": str(keep)}, file.with_name(".env")
    )
    finding = machine.copies(settings, today)
    assert finding.state is state
    assert sentence in in_english(finding.sentence)


async def _doctor(discord: Loopback, file: Path, *, token: str = TOKEN) -> Report:
    env = {"JELLY_DATABASE": str(file)}
    async with discord.bot("bot", "doctor", token=token, env=env) as process:
        return Report(await process.ended(), process.output)


def _in(span: timedelta) -> int:
    return int((datetime.now(UTC) + span).timestamp())


def _fail_all(transaction: Transaction, session_id: int) -> None:
    for row in transaction.all(
        "SELECT delivery_id FROM delivery WHERE session_id = :session_id", session_id=session_id
    ):
        record_end(
            transaction,
            row["delivery_id"],
            state=DeliveryState.FAILED,
            error=DeliveryError(ErrorCode.FORBIDDEN, {"text": "none"}),
            now=datetime.now(UTC),
        )
