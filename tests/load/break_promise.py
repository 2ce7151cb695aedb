"""``python -m tests.load.break_promise HOW MODULE [OPTION]...``: runs a script on a broken bot.

The script is a module such as ``benchmarks.soak``, and runs unchanged. Without its knowledge
a real failure is caused: in the file, in the channel, in Discord or in the bot's process. HOW
is one of ``BREAKS``.
"""

from __future__ import annotations

import runpy
import socket
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

import data.people.rsvps
from tests.crash.world import World
from tests.loopback import TOKEN, Answer, Guild, Loopback, Message, Process


@dataclass
class Scene:
    """A bot that a script has started."""

    discord: Loopback
    file: Path
    bot: Process | None = None
    channels: list[int] = field(default_factory=list)
    health_port: int = 0


Break: TypeAlias = Callable[[Scene], Awaitable[None]]

_OTHER_ANSWER = """
    UPDATE rsvp SET answer = CASE answer WHEN 'declined' THEN 'maybe' ELSE 'declined' END,
        guests = 0, offered_until = NULL, passed = 0, arrived_at = NULL, left_at = NULL
"""
_ONE_MORE_SEATED = """
    UPDATE rsvp SET answer = 'going' WHERE answer = 'waitlisted' AND user_id = (
        SELECT user_id FROM rsvp WHERE answer = 'waitlisted' ORDER BY position LIMIT 1)
"""
_ONE_UNSENT = """
    UPDATE delivery SET state = 'pending', try_at = unixepoch() - 60, message_id = NULL
    WHERE delivery_id = (SELECT MAX(delivery_id) FROM delivery WHERE state = 'sent')
"""
_ONE_DUE_NOW = """
    UPDATE delivery SET state = 'pending', try_at = unixepoch(), message_id = NULL
    WHERE delivery_id = (SELECT MAX(delivery_id) FROM delivery WHERE state = 'sent')
"""


def _replace(owner: object, name: str, by: Callable[..., object]) -> None:
    setattr(owner, name, by)


def _in_the_file(statement: str) -> Break:
    async def change(scene: Scene) -> None:
        with closing(sqlite3.connect(scene.file, timeout=10)) as connection, connection:
            assert connection.execute(statement).rowcount, "there is nothing to break yet"

    return change


async def _repeat_a_message(scene: Scene) -> None:
    """Posts again, as the bot, its last message in one of the channels."""
    for channel in scene.channels:
        mine = [
            message
            for message in await scene.discord.messages(channel)
            if message.author_id == scene.discord.place.bot_id and not message.ephemeral
        ]
        if mine:
            url = f"{scene.discord.place.api}/channels/{channel}/messages"
            names = ("content", "components", "flags")
            body = {name: mine[-1].raw[name] for name in names if mine[-1].raw.get(name)}
            headers = {"Authorization": f"Bot {TOKEN}"}
            async with aiohttp.request("POST", url, json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
            return


async def _lose_acknowledgements(scene: Scene) -> None:
    await scene.discord.disturb_requests(path="/interactions/*", drop=True, chance=0.9)


async def _send_nonsense(scene: Scene) -> None:
    await scene.discord.garble_gateway("GUILD_CREATE", {"id": "not a number"})


async def _kill(scene: Scene) -> None:
    if scene.bot is not None:
        await scene.bot.kill()


_open: list[socket.socket] = []


async def _keep_connections_open(scene: Scene) -> None:
    """Opens connections to the bot, which holds a file for each."""
    if scene.bot is not None and scene.bot.is_running:
        _open.extend(socket.create_connection(("127.0.0.1", scene.health_port)) for _ in range(20))


def _whenever_it_starts(act: Break) -> None:
    start = Loopback.start_bot

    async def start_and_break(
        discord: Loopback,
        module: str,
        *arguments: str,
        **options: Any,  # noqa: ANN401
    ) -> Process:
        bot = await start(discord, module, *arguments, **options)
        if module == "bot":
            await act(Scene(discord, Path(), bot))
        return bot

    _replace(Loopback, "start_bot", start_and_break)


def _before_it_is_counted(act: Break, *, amid_use: bool = False) -> None:
    """Acts when a bot has ended; with ``amid_use`` also if faults are taken back while it runs."""
    start, create, stop = Loopback.start_bot, Loopback.create_guild, Process.stop
    clear, live_on = Loopback.clear_faults, World.live_on
    channels: defaultdict[Loopback, list[int]] = defaultdict(list)
    scenes: dict[Process, Scene] = {}

    async def start_and_note(
        discord: Loopback,
        module: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Process:
        bot = await start(discord, module, *arguments, env=env, **options)
        if env and "JELLY_DATABASE" in env:
            port = int(env.get("JELLY_HEALTH_PORT", 0))
            scenes[bot] = Scene(discord, Path(env["JELLY_DATABASE"]), bot, channels[discord], port)
        return bot

    async def create_and_note(
        discord: Loopback,
        *arguments: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> Guild:
        guild = await create(discord, *arguments, **options)
        channels[discord].extend(guild.channels.values())
        return guild

    async def stop_and_break(process: Process, within: float = 10.0) -> int:
        code = await stop(process, within)
        if process in scenes:
            await act(scenes[process])
        return code

    async def clear_and_break(discord: Loopback) -> None:
        await clear(discord)
        for scene in scenes.values():
            if scene.discord is discord:
                await act(scene)

    async def live_and_break(world: World) -> None:
        await live_on(world)
        await act(Scene(world.discord, world.file, channels=[world.channel]))

    _replace(Loopback, "start_bot", start_and_note)
    _replace(Loopback, "create_guild", create_and_note)
    _replace(Process, "stop", stop_and_break)
    _replace(World, "live_on", live_and_break)
    if amid_use:
        _replace(Loopback, "clear_faults", clear_and_break)


def _allow_fewer_requests() -> None:
    begin = Loopback.__init__

    def begin_with_fewer(discord: Loopback, **options: Any) -> None:  # noqa: ANN401
        begin(discord, **options)
        discord._arguments.append("--per-second=20")

    _replace(Loopback, "__init__", begin_with_fewer)


def _seat_everybody() -> None:
    _replace(data.people.rsvps, "fits", lambda _session, _party: True)


def _press_elsewhere() -> None:
    """Makes each press of Maybe come from a message without that button, as if it was gone.

    The bot stores it and answers in private. That is correct, and no promise is broken.
    """
    click, posted = Loopback.click, dict[int, Message]()

    async def click_elsewhere(
        discord: Loopback,
        user: int,
        message: Message,
        custom_id: str,
        **options: Any,  # noqa: ANN401
    ) -> Answer:
        if not custom_id.endswith(":maybe"):
            return await click(discord, user, message, custom_id, **options)
        channel = message.channel_id
        if channel not in posted:
            posted[channel] = await discord.post(user, channel, "hello")
        return await click(discord, user, posted[channel], custom_id, forged=True)

    _replace(Loopback, "click", click_elsewhere)


def _press_elsewhere_and_change() -> None:
    _press_elsewhere()
    _before_it_is_counted(_in_the_file(f"{_OTHER_ANSWER} WHERE answer = 'maybe'"))


BREAKS: dict[str, Callable[[], None]] = {
    "answers changed": lambda: _before_it_is_counted(_in_the_file(_OTHER_ANSWER)),
    "answers changed amid use": lambda: _before_it_is_counted(
        _in_the_file(_OTHER_ANSWER), amid_use=True
    ),
    "a message twice": lambda: _before_it_is_counted(_repeat_a_message),
    "a message unsent": lambda: _before_it_is_counted(_in_the_file(_ONE_UNSENT)),
    "a message due while it stops": lambda: _before_it_is_counted(_in_the_file(_ONE_DUE_NOW)),
    "one more seated": lambda: _before_it_is_counted(_in_the_file(_ONE_MORE_SEATED)),
    "acknowledgements lost": lambda: _whenever_it_starts(_lose_acknowledgements),
    "nonsense from the gateway": lambda: _before_it_is_counted(_send_nonsense, amid_use=True),
    "the bot killed": lambda: _before_it_is_counted(_kill, amid_use=True),
    "files left open": lambda: _before_it_is_counted(_keep_connections_open, amid_use=True),
    "fewer requests allowed": _allow_fewer_requests,
    "everybody seated": _seat_everybody,
    "answered in private": _press_elsewhere,
    "answered in private, and changed": _press_elsewhere_and_change,
}


if __name__ == "__main__":
    _, how, module, *options = sys.argv
    BREAKS[how]()
    sys.argv = [module, *options]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
