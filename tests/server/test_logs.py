"""Whatever people do and whatever goes wrong, the log holds nothing about them."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
import simcord

from bot.actions import answers
from tests.moments import DAY, ENDS, HOUR, THURSDAY_10
from tests.program_log import program_log
from tests.server.actions import add_details, answer, call_off, drafted, edit, member, schedule
from tests.server.hosting import close_messages_of, live_until
from tests.server.simulated_server import SimulatedServer, said

NAME, TITLE, PLACE, NOTE = "Zebedee", "Quokka", "Wombat", "Platypus"


@pytest.fixture
def log() -> Iterator[StringIO]:
    with program_log() as written:
        yield written


@pytest.fixture
def zebedee(server: SimulatedServer) -> simcord.MemberActor:
    return member(server, NAME)


def about_people(log: StringIO, zebedee: simcord.MemberActor) -> list[str]:
    """Returns the lines that hold a person's id or name, or a word that was typed."""
    personal = (str(zebedee.id), NAME.lower(), TITLE.lower(), PLACE.lower(), NOTE.lower())
    lines = log.getvalue().splitlines()
    return [line for line in lines if any(word in line.lower() for word in personal)]


async def test_a_whole_jelly_leaves_no_word_about_anybody(
    server: SimulatedServer, log: StringIO, zebedee: simcord.MemberActor
) -> None:
    close_messages_of(server, zebedee.user)
    refused = await drafted(server, title=TITLE, when=NOTE, by=zebedee)
    assert NOTE in said(refused)
    await schedule(server, title=TITLE, by=zebedee, about=NOTE)
    await edit(server, which=TITLE, where=PLACE, host=zebedee)
    card = server.card(TITLE)
    for who in (zebedee, server.members[0]):  # of whom the host is told
        await who.click(card, label="Going")
    await add_details(server, zebedee, card, note=NOTE)
    await answer(server, zebedee, "maybe", session=TITLE, note=NOTE)
    await server.restart()
    await live_until(server, THURSDAY_10)
    await zebedee.click(server.card(TITLE), label="I'm here")
    await live_until(server, ENDS + DAY)
    await schedule(server, title=TITLE, when="friday 10-16", by=zebedee)
    await call_off(server, which=TITLE)
    assert "Sent the message announcement of session 1" in log.getvalue()
    assert "can't go privately: Forbidden: 403, code 50007" in log.getvalue()
    assert about_people(log, zebedee) == []


async def test_what_fails_leaves_no_word_about_anybody(
    server: SimulatedServer,
    log: StringIO,
    zebedee: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await schedule(server, title=TITLE, by=zebedee)
    card = server.card(TITLE)
    await server.members[0].click(card, label="Going")

    text = f"{NOTE} is no place for {zebedee.mention}"

    async def fault(*_: object, **_options: object) -> None:
        raise LookupError(text)

    with monkeypatch.context() as broken:
        broken.setattr(answers, "answer", fault)
        wrong = said(await zebedee.click(card, label="Going"))
        assert "Something went wrong" in wrong
        server.errors.records.clear()
    number = wrong.partition("error ")[2].partition(")")[0]
    assert f"Error {number} while answering rsvp in server {server.guild.id}" in log.getvalue()
    assert "LookupError\n" in log.getvalue()

    path = f"/channels/{server.jellies.id}/messages"
    server.environment.inject_error("POST", path, status=503, message=text, times=1)
    server.environment.inject_error("POST", path, status=400, code=50035, message=text, times=1)
    await server.at(THURSDAY_10 - DAY)
    await server.after(HOUR)
    assert "will be tried again" in log.getvalue()
    assert "can't be sent: Discord refused it (status 400, code 50035)" in log.getvalue()

    path = f"{path}/{card.id}"
    server.environment.inject_error("PATCH", path, status=403, code=50001, message=text, times=1)
    await zebedee.slash(server.jellies, "rsvp", jelly=TITLE, answer="going", note=NOTE)
    await server.settle()
    assert "is not refreshed: Forbidden: 403, code 50001" in log.getvalue()

    server.clock.moment = ENDS
    await server.settle()
    assert "expired before it could be sent" in log.getvalue()
    assert about_people(log, zebedee) == []


async def test_a_sentence_that_reaches_nobody_is_logged_without_its_values(
    server: SimulatedServer, log: StringIO, zebedee: simcord.MemberActor
) -> None:
    server.environment.inject_error(
        "POST", "/interactions/*", status=400, code=50035, message=NOTE, times=None
    )
    await answer(server, zebedee, "going", session=NOTE)
    assert "did not reach the person: HTTPException: 400, code 50035" in log.getvalue()
    assert about_people(log, zebedee) == []


async def test_a_start_that_follows_the_law_is_logged_by_its_session(
    server: SimulatedServer, log: StringIO, zebedee: simcord.MemberActor
) -> None:
    await schedule(server, title=TITLE, by=zebedee)
    await server.database.write(
        lambda t: t.run("UPDATE session SET starts_at = starts_at - 3600, ends_at = ends_at - 3600")
    )
    await server.bot.follow_zone_database()
    assert "Session 1 follows the zone database." in log.getvalue()
    assert about_people(log, zebedee) == []
