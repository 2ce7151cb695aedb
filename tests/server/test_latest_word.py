"""Of what is due of one date at the same time, because the bot was away, only the latest comes."""

from __future__ import annotations

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import schedule, told
from tests.server.hosting import call_off, move
from tests.server.simulated_server import SimulatedServer, said


async def test_a_reminder_comes_instead_of_the_question_before_it(server: SimulatedServer) -> None:
    await schedule(server, answers_close="1 day")
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 - DAY + HOUR)
    [reminder] = server.said_ever()
    assert sam.mention in reminder
    assert "is on <t:" in reminder
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_a_start_comes_instead_of_the_reminders_before_it(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 + 10 * MINUTE)
    [start] = server.said_ever()
    assert "**Thursday jelly** is on now at The Alb" in start
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_a_move_is_told_instead_of_what_reminds_of_the_new_time(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY - MINUTE)
    await move(server, "Thursday jelly", "thursday 10:01-16")
    await server.at(THURSDAY_10 - DAY + MINUTE)
    [moved] = server.said_ever()
    assert "has moved" in moved
    await server.at(THURSDAY_10 - HOUR + MINUTE)
    assert len(server.said_ever()) == 2


async def test_a_move_that_nobody_needs_keeps_nothing_back(server: SimulatedServer) -> None:
    await schedule(server)
    await server.at(THURSDAY_10 - DAY - MINUTE)
    await move(server, "Thursday jelly", "thursday 10:01-16")
    await server.at(THURSDAY_10 - DAY + MINUTE)
    [line] = server.said_ever()
    assert "Just the host so far" in line


async def test_what_waited_until_a_later_word_was_out_is_left_out(server: SimulatedServer) -> None:
    for attempts in (0, 1):
        title = f"Jelly {attempts}"
        await schedule(server, title=title, answers_close="1 day")
        await server.members[0].click(server.card(title), label="Going")
        await server.members[1].click(server.card(title), label="Maybe")
    await server.organizer.slash(server.jellies, "settings", reminders="47 hours 55 minutes")
    await server.at(THURSDAY_10 - 2 * DAY - MINUTE)
    await server.database.write(
        lambda t: t.run(
            """
            UPDATE delivery SET try_at = due_at + 600, attempts = session_id - 1,
                first_try_at = CASE WHEN session_id = 2 THEN due_at END
            WHERE kind = 'undecided'
            """
        )
    )
    await server.at(THURSDAY_10 - 2 * DAY + 5 * MINUTE)
    assert len(told(server, "is on <t:")) == 2
    await server.at(THURSDAY_10 - 2 * DAY + 10 * MINUTE)
    await server.after(MINUTE)
    assert len(server.said_ever()) == 2
    rows = await server.read("SELECT DISTINCT state FROM delivery WHERE kind = 'undecided'")
    assert rows == [{"state": "withdrawn"}]
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_calling_off_is_told_however_much_is_due(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await server.at(THURSDAY_10 - HOUR)
    await call_off(server)
    await server.after(10 * MINUTE)
    assert len(told(server, "is called off")) == 1
