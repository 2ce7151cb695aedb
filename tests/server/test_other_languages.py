"""What a person reads in a language other than English: commands, errors, help, the doctor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from gettext import NullTranslations
from typing import Any

import pytest
from babel.core import Locale

from bot.actions import records
from bot.app import JellyBot
from bot.demo.clock import TimeTravel
from bot.descriptions import Descriptions
from bot.language import BY_LOCALE, Words
from bot.language.extract import catalogue
from data.limits import LONGEST_MESSAGE
from data.store.unusable import DatabaseUnusable
from tests.server.simulated_server import SimulatedServer, said

LONGEST = 100
"""Of a description, and of the name of a choice.

https://discord.com/developers/docs/interactions/application-commands
"""
LONGER = 1.4
"""How much longer than English a translation may be."""


class _Bracketed(NullTranslations):
    def gettext(self, message: str) -> str:
        return f"[{message}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class _Long(NullTranslations):
    longer = LONGER

    def gettext(self, message: str) -> str:
        return message + "~" * int(len(message) * (self.longer - 1))


class _VeryLong(_Long):
    longer = 3


GERMAN = Words("de", Locale.parse("de"), _Bracketed())
LONG = Words("de", Locale.parse("de"), _Long())
VERY_LONG = Words("de", Locale.parse("de"), _VeryLong())
READER = "en-GB"
"""The locale of everybody in the simulated Discord; a channel's is another."""


@pytest.fixture(autouse=True)
def _not_in_the_pseudo_language(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--pseudo-language"):
        pytest.skip("speaks languages of its own")


@pytest.fixture
def _german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BY_LOCALE, "de", GERMAN)


@pytest.fixture
def _german_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BY_LOCALE, READER, GERMAN)


async def _told(bot: JellyBot) -> list[dict[str, Any]]:
    translator = Descriptions()
    return [
        await command.get_translated_payload(bot.tree, translator)
        for command in bot.tree.get_commands()
    ]


def _parts(payloads: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields every command, group, option and choice."""
    for payload in payloads:
        yield payload
        yield from _parts(payload.get("options", []))
        yield from payload.get("choices", [])


async def test_in_english_alone_nothing_is_translated(server: SimulatedServer) -> None:
    for part in _parts(await _told(server.bot)):
        assert not part.get("name_localizations"), part["name"]
        assert not part.get("description_localizations"), part["name"]


@pytest.mark.usefixtures("_german")
async def test_descriptions_and_choices_are_told_in_each_language(server: SimulatedServer) -> None:
    for part in _parts(await _told(server.bot)):
        if "description" in part:
            assert part["description_localizations"] == {"de": f"[{part['description']}]"}
            # Sentences quote the names of commands and options.
            assert not part.get("name_localizations"), part["name"]
        else:
            assert part["name_localizations"] == {"de": f"[{part['name']}]"}


@pytest.mark.usefixtures("_german")
async def test_discord_takes_them(server: SimulatedServer) -> None:
    [command] = [c for c in await server.bot.tree.sync() if c.name == "jellies"]
    assert command.name_localizations == {}
    told = {
        locale.value: description
        for locale, description in command.description_localizations.items()
    }
    assert told == {"de": "[See what's on, and answer]"}


async def test_a_new_language_is_told_to_discord(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = JellyBot(server.database, server.clock)  # works them out each time
    await bot.load_cogs()
    before = await bot.commands_digest(1)
    assert await bot.commands_digest(1) == before
    monkeypatch.setitem(BY_LOCALE, "de", GERMAN)
    assert await bot.commands_digest(1) != before


async def test_every_description_has_room_for_other_languages(server: SimulatedServer) -> None:
    jumps: asyncio.Queue[timedelta] = asyncio.Queue()
    await server.bot.add_cog(TimeTravel(server.bot, jumps))
    parts = list(_parts(await _told(server.bot)))
    assert len(parts) > 60
    for part in parts:
        text = part.get("description", part["name"])
        assert text not in ("", "…"), part["name"]
        assert len(text) * LONGER + 2 <= LONGEST, (part["name"], len(text), text)


async def test_every_description_is_in_the_catalogue(server: SimulatedServer) -> None:
    known = {message.id for message in catalogue()}
    for part in _parts(await _told(server.bot)):
        assert part.get("description", part["name"]) in known, part["name"]


@pytest.mark.usefixtures("_german_reader")
async def test_a_refusal_is_in_the_readers_language(server: SimulatedServer) -> None:
    refused = said(
        await server.members[0].slash(server.chat, "rsvp", jelly="nothing", answer="going")
    )
    assert refused.startswith("[")
    assert refused.endswith("]")


@pytest.mark.usefixtures("_german_reader")
async def test_a_fault_is_told_in_the_readers_language(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        error = DatabaseUnusable()
        error.number = "0a1b2c"
        raise error

    monkeypatch.setattr(records, "prefer_mood", fail)
    asked = await server.members[0].slash(server.chat, "me record")
    assert asked.response is not None
    told = await server.members[0].click(asked.response, label="[Ask each time]")
    assert said(told).startswith("[I can't reach my data")
    assert "(error 0a1b2c)" in said(told)


@pytest.mark.usefixtures("_german_reader")
async def test_the_doctor_answers_in_the_readers_language(server: SimulatedServer) -> None:
    told = said(await server.organizer.slash(server.chat, "doctor"))
    assert told.splitlines() == [
        "[### Jelly here: all is well.]",
        f"**[OK]** [In [<#{server.jellies.id}>] I have every permission I need.]",
        "**[OK]** [No message is scheduled.]",
        "**[OK]** [Every message arrived in the last 30 days.]",
        "**[OK]** [The bot's clock agrees with Discord's.]",
    ]


async def test_help_takes_as_many_messages_as_its_language_needs(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await server.organizer.slash(server.chat, "help")
    assert told.followups == []
    english = said(told)
    monkeypatch.setitem(BY_LOCALE, READER, VERY_LONG)
    told = await server.organizer.slash(server.chat, "help")
    messages = [said(told), *(one.content for one in told.followups)]
    assert len(messages) > 1
    assert all(one.ephemeral for one in told.followups)
    assert all(len(message) <= LONGEST_MESSAGE for message in messages)
    lines = "\n".join(messages).splitlines()
    assert lines == [VERY_LONG(line) for line in english.splitlines()]
