"""Deletes a person's data: every step in a transaction of its own, then rewrites the file."""

from __future__ import annotations

import logging
from functools import partial

from bot.clock import Clock
from data.people.forgetting import (
    begin_forgetting,
    being_forgotten,
    forget_some,
    note_rewritten,
    rewrite_wanted,
)
from data.store.database import Database
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)


async def forget(database: Database, clock: Clock, user_id: int) -> None:
    """Deletes a person's data, and what a crash left of earlier deletions."""
    await database.write(lambda t: begin_forgetting(t, user_id))
    await go_on_forgetting(database, clock)


async def go_on_forgetting(database: Database, clock: Clock) -> None:
    """Completes every deletion that has begun.

    If the file can't be rewritten now, it is when this is called again.
    """
    for user_id in await database.read(being_forgotten):
        now = clock.now()
        while await database.write(partial(forget_some, user_id=user_id, now=now)):
            pass
        log.info("A person's data were deleted, because they asked for it.")
    mark = await database.read(rewrite_wanted)
    if mark is None:
        return
    try:
        is_rewritten = await database.rewrite_file()
    except DatabaseUnusable as problem:
        # The person's data are deleted all the same, so nobody is to read that they are not.
        log.warning("What was deleted is wiped from the file later: %s", problem)
        return
    if is_rewritten:
        await database.write(partial(note_rewritten, mark=mark))
    else:
        log.info("The file is being read, so what was deleted is wiped from it later.")
