"""`python -m tests.loopback`: run a loopback Discord until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import signal
import sys
from dataclasses import asdict

from tests.component_ids import keep_component_ids

from .server import Server, Settings


def _parse() -> tuple[Settings, bool]:
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m tests.loopback", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the HTTP API; 0 is any free one")
    parser.add_argument("--gateway-port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--nonce-window", type=float, default=default.nonce_window)
    parser.add_argument("--heartbeat-interval", type=float, default=default.heartbeat_interval)
    parser.add_argument("--no-rate-limits", dest="rate_limits", action="store_false")
    parser.add_argument(
        "--per-second", type=int, default=default.per_second, help="requests that are allowed"
    )
    parser.add_argument("--seed", type=int, default=0, help="of jitter and chance in faults")
    parser.add_argument("--behind", type=float, default=0.0, help="seconds, at first")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin is closed")
    arguments = vars(parser.parse_args())
    with_parent = arguments.pop("with_parent")
    return Settings(**arguments), with_parent


async def _run(settings: Settings, *, with_parent: bool) -> None:
    keep_component_ids()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, ended.set)
    server = Server(settings)
    place = await server.start()
    sys.stdout.write(json.dumps(asdict(place)) + "\n")
    sys.stdout.flush()
    if with_parent:
        # A killed test leaves no server behind: its end of the pipe closes with it.
        loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await server.stop()


if __name__ == "__main__":
    _settings, _with_parent = _parse()
    # What is remembered for replays and queries makes full collections long, and their pauses
    # would be attributed to the bot.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    asyncio.run(_run(_settings, with_parent=_with_parent))
