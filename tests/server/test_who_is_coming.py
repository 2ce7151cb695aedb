"""How many are coming and who, on the card, behind its button, and once it is over."""

from __future__ import annotations

from tests.moments import DAY, ENDS, HOUR, SECOND, THURSDAY_10
from tests.server.actions import add_details, answer, crowd, member, schedule
from tests.server.hosting import move, summaries_for
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_a_card_says_in_one_line_how_many_come_in_what_mood_and_what_seats_are_left(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=8, guests=2)
    sam, priya, jordan = server.members
    await add_details(server, sam, mood=["heads-down"], guests=["2"])
    await add_details(server, priya, mood=["heads-down"])
    await add_details(server, jordan, mood=["chatty"])
    host = server.organizer
    line = "**6 coming** · 2 heads-down, 1 up for a chat · **2 seats left**"
    names = f"{host.mention}, {sam.mention} +2, {priya.mention}, {jordan.mention}"
    assert f"{line}\n{names}" in text_of(server.card())
    listed = said(await priya.click(server.card(), label="Who's coming"))
    assert f"\n{line}\n{host.mention} · host\n{sam.mention} +2 · heads-down\n" in listed


async def test_whoever_is_not_named_is_counted_with_guests(server: SimulatedServer) -> None:
    await schedule(server, guests=2)
    await crowd(server, 9)
    await add_details(server, server.members[0], guests=["2"])
    text = text_of(server.card())
    assert "**13 coming**" in text
    assert " and 5 more\n" in f"{text}\n"
    await server.members[1].click(server.card(), label="Going")
    assert " and 6 more\n" in f"{text_of(server.card())}\n"


async def test_the_first_three_notes_stand_below_the_buttons_and_all_behind_one_of_them(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    people = [member(server, f"Guest {number}") for number in range(5)]
    for number, who in enumerate(people):
        await add_details(server, who, note=f"chapter {number}", hours="10 to 12")
    *_, notes = text_of(server.card()).split("**Working on**\n")
    assert notes.splitlines() == [f"{people[n].mention} chapter {n}" for n in range(3)]
    shown = await people[4].click(server.card(), label="Who's coming")
    assert shown.ephemeral
    for number, who in enumerate(people):
        assert f"{who.mention} · 10:00 to 12:00 · chapter {number}" in said(shown)
    others = said(await server.members[0].click(server.card(), label="Who's coming"))
    assert "chapter 4" in others
    assert "10:00 to 12:00" not in others
    assert "Those going see who's here, and who comes when." in others


async def test_the_button_shows_the_host_what_the_command_does(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    pressed = await server.organizer.click(server.card(), label="Who's coming")
    typed = await server.organizer.slash(server.chat, "headcount session", jelly="Thursday jelly")
    assert said(pressed) == said(typed)
    assert pressed.response is not None
    assert buttons_of(pressed.response) == ["Take someone off", "Table (CSV)", "List to copy"]


async def test_while_it_is_on_one_can_see_who_comes_and_add_details_by_command(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await server.at(THURSDAY_10)
    buttons = ["I'm here", "Heading off", "Going", "Can't make it", "Who's coming"]
    assert buttons_of(server.card()) == buttons
    await answer(server, sam, "going", note="taxes")
    await server.settle()
    assert f"{sam.mention} taxes" in text_of(server.card())
    assert f"{sam.mention} · taxes" in said(await sam.click(server.card(), label="Who's coming"))


async def test_a_long_text_about_it_stands_below_the_buttons(server: SimulatedServer) -> None:
    short, long = "Big table upstairs. " * 5, "Big table upstairs. " * 15
    for title, about in (("Short", short), ("Long", long)):
        await schedule(server, title=title, about=about)
    for title, about, is_above in (("Short", short, True), ("Long", long, False)):
        above, below = text_of(server.card(title)).split("**1 coming**")
        assert (about.strip() in above) == is_above
        assert (about.strip() in below) != is_above


async def test_a_card_with_nobody_on_it_invites(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="Small jelly", seats=8)
    for title, left in (("Thursday jelly", ""), ("Small jelly", " · **8 seats left**")):
        await server.organizer.click(server.card(title), label="Can't make it")
        assert f"**No one's in yet**{left}\nBe the first?" in text_of(server.card(title))


async def test_a_host_who_is_going_alone_is_counted_and_invites(server: SimulatedServer) -> None:
    await schedule(server)
    host = server.organizer
    shown = f"**1 coming**\nJust {host.mention} so far. Who's next?"
    assert shown in text_of(server.card())
    await server.members[0].click(server.card(), label="Going")
    assert f"**2 coming**\n{host.mention}, {server.members[0].mention}" in text_of(server.card())
    listed = said(await host.click(server.card(), label="Who's coming"))
    assert f"{host.mention} · host\n" in listed


async def test_once_it_is_over_the_card_names_those_who_came(server: SimulatedServer) -> None:
    await schedule(server, guests=1)
    sam, priya, jordan = server.members
    kim = member(server, "Kim")
    await add_details(server, sam, note="taxes", guests=["1"])
    for who, label in ((priya, "Going"), (kim, "Can't make it")):
        await who.click(server.card(), label=label)
    await server.at(THURSDAY_10)
    await sam.click(server.card(), label="I'm here")
    await jordan.click(server.card(), label="I'm here")
    await server.at(ENDS)
    text = text_of(server.card())
    assert "**Over**\n**When**" in text
    assert f"**3 came**\n{sam.mention} +1, {jordan.mention}\n**Worked on**" in text
    for present in ("coming", "can't make it", "Working on", priya.mention, kim.mention):
        assert present not in text


async def test_where_nobody_checked_in_the_card_says_who_had_said_they_would_come(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await server.organizer.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Going")
    await server.at(ENDS)
    assert f"**1 person had said they'd come**\n{sam.mention}" in text_of(server.card())
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(server.organizer)
    assert "**1 person had said they'd come**" in summary


async def test_who_has_yet_to_confirm_is_said_until_it_begins(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await move(server, "Thursday jelly", "friday 10-16")
    await server.at(THURSDAY_10 + DAY - SECOND)
    assert "1 yet to confirm the new time" in text_of(server.card())
    await server.at(THURSDAY_10 + DAY)
    assert "yet to confirm" not in text_of(server.card())
