"""An organizer schedules, changes and calls off jellies; all see what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import MONDAY, THURSDAY_10, stamp
from tests.server.actions import agree_to_host, series_listed
from tests.server.simulated_server import BUTTONS, SimulatedServer, buttons_of, said, text_of


async def test_it_shows_a_private_preview_with_the_next_three_dates(
    server: SimulatedServer,
) -> None:
    shown = await server.organizer.slash(
        server.jellies,
        "jelly new",
        what="Tuesday jelly",
        when="every tuesday 10am",
        where="The Alb",
    )
    assert shown.ephemeral
    preview = said(shown)
    assert "## Tuesday jelly" in preview
    assert "The Alb" in preview
    first = datetime(2026, 11, 24, 10, tzinfo=UTC)
    for week in range(3):
        assert stamp(first + timedelta(weeks=week), "F") in preview
    assert "Every Tuesday" in preview
    assert shown.response is not None
    assert buttons_of(shown.response) == ["Schedule it", "Change", "Seats and tone", "Discard"]
    assert server.cards() == []
    assert await server.read("SELECT * FROM session") == []


async def test_it_posts_the_card_when_it_is_time(server: SimulatedServer) -> None:
    await server.schedule(when="2026-12-03 10:00")
    assert server.cards() == []
    announced = datetime(2026, 11, 27, 10, tzinfo=UTC)
    await server.at(announced - timedelta(seconds=1))
    assert server.cards() == []
    await server.at(announced)
    card = server.card()
    assert stamp(datetime(2026, 12, 3, 10, tzinfo=UTC), "F") in text_of(card)
    assert buttons_of(card) == BUTTONS
    await server.after(timedelta(hours=1))
    assert len(server.cards()) == 1


async def test_it_posts_a_card_right_away_when_the_jelly_is_soon(server: SimulatedServer) -> None:
    await server.schedule(when="thursday 10-16")
    text = text_of(server.card())
    assert stamp(THURSDAY_10, "F") in text
    assert stamp(THURSDAY_10 + timedelta(hours=6), "t") in text
    assert stamp(THURSDAY_10, "R") in text
    assert "**Where** The Alb" in text
    assert f"**Host** {server.organizer.mention}" in text
    assert "**1 coming**" in text


async def test_it_asks_another_host_and_says_what_to_know(server: SimulatedServer) -> None:
    sam = server.members[0]
    shown = await server.organizer.slash(
        server.jellies,
        "jelly new",
        what="Home jelly",
        when="thursday 10-16",
        where="Sam's",
        host=sam,
        about="Bring slippers\nMind the cat",
    )
    assert shown.response is not None
    await server.organizer.click(shown.response, label="Schedule it")
    await server.settle()
    await agree_to_host(server, sam)
    text = text_of(server.card("Home jelly"))
    assert f"**Host** {sam.mention}" in text
    assert "Bring slippers\nMind the cat" in text


async def test_it_posts_once_when_post_it_is_pressed_twice(server: SimulatedServer) -> None:
    shown = await server.organizer.slash(
        server.jellies, "jelly new", what="Thursday jelly", when="thursday 10-16", where="The Alb"
    )
    assert shown.response is not None
    button = "jelly:draft-save:1:" + str(int(THURSDAY_10.timestamp()))
    first = await server.organizer.click(shown.response, custom_id=button)
    assert "is scheduled" in said(first)
    assert len(await server.read("SELECT * FROM session")) == 1
    assert await server.read("SELECT * FROM draft") == []


async def test_it_refuses_what_it_cannot_read_and_keeps_the_rest(server: SimulatedServer) -> None:
    refused = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when="tuesday 10am maybe", where="The Alb"
    )
    assert refused.ephemeral
    sentence = said(refused)
    assert "tuesday 10am" in sentence
    assert "maybe" in sentence
    assert refused.response is not None
    assert buttons_of(refused.response)[-2:] == ["Change", "Discard"]
    form = await server.organizer.click(refused.response, label="Change")
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Some jelly",
            "when": "tuesday 10am",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    assert "## Some jelly" in said(preview)


async def test_it_asks_the_one_thing_that_is_missing_with_three_buttons(
    server: SimulatedServer,
) -> None:
    refused = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when="thursday", where="The Alb"
    )
    assert 'I understood "thursday", but at what time?' in said(refused)
    assert refused.response is not None
    assert "Try" not in said(refused)  # the buttons say it
    answers = ["thursday 10:00", "thursday 9:30-16:00", "thursday 19:00"]
    assert buttons_of(refused.response) == [*answers, "Change", "Discard"]
    preview = await server.organizer.click(refused.response, label="thursday 19:00")
    assert "## Some jelly" in said(preview)
    assert stamp(THURSDAY_10 + timedelta(hours=9), "F") in said(preview)


async def test_it_offers_no_phrase_about_something_else(server: SimulatedServer) -> None:
    refused = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when="lunch", where="The Alb"
    )
    assert 'I can\'t read "lunch" as a time. Give a day and a time.' in said(refused)
    assert refused.response is not None
    assert buttons_of(refused.response) == ["Change", "Discard"]


async def test_change_opens_a_form_with_everything_in_it(server: SimulatedServer) -> None:
    shown = await server.organizer.slash(
        server.jellies,
        "jelly new",
        what="Thursday jelly",
        when="thursday 10-16",
        where="The Alb",
        about="Quiet",
    )
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Change")
    assert form.modal is not None
    fields = {
        field["component"]["custom_id"]: field["component"] for field in form.modal["components"]
    }
    assert fields["what"]["value"] == "Thursday jelly"
    assert fields["when"]["value"] == "thursday 10-16"
    assert fields["where"]["value"] == "The Alb"
    assert fields["about"]["value"] == "Quiet"
    assert int(fields["host"]["default_values"][0]["id"]) == server.organizer.id
    changed = await server.organizer.submit_modal(
        form,
        {
            "what": "Friday jelly",
            "when": "friday 10-16",
            "where": "The Shrew",
            "host": [server.members[0]],
            "about": "",
        },
    )
    assert "## Friday jelly" in said(changed)
    assert changed.response is not None
    await server.organizer.click(changed.response, label="Schedule it")
    await server.settle()
    await agree_to_host(server, server.members[0])
    text = text_of(server.card("Friday jelly"))
    assert "The Shrew" in text
    assert server.members[0].mention in text


async def test_it_shows_the_preview_again_when_its_date_has_passed_meanwhile(
    server: SimulatedServer,
) -> None:
    shown = await server.organizer.slash(
        server.jellies, "jelly new", what="Now jelly", when="monday 10am", where="The Alb"
    )
    assert shown.response is not None
    await server.after(timedelta(hours=2))
    again = await server.organizer.click(shown.response, label="Schedule it")
    assert stamp(MONDAY + timedelta(days=7, hours=1), "F") in said(again)
    assert await server.read("SELECT * FROM session") == []


async def test_the_first_jelly_asks_for_channel_and_zone_right_there(
    empty_town: SimulatedServer,
) -> None:
    server = empty_town
    asked = await server.organizer.slash(
        server.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    assert asked.modal is not None
    preview = await server.organizer.submit_modal(
        asked, {"channel": [server.jellies], "zone": "new york"}
    )
    start = datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert stamp(start, "F") in said(preview)
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Schedule it")
    await server.settle()
    assert stamp(start, "F") in text_of(server.card("First jelly"))


async def test_a_member_is_told_whom_to_ask_before_the_server_is_set_up(
    empty_town: SimulatedServer,
) -> None:
    server = empty_town
    answer = await server.members[0].slash(
        server.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    assert "Manage Server" in said(answer)


async def test_an_unknown_zone_is_answered_with_the_nearest(empty_town: SimulatedServer) -> None:
    server = empty_town
    asked = await server.organizer.slash(
        server.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    answer = await server.organizer.submit_modal(
        asked, {"channel": [server.jellies], "zone": "Europe/Londn"}
    )
    assert "Europe/London" in said(answer)


async def test_a_series_gets_its_sessions_eight_weeks_ahead_and_goes_on(
    server: SimulatedServer,
) -> None:
    await server.schedule("Tuesday jelly", when="every tuesday 10am")
    starts = [row["starts_at"] for row in await server.read("SELECT starts_at FROM session")]
    first = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())
    week = 7 * 24 * 3600
    assert starts == [first + week * number for number in range(8)]
    for _ in range(3):
        await server.after(timedelta(weeks=1))
    starts = [row["starts_at"] for row in await server.read("SELECT starts_at FROM session")]
    assert starts == [first + week * number for number in range(11)]


async def test_editing_a_session_changes_its_card_and_tells_those_going(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="Thursday jelly")
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": "thursday 11-16",
            "where": "The Loopy Shrew",
            "host": [server.organizer],
        },
    )
    assert preview.response is not None
    assert buttons_of(preview.response) == ["Save it", "Change", "Seats and tone", "Discard"]
    saved = await server.organizer.click(preview.response, label="Save it")
    assert "is changed" in said(saved)
    await server.settle()
    text = text_of(server.card())
    assert stamp(THURSDAY_10 + timedelta(hours=1), "F") in text
    assert "The Loopy Shrew" in text
    assert f"**2 coming**\n{server.organizer.mention}, {sam.mention}" in text
    await server.after(CORRECTIONS_TOGETHER)
    notice = server.said_ever()[-1]
    assert stamp(THURSDAY_10, "F") in notice
    assert stamp(THURSDAY_10 + timedelta(hours=1), "F") in notice
    assert "The Loopy Shrew" in notice
    assert "The Alb" in notice
    assert sam.mention in notice


async def test_a_new_description_alone_tells_nobody(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="Thursday jelly")
    assert form.modal is not None
    when = next(
        field["component"]["value"]
        for field in form.modal["components"]
        if field["component"]["custom_id"] == "when"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": when,
            "where": "The Alb",
            "host": [server.organizer],
            "about": "Cake!",
        },
    )
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Save it")
    await server.settle()
    assert "Cake!" in text_of(server.card())
    assert server.said_ever() == []


async def test_editing_a_series_moves_its_sessions_and_keeps_answers(
    server: SimulatedServer,
) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    sam = server.members[0]
    await sam.click(server.card("Weekly"), label="Going")
    series = await server.organizer.autocomplete(server.jellies, "jelly edit", "jelly", "all dates")
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly=series[0]["value"])
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every thursday 9-15",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Save it")
    await server.settle()
    sessions = await server.read("SELECT * FROM session ORDER BY starts_at")
    nine = int((THURSDAY_10 - timedelta(hours=1)).timestamp())
    assert [row["starts_at"] for row in sessions] == [
        nine + number * 7 * 24 * 3600 for number in range(8)
    ]
    assert f"**2 coming**\n{server.organizer.mention}, {sam.mention}" in text_of(
        server.card("Weekly")
    )
    await server.after(CORRECTIONS_TOGETHER)
    assert len(server.said_ever()) == 1


async def test_cancelling_asks_once_and_tells_those_going(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert asked.ephemeral
    assert "1 person besides the host" in said(asked)
    assert asked.response is not None
    assert buttons_of(asked.response) == ["Call it off", "Keep it"]
    await server.organizer.click(asked.response, label="Call it off")
    await server.settle()
    card = server.card()
    assert "**Called off**" in text_of(card)
    assert buttons_of(card) == []
    notice = server.said_ever()[-1]
    assert "called off" in notice
    assert sam.mention in notice
    await server.at(THURSDAY_10 + timedelta(days=1))
    assert len(server.said_ever()) == 1


async def test_keeping_it_changes_nothing(server: SimulatedServer) -> None:
    await server.schedule()
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert asked.response is not None
    kept = await server.organizer.click(asked.response, label="Keep it")
    assert "still on" in said(kept)
    assert buttons_of(server.card()) == BUTTONS


async def test_cancelling_a_series_calls_off_every_date_and_no_more_come(
    server: SimulatedServer,
) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.members[0].click(server.card("Weekly"), label="Going")
    series = await server.organizer.autocomplete(
        server.jellies, "jelly cancel", "jelly", "all dates"
    )
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly=series[0]["value"])
    assert "8 dates" in said(asked)
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Call it all off")
    await server.settle()
    await server.after(timedelta(weeks=3))
    states = await server.read("SELECT DISTINCT state FROM session")
    assert states == [{"state": "cancelled"}]
    assert len(server.cards()) == 1
    assert "called off" in server.said_ever()[-1]


async def test_someone_else_cannot_change_or_cancel_it(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    for command in ("jelly edit", "jelly cancel"):
        refused = await sam.slash(server.jellies, command, jelly="Thursday jelly")
        assert "Only its host" in said(refused)
        assert refused.ephemeral


async def test_the_host_can_cancel_what_someone_else_scheduled(server: SimulatedServer) -> None:
    sam = server.members[0]
    shown = await server.organizer.slash(
        server.jellies, "jelly new", what="Sam's", when="thursday 10-16", where="Home", host=sam
    )
    assert shown.response is not None
    await server.organizer.click(shown.response, label="Schedule it")
    await server.settle()
    await agree_to_host(server, sam)
    asked = await sam.slash(server.jellies, "jelly cancel", jelly="Sam's")
    assert asked.response is not None
    done = await sam.click(asked.response, label="Call it off")
    assert "is called off" in said(done)


async def test_autocomplete_finds_by_name_and_date(server: SimulatedServer) -> None:
    await server.schedule("Quiet morning", when="thursday 9-12")
    await server.schedule("Loud evening", when="friday 18-21")
    for typed, expected in (("quiet", 1), ("27 nov", 1), ("", 2), ("nothing like it", 0)):
        choices = await server.organizer.autocomplete(
            server.jellies, "jelly cancel", "jelly", typed
        )
        assert len(choices) == expected, typed


async def test_the_list_shows_series_sessions_and_hosts(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert listed.ephemeral
    assert "every Thursday" in await series_listed(server)
    assert stamp(THURSDAY_10, "F") in said(listed)


async def test_another_server_sees_nothing_of_it(server: SimulatedServer) -> None:
    await server.schedule()
    environment = server.environment
    elsewhere = environment.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("general")
    stranger = elsewhere.add_member(environment.create_user("stranger"))
    assert "Nothing's planned" in said(await stranger.slash(channel, "jellies"))
    refused = await stranger.slash(channel, "headcount session", jelly="session:1")
    assert "can't tell which jelly" in said(refused)
    assert await stranger.autocomplete(channel, "headcount session", "jelly", "") == []


async def test_the_list_still_shows_dates_after_an_absence(server: SimulatedServer) -> None:
    for number in range(6):
        await server.schedule(f"Jelly {number}", when=f"2026-11-{24 + number} 10:00")
    await server.schedule("The next one", when="2026-12-02 10:00")
    await server.at(THURSDAY_10 + timedelta(days=4))
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "The next one" in listed
