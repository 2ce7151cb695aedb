"""The command line ``python -m bot``: run the bot or the demo, diagnose, work on the database."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

from bot import backups, config, logs, maintenance
from bot.clock import Clock
from bot.config import Config, ConfigError
from bot.lock import only_process_on
from bot.maintenance import NothingToDo
from data.store.backups import BackupFailed
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

FAILED = 1
MISCONFIGURED = 78
"""Exit code if a retry can't help: EX_CONFIG of sysexits.h, so that a supervisor can tell."""
_TAKES = {
    "backup": "the path of a copy",
    "restore": "the path of a copy",
    "forget": "the id of a person",
    "forget-server": "the id of a server",
}
"""What has to follow a command."""
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
        choices=("run", "demo", "doctor", *_TAKES, "adopt"),
        default="run",
        help="run: join Discord, or start the demo where no token is set (the default); "
        "demo: a simulated Discord in the browser; "
        "doctor: look at everything, also while the bot runs, and change nothing; "
        "backup: copy the database, also while the bot runs; restore: put a copy in its place; "
        "forget: delete all that is stored about a person; "
        "forget-server: delete all that is stored of a server; adopt: after the application in "
        "Discord was changed, let the new one own the database",
    )
    parser.add_argument(
        "argument",
        nargs="?",
        help="backup: a folder that is there, or a new file such as jelly.sqlite3; restore: the "
        "copy; forget: the person's id; forget-server: the server's id",
    )
    parser.add_argument("--port", type=int, help="demo: the port on this machine; any free one")
    parser.add_argument("--database", type=Path, help="demo: keep its data in this file")
    asked = parser.parse_args(arguments)
    takes = _TAKES.get(asked.command)
    if takes is not None and asked.argument is None:
        parser.error(f"{asked.command} takes {takes}")
    if takes is None and asked.argument is not None:
        parser.error(f"{asked.command} takes nothing after it")
    if asked.command.startswith("forget") and not _is_id(asked.argument):
        parser.error(f"{asked.command} takes {takes}, such as 1100000000000000000")
    try:
        settings = config.load()
        logs.set_up(settings.log_level, secret=settings.token)
        if asked.command == "doctor":
            return _examined(settings)
        if asked.command in ("run", "demo"):
            asyncio.run(_program(settings, asked))
        else:
            print(_done(settings, asked))  # noqa: T201  for the terminal
    except (ConfigError, DatabaseUnusable, BackupFailed, NothingToDo) as problem:
        print(problem, file=sys.stderr)  # noqa: T201  for the terminal
        return MISCONFIGURED if isinstance(problem, ConfigError) else FAILED
    except Exception:  # Python would print its text, in which may stand what someone typed
        log.exception("Jelly ended because of an error of its own.")
        return FAILED
    return 0


def _examined(settings: Config) -> int:
    from bot.doctor.findings import State, worst
    from bot.doctor.visit import report, visit

    # The findings already contain what the library would log.
    logging.getLogger("discord").setLevel(logging.ERROR)
    findings = asyncio.run(visit(settings, Clock()))
    print(report(findings))  # noqa: T201  for the terminal
    return FAILED if worst(findings) is State.PROBLEM else 0


def _done(settings: Config, asked: argparse.Namespace) -> str:
    """Do what the command says to the store; returns the sentence that says so."""
    now, database = Clock().now(), settings.database
    match asked.command:
        case "backup":
            return backups.backup(settings, Path(asked.argument), now)
        case "restore":
            with only_process_on(database):
                return backups.restore(settings, Path(asked.argument), now)
        case "forget":
            return asyncio.run(maintenance.forget(database, int(asked.argument)))
        case "forget-server":
            return asyncio.run(maintenance.forget_server(database, int(asked.argument)))
        case _:
            return asyncio.run(maintenance.adopt(database))


def _is_id(argument: str) -> bool:
    """Whether this may be an id of Discord's."""
    return (
        argument.isascii() and argument.isdecimal() and 0 < int(argument) < 1 << 63
        if len(argument) < 20
        else False
    )


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
