"""A faulty network between the bot and the simulated Discord."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.server.simulated_server import SimulatedServer


def through(
    server: SimulatedServer,
    method: str,
    network: Callable[[Callable[[], Awaitable[object]]], Awaitable[object]],
    *,
    once: bool = False,
) -> Callable[[], None]:
    """Sends requests by a method of discord.py's client through a network; returns its repair."""
    real = getattr(server.bot.http, method)

    async def request(*arguments: object, **options: object) -> object:
        if once:
            setattr(server.bot.http, method, real)
        return await network(lambda: real(*arguments, **options))

    setattr(server.bot.http, method, request)
    return lambda: setattr(server.bot.http, method, real)
