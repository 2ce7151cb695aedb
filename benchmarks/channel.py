"""What stands in the channel: a week of a lively server and one of an empty one, both simulated.

The lively one has a weekly series and six more dates, with seats, a waiting list, offers, a move, a
call-off, late requests, invitations to people who take no private messages, guests, check-ins and a
crowd; the empty one has a date every day to which nobody says anything. Both are the same at each
run. After each action, and at every moment at which something is due, all messages in the channel
are counted that are about each date, by what they say. A message that goes out in parts, because
it mentions many, counts as one.

For another checkout that has no such script, copy this one there, with ``weeks.py`` and
``channel_watch.py`` from ``tests/server``.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.report import median, print_table
from tests.moments import MONDAY, WEEK
from tests.server.channel_watch import ChannelWatch, Date
from tests.server.simulated_server import SimulatedServer
from tests.server.weeks import CROWD, live_in_empty_server, live_in_lively_server


async def lived(live: Callable[[SimulatedServer], Awaitable[ChannelWatch]]) -> ChannelWatch:
    """Returns what was seen in a new server during a week."""
    with tempfile.TemporaryDirectory() as folder:
        async with SimulatedServer.open(Path(folder) / "jelly.sqlite3") as server:
            return await live(server)


def figures(watch: ChannelWatch) -> dict[str, float]:
    """Returns the figures of a week: those of a date from its first post on, by what they are."""
    dates = [
        date
        for date in watch.dates()
        if date.starts_at < (MONDAY + WEEK).timestamp() and watch.posts_of(date)
    ]
    posts = [len(watch.posts_of(date)) for date in dates]
    standing = [_most(watch, date) for date in dates]
    pings = [times for date in dates for times in watch.pings(date).values()]
    return {
        "dates": len(dates),
        "posts about a date, median": median(posts),
        "posts about a date, most": max(posts),
        "standing at once, median": median(standing),
        "standing at once, most": max(standing),
        "open questions at once, most": max(seen.questions for seen in watch.seen),
        "words of seats at once, most": max(seen.seats for seen in watch.seen),
        "pings of a person about a date, median": median(pings) if pings else 0,
        "pings of a person about a date, most": max(pings, default=0),
        "posts in the channel": len(watch.posted),
        "left at the end": watch.left,
    }


def _most(watch: ChannelWatch, date: Date) -> int:
    """Returns how many messages about a date stood at most, besides open questions."""
    return max(seen.cards + seen.words for seen in watch.seen if seen.date is date)


async def measure(crowd: int) -> list[tuple[object, ...]]:
    """Returns the rows of the table: each figure of both weeks."""
    lively = figures(await lived(lambda server: live_in_lively_server(server, crowd=crowd)))
    empty = figures(await lived(live_in_empty_server))
    return [(what, number, empty[what]) for what, number in lively.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--crowd", type=int, default=CROWD, help="people who come to the largest date"
    )
    options = parser.parse_args()
    rows = asyncio.run(measure(options.crowd))
    print_table("messages in the channel in a week", ("", "lively", "empty"), rows)


if __name__ == "__main__":
    main()
