"""Logging to stderr: one line per relevant event, never the token, and nothing about people.

A line names jellies, series, messages, channels and servers by their ids. It never holds a user's
id, anybody's name, or a word that someone typed. An exception is handed to the log as it is: what
may be said of it is decided here, because its text may repeat what someone typed.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from copy import copy
from typing import Any, TextIO

import aiohttp
import discord

from bot.charts import NotDrawn
from bot.discord_errors import brief
from data.store.backups import BackupFailed
from data.store.unusable import DatabaseUnusable

SENTENCES = (DatabaseUnusable, BackupFailed, NotDrawn)
"""Exceptions whose text is a sentence of the program about the machine that it runs on."""
IMPERSONAL = (OSError, sqlite3.Error, aiohttp.ClientError, discord.ConnectionClosed)
"""Exceptions of others whose text is about machines, too."""

_LIBRARIES = ("discord", "apscheduler", "aiosqlite", "tzlocal", "simcord", "aiohttp")
_ID = re.compile(r"\b\d{15,20}\b")
"""Discord's ids; which of those in a library's line are people's can't be told."""


class _Formatter(logging.Formatter):
    """Replaces the token wherever a library may have put it, and leaves people out."""

    def __init__(self, secret: str | None) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        record = copy(record)
        record.exc_text = None  # as another handler may have written it
        if isinstance(record.args, tuple):
            record.args = tuple(map(_without_people, record.args))
        if record.name == "asyncio":
            # It goes on with objects as Python prints them, exceptions and arguments among them.
            record.msg, record.args = re.split(r"[\n(]", record.getMessage())[0], ()
        line = super().format(record)
        if record.name.partition(".")[0] in _LIBRARIES:
            line = _ID.sub("[id]", line)
        return line.replace(self._secret, "[token]") if self._secret else line

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802  as in logging
        return "\n".join(_lines_of(ei[1])) if ei[1] is not None else ""


class _Plain(str):
    """A text that is the same with %r, by which the program logs exceptions."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _without_people(value: object) -> object:
    return _Plain(_summary(value)) if isinstance(value, BaseException) else value


def _summary(error: BaseException) -> str:
    """Returns the kind of an exception, with its text only if that can't be about people."""
    if isinstance(error, discord.HTTPException):
        # Discord's text may quote what was sent.
        return f"{type(error).__name__}: {error.status}, code {error.code}"
    if isinstance(error, SENTENCES):
        return str(error)
    if isinstance(error, IMPERSONAL) and str(error):
        return f"{type(error).__name__}: {brief(error)}"
    return type(error).__name__


def _lines_of(error: BaseException) -> Iterator[str]:
    """Yields the traceback of an exception, after those of what it came from."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _lines_of(cause)
        yield ""
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield _summary(error)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _lines_of(one)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether the record is not logged yet: a database logs by itself why it is unusable."""
    known = (*(record.exc_info or ()), *(record.args or ()))
    return not any(isinstance(one, DatabaseUnusable) and one.number for one in known)


def handler(stream: TextIO, *, secret: str | None = None) -> logging.Handler:
    """Returns what writes the log into a stream."""
    writing = logging.StreamHandler(stream)
    writing.setFormatter(_Formatter(secret))
    writing.addFilter(_is_news)
    return writing


def set_up(level: int, *, secret: str | None = None) -> None:
    """Log to stderr from ``level`` up; libraries from WARNING, or from ``level`` if higher."""
    root = logging.getLogger()
    root.handlers[:] = [handler(sys.stderr, secret=secret)]
    root.setLevel(level)
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
