"""An organizer schedules, changes and calls off jellies; everybody sees what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.server.simulated_server import MONDAY, Town, buttons_of, said, text_of

THURSDAY_10 = datetime(2026, 11, 26, 10, tzinfo=UTC)


def stamp(moment: datetime, style: str) -> str:
    return f"<t:{int(moment.timestamp())}:{style}>"


async def test_it_shows_a_private_preview_with_the_next_three_dates(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Tuesday jelly", when="every tuesday 10am", where="The Alb"
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
    assert buttons_of(shown.response) == ["Post it", "Change", "Seats and tone"]
    assert town.cards() == []
    assert await town.read("SELECT * FROM session") == []


async def test_it_posts_the_card_when_it_is_time(town: Town) -> None:
    await town.schedule(when="2026-12-03 10:00")
    assert town.cards() == []
    announced = datetime(2026, 11, 27, 10, tzinfo=UTC)
    await town.at(announced - timedelta(seconds=1))
    assert town.cards() == []
    await town.at(announced)
    card = town.card()
    assert stamp(datetime(2026, 12, 3, 10, tzinfo=UTC), "F") in text_of(card)
    assert buttons_of(card) == ["Going", "Maybe", "Can't make it", "Add details"]
    await town.after(timedelta(hours=1))
    assert len(town.cards()) == 1


async def test_it_posts_a_card_right_away_when_the_jelly_is_soon(town: Town) -> None:
    await town.schedule(when="thursday 10-16")
    text = text_of(town.card())
    assert stamp(THURSDAY_10, "F") in text
    assert stamp(THURSDAY_10 + timedelta(hours=6), "t") in text
    assert stamp(THURSDAY_10, "R") in text
    assert "**Where** The Alb" in text
    assert f"**Host** {town.organizer.mention}" in text
    assert "**0 going**" in text


async def test_it_names_another_host_and_what_to_know(town: Town) -> None:
    sam = town.members[0]
    shown = await town.organizer.slash(
        town.jellies,
        "jelly new",
        what="Home jelly",
        when="thursday 10-16",
        where="Sam's",
        host=sam,
        about="Bring slippers\nMind the cat",
    )
    assert shown.response is not None
    await town.organizer.click(shown.response, label="Post it")
    await town.settle()
    text = text_of(town.card("Home jelly"))
    assert f"**Host** {sam.mention}" in text
    assert "Bring slippers\nMind the cat" in text


async def test_it_posts_once_when_post_it_is_pressed_twice(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Thursday jelly", when="thursday 10-16", where="The Alb"
    )
    assert shown.response is not None
    button = "jelly:draft-save:1:" + str(int(THURSDAY_10.timestamp()))
    first = await town.organizer.click(shown.response, custom_id=button)
    assert "is scheduled" in said(first)
    assert len(await town.read("SELECT * FROM session")) == 1
    assert await town.read("SELECT * FROM draft") == []


async def test_it_refuses_what_it_cannot_read_and_keeps_the_rest(town: Town) -> None:
    refused = await town.organizer.slash(
        town.jellies, "jelly new", what="Some jelly", when="tuesday 10am maybe", where="The Alb"
    )
    assert refused.ephemeral
    sentence = said(refused)
    assert "tuesday 10am" in sentence
    assert "maybe" in sentence
    assert refused.response is not None
    assert buttons_of(refused.response)[-1] == "Change"
    form = await town.organizer.click(refused.response, label="Change")
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Some jelly",
            "when": "tuesday 10am",
            "where": "The Alb",
            "host": [town.organizer],
        },
    )
    assert "## Some jelly" in said(preview)


async def test_change_opens_a_form_with_everything_in_it(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies,
        "jelly new",
        what="Thursday jelly",
        when="thursday 10-16",
        where="The Alb",
        about="Quiet",
    )
    assert shown.response is not None
    form = await town.organizer.click(shown.response, label="Change")
    assert form.modal is not None
    fields = {
        field["component"]["custom_id"]: field["component"] for field in form.modal["components"]
    }
    assert fields["what"]["value"] == "Thursday jelly"
    assert fields["when"]["value"] == "thursday 10-16"
    assert fields["where"]["value"] == "The Alb"
    assert fields["about"]["value"] == "Quiet"
    assert int(fields["host"]["default_values"][0]["id"]) == town.organizer.id
    changed = await town.organizer.submit_modal(
        form,
        {
            "what": "Friday jelly",
            "when": "friday 10-16",
            "where": "The Shrew",
            "host": [town.members[0]],
            "about": "",
        },
    )
    assert "## Friday jelly" in said(changed)
    assert changed.response is not None
    await town.organizer.click(changed.response, label="Post it")
    await town.settle()
    text = text_of(town.card("Friday jelly"))
    assert "The Shrew" in text
    assert town.members[0].mention in text


async def test_it_shows_the_preview_again_when_its_date_has_passed_meanwhile(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Now jelly", when="monday 10am", where="The Alb"
    )
    assert shown.response is not None
    await town.after(timedelta(hours=2))
    again = await town.organizer.click(shown.response, label="Post it")
    assert stamp(MONDAY + timedelta(days=7, hours=1), "F") in said(again)
    assert await town.read("SELECT * FROM session") == []


async def test_the_first_jelly_asks_for_channel_and_zone_right_there(empty_town: Town) -> None:
    town = empty_town
    asked = await town.organizer.slash(
        town.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    assert asked.modal is not None
    preview = await town.organizer.submit_modal(
        asked, {"channel": [town.jellies], "zone": "new york"}
    )
    start = datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert stamp(start, "F") in said(preview)
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Post it")
    await town.settle()
    assert stamp(start, "F") in text_of(town.card("First jelly"))


async def test_a_member_is_told_whom_to_ask_before_the_server_is_set_up(empty_town: Town) -> None:
    town = empty_town
    answer = await town.members[0].slash(
        town.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    assert "Manage Server" in said(answer)


async def test_an_unknown_zone_is_answered_with_the_nearest(empty_town: Town) -> None:
    town = empty_town
    asked = await town.organizer.slash(
        town.chat, "jelly new", what="First jelly", when="thursday 10-16", where="The Alb"
    )
    answer = await town.organizer.submit_modal(
        asked, {"channel": [town.jellies], "zone": "Europe/Londn"}
    )
    assert "Europe/London" in said(answer)


async def test_a_series_gets_its_sessions_eight_weeks_ahead_and_goes_on(town: Town) -> None:
    await town.schedule("Tuesday jelly", when="every tuesday 10am")
    starts = [row["starts_at"] for row in await town.read("SELECT starts_at FROM session")]
    first = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())
    week = 7 * 24 * 3600
    assert starts == [first + week * number for number in range(8)]
    for _ in range(3):
        await town.after(timedelta(weeks=1))
    starts = [row["starts_at"] for row in await town.read("SELECT starts_at FROM session")]
    assert starts == [first + week * number for number in range(11)]


async def test_editing_a_session_changes_its_card_and_tells_those_going(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": "thursday 11-16",
            "where": "The Loopy Shrew",
            "host": [town.organizer],
        },
    )
    assert preview.response is not None
    assert buttons_of(preview.response) == ["Save it", "Change", "Seats and tone"]
    saved = await town.organizer.click(preview.response, label="Save it")
    assert "is changed" in said(saved)
    await town.settle()
    text = text_of(town.card())
    assert stamp(THURSDAY_10 + timedelta(hours=1), "F") in text
    assert "The Loopy Shrew" in text
    assert f"**1 going**\n{sam.mention}" in text
    notice = town.messages()[-1]
    assert stamp(THURSDAY_10, "F") in notice
    assert stamp(THURSDAY_10 + timedelta(hours=1), "F") in notice
    assert "The Loopy Shrew" in notice
    assert "The Alb" in notice
    assert sam.mention in notice


async def test_a_new_description_alone_tells_nobody(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    assert form.modal is not None
    when = next(
        field["component"]["value"]
        for field in form.modal["components"]
        if field["component"]["custom_id"] == "when"
    )
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": when,
            "where": "The Alb",
            "host": [town.organizer],
            "about": "Cake!",
        },
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()
    assert "Cake!" in text_of(town.card())
    assert town.messages() == []


async def test_editing_a_series_moves_its_sessions_and_keeps_answers(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    sam = town.members[0]
    await sam.click(town.card("Weekly"), label="Going")
    series = await town.organizer.autocomplete(town.jellies, "jelly edit", "which", "all dates")
    form = await town.organizer.slash(town.jellies, "jelly edit", which=series[0]["value"])
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every thursday 9-15",
            "where": "The Alb",
            "host": [town.organizer],
        },
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()
    sessions = await town.read("SELECT * FROM session ORDER BY starts_at")
    nine = int((THURSDAY_10 - timedelta(hours=1)).timestamp())
    assert [row["starts_at"] for row in sessions] == [
        nine + number * 7 * 24 * 3600 for number in range(8)
    ]
    assert f"**1 going**\n{sam.mention}" in text_of(town.card("Weekly"))
    assert len(town.messages()) == 1


async def test_cancelling_asks_once_and_tells_those_going(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.ephemeral
    assert "1 person is going" in said(asked)
    assert asked.response is not None
    assert buttons_of(asked.response) == ["Call it off", "Keep it"]
    await town.organizer.click(asked.response, label="Call it off")
    await town.settle()
    card = town.card()
    assert "**Called off**" in text_of(card)
    assert buttons_of(card) == []
    notice = town.messages()[-1]
    assert "called off" in notice
    assert sam.mention in notice
    await town.at(THURSDAY_10 + timedelta(days=1))
    assert len(town.messages()) == 1


async def test_keeping_it_changes_nothing(town: Town) -> None:
    await town.schedule()
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    kept = await town.organizer.click(asked.response, label="Keep it")
    assert "goes ahead" in said(kept)
    assert buttons_of(town.card()) == ["Going", "Maybe", "Can't make it", "Add details"]


async def test_cancelling_a_series_calls_off_every_date_and_no_more_come(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    series = await town.organizer.autocomplete(town.jellies, "jelly cancel", "which", "all dates")
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which=series[0]["value"])
    assert "8 dates" in said(asked)
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it all off")
    await town.settle()
    await town.after(timedelta(weeks=3))
    states = await town.read("SELECT DISTINCT state FROM session")
    assert states == [{"state": "cancelled"}]
    assert len(town.cards()) == 1
    assert "called off" in town.messages()[-1]


async def test_somebody_else_cannot_change_or_cancel_it(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    for command in ("jelly edit", "jelly cancel"):
        refused = await sam.slash(town.jellies, command, which="Thursday jelly")
        assert "Only its host" in said(refused)
        assert refused.ephemeral


async def test_the_host_can_cancel_what_somebody_else_scheduled(town: Town) -> None:
    sam = town.members[0]
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Sam's", when="thursday 10-16", where="Home", host=sam
    )
    assert shown.response is not None
    await town.organizer.click(shown.response, label="Post it")
    await town.settle()
    asked = await sam.slash(town.jellies, "jelly cancel", which="Sam's")
    assert asked.response is not None
    done = await sam.click(asked.response, label="Call it off")
    assert "is called off" in said(done)


async def test_autocomplete_finds_by_name_and_date(town: Town) -> None:
    await town.schedule("Quiet morning", when="thursday 9-12")
    await town.schedule("Loud evening", when="friday 18-21")
    for typed, expected in (("quiet", 1), ("27 nov", 1), ("", 2), ("nothing like it", 0)):
        choices = await town.organizer.autocomplete(town.jellies, "jelly cancel", "which", typed)
        assert len(choices) == expected, typed


async def test_the_list_shows_series_sessions_and_hosts(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    listed = await town.organizer.slash(town.jellies, "jelly list")
    assert listed.ephemeral
    assert "every Thursday" in said(listed)
    assert stamp(THURSDAY_10, "F") in said(listed)


async def test_another_server_sees_nothing_of_it(town: Town) -> None:
    await town.schedule()
    environment = town.environment
    elsewhere = environment.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("general")
    stranger = elsewhere.add_member(environment.create_user("stranger"))
    assert "No jelly is planned" in said(await stranger.slash(channel, "jellies"))
    refused = await stranger.slash(channel, "headcount session", which="session:1")
    assert "fits no jelly" in said(refused)
    assert await stranger.autocomplete(channel, "headcount session", "which", "") == []
