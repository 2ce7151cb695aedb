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
from data.migrations import newest_version
from data.refusal import Sentence, Value
from data.store.backups import folder_of_copies, newest_nightly
from data.store.integrity import Condition, Flaw
from data.store.private_files import is_open_to_others, open_to_others

BOT, CLOCK, DATABASE, ZONES = "Bot", "Clock", "Database", "Time zones"

CLOCK_WARNING, CLOCK_PROBLEM = timedelta(seconds=5), timedelta(seconds=60)
OLDEST_COPY = timedelta(days=2)
"""A day is copied when it begins, so the newest copy is never older than that."""
LITTLE_SPACE, NO_SPACE = 500e6, 50e6
"""Bytes."""


def process(held: bool | None) -> Finding:
    """Checks whether a bot works on the database."""
    if held:
        return fine(BOT, Sentence("A bot is running on this database."))
    if held is None:
        return warning(
            BOT,
            Sentence(
                "I can't tell whether a bot is running on this database: its lock can't be opened."
            ),
            Sentence("Run this as the user who runs the bot."),
        )
    return warning(
        BOT,
        Sentence("No bot is running on this database."),
        Sentence("Start it: `sudo systemctl start jelly`, or `python -m bot run`."),
    )


def pictures() -> Finding:
    """Checks whether the history has pictures; a bot without them is healthy, too."""
    if can_draw():
        return fine(BOT, Sentence("`/headcount history` shows pictures and words."))
    return fine(
        BOT,
        Sentence(
            "`/headcount history` shows words; to add pictures, install requirements/charts.txt."
        ),
    )


def env_file(path: Path) -> Iterator[Finding]:
    """Checks whether the token is kept from other users of the machine."""
    if is_open_to_others(path):
        yield warning(
            BOT,
            Sentence(
                "Other users of this machine can open {file}, which holds the token.",
                {"file": str(path)},
            ),
            Sentence("Fix it: `chmod 600 {file}`.", {"file": str(path)}),
        )


def files(database: Path) -> Iterator[Finding]:
    """Checks whether the database and its copies are kept from other users of the machine."""
    if exposed := open_to_others(database, folder_of_copies(database)):
        yield warning(
            DATABASE,
            Sentence.counted(
                "Other users of this machine can open {count} file with data, first {file}.",
                "Other users of this machine can open {count} files with data, first {file}.",
                count=len(exposed),
                file=str(exposed[0]),
            ),
            Sentence("Restart the bot as the user who owns them; it fixes that."),
        )


def clock(ahead: timedelta) -> Finding:
    """Checks how far the machine's clock is ahead of Discord's, or behind if negative."""
    off = abs(ahead)
    seconds = round(off.total_seconds())
    if off < CLOCK_WARNING:
        return fine(CLOCK, Sentence("The bot's clock agrees with Discord's."))
    remedy = Sentence("Turn on network time on that machine: `sudo timedatectl set-ntp true`.")
    if off < CLOCK_PROBLEM:
        if ahead > timedelta(0):
            sentence = Sentence.counted(
                "The bot's clock is {count} second ahead of Discord's.",
                "The bot's clock is {count} seconds ahead of Discord's.",
                count=seconds,
            )
        else:
            sentence = Sentence.counted(
                "The bot's clock is {count} second behind Discord's.",
                "The bot's clock is {count} seconds behind Discord's.",
                count=seconds,
            )
        return warning(CLOCK, sentence, remedy)
    if ahead > timedelta(0):
        sentence = Sentence.counted(
            "The bot's clock is {count} second ahead of Discord's, so reminders come early.",
            "The bot's clock is {count} seconds ahead of Discord's, so reminders come early.",
            count=seconds,
        )
    else:
        sentence = Sentence.counted(
            "The bot's clock is {count} second behind Discord's, so reminders come late.",
            "The bot's clock is {count} seconds behind Discord's, so reminders come late.",
            count=seconds,
        )
    return problem(CLOCK, sentence, remedy)


def zone_data(in_use: Sequence[str]) -> Iterator[Finding]:
    """Checks which zone data is read; zones that it lacks are reported with their servers."""
    newest = _version_in(resources.files("tzdata") / "zoneinfo")
    place = next((p for p in map(Path, zoneinfo.TZPATH) if (p / "UTC").exists()), None)
    version = newest if place is None else _version_in(place)
    values: dict[str, Value] = {
        "zones": len(in_use),
        "source": Sentence("the package tzdata") if place is None else str(place),
        "version": Sentence("of an unknown version") if version is None else version,
    }
    # Unknown zones are reported with the servers that use them.
    all_known = bool(in_use) and not unknown_zones(in_use)
    if version is None or newest is None or version >= newest:
        if all_known:
            sentence = Sentence(
                "Every zone in use is known ({zones}). Zone data: {source}, {version}.",
                values,
            )
        else:
            sentence = Sentence("Zone data: {source}, {version}.", values)
        yield fine(ZONES, sentence)
        return
    values["newest"] = newest
    if all_known:
        sentence = Sentence(
            "Every zone in use is known ({zones}). Zone data: {source}, {version}; the "
            "tzdata package has {newest}.",
            values,
        )
    else:
        sentence = Sentence(
            "Zone data: {source}, {version}; the tzdata package has {newest}.",
            values,
        )
    yield warning(
        ZONES,
        sentence,
        Sentence(
            "Update this machine's: `sudo apt install --only-upgrade tzdata`. Or have the "
            "package's read: `Environment=PYTHONTZPATH=` in the systemd unit."
        ),
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
    if held or newest_nightly(database) is not None:
        copy = {"copy": _copy_of(database)}
        return problem(
            DATABASE,
            Sentence("There is no database {file}, but there was one.", {"file": str(database)}),
            Sentence("Stop the bot, then restore a copy: `python -m bot restore {copy}`.", copy)
            if held
            else Sentence("Restore a copy: `python -m bot restore {copy}`.", copy),
        )
    return warning(
        DATABASE,
        Sentence("There is no database {file} yet.", {"file": str(database)}),
        Sentence(
            "The bot creates it at its first start. If there should be one already, fix "
            "JELLY_DATABASE in .env."
        ),
    )


def database(path: Path, condition: Condition) -> Finding:
    """Checks whether the file is whole, of which version it is, and how large."""
    newest = newest_version()
    if condition.flaw is None:
        wal = path.with_name(path.name + "-wal")
        size = path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
        values: dict[str, Value] = {
            "file": str(path),
            "size": _size(size),
            "version": condition.version,
            "newest": newest,
        }
        if condition.version == newest:
            return fine(
                DATABASE,
                Sentence(
                    "{file} is intact: {size}, version {version}, the same as this program.", values
                ),
            )
        return warning(
            DATABASE,
            Sentence(
                "{file} is intact: {size}, version {version}; this program has {newest}.", values
            ),
            Sentence("Start the bot: it copies the database, then upgrades it."),
        )
    copy = {"copy": _copy_of(path)}
    remedies = {
        Flaw.UNREADABLE: Sentence(
            "Run this as the user who runs the bot, and make sure that user can read the "
            "file and write next to it."
        ),
        Flaw.FOREIGN: Sentence(
            "Point JELLY_DATABASE in .env at Jelly's own file. Stop the bot, then "
            "restore a copy: `python -m bot restore {copy}`.",
            copy,
        ),
        Flaw.DAMAGED: Sentence(
            "Stop the bot, then restore a copy: `python -m bot restore {copy}`.", copy
        ),
        Flaw.NEWER: Sentence("Update the program: `git pull`."),
    }
    flaw = Sentence("{file} {flaw}.", {"file": str(path), "flaw": condition.words})
    return problem(DATABASE, flaw, remedies[condition.flaw])


def copies(settings: Config, today: date) -> Finding:
    """Checks how old the newest nightly copy is."""
    if not settings.backups:
        return fine(DATABASE, Sentence("Nightly copies are off (JELLY_BACKUPS=0)."))
    newest = newest_nightly(settings.database)
    remedy = Sentence(
        "Keep the bot running: it makes a copy at midnight UTC. If it is running, its "
        "log says what went wrong."
    )
    if newest is None:
        return warning(DATABASE, Sentence("There's no nightly copy."), remedy)
    copy, day = newest
    age = today - day
    if age >= OLDEST_COPY:
        old = Sentence.counted(
            "The newest nightly copy is from {day} ({copy}), {count} day old.",
            "The newest nightly copy is from {day} ({copy}), {count} days old.",
            count=age.days,
            day=day.isoformat(),
            copy=str(copy),
        )
        return warning(DATABASE, old, remedy)
    return fine(
        DATABASE,
        Sentence(
            "The newest nightly copy is from {day} ({copy}).",
            {"day": day.isoformat(), "copy": str(copy)},
        ),
    )


def disk(database: Path) -> Finding:
    """Checks how much room is left for the database and its copies."""
    # Unlike those of a Path, these two report what this user may not look at as missing.
    folder = next(folder for folder in database.parents if os.path.isdir(folder))  # noqa: PTH112
    size = database.stat().st_size if os.path.isfile(database) else 0  # noqa: PTH113
    return space(folder, shutil.disk_usage(folder).free, size)


def space(folder: Path, free: int, size: int) -> Finding:
    """Checks the same for ``free`` bytes beside a database of ``size`` bytes."""
    values = {"folder": str(folder), "size": _size(free)}
    remedy = Sentence("Free some space, or move the database: JELLY_DATABASE in .env.")
    if free < NO_SPACE:
        sentence = Sentence(
            "The disk with {folder} has {size} left. Soon nothing can be saved.", values
        )
        return problem(DATABASE, sentence, remedy)
    if free < max(LITTLE_SPACE, 2 * size):
        sentence = Sentence(
            "The disk with {folder} has only {size} left for nightly copies.", values
        )
        return warning(DATABASE, sentence, remedy)
    return fine(DATABASE, Sentence("The disk with {folder} has {size} left.", values))


def _copy_of(database: Path) -> str:
    """Returns the newest nightly copy, for a command that puts it back."""
    newest = newest_nightly(database)
    return str(newest[0]) if newest else "COPY"


def _size(size: float) -> str:
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "kB" else f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"
