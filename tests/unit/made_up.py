"""A program without Discord and people made up by hand, to ask actions of a real store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.actions import answers, attendance, changes, drafts, saving, settings
from bot.actions.actor import Actor, Person
from bot.actions.details import details_of, with_seats
from bot.actions.previews import Preview
from bot.clock import Clock
from data.models import Answer, fingerprint
from data.schedule.find import find_session
from data.store.database import Database
from data.store.transaction import Transaction
from tests.expected_rights import (
    AHEAD,
    CLOSED,
    MEMBERS,
    ON,
    ONE_DATE,
    OVER,
    REPEATED,
    SECRET,
)
from tests.moments import HOUR, MONDAY

HERE, NEXT_DOOR = 7_000_001, 7_000_002
CHANNEL, NEXT_DOORS_CHANNEL = 7_000_010, 7_000_020
HOST_ROLE = 7_000_020
GUEST = 7_000_106


@dataclass(frozen=True)
class Channels:
    """Access to all channels but the hidden ones."""

    hidden: frozenset[int] = frozenset()

    def may_view(self, channel_id: int) -> bool:
        return channel_id not in self.hidden

    def may_send(self, channel_id: int) -> bool:
        return channel_id not in self.hidden

    def name_of(self, channel_id: int) -> str | None:
        return None if channel_id in self.hidden else f"channel-{channel_id}"


ALL_CHANNELS = Channels()

ROBIN = Actor(7_000_100, "Robin", HERE, ALL_CHANNELS, may_manage_guild=True)
"""Who sets the server up."""
PEOPLE = {
    "member": Actor(7_000_101, "Sam", HERE, ALL_CHANNELS),
    "host": Actor(7_000_102, "Hana", HERE, ALL_CHANNELS, role_ids=frozenset({HOST_ROLE})),
    "organizer": Actor(7_000_103, "Olive", HERE, ALL_CHANNELS, may_manage_events=True),
    "administrator": Actor(
        7_000_104, "Ada", HERE, ALL_CHANNELS, may_manage_events=True, may_manage_guild=True
    ),
    "stranger": Actor(
        8_000_105, "Nadia", NEXT_DOOR, ALL_CHANNELS, may_manage_events=True, may_manage_guild=True
    ),
}
NOWHERE = Channels(frozenset({CHANNEL, CHANNEL + 1}))
OUTSIDERS = {
    "outsider": Actor(7_000_107, "Otis", HERE, NOWHERE),
    "host who is an outsider": replace(PEOPLE["host"], channels=NOWHERE),
    "organizer who is an outsider": replace(PEOPLE["organizer"], channels=NOWHERE),
}
"""Members who may not view the channel in which everything is planned."""
HOST = PEOPLE["host"]


class SetClock(Clock):
    """A clock that stands still until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class MadeUpProgram:
    """A store and a clock; it keeps what it is asked to refresh, and sends nothing."""

    database: Database
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY))
    changed: list[int] = field(default_factory=list)

    def session_changed(self, session_id: int) -> None:
        self.changed.append(session_id)

    async def sessions_changed(self) -> None:
        pass

    def messages_owed(self) -> None:
        pass


@dataclass(frozen=True)
class Planned:
    """What tests name of what is planned."""

    drafts: dict[str, int]
    """The ids of drafts: each member's own, and one of the host's whose words can't be read."""
    promised: str
    """What previews of these drafts say of the dates."""
    fingerprint: str
    """That of the session ahead."""


async def plan_everything(file: Path) -> Planned:
    """Fills a store by asking actions; it is Monday, 10:00 in London, when it is done."""
    async with await Database.open(file) as database:
        program = MadeUpProgram(database)
        for actor, channel_id in ((ROBIN, CHANNEL), (PEOPLE["stranger"], NEXT_DOORS_CHANNEL)):
            await settings.change_settings(
                program, actor, settings.Typed(channel_id=channel_id, zone="Europe/London")
            )
        for what, when, closes in (*ONE_DATE, *REPEATED):
            preview = await _propose(program, HOST, f"{SECRET} {what}", when, closes)
            draft_id = preview.context.draft.draft_id
            await saving.save(program, HOST, draft_id, promised=preview.promised)
        guest = Actor(GUEST, "Gus", HERE, ALL_CHANNELS)
        for which in (AHEAD, CLOSED, ON, OVER):
            details = answers.Details(note=f"{SECRET} cake")
            await answers.answer_chosen(program, guest, which, Answer.GOING, details)
        await changes.pause(program, ROBIN, 2, until=None)
        sam = PEOPLE["member"]
        invited = Person(sam.user_id, sam.name, is_bot=False, channels=ALL_CHANNELS)
        await answers.answer_for(
            program, HOST, AHEAD, Answer.GOING, answers.Details(), person=invited
        )
        previews = {
            person: await _propose(program, PEOPLE[person], f"{SECRET} {person}", "friday 10-16")
            for person in sorted(MEMBERS)
        }
        previews["unread"] = await _propose(program, HOST, f"{SECRET} unread", "3/4 10am")
        await settings.change_settings(program, ROBIN, settings.Typed(host_role_id=HOST_ROLE))
        program.clock.moment += HOUR
        for person in sorted(MEMBERS):
            await attendance.arrive(program, PEOPLE[person], 5)
        await database.write(lambda t: t.run("UPDATE delivery SET state = 'failed'"))
        session = await database.read(lambda t: find_session(t, HERE, 1))
    assert session is not None
    return Planned(
        {name: preview.context.draft.draft_id for name, preview in previews.items()},
        previews["host"].promised,
        fingerprint(session),
    )


async def set_up(program: MadeUpProgram) -> None:
    """Sets a server up as /settings does."""
    await settings.change_settings(
        program, ROBIN, settings.Typed(channel_id=CHANNEL, zone="Europe/London")
    )


async def post(program: MadeUpProgram, actor: Actor, what: str, when: str) -> Preview:
    """Schedules a jelly; returns the preview of it."""
    preview = await _propose(program, actor, what, when)
    await save(program, actor, preview)
    return preview


async def save(
    program: MadeUpProgram, actor: Actor, preview: Preview
) -> saving.Posted | saving.Changed:
    """Posts or saves what a preview shows."""
    draft_id = preview.context.draft.draft_id
    saved = await saving.save(program, actor, draft_id, promised=preview.promised)
    assert not isinstance(saved, Preview)
    return saved


async def stored(database: Database, *, without: int = 0) -> dict[str, list[dict[str, object]]]:
    """Returns everything in the store, except for the rows of one server."""

    def query(transaction: Transaction) -> dict[str, list[dict[str, object]]]:
        tables = transaction.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"
        )
        found = {}
        for table in tables:
            rows = transaction.all(f"SELECT * FROM {table['name']}")
            named = [{name: row[name] for name in row.keys()} for row in rows]  # noqa: SIM118
            found[table["name"]] = [
                row for row in named if not without or row.get("guild_id") != without
            ]
        if without:
            del found["key_value"]  # what the program remembers about itself
        return found

    return await database.read(query)


async def _propose(
    program: MadeUpProgram, actor: Actor, what: str, when: str, closes: str = ""
) -> Preview:
    details = with_seats(
        details_of(what, f"{SECRET} Lane", "", HOST.user_id),
        tone="",
        seats="",
        guests="1",
        closes=closes,
    )
    preview = await drafts.propose(program, actor, details, when)
    assert isinstance(preview, Preview)
    return preview
