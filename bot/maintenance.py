"""What the operator does to the store by command, while the bot is stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock
from bot.forgetting import forget as forget_person
from bot.forgetting import go_on_forgetting
from bot.lock import only_process_on
from data.forget_servers import forget_server as delete_all_of
from data.outside import change_application
from data.people.exporting import is_known
from data.people.forgetting import hosted_ahead, rewrite_wanted
from data.store.connect import is_there
from data.store.database import Database
from data.store.unusable import DatabaseUnusable


class NothingToDo(Exception):
    """The store holds nothing of what was named; ``str()`` is the sentence for the operator."""


async def forget(database: Path, user_id: int) -> str:
    """Delete all that is stored about a person; returns a sentence that says so.

    Raises NothingToDo, or DatabaseUnusable.
    """
    clock = Clock()
    async with _opened(database) as store:
        if not await store.read(lambda t: is_known(t, user_id)):
            raise NothingToDo(
                f"Nothing is stored about the person {user_id}. Copy their id in Discord: with "
                "Developer Mode on, right-click their name, Copy User ID."
            )
        now = clock.now()
        hosted = await store.read(lambda t: hosted_ahead(t, user_id, now=now))
        await forget_person(store, clock, user_id, rewrites_at_once=True)
        is_rewritten = await store.read(rewrite_wanted) is None
    if not is_rewritten:
        return (
            f"All that was stored about {user_id} is deleted, but the file could not be rewritten, "
            "so that bytes of it may be left in it. The next start tries again."
        )
    return (
        f"All that was stored about {user_id} is deleted, and {hosted.dates} jellies ahead are "
        "called off. The next start says so in Discord, corrects cards and deletes messages. "
        "Copies of the database still hold it, until they are deleted too."
    )


async def forget_server(database: Path, guild_id: int) -> str:
    """Delete all that is stored of a server; returns a sentence that says so.

    Raises NothingToDo, or DatabaseUnusable.
    """
    async with _opened(database) as store:
        if not await store.write(lambda t: delete_all_of(t, guild_id)):
            raise NothingToDo(
                f"Nothing is stored of the server {guild_id}. Copy its id in Discord: with "
                "Developer Mode on, right-click the server, Copy Server ID."
            )
        await go_on_forgetting(store, Clock(), rewrites_at_once=True)
        is_rewritten = await store.read(rewrite_wanted) is None
    if not is_rewritten:
        return (
            f"All that was stored of the server {guild_id} is deleted, but the file could not be "
            "rewritten, so that bytes of it may be left in it. The next start tries again."
        )
    return (
        f"All that was stored of the server {guild_id} is deleted. Copies of the database still "
        "hold it, until they are deleted too."
    )


async def adopt(database: Path) -> str:
    """Let another application own the store; returns a sentence that says so.

    Raises DatabaseUnusable.
    """
    async with _opened(database) as store:
        await store.write(change_application)
    return (
        f"{database} belongs to the application that logs in next. It posts the cards of what is "
        "ahead anew; those of the former one no longer answer."
    )


@asynccontextmanager
async def _opened(database: Path) -> AsyncIterator[Database]:
    """Open the store that is there, for this process alone. Raises DatabaseUnusable."""
    if not is_there(database):
        raise DatabaseUnusable(f"There is no database {database}. Check JELLY_DATABASE.")
    with only_process_on(database):
        async with await Database.open(database) as store:
            yield store
