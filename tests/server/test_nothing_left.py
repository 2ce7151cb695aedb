"""Nothing is left of those who are forgotten: in the store, its bytes, Discord and the log."""

from __future__ import annotations

from bot.forgetting import forget
from tests.server.lives import (
    NAME,
    WORD,
    bytes_with,
    counted,
    forget_me,
    live,
    live_among_others,
    logged,
    newcomer,
    rows_with,
    shown_with,
)
from tests.server.simulated_server import SimulatedServer


async def test_nothing_is_left_of_who_went_through_everything(server: SimulatedServer) -> None:
    await server.set_up()
    canary = await newcomer(server)
    await live(server, canary)
    lived_in = {found.partition(".")[0] for found in await rows_with(server, canary)}
    assert lived_in >= {
        *("guild", "series", "session", "draft", "member", "rsvp", "delivery"),
        *("delivery_recipient", "delivery_named", "private_channel", "change", "invitation"),
        "refused_host",
    }
    in_bytes = {found.partition(": ")[2] for found in bytes_with(server.file, canary.id)}
    assert in_bytes >= {"name", "word", "integer"}
    assert shown_with(server, canary)
    before = await counted(server)
    with logged() as lines:
        assert "nothing is stored about you any more" in await forget_me(server, canary)
    assert await rows_with(server, canary) == []
    assert bytes_with(server.file, canary.id) == []
    left = shown_with(server, canary)
    assert left == [], "\n=====\n".join(left)
    assert lines
    named = [one for one in lines if str(canary.id) in one or NAME in one or WORD in one]
    assert named == []
    assert await counted(server) == before


async def test_nothing_is_left_of_who_invited_and_was_invited(server: SimulatedServer) -> None:
    await server.set_up()
    user = server.environment.create_user(NAME.lower(), global_name=NAME)
    canary = server.guild.add_member(user)
    with logged() as lines:
        await live_among_others(server, canary)
        lived_in = {found.partition(".")[0] for found in await rows_with(server, canary)}
        assert lived_in >= {"invitation", "refused_host", "member", "session", "series", "ping"}
        assert len(shown_with(server, canary)) > 9
        before = await counted(server)
        # They are in the server no more, so the operator forgets them.
        await forget(server.database, server.clock, canary.id)
        await server.restart()
        await server.start_again()
    assert await rows_with(server, canary) == []
    assert bytes_with(server.file, canary.id) == []
    left = shown_with(server, canary)
    assert left == [], "\n=====\n".join(left)
    assert [one for one in lines if str(canary.id) in one or NAME in one or WORD in one] == []
    assert await counted(server) == before
    open_now = await server.read("SELECT invited_by FROM invitation WHERE state = 'open'")
    assert [row["invited_by"] for row in open_now] == [server.members[0].id]
