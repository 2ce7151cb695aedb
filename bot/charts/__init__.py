"""Draws the pictures of past jellies, and writes the same figures in words.

A separate process, ``python -m bot.charts``, draws them and then ends. It can be killed, keeps
matplotlib's 50 MB out of the bot, and has an interpreter lock of its own, so that drawing does not
hold up the bot.

The pictures need the extra ``charts``, which is matplotlib; without it there are only the words.
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

from bot.charts.words import by_hour_in_words, has_one_time, in_words, over_time_in_words
from bot.language import Words
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
"""Seconds; a drawing takes about one."""


class NotDrawn(Exception):
    """There are no pictures; ``str()`` says why, for the log."""


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    description: str
    """The picture's figures, for people who can't see it."""


@dataclass(frozen=True, slots=True)
class Pictures:
    over_time: Picture
    by_hour: Picture | None
    """None if all jellies began on one weekday within one hour."""


def can_draw() -> bool:
    """Returns whether matplotlib is installed, without importing it."""
    return find_spec("matplotlib") is not None


async def history_pictures(words: Words, held: Sequence[PastSession]) -> Pictures:
    """Draws past jellies; at most AT_ONCE drawings run, others wait. Raises NotDrawn."""
    async with _turns(asyncio.get_running_loop()):
        try:
            over_time, by_hour = await _drawn_elsewhere(words.locale, held)
        except TimeoutError as error:
            raise NotDrawn(f"Drawing took longer than {LONGEST_DRAWING:g} seconds.") from error
        except OSError as error:
            raise NotDrawn(f"The process that draws can't be started: {error}.") from error
    return Pictures(
        Picture(over_time, over_time_in_words(words, held)),
        None if has_one_time(held) else Picture(by_hour, by_hour_in_words(words, held)),
    )


@lru_cache(maxsize=1)
def _turns(_loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    """Returns the semaphore of the running loop.

    The tests have many loops, and a semaphore serves one.
    """
    return asyncio.Semaphore(AT_ONCE)


async def _drawn_elsewhere(locale: str, held: Sequence[PastSession]) -> tuple[bytes, bytes]:
    """Returns both pictures from a process that has always ended when this returns or raises."""
    with TemporaryDirectory(prefix="jelly-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.charts"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # The process gets no more than it needs, in particular not the token.
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "MPLCONFIGDIR": folder,  # it requires one that it may write to
                "MPL_IGNORE_SYSTEM_FONTS": "1",  # of which there may be thousands
                "OPENBLAS_NUM_THREADS": "1",  # it would start one for each processor
            },
        )
        try:
            async with asyncio.timeout(LONGEST_DRAWING):
                drawn, said = await process.communicate(pickle.dumps((locale, list(held))))
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
    if process.returncode:
        last_words = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"The process that draws ended with {process.returncode}: {last_words}")
    over_time, by_hour = pickle.loads(drawn)
    return over_time, by_hour
