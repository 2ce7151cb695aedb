"""Presses, forms and choices of members reach a bot, and its answer comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.loopback import Guild, Loopback, LoopbackError, Message
from tests.loopback.clients import Caller, GatewayClient, button, row

pytestmark = pytest.mark.asyncio(loop_scope="module")

_CALLBACK = "POST /interactions/{id}/{token}/callback"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inhabited() -> AsyncIterator[Loopback]:
    """Yields a Discord on which the bare bot runs."""
    async with Loopback() as discord, discord.bot("tests.loopback.bare_bot"):
        await discord.wait_ready()
        yield discord


@pytest_asyncio.fixture(loop_scope="module")
async def home(inhabited: Loopback) -> Guild:
    await inhabited.clear_faults()
    await inhabited.reset_counters()
    return await inhabited.create_guild(channels=["jellies", "chat"], members=20)


@pytest_asyncio.fixture(loop_scope="module")
async def card(inhabited: Loopback, home: Guild) -> Message:
    answer = await inhabited.slash(home.owner, home.channels["jellies"], "card", {"people": 7})
    assert answer.message is not None
    return answer.message


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def probed() -> AsyncIterator[Loopback]:
    """Yields a Discord on which the probe bot runs, in its own server."""
    async with Loopback() as discord, discord.bot("tests.loopback.probe_bot"):
        await discord.wait_ready()
        yield discord


class TestInteractions:
    async def test_a_forged_press_reaches_the_bot_and_its_answer_the_member(
        self, discord: Loopback, guild: Guild, bot: Caller, gateway: GatewayClient
    ) -> None:
        await bot.send(guild.channels["jellies"], content="hi", components=[row(button())])
        [message] = await discord.messages(guild.channels["jellies"])
        await gateway.identify()
        await gateway.until("READY")
        click = asyncio.create_task(discord.click(guild.owner, message, "b", forged=True))
        pressed = await gateway.until("INTERACTION_CREATE")
        assert pressed["data"] == {"custom_id": "b", "component_type": 2}
        assert pressed["member"]["user"]["id"] == str(guild.owner)
        assert pressed["message"]["components"][0]["components"][0]["custom_id"] == "a"
        path = f"/interactions/{pressed['id']}/{pressed['token']}/callback"
        assert (await bot.request("POST", path, {"type": 6})).status == 204
        assert (await click).kind == "deferred_update"


class TestBareBot:
    async def test_it_posts_a_card_and_answers_presses(
        self, inhabited: Loopback, home: Guild
    ) -> None:
        channel = home.channels["jellies"]
        posted = await inhabited.slash(home.owner, channel, "card", {"people": 3})
        assert posted.kind == "message"
        assert posted.message is not None
        assert list(posted.message.buttons) == ["Going", "Maybe", "Can't make it"]
        pressed = await inhabited.click(
            home.members[0], posted.message, posted.message.buttons["Maybe"]
        )
        assert (pressed.kind, pressed.refusals) == ("update", [])
        assert pressed.seconds is not None
        assert pressed.seconds < 3
        [shown] = await inhabited.messages(channel)
        assert shown.text.endswith("Last answer: Maybe")
        assert shown.pinged_users == []
        assert (await inhabited.counters()).requests == {_CALLBACK: 2}
        assert await inhabited.violations() == []

    async def test_it_answers_many_presses_at_once(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        presses = await inhabited.press_many(
            card, list(card.buttons.values()), home.members * 10, in_flight=20
        )
        assert presses.outcomes == {"update": 200}
        assert presses.unanswered == 0
        assert 0 < presses.p50 <= presses.p99 < 3
        assert presses.per_second > 20
        assert (await inhabited.counters()).limited == {}
        assert await inhabited.violations() == []

    async def test_an_interaction_delivered_twice_is_accepted_once(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_interactions(copies=2)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        await inhabited.wait_requests(_CALLBACK, 3)
        pressed = await inhabited.again(pressed)
        assert (pressed.kind, pressed.refusals) == ("update", [40060])

    async def test_an_interaction_can_come_late_and_again(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_interactions(late=0.2)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        assert pressed.seconds is not None
        assert pressed.seconds >= 0.2
        await inhabited.replay(pressed)
        await inhabited.wait_requests(_CALLBACK, 3)
        assert (await inhabited.again(pressed)).refusals == [40060]

    async def test_a_press_on_a_cut_gateway_arrives_with_the_resumed_session(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.cut_gateway()
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        assert pressed.kind == "update"
        gateway = (await inhabited.counters()).gateway
        assert (gateway["resume"], gateway.get("identify")) == (1, None)

    async def test_an_answer_that_never_comes_is_told(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_requests(path="/interactions/*", status=403, times=1)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"], within=0.2)
        assert (pressed.kind, pressed.seconds) == (None, None)

    async def test_nobody_presses_what_is_not_there(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        with pytest.raises(LoopbackError, match="nothing to press"):
            await inhabited.click(home.members[0], card, "bare:7:nonsense")

    async def test_old_buttons_work_after_a_kill(self, http: aiohttp.ClientSession) -> None:
        async with Loopback() as discord:
            home = await discord.create_guild()
            async with discord.bot("tests.loopback.bare_bot") as bot:
                await discord.wait_ready()
                posted = await discord.slash(home.owner, home.channels["jellies"], "card")
                await bot.kill()
            assert not bot.is_running
            assert posted.message is not None
            async with discord.bot("tests.loopback.bare_bot"):
                await discord.wait_ready()
                pressed = await discord.click(
                    home.members[0], posted.message, posted.message.buttons["Going"]
                )
                assert pressed.kind == "update"


class TestProbeBot:
    async def test_a_form_is_filled_in(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        member = guild.members[0]
        shown = await probed.slash(member, guild.channels["jellies"], "form")
        assert shown.modal is not None
        assert (shown.kind, shown.modal["title"]) == ("modal", "About you")
        with pytest.raises(LoopbackError, match="does not take 21 characters"):
            await probed.submit_modal(shown, {"name": "x" * 21})
        with pytest.raises(LoopbackError, match="must be filled in"):
            await probed.submit_modal(shown, {})
        sent = await probed.submit_modal(shown, {"name": "Ada"})
        assert sent.message is not None
        assert (sent.message.text, sent.message.ephemeral) == ("Ada from Bern", True)
        with pytest.raises(LoopbackError, match="no modal to submit"):
            await probed.submit_modal(shown, {"name": "Ada"})

    async def test_a_menu_is_chosen_from(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        asked = await probed.slash(guild.owner, guild.channels["jellies"], "menu")
        assert asked.message is not None
        chosen = await probed.select(guild.owner, asked.message, "whom", [guild.members[1]])
        assert chosen.message is not None
        assert chosen.message.text == f"Chose <@{guild.members[1]}>"

    async def test_a_bot_that_thinks_is_waited_for(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        thought = await probed.slash(guild.owner, guild.channels["jellies"], "think")
        assert thought.message is not None
        assert (thought.kind, thought.message.text) == ("message", "Thought")
        await probed.wait_requests("POST /webhooks/{id}/{token}")
        assert [m.text for m in (await probed.again(thought)).followups] == ["And more"]

    async def test_options_offer_choices_and_take_members(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        channel, member = guild.channels["jellies"], guild.members[0]
        offered = await probed.autocomplete(member, channel, "travel", "city", "Ber")
        assert [choice["value"] for choice in offered.choices] == ["berlin", "bern"]
        with pytest.raises(LoopbackError, match="needs the option host"):
            await probed.slash(member, channel, "travel", {"city": "bern"})
        gone = await probed.slash(
            member, channel, "travel", {"city": "bern", "host": guild.members[1]}
        )
        assert gone.message is not None
        assert gone.message.text == f"To bern with <@{guild.members[1]}>"
        assert gone.message.pinged_users == [guild.members[1]]
        assert await probed.violations() == []
