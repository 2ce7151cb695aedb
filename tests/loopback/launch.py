"""Run a bot, unmodified, against a loopback Discord instead of the real one.

`python -m tests.loopback.launch --api URL --gateway URL -- MODULE [ARGUMENTS]`
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import threading
from typing import Any

import discord
import yarl


def point_discord_at(api: str, gateway: str) -> None:
    """Makes discord.py in this process talk to another Discord."""
    discord.http.Route.BASE = api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    discord.Asset.BASE = api.removesuffix("/api/v10") + "/cdn"


def shorten_ready(seconds: float) -> None:
    """Calls `on_ready` that soon after the last server, not after discord.py's two seconds."""
    get_state = discord.Client._get_state

    def get_state_that_waits_less(self: discord.Client, **options: Any) -> Any:  # noqa: ANN401
        return get_state(self, **{"guild_ready_timeout": seconds, **options})

    discord.Client._get_state = get_state_that_waits_less  # type: ignore[method-assign]  # mypy forbids it for methods


def _end_with_stdin() -> None:
    """Ends the bot with stdin, so a killed test leaves none: its end of the pipe closes with it."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.loopback.launch", description=__doc__)
    parser.add_argument("--api", required=True)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--with-parent", action="store_true", help="end when stdin is closed")
    parser.add_argument("--ready-after", type=float, help="seconds; discord.py's own is 2")
    parser.add_argument("module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    point_discord_at(options.api, options.gateway)
    if options.ready_after is not None:
        shorten_ready(options.ready_after)
    if options.with_parent:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    sys.argv = [options.module, *options.arguments]
    runpy.run_module(options.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
