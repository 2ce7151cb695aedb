"""One person, and one channel, may have so many jellies ahead; organizers may raise that."""

from __future__ import annotations

import pytest
import simcord

from bot.messages.settings import Group
from tests.moments import DAY, HOUR, MINUTE, MONDAY, THURSDAY_10
from tests.server.actions import answer, call_off, drafted, edit, filled, mine, previewed, schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said
from tests.server.test_settings_panel import _filled_in, _opened, _submitted

DATES = [f"dec {day} 10-16" for day in range(1, 31)]


async def limit(server: SimulatedServer, **limits: int) -> str:
    """Has the organizer set limits; returns what the panel then shows."""
    return await _submitted(server, Group.LIMITS, {name: str(one) for name, one in limits.items()})


async def refused(
    server: SimulatedServer, who: simcord.MemberActor, when: str, title: str = "One more"
) -> str:
    """Returns why a jelly is refused, already in its preview, which can't be posted."""
    preview = await drafted(server, by=who, title=title, when=when)
    assert preview.response is not None
    assert "Schedule it" not in buttons_of(preview.response)
    return said(preview)


async def test_one_person_has_ten_jellies_ahead_until_one_is_called_off_or_over(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    for when in DATES[:10]:
        await schedule(server, by=sam, when=when, title=f"On {when[:6]}")
    told = await refused(server, sam, DATES[10])
    assert "You have 10 jellies ahead, and that's the most for one person here." in told
    assert "Call one off, wait until one is over, or ask an organizer." in told
    await call_off(server, which="On dec 10")
    await schedule(server, by=sam, when=DATES[11], title="Instead")
    await server.at(MONDAY + 9 * DAY)
    await schedule(server, by=sam, when=DATES[12], title="After the first")
    assert len(await server.read("SELECT * FROM session WHERE state = 'scheduled'")) == 11


async def test_a_jelly_that_they_host_counts_as_one_that_they_scheduled(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await limit(server, jellies_each=1)
    sam, priya, _ = server.members
    await schedule(server, by=sam, host=priya)
    assert "You have 1 jelly ahead" in await refused(server, sam, DATES[0])
    assert "You have 1 jelly ahead" in await refused(server, priya, DATES[0])


async def test_what_counts_is_checked_when_it_is_posted(server: SimulatedServer) -> None:
    await server.set_up()
    await limit(server, jellies_each=1)
    sam = server.members[0]
    first, second = [await drafted(server, by=sam, when=when) for when in DATES[:2]]
    await press(sam, first, "Schedule it")
    assert "You have 1 jelly ahead" in said(await press(sam, second, "Schedule it"))
    assert len(await server.read("SELECT * FROM session")) == 1


async def test_one_person_has_three_series_paused_ones_too(server: SimulatedServer) -> None:
    await server.set_up()
    sam = server.members[0]
    for day in ("tuesday", "wednesday", "thursday"):
        await schedule(server, by=sam, when=f"every {day} 10-16")
    paused = await sam.slash(server.jellies, "jelly pause", jelly="series:1")
    await press(sam, paused, "Pause it")
    told = await refused(server, sam, "every friday 10-16")
    assert "You have 3 series, and that's the most for one person here." in told
    await schedule(server, by=sam, when=DATES[0])
    ended = await sam.slash(server.jellies, "jelly end", jelly="series:1")
    await press(sam, ended, "End it")
    await schedule(server, by=sam, when="every friday 10-16")


async def test_a_series_is_not_divided_into_more_than_one_may_have(server: SimulatedServer) -> None:
    await server.set_up()
    await limit(server, series_each=1)
    sam = server.members[0]
    await schedule(server, by=sam, when="every thursday 10-16")
    form = await sam.slash(server.jellies, "jelly edit", jelly="session:2", dates="later")
    preview = await sam.submit_modal(
        form,
        {"what": "Tea", "when": "every friday 10-16", "where": "Home", "about": "", "host": [sam]},
    )
    assert "You have 1 series" in said(preview)


async def test_where_only_past_dates_are_left_of_it_no_series_is_added(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam, when="every thursday 10-16", title="Weekly")
    await limit(server, series=1, series_each=1)
    await server.at(THURSDAY_10 + DAY)
    form = await sam.slash(server.jellies, "jelly edit", jelly="session:2", dates="later")
    fields = {**filled(form), "when": "every thursday 11-16", "host": [sam]}
    preview = await sam.submit_modal(form, fields)
    await press(sam, preview, "Save it")
    assert "is changed" in said(preview)
    await server.after(MINUTE)
    series = await server.read("SELECT state FROM series ORDER BY series_id")
    assert [row["state"] for row in series] == ["ended", "active"]


async def test_organizers_are_bound_by_what_the_channel_may_have_alone(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await limit(server, jellies_each=1, series_each=1, changes_each=1)
    for when in DATES[:3]:
        await schedule(server, when=when)
        await schedule(server, when=f"every monday {9 + len(when)}:00")
    assert len(await server.read("SELECT * FROM series")) == 3
    await limit(server, series=3)
    told = await refused(server, server.organizer, "every friday 10-16")
    assert "There are 3 series here, and that's the most." in told
    assert "ask an organizer to raise the limit in /settings" in told


async def test_a_channel_has_so_many_dates_with_a_card_at_a_time(server: SimulatedServer) -> None:
    """Cards are posted 6 days before: dates further apart don't meet."""
    await server.set_up()
    await limit(server, cards=2)
    await schedule(server, when="dec 1 10-16", title="First")
    await schedule(server, when="dec 3 10-16", title="Second")
    told = await refused(server, server.organizer, "dec 4 10-16")
    assert "more than 2 dates would have a card, the most for this channel" in told
    assert "Choose another time, call one off" in told
    assert "more than 2 dates" in await refused(server, server.organizer, "every day 10-16")
    await schedule(server, when="dec 10 10-16", title="Later")
    await schedule(server, when="every tuesday 18-20 from dec 15", title="Weekly")
    for when, result in (
        ("dec 17 10-16", "Here's how it will look"),
        ("dec 16 10-16", "more than 2"),
    ):
        extra = await server.organizer.slash(
            server.jellies, "jelly extra", jelly="series:1", when=when
        )
        assert result in said(extra)
        if "more" not in result:
            await press(server.organizer, extra, "Add it")


async def test_dates_scheduled_from_the_last_to_the_first_meet_as_well(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await limit(server, cards=2)
    for when in ("dec 10 10-16", "dec 9 10-16"):
        await schedule(server, when=when)
    assert "more than 2 dates" in await refused(server, server.organizer, "dec 8 10-16")
    await schedule(server, when="dec 3 10-16")


async def test_a_series_that_is_extended_by_time_is_never_refused(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server, when="every day 10-16", title="Daily")
    await limit(server, cards=1, series=1, jellies_each=0, series_each=0)
    before = len(await server.read("SELECT * FROM session"))
    await server.at(MONDAY + 8 * DAY)
    assert len(await server.read("SELECT * FROM session")) > before


async def test_what_is_too_much_already_stays_and_can_be_edited(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server, when="every day 10-16", title="Daily")
    await schedule(server, when="dec 3 18-20", title="Once")
    await limit(server, cards=1, series=1)
    assert "Press **Save it**" not in await edit(server, which="Once", what="Tea")
    await edit(server, which="Daily", dates="all", what="Day in, day out")
    await edit(server, which="Day in", dates="all", when="every day 11-16")
    titles = await server.read("SELECT DISTINCT title FROM session ORDER BY title")
    assert [row["title"] for row in titles] == ["Day in, day out", "Tea"]
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="series:1", dates="all")
    assert form.modal is not None


async def test_a_rule_with_more_dates_than_before_is_refused_and_one_with_fewer_not(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await schedule(server, when="every thursday 10-16", title="Weekly")
    await limit(server, cards=1)
    assert "more than 1 date would have a card" in await edit_when(server, "every day 10-16")
    assert "more than" not in await edit_when(server, "every 2nd thursday 10-16")


async def edit_when(server: SimulatedServer, when: str) -> str:
    """Returns the preview of a series that is to repeat otherwise."""
    return said(await previewed(server, which="Weekly", dates="all", when=when))


async def test_a_paused_series_is_resumed_if_there_is_room(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server, when="every day 10-16", title="Daily")
    paused = await server.organizer.slash(server.jellies, "jelly pause", jelly="series:1")
    await press(server.organizer, paused, "Pause it")
    await limit(server, cards=2)
    resume = {"jelly": "series:1"}
    told = said(await server.organizer.slash(server.jellies, "jelly resume", **resume))
    assert "more than 2 dates would have a card" in told
    await limit(server, cards=7)
    told = said(await server.organizer.slash(server.jellies, "jelly resume", **resume))
    assert "Daily" in told


async def test_five_previews_of_one_person_are_kept_and_older_ones_go(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    previews = [await drafted(server, by=sam, when=when) for when in DATES[:6]]
    told = said(await press(sam, previews[0], "Schedule it"))
    assert "has expired" in told
    for preview in previews[1:]:
        assert "is scheduled for" in said(await press(sam, preview, "Schedule it"))
    previews = [await drafted(server, when=when) for when in DATES[:6]]
    assert "is scheduled for" in said(await press(server.organizer, previews[0], "Schedule it"))


async def test_limits_are_shown_and_raised_in_the_settings(server: SimulatedServer) -> None:
    await server.set_up()
    line = (
        "Limits: 10 jellies ahead per person, 3 series per person, 20 changes an hour per person, "
        "100 dates with a card, 50 series in all"
    )
    assert line in said(await server.organizer.slash(server.chat, "settings"))
    shown = await limit(server, jellies_each=12, series=60)
    assert "Limits: 12 jellies ahead per person, 3 series per person" in shown
    assert shown.count("← new") == 1
    form = _filled_in(await _opened(server, Group.LIMITS))
    for value in ("12", "3", "20", "100", "60"):
        assert f'"value": "{value}"' in form


@pytest.mark.parametrize("typed", ["ten", "-1", "0", "1001", "2.5", "¹"])
async def test_a_limit_that_is_no_number_or_out_of_range_is_refused_whole(
    server: SimulatedServer, typed: str
) -> None:
    await server.set_up()
    form = await _opened(server, Group.LIMITS)
    values = {"jellies_each": "11", "series_each": "4", "changes_each": "21", "cards": typed}
    answer = await server.organizer.submit_modal(form, {**values, "series": "9:9"})
    assert "Each limit" in said(answer)
    assert answer.response is not None
    again = _filled_in(await server.organizer.click(answer.response, label="Change it"))
    for value in (*values.values(), "9:9"):
        assert f'"value": "{value}"' in again
    assert "10 jellies ahead" in said(await server.organizer.slash(server.chat, "settings"))


async def test_nobody_but_organizers_schedules_where_the_limits_are_zero(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await limit(server, jellies_each=0, series_each=0)
    sam = server.members[0]
    assert "Only organizers (Manage Events) schedule" in await refused(server, sam, DATES[0])
    assert "Only organizers (Manage Events) start series" in await refused(
        server, sam, "every friday 10-16"
    )
    await schedule(server)


async def test_taking_someone_off_is_a_change(server: SimulatedServer) -> None:
    await server.set_up()
    await limit(server, changes_each=2)
    sam, priya, jordan = server.members
    await schedule(server, by=sam)
    for who in (priya, jordan):
        await who.click(server.card(), label="Going")
    await answer(server, sam, "declined", member=priya)
    refused = said(await answer(server, sam, "declined", member=jordan))
    assert "One person can make 2 changes an hour here." in refused
    assert await mine(server, jordan) == "Going"


async def test_changes_an_hour_are_what_the_settings_say(server: SimulatedServer) -> None:
    await server.set_up()
    await limit(server, changes_each=1)
    sam = server.members[0]
    await schedule(server, by=sam)
    told = await refused(server, sam, DATES[0])
    again = int((MONDAY + HOUR).timestamp())
    assert f"One person can make 1 change an hour here. Try again <t:{again}:F>" in told
