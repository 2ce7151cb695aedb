"""A rush on one card: so many different members press Going at once, against a bare bot.

Each bot is a real process with a simulated Discord of its own, over real sockets; ours writes to a
real file (synchronous=FULL) before it answers. So many presses are in flight all the time. Each
rush is on a card of its own, in a server of its own, and has its turn right after one on the bare
bot, which edits a card of the same size and stores nothing. There are three kinds of rush: on
members who are new, so that each is welcomed in private; on members who are known, so that no
member is told anything; and on few seats, so that nearly every member is told their place in line.

Per kind: presses acknowledged per second, also as a share of the bare bot's just before; the
milliseconds to an acknowledgement; CPU milliseconds of the bot's process per press, with all that
follows from it (Linux only); edits of the card besides the acknowledgements, and the seconds until
it is right; private messages, and the milliseconds by which they follow.

It does not show Discord's own speed or the network's, and on few cores the simulated Discord
competes with the bot for them. Its disk is the one of the temporary folder (``--folder``).

The seed draws in which order members press. Ends with 1 if a press was not answered, not stored or
not followed by what its member is owed, if a card never came to show what the store holds, if a
seat is taken twice or stays free while people wait, or if there was a 429 or an error in the log.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.presses import Contestant, bare
from benchmarks.report import (
    median,
    not_zero,
    parser_of,
    percentile,
    print_goal,
    print_ratio,
    print_table,
    run,
)
from benchmarks.stores import count, filling, have_been_before, in_days, schedule, set_up
from tests.loopback import Guild, Loopback, Message, Presses, Process, Request

GOAL = 0.80
"""Ratio to the bare bot's presses per second, private messages included."""
MOST_EDITS = 5
LONGEST_WAIT = 1000.0
"""Milliseconds; Discord gives a bot three seconds."""
_SETTLED_WITHIN = 30.0
"""Seconds within which a card must show what the store holds."""
_STALE = "mirror WHERE version_shown < version"
_FOLLOW_UP = "POST /webhooks/{id}/{token}"


@dataclass(frozen=True)
class Kind:
    """Who presses, and for how many seats; None is no limit."""

    name: str
    are_known: bool
    seats: int | None = None

    def follow_ups(self, members: int) -> int:
        """Returns how many members are told something in private."""
        if not self.are_known:
            return members
        return 0 if self.seats is None else members - self.seats

    def shown(self, members: int) -> str:
        """Returns what the card says in the end."""
        return (
            f"**{members} coming**" if self.seats is None else f"**{members - self.seats} waiting"
        )


KINDS = (
    Kind("everybody new", are_known=False),
    Kind("everybody known", are_known=True),
    Kind("everybody known, 50 seats", are_known=True, seats=50),
)


@dataclass(frozen=True)
class Rush:
    """The result of one rush."""

    presses: Presses
    of_bare: Presses
    """The bare bot's presses, just before."""
    cpu: float
    cpu_of_bare: float
    """The bare bot's, in milliseconds per press."""
    card: Message
    card_right_after: float
    """Seconds from the last acknowledgement until the card showed what the store holds.

    Not a number if it never did.
    """
    follow_ups: Sequence[float]
    """Seconds from an acknowledgement to the private message."""

    @property
    def ratio(self) -> float:
        return self.presses.per_second / self.of_bare.per_second


@dataclass
class Jelly:
    """Our bot, with a card for each rush."""

    discord: Loopback
    bot: Process
    guilds: Mapping[Kind, Sequence[Guild]]
    edits: Counter[int] = field(default_factory=Counter)
    """Edits of each card, by its message, besides acknowledgements."""
    limited: int = 0
    unanswered: int = 0
    """Unanswered presses of the warm-up."""
    exit_code: int = 0

    async def card(self, kind: Kind, number: int) -> Message:
        channel = self.guilds[kind][number].channels["jellies"]
        [card] = await self.discord.messages(channel, at_least=1)
        return card

    async def rush(
        self,
        kind: Kind,
        number: int,
        in_flight: int,
        chance: random.Random,
        theirs: Contestant,
    ) -> Rush:
        """Has every member of one server press, and waits until all that follows has happened."""
        members = self.guilds[kind][number].members
        card = await self.card(kind, number)
        await theirs.press(len(members), in_flight)
        await self.take_note()
        cpu_before = self.bot.cpu_seconds
        presses = await self.discord.press_many(
            card,
            [card.buttons["Going"]],
            chance.sample(members, len(members)),
            in_flight=in_flight,
        )
        acknowledged_at, card_right_after = time.perf_counter(), math.nan
        shown = kind.shown(len(members))
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLED_WITHIN):
                while shown not in (card := await self._shown(card)).text:
                    await asyncio.sleep(0.05)
            card_right_after = time.perf_counter() - acknowledged_at
        with suppress(TimeoutError):  # what did not follow is counted
            await self.discord.wait_requests(
                _FOLLOW_UP, kind.follow_ups(len(members)), within=_SETTLED_WITHIN
            )
        cpu = (self.bot.cpu_seconds - cpu_before) / len(members) * 1000
        waits = _follow_up_waits(await self.take_note())
        return Rush(presses, theirs.rounds[-1], cpu, theirs.cpu[-1], card, card_right_after, waits)

    async def take_note(self) -> list[Request]:
        """Returns the requests since the last call, and counts their edits and refusals."""
        requests = await self.discord.requests()
        self.limited += sum((await self.discord.counters()).limited.values())
        await self.discord.reset_counters()
        self.edits.update(
            int(request.path.split("/")[-1]) for request in requests if request.method == "PATCH"
        )
        return requests

    async def _shown(self, card: Message) -> Message:
        return next(
            message
            for message in await self.discord.messages(card.channel_id)
            if message.id == card.id
        )


@asynccontextmanager
async def jelly(file: Path, members: int, rushes: int, seed: int) -> AsyncIterator[Jelly]:
    """Runs our bot, with the cards for so many rushes of each kind."""
    async with Loopback(seed=seed, env={"DISCORD_OPENAPI": ""}) as discord:
        guilds = {
            kind: [await discord.create_guild(members=members) for _ in range(rushes)]
            for kind in KINDS
        }
        fill(file, guilds)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "WARNING"}
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_ready()
            ours = Jelly(discord, bot, guilds)
            yield ours
            ours.exit_code = await bot.stop()


def fill(file: Path, guilds: Mapping[Kind, Sequence[Guild]]) -> None:
    """Fills in a jelly in each server, whose card is due and which has no answers."""
    with filling(file) as connection:
        for kind, of_kind in guilds.items():
            for guild in of_kind:
                set_up(connection, guild.id, guild.channels["jellies"])
                session_id = schedule(connection, guild.id, in_days(2))
                connection.execute(
                    "UPDATE session SET capacity = ? WHERE session_id = ?",
                    (kind.seats, session_id),
                )
                if kind.are_known:
                    have_been_before(connection, guild.id, guild.members)


async def compare(options: argparse.Namespace, file: Path) -> list[str]:
    """Lets the rushes of all kinds take turns, and prints the results; returns what was broken."""
    rushes: dict[Kind, list[Rush]] = {kind: [] for kind in KINDS}
    chance = random.Random(options.seed)
    async with jelly(file, options.members, options.rounds + 1, options.seed) as ours:
        like = await _warm_card(ours, options)
        async with bare(options.members, like) as theirs:
            await theirs.press(options.members, options.in_flight, is_measured=False)
            for number in range(1, options.rounds + 1):
                for kind in KINDS:
                    rush = await ours.rush(kind, number, options.in_flight, chance, theirs)
                    rushes[kind].append(rush)
        # The bot itself knows when no card needs a change any more.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLED_WITHIN):
                while count(file, _STALE):
                    await asyncio.sleep(0.1)
        await ours.take_note()
    _print(rushes, ours, options)
    if "ERROR" in ours.bot.output or "WARNING" in ours.bot.output:
        print(f"the bot said:\n{ours.bot.output}")
    broken = [
        sentence
        for kind, of_kind in rushes.items()
        for sentence in _broken_in(kind, of_kind, options.members)
    ]
    broken += _broken_in_file(file, options.members * (options.rounds + 1) * len(KINDS))
    return broken + not_zero(
        {
            "warm-up: presses without an answer": ours.unanswered,
            "requests answered with 429": ours.limited,
            "errors in the log": ours.bot.output.count("ERROR"),
            "the bot's exit code": ours.exit_code,
        }
    )


def main() -> int:
    parser = parser_of("rush", __doc__)
    parser.add_argument("--members", type=int, default=1_000)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="for the database; a temporary one")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        return asyncio.run(compare(options, Path(folder) / "jelly.sqlite3"))


async def _warm_card(ours: Jelly, options: argparse.Namespace) -> Message:
    """Returns the card at the end of a rush; runs one of each kind, which does not count."""
    for kind in KINDS:
        card = await ours.card(kind, 0)
        members = ours.guilds[kind][0].members
        presses = await ours.discord.press_many(
            card, [card.buttons["Going"]], members, in_flight=options.in_flight
        )
        ours.unanswered += presses.unanswered
    expected = sum(kind.follow_ups(options.members) for kind in KINDS)
    with suppress(TimeoutError):
        await ours.discord.wait_requests(_FOLLOW_UP, expected, within=_SETTLED_WITHIN)
    return (await ours.discord.messages(card.channel_id))[0]


def _follow_up_waits(requests: Sequence[Request]) -> list[float]:
    """Returns the seconds from each acknowledgement to the private message that followed it."""
    acknowledged_at: dict[str, float] = {}
    waits = []
    for request in requests:
        kind, _, token, *_ = request.path.strip("/").split("/")
        if kind == "interactions":
            acknowledged_at[token] = request.at
        elif kind == "webhooks":
            waits.append(request.at - acknowledged_at[token])
    return waits


def _print(rushes: Mapping[Kind, Sequence[Rush]], ours: Jelly, options: argparse.Namespace) -> None:
    print(f"{options.members:,} members, {options.in_flight} in flight, {options.rounds} rounds")
    header = ("round", "bare/s", "jelly/s", "ratio", "bare CPU ms", "jelly CPU ms", "card right s")
    for kind, of_kind in rushes.items():
        rows = [
            (
                number,
                rush.of_bare.per_second,
                rush.presses.per_second,
                rush.ratio,
                rush.cpu_of_bare,
                rush.cpu,
                rush.card_right_after,
            )
            for number, rush in enumerate(of_kind, start=1)
        ]
        medians = [median([row[column] for row in rows]) for column in range(1, len(header))]
        print_table(kind.name, header, [*rows, ("median", *medians)])
        of_bare = [wait * 1000 for rush in of_kind for wait in rush.of_bare.latencies]
        mine = [wait * 1000 for rush in of_kind for wait in rush.presses.latencies]
        unanswered = sum(rush.presses.unanswered for rush in of_kind)
        print(
            f"to an acknowledgement, ms: p50 {percentile(mine, 50):.0f}, p99 "
            f"{percentile(mine, 99):.0f} (bare: {percentile(of_bare, 50):.0f}, "
            f"{percentile(of_bare, 99):.0f}), {unanswered} unanswered"
        )
        waits = [wait * 1000 for rush in of_kind for wait in rush.follow_ups]
        expected = kind.follow_ups(options.members) * options.rounds
        print(f"private messages: {len(waits)} of {expected}")
        if waits:
            print(f"ms later: p50 {percentile(waits, 50):.0f}, p99 {percentile(waits, 99):.0f}")
        print_ratio("ratio", [rush.ratio for rush in of_kind], GOAL, at_least=True)
        print_goal("p99, ms", percentile(mine, 99), LONGEST_WAIT, at_least=False)
        edits = max(ours.edits[rush.card.id] for rush in of_kind)
        print_goal("most edits of a card", edits, MOST_EDITS, at_least=False)


def _broken_in(kind: Kind, rushes: Sequence[Rush], members: int) -> list[str]:
    """Returns a sentence for each promise that was broken in the rushes of one kind."""
    outcomes = Counter[str]()
    for rush in rushes:
        outcomes.update(rush.presses.outcomes)
    followed = sum(len(rush.follow_ups) for rush in rushes)
    return not_zero(
        {
            f"{kind.name}: presses without an answer": outcomes["unanswered"],
            f"{kind.name}: presses refused": outcomes.total()
            - outcomes["update"]
            - outcomes["unanswered"],
            f"{kind.name}: private messages missing": kind.follow_ups(members) * len(rushes)
            - followed,
            f"{kind.name}: cards that never came to show what holds": sum(
                math.isnan(rush.card_right_after) for rush in rushes
            ),
        }
    )


def _broken_in_file(file: Path, pressed: int) -> list[str]:
    """Returns the same for the file's contents in the end, which must be what was pressed."""
    answers = count(file, "rsvp WHERE answer IN ('going', 'waitlisted')")
    seats = """
        (
            SELECT capacity, SUM(answer = 'going') AS taken, SUM(answer = 'waitlisted') AS waiting
            FROM session JOIN rsvp USING (session_id)
            WHERE capacity IS NOT NULL GROUP BY session_id
        )
    """
    overbooked = count(file, f"{seats} WHERE taken > capacity")
    idle = count(file, f"{seats} WHERE taken < capacity AND waiting > 0")
    stale = count(file, _STALE)
    print(
        f"\n{pressed} presses with the warm-up, {answers} answers stored, {overbooked} sessions "
        f"with more people than seats, {idle} with a free seat while people wait"
    )
    return not_zero(
        {
            "presses that are not stored": pressed - answers,
            "jellies with more people than seats": overbooked,
            "jellies with a free seat while people wait": idle,
            "cards that lag behind in the end": stale,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
