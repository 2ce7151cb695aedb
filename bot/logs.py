"""Logging to stderr: one line per relevant event, and never the token."""

from __future__ import annotations

import logging
import sys

from data.store.unusable import DatabaseUnusable


class _Redacting(logging.Formatter):
    """Replaces the token wherever a library may have put it, tracebacks included."""

    def __init__(self, secret: str | None) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line.replace(self._secret, "[token]") if self._secret else line


def _is_news(record: logging.LogRecord) -> bool:
    """Whether the record is not logged yet: a database logs by itself why it is unusable."""
    known = (*(record.exc_info or ()), *(record.args or ()))
    return not any(isinstance(one, DatabaseUnusable) and one.number for one in known)


def set_up(level: int, *, secret: str | None = None) -> None:
    """Log to stderr from ``level`` up; libraries from WARNING, or from ``level`` if higher."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting(secret))
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for library in ("discord", "apscheduler", "aiosqlite", "tzlocal", "simcord", "aiohttp"):
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
