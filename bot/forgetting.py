"""Deletes a person's data: every step in a transaction of its own, then rewrites the file."""

from __future__ import annotations

import logging
from functools import partial

from bot.clock import Clock
from data.people.forgetting import (
    begin_forgetting,
    being_forgotten,
    forget_some,
    may_rewrite,
    note_rewritten,
    rewrite_wanted,
)
from data.store.database import Database
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)


async def forget(
    database: Database, clock: Clock, user_id: int, *, rewrites_at_once: bool = False
) -> None:
    """Deletes a person's data, and what a crash left of earlier deletions."""
    await database.write(lambda t: begin_forgetting(t, user_id))
    await go_on_forgetting(database, clock, rewrites_at_once=rewrites_at_once)


async def go_on_forgetting(
    database: Database, clock: Clock, *, rewrites_at_once: bool = False
) -> None:
    """Completes every deletion that has begun, and rewrites the file after it.

    Unless that is to be at once, REWRITES_APART pass between two rewritings, so that nobody holds
    the bot up by having themselves forgotten again and again. If the file is not rewritten now, it
    is when this is called again.
    """
    for user_id in await database.read(being_forgotten):
        now = clock.now()
        while await database.write(partial(forget_some, user_id=user_id, now=now)):
            pass
        log.info("A person's data were deleted, because they asked for it.")
    mark = await database.read(rewrite_wanted)
    if mark is None:
        return
    now = clock.now()
    if not rewrites_at_once and not await database.read(partial(may_rewrite, now=now)):
        return
    try:
        is_rewritten = await database.rewrite_file()
    except DatabaseUnusable as problem:
        # The person's data are deleted all the same, so nobody is to read that they are not.
        log.warning("What was deleted is wiped from the file later: %s", problem)
        return
    if is_rewritten:
        await database.write(partial(note_rewritten, mark=mark, now=now))
    else:
        log.info("The file is being read, so what was deleted is wiped from it later.")
