"""The most that plain members can make the bot send to others in an hour: a table in the docs.

One account, and ten together, do what they can; what others then see and hear reaches its numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import simcord

from data.limits import (
    CORRECTIONS_TOGETHER,
    INVITATIONS_TO_EACH,
    MOST_EXTRA_DATES,
    MOST_NEWCOMER_WORDS,
    MOST_NOTICES,
    MOST_NOTICES_OF_CHANNEL,
    MOST_TOLD_EACH,
    NEWCOMERS_TOGETHER,
    SESSIONS_AHEAD,
)
from tests.moments import HOUR, MINUTE, THURSDAY_10
from tests.server.actions import HOST, answer, filled, member, press_in_turn, schedule, told
from tests.server.hosting import close_messages_of, press, told_alone
from tests.server.pings import ASKS, FREE, KEPT
from tests.server.simulated_server import SimulatedServer, buttons_of, said

USING = Path(__file__).parents[2] / "docs/using.md"
HEAD = "| in an hour, at most | one account | ten together |"
LARGEST_SERIES = SESSIONS_AHEAD.days + MOST_EXTRA_DATES
"""Dates: one each day as far as a series is created, and what was added to it."""
PINGING = "<@{victim}> @everyone @here <@&{role}>"
ACCOUNTS = pytest.mark.parametrize("accounts", [1, 10])


class Most(NamedTuple):
    """A row of the table: what members cause alone, and ten of them."""

    one: int
    ten: int

    def of(self, accounts: int) -> int:
        return {1: self.one, 10: self.ten}[accounts]


ABOUT_ONE = Most(3 + MOST_NOTICES, 3 + MOST_NOTICES)
CHANGES = Most(*(n * (MOST_TOLD_EACH - 1 + LARGEST_SERIES) for n in (1, 10)))
WORDS = Most(MOST_NOTICES_OF_CHANNEL, MOST_NOTICES_OF_CHANNEL)
PINGS_FOR_ONE = Most(5, 5)
INVITATIONS = Most(INVITATIONS_TO_EACH, INVITATIONS_TO_EACH)
NEWCOMERS = Most(MOST_NEWCOMER_WORDS, MOST_NEWCOMER_WORDS)


def test_the_docs_have_these_numbers() -> None:
    _, after = USING.read_text(encoding="utf-8").split(HEAD)
    rows = [line.split("|")[2:4] for line in after.split("\n\n")[0].splitlines()[2:]]
    numbers = [Most(*(int(cell.replace(",", "")) for cell in row)) for row in rows]
    assert numbers == [
        ABOUT_ONE,
        CHANGES,
        WORDS,
        PINGS_FOR_ONE,
        INVITATIONS,
        NEWCOMERS,
    ]


def people(server: SimulatedServer, number: int) -> list[simcord.MemberActor]:
    return [member(server, f"Person{n}") for n in range(number)]


def pings_of(server: SimulatedServer, who: simcord.MemberActor) -> int:
    """Returns how many messages in the channel notified someone."""
    return sum(who.id in one.pinged for one in server.posted())


def crowds_pinged(server: SimulatedServer, *channels: simcord.ChannelHandle) -> int:
    """Returns how many messages notified everybody, or a role."""
    stored = [
        server.environment.backend.get_message(message.channel.id, message.id)
        for channel in channels
        for message in channel.history()
    ]
    return sum(bool(one.mention_everyone or one.ping_role_ids) for one in stored)


async def move(server: SimulatedServer, who: simcord.MemberActor, which: str, when: str) -> str:
    preview = await who.slash(server.jellies, "jelly move", jelly=which, when=when)
    saved = await press(who, preview, "Save it")
    await server.settle()
    return said(saved)


async def call_off(server: SimulatedServer, who: simcord.MemberActor, which: str) -> None:
    asked = await who.slash(server.jellies, "jelly cancel", jelly=which)
    await press(who, asked, "Call it off")
    await server.settle()


async def say_yes(server: SimulatedServer, who: simcord.MemberActor) -> None:
    """Accepts the latest invitation."""
    await who.user.click(who.user.dm_channel.history()[-1], label="I'm in")


async def invite_to_all(
    server: SimulatedServer, host: simcord.MemberActor, series_id: int, guest: simcord.MemberActor
) -> None:
    """Invites someone to all dates of a series, who says yes."""
    dates = await dates_of(server, series_id)
    await answer(server, host, "going", session=f"session:{dates[0]}", member=guest, all_dates=True)
    await server.settle()
    await say_yes(server, guest)


async def dates_of(server: SimulatedServer, series_id: int) -> list[int]:
    rows = await server.read(
        "SELECT session_id FROM session WHERE series_id = :series ORDER BY starts_at",
        series=series_id,
    )
    return [row["session_id"] for row in rows]


async def new_series(
    server: SimulatedServer, host: simcord.MemberActor, when: str, **more: object
) -> int:
    """Schedules a series; returns its id."""
    await schedule(server, by=host, title="Daily", when=when, **more)
    [row] = await server.read("SELECT MAX(series_id) AS latest FROM series")
    return int(row["latest"])


async def test_one_account_makes_nine_messages_about_one_jelly(server: SimulatedServer) -> None:
    await server.set_up()
    host = server.members[0]
    seated, waiting = people(server, 4), people(server, 4)
    await schedule(server, by=host, seats=HOST + 4)
    await press_in_turn(server, *seated, *waiting)
    for who in seated:
        await answer(server, host, "declined", member=who)
        await server.settle()
    for when in ("friday 10-16", "friday 11-16"):
        await move(server, host, "Thursday jelly", when)
    await server.after(CORRECTIONS_TOGETHER)
    again = await host.slash(
        server.jellies, "jelly move", jelly="Thursday jelly", when="friday 12-16"
    )
    assert "was moved a short while ago" in said(again)
    await call_off(server, host, "Thursday jelly")
    await server.after(HOUR - CORRECTIONS_TOGETHER)
    assert len(server.cards()) + len(server.said_ever()) == ABOUT_ONE.one


@pytest.mark.parametrize("accounts", [1, 2])
async def test_changes_of_all_jellies_of_each(server: SimulatedServer, accounts: int) -> None:
    """Each account adds as much: ten would take most of a minute here."""
    await server.set_up()
    hosts = people(server, accounts)
    guests = [*hosts[1:], server.members[0]]
    plans: list[tuple[simcord.MemberActor, int, int]] = []
    for host, guest in zip(hosts, guests, strict=True):
        await server.after(MINUTE)  # the bot opens only so many private channels a minute
        some = await new_series(
            server, host, "mondays, wednesdays and fridays 10-16 from nov 25 until jan 15"
        )
        every = await new_series(server, host, "every day 20-22")
        for day in range(1, MOST_EXTRA_DATES + 2):
            extra = await host.slash(
                server.jellies, "jelly extra", jelly=f"series:{every}", when=f"feb {day} 10-16"
            )
            if day <= MOST_EXTRA_DATES:
                await press(host, extra, "Add it")
        assert "dates beside its rule, and that's the most" in said(extra)
        for series_id in (some, every):
            await invite_to_all(server, host, series_id, guest)
        assert len(await dates_of(server, every)) == LARGEST_SERIES
        plans.append((host, some, every))
    await server.after(HOUR)
    before = len(server.said_ever()) + len(server.cards())
    for host, some, every in plans:
        await move_all(server, host, some)
        left = MOST_TOLD_EACH - 1 - len(await dates_of(server, some))
        for date in (await dates_of(server, every))[-left:]:
            moved = {"jelly": f"session:{date}", "where": "Elsewhere"}
            await press(host, await host.slash(server.jellies, "jelly move", **moved), "Save it")
        ended = await host.slash(server.jellies, "jelly end", jelly=f"series:{every}")
        # What they told before has gone out, so that calling off adds to it.
        await server.after(CORRECTIONS_TOGETHER)
        await press(host, ended, "End it")
        more = await host.slash(
            server.jellies, "jelly new", what="More", when="friday 10", where="Home"
        )
        assert f"has had {MOST_TOLD_EACH} messages about your jellies" in said(more)
    await server.after(CORRECTIONS_TOGETHER)
    after = len(server.said_ever()) + len(server.cards())
    assert after - before == accounts * CHANGES.one


async def move_all(server: SimulatedServer, host: simcord.MemberActor, series_id: int) -> None:
    """Gives all dates of a series another place."""
    form = await host.slash(server.jellies, "jelly edit", jelly=f"series:{series_id}", dates="all")
    changed = {**filled(form), "where": "Elsewhere", "host": [host]}
    await press(host, await host.submit_modal(form, changed), "Save it")


@ACCOUNTS
async def test_word_of_seats_in_all_jellies_of_a_channel(
    server: SimulatedServer, accounts: int
) -> None:
    await server.set_up()
    host, victim, _ = server.members
    holders = [host] if accounts == 1 else people(server, accounts)
    seats = 1 if accounts == 1 else HOST + 1
    series = [
        await new_series(server, host, f"every day {hour}-22 from nov 25", seats=seats)
        for hour in (20, 21)
    ]
    dates = [date for one in series for date in await dates_of(server, one)]
    dates = dates[: WORDS.one + 3]
    for number, date in enumerate(dates):
        await answer(server, holders[number % accounts], "going", session=f"session:{date}")
    for one in series:
        await invite_to_all(server, host, one, victim)
    before, known = pings_of(server, victim), len(server.said_ever())
    for number, date in enumerate(dates):
        await answer(server, holders[number % accounts], "declined", session=f"session:{date}")
    await server.settle()
    await server.after(HOUR - MINUTE)
    assert len(server.said_ever()) - known == WORDS.of(accounts)
    assert pings_of(server, victim) - before == WORDS.of(accounts)
    await server.after(MINUTE)
    assert len(told(server, FREE)) == len(dates)


async def test_pings_of_someone_who_asked_to_come_to_one_jelly(server: SimulatedServer) -> None:
    """The host lets them in, offers a seat, moves the jelly so that it is given, calls it off."""
    await server.set_up()
    host, victim, _ = server.members
    await schedule(server, by=host, seats=1, answers_close="1 day")
    await press_in_turn(server, host)
    await server.at(THURSDAY_10 - 90 * MINUTE)
    await victim.click(server.card(), label="Ask to join")
    await server.settle()
    before = pings_of(server, victim)
    await host.click(told(server, ASKS)[-1], label="Put them in line")
    await server.settle()
    await host.click(server.card(), label="Can't make it")
    await server.settle()
    assert len(told(server, KEPT)) == 1
    await move(server, host, "Thursday jelly", "friday 10-16")
    await server.after(31 * MINUTE)
    assert len(told(server, FREE)) == 1
    await call_off(server, host, "Thursday jelly")
    await server.after(HOUR - 31 * MINUTE)
    assert pings_of(server, victim) - before == PINGS_FOR_ONE.one


@ACCOUNTS
@pytest.mark.parametrize("is_closed", [False, True])
async def test_someone_who_answered_nothing(
    server: SimulatedServer, accounts: int, *, is_closed: bool
) -> None:
    """They get two invitations, in the channel if not in private, and no ping by what is typed."""
    await server.set_up()
    victim, *_ = server.members
    if is_closed:
        close_messages_of(server, victim.user)
    role = server.guild.create_role("Everybody here", mentionable=True)
    typed = PINGING.format(victim=victim.id, role=role.id)
    hosts = people(server, accounts)
    for number, host in enumerate(hosts):
        for jelly in range(3):
            title = f"J{number}-{jelly} {typed}"
            await schedule(
                server, by=host, title=title, when=f"friday {10 + jelly}-20", about=typed
            )
            [row] = await server.read("SELECT MAX(session_id) AS latest FROM session")
            which = f"session:{row['latest']}"
            await answer(server, host, "going", session=which, note=typed)
            await answer(server, host, "going", session=which, member=victim)
            form = await host.slash(server.jellies, "jelly edit", jelly=which)
            named = {**filled(form), "host": [victim]}
            await press_if_there(host, await host.submit_modal(form, named), "Save it")
            await server.settle()
            await call_off(server, host, which)
    await server.after(HOUR)
    got = len(told_alone(victim)), pings_of(server, victim)
    most = INVITATIONS.of(accounts)
    assert got == ((0, most) if is_closed else (most, 0))
    assert crowds_pinged(server, server.jellies, server.chat, victim.user.dm_channel) == 0


async def press_if_there(
    who: simcord.MemberActor, shown: simcord.InteractionResult, label: str
) -> None:
    assert shown.response is not None
    if label in buttons_of(shown.response):
        await press(who, shown, label)


@ACCOUNTS
async def test_a_host_is_told_of_newcomers(server: SimulatedServer, accounts: int) -> None:
    """One account is new at a jelly, then at an earlier one instead; ten are new at one each."""
    await server.set_up()
    host, strangers = server.members[0], people(server, accounts)
    for number in range(10):
        await schedule(server, by=host, title=f"J{number}", when=f"dec {20 - number} 10-16")
    if accounts == 1:
        for number in range(NEWCOMERS.one):
            await answer(server, strangers[0], "going", session=f"J{number}")
            await server.after(NEWCOMERS_TOGETHER)
    else:
        for number, who in enumerate(strangers):
            await answer(server, who, "going", session=f"J{number}")
        await server.after(HOUR)
    assert len(told_alone(host)) == NEWCOMERS.of(accounts)
    await server.after(HOUR)
    assert len(told_alone(host)) == max(NEWCOMERS.one, accounts)
