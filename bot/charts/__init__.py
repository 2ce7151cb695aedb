"""The pictures of what was held, and the same figures in words.

A process of its own draws them, ``python -m bot.charts``, and ends with that. It can be broken off,
keeps matplotlib's 50 MB out of the bot, and has an interpreter lock that nobody waits for.

The pictures need the extra ``charts``, which is matplotlib; without it the words stand alone.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from tempfile import TemporaryDirectory

from bot.charts.words import by_hour_in_words, in_words, over_time_in_words
from data.models import PastSession

__all__ = [
    "AT_ONCE",
    "LONGEST_DRAWING",
    "NotDrawn",
    "Picture",
    "Pictures",
    "by_hour_in_words",
    "can_draw",
    "history_pictures",
    "in_words",
    "over_time_in_words",
]

AT_ONCE = 2
LONGEST_DRAWING = 30.0
"""Seconds; it takes about one."""


class NotDrawn(Exception):
    """There are no pictures; ``str()`` says why, for the log."""


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    description: str
    """Its figures, for those who can't see it."""


@dataclass(frozen=True, slots=True)
class Pictures:
    over_time: Picture
    by_hour: Picture


def can_draw() -> bool:
    """Return whether matplotlib is installed; looks for it without importing it."""
    return find_spec("matplotlib") is not None


async def history_pictures(held: Sequence[PastSession]) -> Pictures:
    """Draw what was held; waits while others are drawing, AT_ONCE of them. Raises NotDrawn."""
    async with _turns(asyncio.get_running_loop()):
        try:
            over_time, by_hour = await _drawn_elsewhere(held)
        except TimeoutError as error:
            raise NotDrawn(f"Drawing took longer than {LONGEST_DRAWING:g} seconds.") from error
        except OSError as error:
            raise NotDrawn(f"The process that draws can't be started: {error}.") from error
    return Pictures(
        Picture(over_time, over_time_in_words(held)), Picture(by_hour, by_hour_in_words(held))
    )


@lru_cache(maxsize=1)
def _turns(_loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    """Those of the running loop; the tests have many, and a semaphore serves one."""
    return asyncio.Semaphore(AT_ONCE)


async def _drawn_elsewhere(held: Sequence[PastSession]) -> tuple[bytes, bytes]:
    """Both pictures, from a process that has ended, whatever happens, when this ends."""
    with TemporaryDirectory(prefix="jelly-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.charts"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # It is told no more than it needs, the token least of all.
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "MPLCONFIGDIR": folder,  # it insists on one that it may write to
                "MPL_IGNORE_SYSTEM_FONTS": "1",  # of which there may be thousands
            },
        )
        try:
            async with asyncio.timeout(LONGEST_DRAWING):
                drawn, said = await process.communicate(pickle.dumps(list(held)))
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
    if process.returncode:
        last_words = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"The process that draws ended with {process.returncode}: {last_words}")
    over_time, by_hour = pickle.loads(drawn)
    return over_time, by_hour
