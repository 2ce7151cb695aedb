"""The change log says every action and every field, and only what its reader may view."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from bot.actions.change_log import read_changes
from bot.language import words_for
from bot.messages.change_log import FIELDS, change_log
from data.models import Change, ChangeAction, ChannelSettings, Details, Page
from data.store.database import Database
from tests.moments import DAY, MONDAY
from tests.unit.made_up import CHANNEL, PEOPLE, Channels, MadeUpProgram, post, set_up

DETAILS = {"from_at": 1, "to_at": 2, "from_place": "A", "to_place": "B", "fields": ["title"]}


@pytest.mark.parametrize("action", ChangeAction)
def test_every_action_is_said_with_what_was_typed_escaped(action: ChangeAction) -> None:
    change = Change(action, 7, MONDAY, 8, "*x* <@&9>", MONDAY, DETAILS)
    text, _ = change_log(words_for("en"), Page([change], 0, 1), 90 * DAY)
    assert "<@7>" in text
    assert "<@&9>" not in text
    has_no_title = action in (ChangeAction.SETTINGS, ChangeAction.CALLED_OFF_ALL)
    assert "\\*x\\*" in text or has_no_title


def test_whoever_is_forgotten_is_someone() -> None:
    change = Change(ChangeAction.REMOVED, None, MONDAY, None, "Tea", None, {})
    text, _ = change_log(words_for("en"), Page([change], 0, 1), 90 * DAY)
    assert "someone took someone off **Tea**" in text


def test_every_field_that_can_be_changed_is_called_something() -> None:
    names = {field.name for kind in (Details, ChannelSettings) for field in fields(kind)}
    assert names - {"guild_id"} <= FIELDS.keys()


async def test_organizers_read_nothing_of_a_channel_that_they_may_not_view(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        program = MadeUpProgram(database)
        await set_up(program)
        await post(program, PEOPLE["host"], "Secret", "friday 10-16")
        organizer = PEOPLE["organizer"]
        seen = await read_changes(program, organizer)
        blind = replace(organizer, channels=Channels(frozenset({CHANNEL})))
        unseen = await read_changes(program, blind)
        assert [change.title for change in seen.items] == ["Secret", ""]
        assert [change.title for change in unseen.items] == [""]
        hidden = replace(PEOPLE["host"], channels=Channels(frozenset({CHANNEL})))
        assert (await read_changes(program, hidden)).total == 0
