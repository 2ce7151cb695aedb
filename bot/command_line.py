"""The command line ``python -m bot``: run the bot or the demo, copy the database, diagnose."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

from bot import backups, config, logs
from bot.clock import Clock
from bot.config import Config, ConfigError
from bot.lock import only_process_on
from data.store.backups import BackupFailed
from data.store.unusable import DatabaseUnusable

FAILED = 1
MISCONFIGURED = 78
"""Exit code if a retry can't help: EX_CONFIG of sysexits.h, so that a supervisor can tell."""
ABOUT = (
    "The bot in Discord, or the whole of it in the browser. Ends with 78 where a setting is wrong "
    "and a person has to mend it, with 1 where something else failed; the doctor ends with 1 where "
    "there is a problem, and with 0 where there are warnings at most."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=ABOUT)
    parser.add_argument(
        "command",
        nargs="?",
        choices=("run", "demo", "doctor", "backup", "restore"),
        default="run",
        help="run: join Discord, or start the demo where no token is set (the default); "
        "demo: a simulated Discord in the browser; "
        "doctor: look at everything, also while the bot runs, and change nothing; "
        "backup: copy the database, also while the bot runs; restore: put a copy in its place",
    )
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        help="backup: a folder that is there, or a new file such as jelly.sqlite3; restore: the "
        "copy",
    )
    parser.add_argument("--port", type=int, help="demo: the port on this machine; any free one")
    parser.add_argument("--database", type=Path, help="demo: keep its data in this file")
    asked = parser.parse_args(arguments)
    copies = asked.command in ("backup", "restore")
    if copies and asked.path is None:
        parser.error(f"{asked.command} takes the path of a copy")
    if not copies and asked.path is not None:
        parser.error(f"{asked.command} takes no path")
    try:
        settings = config.load()
        logs.set_up(settings.log_level, secret=settings.token)
        if asked.command == "doctor":
            return _examined(settings)
        if copies:
            print(_copied(settings, asked))  # noqa: T201  for the terminal
        else:
            asyncio.run(_program(settings, asked))
    except (ConfigError, DatabaseUnusable, BackupFailed) as problem:
        print(problem, file=sys.stderr)  # noqa: T201  for the terminal
        return MISCONFIGURED if isinstance(problem, ConfigError) else FAILED
    return 0


def _examined(settings: Config) -> int:
    from bot.doctor.findings import State, worst
    from bot.doctor.visit import report, visit

    # The findings already contain what the library would log.
    logging.getLogger("discord").setLevel(logging.ERROR)
    findings = asyncio.run(visit(settings, Clock()))
    print(report(findings))  # noqa: T201  for the terminal
    return FAILED if worst(findings) is State.PROBLEM else 0


def _copied(settings: Config, asked: argparse.Namespace) -> str:
    now = Clock().now()
    if asked.command == "backup":
        return backups.backup(settings, asked.path, now)
    with only_process_on(settings.database):
        return backups.restore(settings, asked.path, now)


def _program(settings: Config, asked: argparse.Namespace) -> Coroutine[None, None, None]:
    if asked.command == "run" and settings.token is not None:
        from bot.run import run

        return run(settings, settings.token)
    # The simulator creates bare clients, and discord.py logs warnings about those.
    for name in ("discord.client", "discord.state"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        from bot.demo import demo
    except ModuleNotFoundError as error:
        if error.name != "simcord":
            raise
        raise ConfigError(
            f"There is no DISCORD_TOKEN, and the demo is not installed ({error.name} is missing). "
            "Put a token into .env, or install the demo: "
            ".venv/bin/pip install --require-hashes -r requirements/run.txt"
        ) from error
    if asked.command == "run":
        print("There is no DISCORD_TOKEN, so this is the demo.")  # noqa: T201  for the terminal
    return demo(port=asked.port, database=asked.database)
