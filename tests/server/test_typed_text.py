"""Text that people typed, wherever the bot shows it."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.actions import add_details, edit, filled, schedule
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

SUPPRESS_EMBEDS = 1 << 2
"""https://docs.discord.com/developers/resources/message#message-object-message-flags"""
ZALGO = "J" + "\u0301\u0489" * 12 + "elly"


@pytest.mark.parametrize("what", ["\u3164", "\u2800 \u2800", "\ufe0f\u200d", "\u115f\u0301"])
@pytest.mark.parametrize("option", ["what", "where"])
async def test_a_title_and_a_place_that_show_nothing_are_refused(
    server: SimulatedServer, what: str, option: str
) -> None:
    await server.set_up()
    options = {"what": "Jelly", "where": "Home", "when": "thursday 10-16", option: what}
    refused = await server.organizer.slash(server.chat, "jelly new", **options)
    assert refused.response is not None
    assert buttons_of(refused.response) == ["Change", "Discard"]
    assert await server.read("SELECT * FROM session") == []


async def test_lines_and_marks_are_bounded_wherever_they_are_shown(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    about = "\n".join(f"{number}" for number in range(150))
    await schedule(server, title=ZALGO, about=about)
    await sam.click(server.cards()[-1], label="Going")
    card = text_of(server.cards()[-1])
    assert card.count("\n") < 30
    assert "8\n9 10 11" in card
    listed = said(await sam.slash(server.chat, "jellies"))
    choices = await sam.autocomplete(server.chat, "rsvp", "jelly", "")
    await server.at(THURSDAY_10 - HOUR)
    for shown in (card, listed, str(choices), *server.messages()):
        assert "J" in shown
        assert "J\u0301\u0489\u0301\u0489elly" in shown
        assert "\u0489\u0301\u0489\u0301" not in shown


async def test_what_an_older_version_stored_is_bounded_too(server: SimulatedServer) -> None:
    await schedule(server)
    await server.database.write(
        lambda t: t.run(
            "UPDATE session SET about = :about, title = 'The\u202e Alb'", about="x\n" * 200
        )
    )
    await server.members[0].click(server.card(""), label="Going")
    card = text_of(server.cards()[-1])
    assert "## The Alb\n" in card
    assert card.count("\n") < 30


async def test_channels_and_custom_emoji_are_shown_as_such(server: SimulatedServer) -> None:
    sam = server.members[0]
    markup = f"{server.chat.mention} <:my_pie:123456789012345678>"
    await schedule(
        server, title=f"{markup} one", about=f"{markup} two <@{sam.id}> </jellies:5> <t:1:R>"
    )
    card = server.cards()[-1]
    await add_details(server, sam, card, note=f"{markup} three <a:dance:123456789012345678>")
    card_text = text_of(server.cards()[-1])
    for shown in (f"## {markup} one", f"{markup} two", f"{markup} three <a:dance:"):
        assert shown in card_text
    for not_shown in ("</jellies", "<t:1:R>"):
        assert not_shown not in card_text
    await edit(server, which="one", where=f"{markup} four")
    await server.at(THURSDAY_10 - HOUR)
    assert any(f"{markup} four" in message for message in server.messages())
    listed = said(await sam.slash(server.chat, "jellies"))
    assert f"**{markup} one ([card](https://discord.com/channels/" in listed
    assert f"[{markup}" not in listed


async def test_where_markup_is_not_shown_channels_and_emoji_are_named(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    notes = server.guild.create_text_channel("corner")
    await schedule(server, title=f"{notes.mention} <a:pie:123456789012345678> corner")
    server.hide(notes, priya)
    for who, name in ((sam, "#corner"), (priya, "#…")):
        [choice] = await who.autocomplete(server.chat, "rsvp", "jelly", "pie")
        assert choice["name"].startswith(f"{name} :pie: corner · ")
        form = await who.click(server.cards()[-1], label="Add details")
        assert form.modal is not None
        assert form.modal["title"] == f"Coming to {name} :pie: corner"
        found = await who.slash(server.chat, "rsvp", jelly=f"{name} :pie: corner", answer="going")
        assert "You're going to **" in said(found)
    await sam.slash(
        server.chat, "rsvp", jelly="pie", answer="going", note=f"{notes.mention} <:a_b:123>"
    )
    shown = await server.organizer.slash(server.chat, "headcount session", jelly="pie")
    table = await _export(server, shown, "Table (CSV)")
    assert table.response is not None
    [file] = table.response.attachments
    assert file.filename == "corner-pie-corner-2026-11-26.csv"
    assert "#corner :a_b:" in (await file.read()).decode("utf-8-sig")
    assert "#corner :a_b:" in said(await _export(server, shown, "List to copy"))


async def test_a_long_title_is_not_cut_inside_a_channel(server: SimulatedServer) -> None:
    title = "x" * 50 + server.chat.mention
    await schedule(server, title=title)
    listed = said(await server.members[0].slash(server.chat, "jellies"))
    assert f"{'x' * 50}…" in listed
    assert "<#" not in listed


async def test_links_in_notices_and_answers_do_not_unfurl(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, title="Jelly https://example.com/a", when="thursday 10-16")
    await sam.click(server.cards()[-1], label="Going")
    shown = await sam.slash(server.chat, "jellies")
    assert shown.response is not None
    assert shown.response.flags.components_v2  # which Discord shows without previews of links
    await server.at(THURSDAY_10 - DAY)
    await server.at(THURSDAY_10 - HOUR)
    notices = [
        request.json
        for request in server.environment.http_requests
        if request.method == "POST"
        and request.path.endswith("/messages")
        and request.json
        and "example.com" in (request.json.get("content") or "")
    ]
    assert notices
    assert all(notice["flags"] & SUPPRESS_EMBEDS for notice in notices)


async def test_a_form_still_holds_what_was_typed(server: SimulatedServer) -> None:
    about = "\n".join(str(number) for number in range(40))
    await schedule(server, about=about)
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="session:1")
    assert filled(form)["about"] == about


async def _export(
    server: SimulatedServer, shown: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert shown.response is not None
    return await server.organizer.click(shown.response, label=label)
