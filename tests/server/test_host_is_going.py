"""Hosts are going to what they host, with a seat, until they say otherwise."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10, WEEK
from tests.server.actions import (
    HOST,
    add_details,
    agree_to_host,
    answer,
    at_once,
    call_off,
    edit,
    member,
    mine,
    mine_of,
    press_in_turn,
    previewed,
    schedule,
    told,
)
from tests.server.hosting import live_until, press, summaries_for, thanks_in, told_alone
from tests.server.lives import forget_me
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of
from tests.server.test_hosts import SECOND, name_host
from tests.server.test_upgrades import upgrade

NO = "Can't make it"


async def going(server: SimulatedServer, session_id: int = 1) -> list[int]:
    """Returns who is going to a date, in the order in which they are listed."""
    rows = await server.read(
        """
        SELECT user_id FROM rsvp WHERE session_id = :session_id AND answer = 'going'
        ORDER BY position
        """,
        session_id=session_id,
    )
    return [row["user_id"] for row in rows]


async def goings(server: SimulatedServer) -> list[list[int]]:
    """Returns who is going to each date, soonest first."""
    rows = await server.read("SELECT session_id FROM session ORDER BY starts_at")
    return [await going(server, row["session_id"]) for row in rows]


async def take_over(
    server: SimulatedServer, host: simcord.MemberActor, *, which: str = "session:1"
) -> None:
    """Has the organizer name a new host, who agrees, or themselves."""
    await name_host(server, host, by=server.organizer, which=which)
    if host is not server.organizer:
        await agree_to_host(server, host)


# Who schedules is going.


async def test_who_schedules_is_going_and_is_told_nothing_of_it(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam, seats=3)
    card = text_of(server.card())
    assert "**1 coming** · **2 seats left**" in card
    assert await mine(server, sam) == "Going"
    assert await going(server) == [sam.id]
    await server.after(HOUR)
    assert told_alone(sam) == []
    assert server.messages() == []


async def test_a_preview_shows_the_host_as_the_card_will(server: SimulatedServer) -> None:
    for when, title in (("thursday 10-16", "Once"), ("every thursday 10-16", "Weekly")):
        shown = await server.organizer.slash(
            server.jellies, "jelly new", what=title, when=when, where="The Alb", seats=3
        )
        assert "**1 coming** · **2 seats left**" in said(shown)
        await press(server.organizer, shown, "Schedule it")
        await server.settle()
        assert "**1 coming** · **2 seats left**" in text_of(server.card(title))


async def test_every_date_of_a_series_has_its_host_those_that_come_later_too(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 10-16")
    dates = await goings(server)
    assert dates == [[server.organizer.id]] * len(dates)
    await server.at(ENDS + WEEK)
    assert len(await goings(server)) > len(dates)
    assert {*map(tuple, await goings(server))} == {(server.organizer.id,)}
    preview = await server.organizer.slash(
        server.jellies, "jelly extra", jelly="series:1", when="2 jan 10-16"
    )
    await press(server.organizer, preview, "Add it")
    await server.settle()
    assert {*map(tuple, await goings(server))} == {(server.organizer.id,)}


async def test_a_host_brings_their_usual_mood(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, title="Tuesday jelly", when="tuesday 10-16")
    await add_details(server, sam, server.card("Tuesday jelly"), mood=["heads-down"])
    await schedule(server, by=sam)
    assert (await mine_of(server, sam, "Thursday jelly")).lower() == "going, heads-down"


async def test_a_host_who_has_hosted_is_new_nowhere(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    await sam.click(server.card("Friday jelly"), label="Going")
    await server.after(15 * MINUTE)
    assert told_alone(server.organizer) == []
    assert told_alone(sam) == []


async def test_hosts_are_not_asked_whether_they_can_make_the_time_they_chose(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await edit(server, when="friday 10-16")
    assert "yet to confirm" not in text_of(server.card())


async def test_a_preview_of_a_change_counts_only_people_who_answered(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 10-16")
    preview = said(await previewed(server, dates="all", when="every friday 10-16"))
    assert "dates" in preview
    assert "person" not in preview
    await server.members[0].click(server.card(), label="Going")
    assert "(1 person)" in said(await previewed(server, dates="all", when="every friday 10-16"))


async def test_what_they_only_host_hides_nothing_else_that_is_on(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam, title="Daily", when="every day 10-16")
    await schedule(server, title="Choir", when="tuesday 18-20")
    await schedule(server, title="Cinema", when="friday 18-20")
    await sam.click(server.card("Cinema"), label="Going")
    listed = said(await sam.slash(server.jellies, "jellies"))
    titles = [line.split("[")[1].split("]")[0] for line in listed.splitlines() if "**[" in line]
    assert titles[:4] == ["Cinema", "Daily", "Daily", "Choir"]


# They say otherwise.


async def test_a_host_who_cannot_make_it_stays_host_and_is_never_put_back(
    server: SimulatedServer,
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server, seats=1)
    await robin.click(server.card(), label=NO)
    await server.settle()
    card = text_of(server.card())
    assert f"**Host** {robin.mention}" in card
    assert "**No one's in yet** · **1 seat left**" in card
    await edit(server, what="Renamed", when="friday 10-16")
    await edit(server, which="Renamed", seats={"seats": "5"})
    await server.restart()
    await server.start_again()
    assert await mine(server, robin) == NO
    await sam.click(server.card("Renamed"), label="Going")
    assert await going(server) == [sam.id]


async def test_a_press_makes_it_the_hosts_own_answer(server: SimulatedServer) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server)
    pressed = await robin.click(server.card(), label="Going")
    # As everybody, they are asked how they like to work.
    assert "How do you like to work this time?" in pressed.followups[0].content
    assert (await robin.click(server.card(), label="Going")).followups == []
    await take_over(server, sam)
    assert await going(server) == [robin.id, sam.id]


async def test_a_host_who_checks_in_keeps_that_when_another_takes_over(
    server: SimulatedServer,
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server)
    await server.at(THURSDAY_10)
    await robin.click(server.card(), label="I'm here")
    await take_over(server, sam)
    assert await going(server) == [robin.id, sam.id]
    [here] = await server.read("SELECT user_id FROM rsvp WHERE came = 1")
    assert here["user_id"] == robin.id


async def test_an_organizer_answers_for_the_host_as_for_anybody(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam)
    await answer(server, server.organizer, "declined", member=sam)
    await server.settle()
    assert await going(server) == []
    assert f"**Host** {sam.mention}" in text_of(server.card())


# Another takes over.


async def test_the_next_host_takes_the_going_over_once_they_accept(server: SimulatedServer) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server, seats=1)
    await name_host(server, sam, by=robin)
    assert await going(server) == [robin.id]
    await agree_to_host(server, sam)
    assert await going(server) == [sam.id]
    assert await mine(server, robin) == "no answer yet"
    assert "**1 coming** · **no seats left**" in text_of(server.card())
    await server.after(HOUR)
    assert not [one for one in told_alone(robin) if "First time" in one]


@pytest.mark.parametrize("said_before", ["Maybe", NO])
async def test_who_accepts_a_date_is_going_whatever_they_said_before(
    server: SimulatedServer, said_before: str
) -> None:
    sam, priya, _ = server.members
    await schedule(server)
    await add_details(server, sam, note="ill that day")
    await sam.click(server.card(), label=said_before)
    await take_over(server, sam)
    assert await going(server) == [sam.id]
    # Why they could not make it was for the host alone.
    assert ("ill that day" in text_of(server.card())) == (said_before == "Maybe")
    await take_over(server, priya)
    assert await going(server) == [priya.id]


async def test_a_host_who_is_not_asked_again_keeps_the_no_they_said_since(
    server: SimulatedServer,
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server)
    await take_over(server, sam)
    await sam.click(server.card(), label=NO)
    await take_over(server, robin)
    await name_host(server, sam, by=robin, which="session:1")  # Sam agreed once
    assert f"**Host** {sam.mention}" in text_of(server.card())
    assert await mine(server, sam) == NO


async def test_who_accepts_a_series_is_going_only_where_they_gave_no_answer(
    server: SimulatedServer,
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server, when="every thursday 10-16")
    await sam.click(server.card(), label=NO)
    await robin.click(server.card(), label="Going")
    await name_host(server, sam, by=robin, which="series:1", dates="all")
    await agree_to_host(server, sam)
    first, *later = await goings(server)
    assert first == [robin.id]
    assert later == [[sam.id]] * len(later)


async def test_a_date_with_another_host_keeps_them_going(server: SimulatedServer) -> None:
    robin = server.organizer
    sam, priya, _ = server.members
    await schedule(server, when="every thursday 10-16")
    await take_over(server, sam, which=SECOND)
    await name_host(server, priya, by=robin, which="series:1", dates="all")
    await agree_to_host(server, priya)
    first, second, *later = await goings(server)
    assert second == [sam.id]
    assert {*map(tuple, (first, *later))} == {(priya.id,)}


async def test_the_seat_goes_to_the_new_host_and_not_past_the_queue(
    server: SimulatedServer,
) -> None:
    robin = server.organizer
    sam, priya, jordan = server.members
    await schedule(server, seats=HOST + 1)
    await press_in_turn(server, sam, priya, jordan)
    await take_over(server, jordan)  # takes the seat that Robin's Going had
    assert await going(server) == [sam.id, jordan.id]
    assert await mine(server, priya) == "#1 on the waiting list"
    await jordan.click(server.card(), label=NO)
    await server.settle()
    assert await mine(server, priya) == "Going"
    await take_over(server, robin)
    assert await going(server) == [sam.id, priya.id]


async def test_a_host_whose_party_does_not_fit_waits_and_the_next_gets_the_seat(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, seats=HOST + 1, guests=1)
    await press_in_turn(server, sam)
    await add_details(server, priya, guests=["1"])
    await press_in_turn(server, jordan)
    await take_over(server, priya)
    await server.settle()
    assert await going(server) == [sam.id, jordan.id]
    assert told(server, f"{jordan.mention}: a seat came free")
    assert (await mine(server, priya)).startswith("#1 on the waiting list")
    assert f"**Host** {priya.mention}" in text_of(server.card())


async def test_who_waited_and_hosts_keeps_the_seat_when_another_takes_over(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, seats=HOST + 1)
    await press_in_turn(server, sam, priya)
    await take_over(server, priya)
    await take_over(server, server.organizer)
    assert await going(server) == [sam.id, priya.id]


async def test_who_waited_for_the_hosts_word_and_hosts_has_it(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, answers_close="4 days")
    await sam.click(server.card(), label="Ask to join")
    await server.settle()
    await take_over(server, sam)
    assert await going(server) == [sam.id]
    assert not [one for one in server.messages() if "would like to join" in one]


async def test_a_host_who_takes_over_at_the_same_moment_as_another_press_has_one_seat(
    server: SimulatedServer,
) -> None:
    robin = server.organizer
    sam, priya, _ = server.members
    await schedule(server, seats=1)
    await name_host(server, sam, by=robin)
    asked = sam.user.dm_channel.history()[-1]
    await at_once(server, (priya, server.card(), "Join the waiting list"))
    await sam.user.click(asked, label="I'll host")
    await server.settle()
    assert await going(server) == [sam.id]


# Nobody means nobody but the host.


async def test_a_date_with_nobody_else_is_called_off_on_its_card_alone(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert "No one else has said they're coming." in said(asked)
    await press(server.organizer, asked, "Call it off")
    await server.settle()
    assert "**Called off**" in text_of(server.card())
    assert server.messages() == []


async def test_calling_off_counts_the_others_and_guests(server: SimulatedServer) -> None:
    robin, (sam, priya, jordan) = server.organizer, server.members
    await schedule(server, guests=2)
    await add_details(server, robin, guests=["1"])
    await add_details(server, sam, guests=["2"])
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label=NO)
    asked = await robin.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert "5 people besides the host said going or maybe" in said(asked)


async def test_others_are_told_of_a_call_off(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Maybe")
    await call_off(server)
    assert len(told(server, "is called off")) == 1


async def test_a_move_of_a_date_with_nobody_else_stands_on_its_card_alone(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await edit(server, when="friday 10-16")
    await server.after(HOUR)
    assert server.messages() == []


async def test_a_date_of_a_series_without_a_card_goes_without_a_trace(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 10-16")
    await edit(server, dates="all", when="every thursday 10-16, except dec 17")
    assert await server.read("SELECT 1 FROM session WHERE state = 'cancelled'") == []


async def test_whether_a_series_goes_on_is_asked_after_three_dates_with_its_host_alone(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 10-16")
    for week in range(3):
        assert told(server, "Keep it going?") == []
        await live_until(server, ENDS + week * WEEK - DAY)
        if week == 1:  # their own word is no other's
            await server.organizer.click(server.card(), label="Going")
        await live_until(server, ENDS + week * WEEK)
    assert len(told(server, "Keep it going?")) == 1


async def test_guests_of_the_host_are_somebody(server: SimulatedServer) -> None:
    await schedule(server, guests=2)
    await add_details(server, server.organizer, guests=["2"])
    await call_off(server)
    assert len(told(server, "is called off")) == 1


async def test_a_date_with_its_host_alone_has_no_summary_and_counts_in_no_month(
    server: SimulatedServer,
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16", by=sam)
    await robin.click(server.card("Friday jelly"), label="Going")
    await server.at(THURSDAY_10)
    await robin.click(server.card("Thursday jelly"), label="I'm here")
    await live_until(server, FIRST_OF_DECEMBER)
    assert summaries_for(robin) == []
    assert len(summaries_for(sam)) == 1
    [thanks] = thanks_in(server)
    assert "1 jelly, 1 place, 2 people." in thanks
    assert robin.mention not in thanks
    assert "Hosted: 1" not in said(await robin.slash(server.chat, "me record"))


async def test_a_month_in_which_hosts_sat_alone_is_not_thanked_for(server: SimulatedServer) -> None:
    await schedule(server)
    await server.at(THURSDAY_10)
    await server.organizer.click(server.card(), label="I'm here")
    await live_until(server, FIRST_OF_DECEMBER)
    assert thanks_in(server) == []


# Who is gone, and what was before.


async def test_a_host_who_left_is_going_to_no_further_date_until_they_are_back(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(server, by=sam, when="every thursday 10-16")
    dates = await goings(server)
    server.guild.remove_member(sam)
    await live_until(server, ENDS + 2 * WEEK)
    later = (await goings(server))[len(dates) :]
    # The bot has looked for them a day before each of the first three, and takes back what it said.
    assert (await goings(server))[:3] == [[], [], []]
    assert (await goings(server))[3 : len(dates)] == dates[3:]
    assert later == [[]] * len(later) != []
    returned = server.guild.add_member(sam.user)
    await schedule(server, by=returned, title="Back again", when="in 3 days 10-16")
    [back] = await server.read("SELECT session_id FROM session WHERE title = 'Back again'")
    assert await going(server, back["session_id"]) == [sam.id]


async def test_a_host_who_is_forgotten_is_going_nowhere(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam)
    await schedule(server, by=sam, title="Now", when="today 9:30-18")
    await server.after(HOUR)
    assert await going(server, 2) == [sam.id]
    await forget_me(server, sam)
    assert await going(server, 1) == []
    assert await going(server, 2) == []


async def test_an_export_says_what_the_bot_answered_for_a_host(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, by=sam)
    export = await sam.slash(server.chat, "me export")
    assert export.response is not None
    sent = (await export.response.attachments[0].read()).decode()
    assert "going because they host" in sent


async def test_hosts_of_what_an_older_jelly_planned_are_going_where_a_seat_is_free(
    server: SimulatedServer,
) -> None:
    robin = server.organizer
    sam, priya, jordan = server.members
    for title, day in (("Open", "tuesday"), ("Full", "wednesday"), ("Refused", "friday")):
        await schedule(server, title=title, when=f"{day} 10-16", seats=2)
    await schedule(server, title="Begun", when="today 9:30-18")
    await schedule(server, title="Weekly", when="every saturday 10-16")
    await robin.click(server.card("Refused"), label=NO)
    await sam.click(server.card("Full"), label="Going")
    await robin.click(server.card("Full"), label=NO)
    await priya.click(server.card("Full"), label="Going")
    await server.after(HOUR)
    await server.database.write(
        lambda t: t.run("DELETE FROM rsvp WHERE session_id = 2 AND user_id = :id", id=robin.id)
    )
    await upgrade(server, 6)
    assert await going(server, 1) == [robin.id]
    assert await going(server, 2) == [sam.id, priya.id]
    assert await going(server, 3) == []
    assert await going(server, 4) == []
    dates = (await goings(server))[4:]
    assert dates == [[robin.id]] * len(dates)
    # It is done once: a seat that is free later, or a start again, puts nobody back.
    await sam.click(server.card("Full"), label=NO)
    await upgrade(server, None)
    assert await going(server, 2) == [priya.id]
    assert [one for one in told_alone(robin) if robin.mention in one] == []
    assert jordan.id not in {one for date in await goings(server) for one in date}


async def test_the_card_offers_the_host_what_it_offers_everybody(server: SimulatedServer) -> None:
    await schedule(server)
    assert buttons_of(server.card())[:3] == ["Going", "Maybe", NO]
    newcomer = member(server, "Kim")
    await newcomer.click(server.card(), label="Going")
    await server.after(15 * MINUTE)
    [word] = told_alone(server.organizer)
    assert newcomer.mention in word
    assert server.organizer.mention not in word
