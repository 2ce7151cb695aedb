"""Checks the machine and the files that the bot runs on."""

from __future__ import annotations

import os
import shutil
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.charts import can_draw
from bot.config import Config
from bot.doctor.findings import Finding, fine, problem, warning
from bot.doctor.server import unknown_zones
from bot.messages.text import count
from data.migrations import newest_version
from data.store.backups import newest_nightly
from data.store.integrity import Condition, Flaw

BOT, CLOCK, DATABASE, ZONES = "Bot", "Clock", "Database", "Time zones"

CLOCK_WARNING, CLOCK_PROBLEM = timedelta(seconds=5), timedelta(seconds=60)
OLDEST_COPY = timedelta(days=2)
"""A day is copied when it begins, so the newest copy is never older than that."""
LITTLE_SPACE, NO_SPACE = 500e6, 50e6
"""Bytes."""


def process(held: bool | None) -> Finding:
    """Checks whether a bot works on the database."""
    if held:
        return fine(BOT, "A bot works on this database.")
    if held is None:
        return warning(
            BOT,
            "Whether a bot works on this database can't be told: its lock can't be opened.",
            "Run this as the user who runs the bot.",
        )
    return warning(
        BOT,
        "No bot works on this database.",
        "Start it: `sudo systemctl start jelly`, or `python -m bot run`.",
    )


def pictures() -> Finding:
    """Checks whether the history has pictures; a bot without them is healthy, too."""
    if can_draw():
        return fine(BOT, "`/headcount history` shows pictures and words.")
    return fine(
        BOT,
        "`/headcount history` shows words; to add pictures, install requirements/charts.txt.",
    )


def clock(ahead: timedelta) -> Finding:
    """Checks how far the machine's clock is ahead of Discord's, or behind if negative."""
    off = abs(ahead)
    seconds = count(round(off.total_seconds()), "second")
    if off < CLOCK_WARNING:
        return fine(CLOCK, "The clock of the bot's machine agrees with Discord's.")
    way = "ahead of" if ahead > timedelta(0) else "behind"
    sentence = f"The clock of the bot's machine is {seconds} {way} Discord's"
    remedy = "Let that machine follow network time: `sudo timedatectl set-ntp true`."
    if off < CLOCK_PROBLEM:
        return warning(CLOCK, f"{sentence}.", remedy)
    return problem(CLOCK, f"{sentence}, and so is every reminder.", remedy)


def zone_data(in_use: Sequence[str]) -> Iterator[Finding]:
    """Checks which zone data is read; zones that it lacks are reported with their servers."""
    newest = _version_in(resources.files("tzdata") / "zoneinfo")
    place = next((p for p in map(Path, zoneinfo.TZPATH) if (p / "UTC").exists()), None)
    source = "the package tzdata" if place is None else str(place)
    version = newest if place is None else _version_in(place)
    known = ""
    # Unknown zones are reported with the servers that use them.
    if in_use and not unknown_zones(in_use):
        known = f"Every zone in use is known ({len(in_use)}). "
    sentence = f"{known}The zone data is that of {source}, {version or 'of an unknown version'}"
    if version is None or newest is None or version >= newest:
        yield fine(ZONES, f"{sentence}.")
    else:
        yield warning(
            ZONES,
            f"{sentence}, older than {newest} of the package tzdata.",
            "Update this machine's: `sudo apt install --only-upgrade tzdata`. Or have the "
            "package's read: `Environment=PYTHONTZPATH=` in the systemd unit.",
        )


def _version_in(folder: Traversable) -> str | None:
    """Returns the version that zone data says it is, such as 2026b."""
    try:
        first = (folder / "tzdata.zi").read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return None
    return first.rpartition(" ")[2].strip() if first.startswith("# version ") else None


def no_database(database: Path, *, held: bool | None) -> Finding:
    """Reports that there is no file, which is normal before the first start."""
    sentence = f"There is no database {database}"
    if held or newest_nightly(database) is not None:
        return problem(
            DATABASE, f"{sentence}, but there was one.", _restore(database, stop=bool(held))
        )
    return warning(
        DATABASE,
        f"{sentence} yet.",
        "The first start of the bot makes it. Where there should be one, mend JELLY_DATABASE "
        "in .env.",
    )


def database(path: Path, condition: Condition) -> Finding:
    """Checks whether the file is whole, of which version it is, and how large."""
    newest = newest_version()
    if condition.flaw is None:
        wal = path.with_name(path.name + "-wal")
        size = path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
        sentence = f"{path} is whole, {_size(size)}, of version {condition.version}"
        if condition.version == newest:
            return fine(DATABASE, f"{sentence}, as this program's.")
        return warning(
            DATABASE,
            f"{sentence}; this program's is {newest}.",
            "Start the bot: it copies the database, then brings it up to date.",
        )
    remedies = {
        Flaw.UNREADABLE: "Run this as the user who runs the bot, and see that it may read the file "
        "and write beside it.",
        Flaw.FOREIGN: f"Point JELLY_DATABASE in .env at Jelly's own file. "
        f"{_restore(path, stop=True)}",
        Flaw.DAMAGED: _restore(path, stop=True),
        Flaw.NEWER: "Update the program: `git pull`.",
    }
    return problem(DATABASE, f"{path} {condition.words}.", remedies[condition.flaw])


def copies(settings: Config, today: date) -> Finding:
    """Checks how old the newest nightly copy is."""
    if not settings.backups:
        return fine(DATABASE, "Nightly copies are switched off by JELLY_BACKUPS=0.")
    newest = newest_nightly(settings.database)
    remedy = (
        "Let the bot run: it makes one when a day begins in UTC. Where it runs, its log says what "
        "stands in the way."
    )
    if newest is None:
        return warning(DATABASE, "There is no nightly copy.", remedy)
    copy, day = newest
    age = today - day
    how_old = f"The newest nightly copy is of {day} ({copy})"
    if age >= OLDEST_COPY:
        return warning(DATABASE, f"{how_old}: {count(age.days, 'day')} old.", remedy)
    return fine(DATABASE, f"{how_old}.")


def disk(database: Path) -> Finding:
    """Checks how much room is left for the database and its copies."""
    # Unlike those of a Path, these two report what this user may not look at as missing.
    folder = next(folder for folder in database.parents if os.path.isdir(folder))  # noqa: PTH112
    size = database.stat().st_size if os.path.isfile(database) else 0  # noqa: PTH113
    return space(folder, shutil.disk_usage(folder).free, size)


def space(folder: Path, free: int, size: int) -> Finding:
    """Checks the same for ``free`` bytes beside a database of ``size`` bytes."""
    sentence = f"The disk of {folder} has {_size(free)} left"
    remedy = "Delete what is not needed on it, or move the database: JELLY_DATABASE in .env."
    if free < NO_SPACE:
        return problem(DATABASE, f"{sentence}; soon nothing can be saved.", remedy)
    if free < max(LITTLE_SPACE, 2 * size):
        return warning(DATABASE, f"{sentence}, which is little for the nightly copies.", remedy)
    return fine(DATABASE, f"{sentence}.")


def _restore(database: Path, *, stop: bool) -> str:
    newest = newest_nightly(database)
    copy = str(newest[0]) if newest else "COPY"
    first = "Stop the bot, then put a copy back" if stop else "Put a copy back"
    return f"{first}: `python -m bot restore {copy}`."


def _size(size: float) -> str:
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "kB" else f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"
