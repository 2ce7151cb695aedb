"""A series over time: one date, later dates, all dates; pauses, ends, and unattended dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import CannotSplit, occurrences, split
from bot.phrases.en import describe, read
from data.limits import CORRECTIONS_TOGETHER
from tests.moments import DAY, MONDAY, THURSDAY_10, WEEK, stamp
from tests.server.actions import series_listed
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def weekly(server: SimulatedServer, when: str = "every thursday 10-16") -> None:
    await server.schedule("Weekly", when=when)


async def test_skipping_a_date_tells_those_going_and_leaves_the_rest(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    sam = server.members[0]
    await sam.click(server.card("Weekly"), label="Going")
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", jelly=await date_named(server, "26 nov")
    )
    await press(server, asked, "Skip it")
    assert "called off" in server.messages()[-1]
    assert sam.mention in server.messages()[-1]
    starts = await scheduled(server)
    assert starts[0] == THURSDAY_10 + WEEK
    await edit_all(server, "every thursday 10-16", about="New words")
    assert await scheduled(server) == starts


async def test_moving_a_date_asks_those_going_again(server: SimulatedServer) -> None:
    await weekly(server)
    sam, priya, jordan = server.members
    for member in (sam, priya, jordan):
        await member.click(server.card("Weekly"), label="Going")
    preview = await server.organizer.slash(
        server.jellies,
        "jelly move",
        jelly=await date_named(server, "26 nov"),
        when="nov 27 10-16",
        where="The Shrew",
    )
    await press(server, preview, "Save it")
    await server.after(CORRECTIONS_TOGETHER)
    notice = next(m for m in reversed(server.jellies.history()) if "has moved" in m.content)
    assert buttons_of(notice) == ["Still coming", "Can't make it", "Open the card"]
    assert stamp(THURSDAY_10 + DAY, "F") in notice.content
    assert "The Shrew" in notice.content
    assert "3 yet to confirm the new time" in text_of(server.card("Weekly"))
    confirmed = await sam.click(notice, label="Still coming")
    assert "You're going to **" in said(confirmed)
    assert confirmed.ephemeral
    await jordan.click(notice, label="Can't make it")
    await server.settle()
    text = text_of(server.card("Weekly"))
    assert "**3 coming**" in text
    assert "1 yet to confirm the new time" in text
    await priya.click(server.card("Weekly"), label="Going")
    assert "yet to confirm" not in text_of(server.card("Weekly"))


async def test_a_small_move_on_the_same_day_asks_nobody_again(server: SimulatedServer) -> None:
    await weekly(server)
    await server.members[0].click(server.card("Weekly"), label="Going")
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "26 nov"), when="nov 26 11-16"
    )
    await press(server, preview, "Save it")
    assert "yet to confirm" not in text_of(server.card("Weekly"))


async def test_a_date_cannot_be_moved_onto_another_of_its_series(server: SimulatedServer) -> None:
    await weekly(server)
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "26 nov"), when="dec 3 10-16"
    )
    assert preview.response is not None
    assert "then. Choose" in said(preview)
    assert buttons_of(preview.response) == ["Change", "Discard"]


async def test_moving_needs_a_time_or_a_place(server: SimulatedServer) -> None:
    await weekly(server)
    answer = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "26 nov")
    )
    assert "Where or when should it" in said(answer)


async def test_this_and_all_later_dates_change_and_earlier_ones_stay(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    before = await scheduled(server)
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await date_named(server, "10 dec"), dates="later"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every thursday 14-18",
            "where": "The Shrew",
            "host": [server.organizer],
        },
    )
    await press(server, preview, "Save it")
    after = await scheduled(server)
    assert after[:2] == before[:2]
    assert after[2:] == [start + timedelta(hours=4) for start in before[2:]]
    places = await server.read("SELECT place FROM session ORDER BY starts_at")
    assert [row["place"] for row in places[:3]] == ["The Alb", "The Alb", "The Shrew"]
    listed = await series_listed(server)
    assert "until 9 Dec 2026" in listed
    assert "14:00 to 18:00" in listed
    for _ in range(3):
        await server.after(WEEK)
    assert len(set(await scheduled(server))) == len(await scheduled(server))


async def test_editing_all_dates_brings_back_nothing_and_doubles_nothing(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    asked = await server.organizer.slash(
        server.jellies, "jelly cancel", jelly=await date_named(server, "3 dec")
    )
    await press(server, asked, "Call it off")
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "10 dec"), when="dec 11 10-16"
    )
    await press(server, preview, "Save it")
    for when in ("every thursday 11-16", "every thursday 10-16", "every thursday 9-16"):
        await edit_all(server, when)
    days = [start.date().isoformat() for start in await scheduled(server)]
    assert days[:4] == ["2026-11-26", "2026-12-11", "2026-12-17", "2026-12-24"]


async def test_another_weekday_moves_dates_within_their_week_and_asks_again(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    sam = server.members[0]
    await sam.click(server.card("Weekly"), label="Going")
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "10 dec"), when="dec 11 10-16"
    )
    await press(server, preview, "Save it")
    await edit_all(server, "every friday 9-12")
    await server.after(CORRECTIONS_TOGETHER)
    assert not any("called off" in message for message in server.messages())
    assert "has moved from" in server.messages()[-1]
    text = text_of(server.card("Weekly"))
    robin = server.organizer.mention
    assert f"**2 coming** · 1 yet to confirm the new time\n{robin}, {sam.mention}" in text
    days = [start.date().isoformat() for start in await scheduled(server)]
    assert days[:4] == ["2026-11-27", "2026-12-04", "2026-12-11", "2026-12-18"]


async def test_an_earlier_hour_leaves_todays_date_alone(server: SimulatedServer) -> None:
    await weekly(server, "every monday 10-16")
    await server.members[0].click(server.card("Weekly"), label="Going")
    await edit_all(server, "every monday 8:30-16")
    assert (await scheduled(server))[0] == MONDAY + timedelta(hours=1)
    assert server.messages() == []


async def test_a_pause_leaves_out_dates_until_a_day_and_tells_those_going(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    sam = server.members[0]
    await sam.click(server.card("Weekly"), label="Going")
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_named(server), until="dec 17"
    )
    assert "3 dates" in said(asked)
    await press(server, asked, "Pause it")
    assert sam.mention in server.messages()[-1]
    assert (await scheduled(server))[0] == THURSDAY_10 + 3 * WEEK
    assert "**paused** until" in await series_listed(server)
    await server.at(THURSDAY_10 + 3 * WEEK - timedelta(days=6))
    assert "**Called off**" not in text_of(server.card("Weekly"))


async def test_an_open_pause_lasts_until_someone_resumes_it(server: SimulatedServer) -> None:
    await weekly(server)
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_named(server)
    )
    await press(server, asked, "Pause it")
    for _ in range(4):
        await server.after(WEEK)
    assert await scheduled(server) == []
    resumed = await server.organizer.slash(
        server.jellies, "jelly resume", jelly=await series_named(server)
    )
    assert "goes on" in said(resumed)
    await server.settle()
    assert (await scheduled(server))[0] == THURSDAY_10 + 4 * WEEK
    again = await server.organizer.slash(
        server.jellies, "jelly resume", jelly=await series_named(server)
    )
    assert "isn't paused" in said(again)


async def test_ending_a_series_calls_off_what_is_ahead(server: SimulatedServer) -> None:
    await weekly(server)
    asked = await server.organizer.slash(
        server.jellies, "jelly end", jelly=await series_named(server)
    )
    await press(server, asked, "End it")
    assert await scheduled(server) == []
    assert await server.organizer.autocomplete(server.jellies, "jelly end", "jelly", "") == []


async def test_one_more_date_and_never_two_on_the_same_start(server: SimulatedServer) -> None:
    await weekly(server)
    added = await server.organizer.slash(
        server.jellies, "jelly extra", jelly=await series_named(server), when="nov 28 10-14"
    )
    await press(server, added, "Add it")
    assert "one more date" in said(added)
    assert THURSDAY_10 + 2 * DAY in await scheduled(server)
    for when in ("nov 28 10-14", "dec 3 10-16"):
        refused = await server.organizer.slash(
            server.jellies, "jelly extra", jelly=await series_named(server), when=when
        )
        assert "then. Choose" in said(refused)
    repeats = await server.organizer.slash(
        server.jellies, "jelly extra", jelly=await series_named(server), when="every friday 10am"
    )
    assert "just one date" in said(repeats)


@pytest.mark.parametrize(("start", "held"), [(11, [11, 18]), (18, [18])])
async def test_an_extra_date_on_the_day_of_another_stays_when_the_series_changes(
    server: SimulatedServer, start: int, held: list[int]
) -> None:
    await weekly(server)
    added = await server.organizer.slash(
        server.jellies, "jelly extra", jelly=await series_named(server), when="nov 26 18-20"
    )
    await press(server, added, "Add it")
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await series_named(server), dates="all"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": f"every thursday {start}-20",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    await press(server, preview, "Save it")
    that_day = [one for one in await scheduled(server) if one.date() == THURSDAY_10.date()]
    assert [one.hour for one in that_day] == held


async def test_a_host_is_asked_once_whether_an_empty_series_goes_on(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    for week in range(3):
        await server.at(THURSDAY_10 + week * WEEK + timedelta(hours=6))
    question = next(m for m in server.jellies.history() if "Keep it going?" in m.content)
    assert server.organizer.mention in question.content
    assert buttons_of(question) == ["Keep it going", "Pause it", "End it"]
    refused = await server.members[0].click(question, label="End it")
    assert "Only its host" in said(refused)
    await server.at(THURSDAY_10 + 3 * WEEK + timedelta(hours=6))
    assert sum("Keep it going?" in message for message in server.messages()) == 1
    await server.organizer.click(question, label="Keep it going")
    assert "**Weekly** goes on." in server.messages()
    for week in range(4, 7):
        await server.at(THURSDAY_10 + week * WEEK + timedelta(hours=6))
    assert sum("Keep it going?" in message for message in server.messages()) == 1


async def test_a_series_that_people_come_to_is_not_asked_about(server: SimulatedServer) -> None:
    await weekly(server)
    for week in range(5):
        await server.at(THURSDAY_10 + week * WEEK - DAY)
        if week % 2:
            await server.members[0].click(server.card("Weekly"), label="Going")
        await server.at(THURSDAY_10 + week * WEEK + timedelta(hours=6))
    assert not any("Keep it going?" in message for message in server.messages())


async def test_a_series_that_ran_out_is_no_longer_listed(server: SimulatedServer) -> None:
    await weekly(server, "every thursday 10-16 for 2 weeks")
    for _ in range(4):
        await server.after(WEEK)
    assert "Nothing's planned" in said(await server.organizer.slash(server.jellies, "jelly list"))
    assert await server.organizer.autocomplete(server.jellies, "jelly cancel", "jelly", "") == []


async def test_after_a_long_absence_a_series_goes_on_with_its_next_date(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    await server.restart()
    server.clock.moment = THURSDAY_10 + 10 * WEEK + timedelta(days=1)
    await server.start_again()
    assert (await scheduled(server))[0] == THURSDAY_10 + 11 * WEEK
    cards = [card for card in server.cards() if "**Over**" not in text_of(card)]
    assert len(cards) == 1
    missed = await server.read(
        "SELECT COUNT(*) AS n FROM delivery WHERE kind = 'announcement' AND state = 'expired'"
    )
    assert missed[0]["n"] == 7


async def test_starts_follow_the_zone_database(server: SimulatedServer) -> None:
    """As if a government had moved the clocks by an hour since the dates were stored."""
    await weekly(server)
    await server.members[0].click(server.card("Weekly"), label="Going")
    await server.database.write(
        lambda t: t.run("UPDATE session SET starts_at = starts_at + 3600, ends_at = ends_at + 3600")
    )
    await server.restart()
    await server.start_again()
    assert (await scheduled(server))[0] == THURSDAY_10
    await server.after(CORRECTIONS_TOGETHER)
    assert any("has moved" in message for message in server.messages())


async def test_a_card_says_that_the_clocks_skip_its_hour(server: SimulatedServer) -> None:
    await server.organizer.slash(server.jellies, "settings", card="1 day")
    await server.schedule("Early", when="2027-03-28 01:30-04:00")
    await server.at(datetime(2027, 3, 27, 12, tzinfo=UTC))
    text = text_of(server.card("Early"))
    assert "The clocks go forward that day" in text
    assert stamp(datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "F") in text


async def test_what_cannot_be_told_apart_is_offered_as_buttons(server: SimulatedServer) -> None:
    refused = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when="3/12 10am", where="The Alb"
    )
    assert refused.response is not None
    labels = buttons_of(refused.response)
    assert labels[-2:] == ["Change", "Discard"]
    assert len(labels) >= 3
    preview = await server.organizer.click(refused.response, label=labels[0])
    assert "## Some jelly" in said(preview)


async def test_when_offers_its_reading_while_one_types(server: SimulatedServer) -> None:
    choices = await server.organizer.autocomplete(
        server.jellies, "jelly new", "when", "every 2nd and 4th thu"
    )
    assert choices[0]["name"].startswith("Every 2nd and 4th Thursday")
    assert "next Thu 26 Nov 2026" in choices[0]["name"]
    for choice in choices:
        read(choice["value"], zone="Europe/London", now=MONDAY)


@given(st.sampled_from(range(20)), st.sampled_from([
    "every thursday 10-16",
    "every other tuesday 9:30-13:00",
    "every mon, wed and fri 10am",
    "every month on the 31st 10am",
    "first friday and third thursday of the month 10am",
    "every tuesday 10am 12 times",
    "every 3 months on the first tuesday 10am",
    "every weekday 10am except dec 24 and dec 31",
    "last friday of every month 5pm until june 2028",
]))  # fmt: skip
def test_both_parts_of_a_series_have_the_dates_of_the_whole(number: int, phrase: str) -> None:
    whole = read(phrase, zone="Europe/London", now=MONDAY)
    end = MONDAY + timedelta(days=3 * 365)
    dates = list(occurrences(whole, before=end))
    at = dates[min(number, len(dates) - 1)].recurrence_id
    try:
        earlier, later = split(whole, at)
    except CannotSplit:
        return
    parts = [
        *(occurrences(earlier, before=end) if earlier else ()),
        *occurrences(later, before=end),
    ]
    assert parts == dates
    if earlier is not None:
        again = read(describe(earlier, with_start=True), zone="UTC", now=MONDAY)
        assert list(occurrences(again, before=end)) == list(occurrences(earlier, before=end))


@pytest.mark.parametrize("command", ["skip", "move", "extra", "end", "pause", "resume", "edit"])
async def test_only_those_who_may_change_a_series_do(server: SimulatedServer, command: str) -> None:
    await weekly(server)
    sam = server.members[0]
    options: dict[str, str] = {"jelly": await series_named(server)}
    if command in ("skip", "move"):
        options["jelly"] = await date_named(server, "26 nov")
    if command in ("move", "extra"):
        options["when"] = "nov 28 10-16"
    refused = await sam.slash(server.jellies, f"jelly {command}", **options)
    assert "Only its host" in said(refused)


async def date_named(server: SimulatedServer, typed: str) -> str:
    choices = await server.organizer.autocomplete(server.jellies, "jelly skip", "jelly", typed)
    return next(str(one["value"]) for one in choices if f" {typed} " in one["name"].lower())


async def series_named(server: SimulatedServer) -> str:
    choices = await server.organizer.autocomplete(server.jellies, "jelly end", "jelly", "weekly")
    assert len(choices) == 1
    return str(choices[0]["value"])


async def press(server: SimulatedServer, shown: simcord.InteractionResult, label: str) -> None:
    assert shown.response is not None
    await server.organizer.click(shown.response, label=label)
    await server.settle()


async def edit_all(server: SimulatedServer, when: str, *, about: str = "") -> None:
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await series_named(server)
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": when,
            "where": "The Alb",
            "host": [server.organizer],
            "about": about,
        },
    )
    await press(server, preview, "Save it")


async def scheduled(server: SimulatedServer) -> list[datetime]:
    """Returns the starts of what is ahead, soonest first."""
    rows = await server.read(
        "SELECT starts_at FROM session WHERE state = 'scheduled' AND ends_at > :now "
        "ORDER BY starts_at",
        now=int(server.clock.moment.timestamp()),
    )
    return [datetime.fromtimestamp(row["starts_at"], UTC) for row in rows]
