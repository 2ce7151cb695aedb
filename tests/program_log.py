"""What the program logs, as it would write it to stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from bot import logs


@contextmanager
def program_log() -> Iterator[StringIO]:
    """Yields what is logged meanwhile, the program's own lines down to DEBUG."""
    root, written = logging.getLogger(), StringIO()
    ours = [logging.getLogger(name) for name in ("bot", "cogs", "data")]
    before = [logger.level for logger in ours]
    writing = logs.handler(written)
    root.addHandler(writing)
    for logger in ours:
        logger.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(writing)
        for logger, level in zip(ours, before, strict=True):
            logger.setLevel(level)
