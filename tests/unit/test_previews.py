"""What a preview promises is what is then saved; asked of actions, without Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.actions import answers, changes, drafts, settings
from bot.actions.actor import Actor
from bot.actions.details import details_of
from bot.actions.previews import Preview
from data.limits import SESSIONS_AHEAD
from data.mirrors import note_mirror
from data.models import Answer, Details, Ending, MirrorKind, Owner
from data.schedule.find import sessions_ahead
from data.store.database import Database
from tests.moments import DAY, HOUR, THURSDAY_10, WEEK
from tests.unit.made_up import (
    ALL_CHANNELS,
    CHANNEL,
    GUEST,
    HERE,
    ROBIN,
    MadeUpProgram,
    post,
    save,
    set_up,
    stored,
)

SERIES = "series:1"
GUS = Actor(GUEST, "Gus", HERE, ALL_CHANNELS)


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[MadeUpProgram]:
    """Yields a program in whose server a jelly is every Thursday; it is Monday, 9:00."""
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        program = MadeUpProgram(database)
        await set_up(program)
        await post(program, ROBIN, "Weekly", "every thursday 10-16")
        yield program


async def change(
    program: MadeUpProgram, which: str, when: str, *, and_later: bool = False, title: str = "New"
) -> Preview:
    """Returns the preview of a change."""
    chosen = await drafts.to_change(program, ROBIN, which, and_later=and_later)

    def renamed(details: Details) -> Details:
        return replace(details, title=title)

    return await drafts.propose_change(
        program, ROBIN, chosen.target, renamed, when or chosen.phrase, based_on=chosen.based_on
    )


def promised(preview: Preview) -> list[datetime]:
    assert preview.reading is not None, preview.refusal
    return [one.starts_at for one in preview.reading.next_dates]


async def scheduled(program: MadeUpProgram, title: str = "") -> list[datetime]:
    """Returns the starts of the sessions ahead whose name begins with the title."""
    now = program.clock.now()
    ahead = await program.database.read(lambda t: sessions_ahead(t, [CHANNEL], now=now, limit=500))
    return [
        session.starts_at
        for session in ahead
        if session.details.title.startswith(title) and session.starts_at > now
    ]


@pytest.mark.parametrize(
    "when",
    [
        *("every thursday 10-16", "every thursday 14-18", "every friday 10-16"),
        *("every 2 weeks on thursday 10-16", "every day 10-16", "every last friday 10-16"),
    ],
)
@pytest.mark.parametrize("which", [SERIES, "session:3"])
async def test_the_dates_in_a_preview_of_a_series_are_the_next_ones_then(
    program: MadeUpProgram, which: str, when: str
) -> None:
    """Also if one was skipped, one moved, and one has a name of its own."""
    await changes.end(program, ROBIN, Ending.SKIP, 4)
    await save(program, ROBIN, await change(program, "session:5", "dec 27 10-16", title="Moved"))
    await save(program, ROBIN, await change(program, "session:6", "", title="Renamed"))
    preview = await change(program, which, when, and_later=which != SERIES)
    await save(program, ROBIN, preview)
    then = await scheduled(program)
    horizon = program.clock.now() + SESSIONS_AHEAD
    soon = [start for start in promised(preview) if start < horizon]
    assert soon == [start for start in then if start in soon]
    new = [start for start in await scheduled(program, "New") if start < horizon]
    assert soon[:1] == new[:1]


async def test_a_date_that_was_skipped_is_not_promised_again(program: MadeUpProgram) -> None:
    await changes.end(program, ROBIN, Ending.SKIP, 1)
    preview = await change(program, SERIES, "")
    assert promised(preview) == [THURSDAY_10 + weeks * WEEK for weeks in (1, 2, 3)]


async def test_no_date_of_a_pause_is_promised(program: MadeUpProgram) -> None:
    until = THURSDAY_10 + 2 * WEEK - DAY
    await changes.pause(program, ROBIN, 1, until=until)
    preview = await change(program, SERIES, "every thursday 11-16")
    assert promised(preview) == [THURSDAY_10 + HOUR + weeks * WEEK for weeks in (2, 3, 4)]
    await save(program, ROBIN, preview)
    assert (await scheduled(program))[:3] == promised(preview)


async def test_a_series_that_pauses_until_resumed_shows_how_a_date_will_look(
    program: MadeUpProgram,
) -> None:
    await changes.pause(program, ROBIN, 1, until=None)
    preview = await change(program, SERIES, "every thursday 11-16")
    assert promised(preview) == [THURSDAY_10 + HOUR]
    await save(program, ROBIN, preview)
    assert await scheduled(program) == []


async def test_dates_beyond_those_that_are_saved_at_once_are_promised_by_the_rule(
    program: MadeUpProgram,
) -> None:
    preview = await change(program, SERIES, "every year on 29 february 10-16")
    assert [start.year for start in promised(preview)] == [2028, 2032, 2036]


async def test_a_preview_tells_that_the_change_is_refused(program: MadeUpProgram) -> None:
    preview = await change(program, "session:1", "dec 3 10-16")
    assert preview.reading is None
    assert "has a date then. Choose" in str(preview.refusal)


async def test_a_preview_counts_the_dates_that_follow_and_those_that_are_called_off(
    program: MadeUpProgram,
) -> None:
    for which in ("session:1", "session:2"):
        await answers.answer_chosen(program, GUS, which, Answer.GOING, answers.Details())
    before = await scheduled(program)
    preview = await change(program, SERIES, "every 2 weeks on thursday 11-16")
    impact = preview.impact
    assert impact is not None
    await save(program, ROBIN, preview)
    after = await scheduled(program)
    assert impact.moved == (len(after), 1, 1) == (4, 1, 1)
    assert impact.called_off == (len(before) - len(after), 1, 1) == (4, 1, 1)
    assert (impact.kept, impact.added, impact.unchanged) == ((0, 0, 0), 0, 0)


async def test_a_preview_changes_nothing(program: MadeUpProgram) -> None:
    before = await stored(program.database)
    await change(program, SERIES, "every friday 11-16")
    await drafts.propose(program, ROBIN, details_of("New", "Home", "", 9), "friday 10-16")
    assert {**await stored(program.database), "draft": before["draft"]} == before


async def test_a_pause_leaves_out_as_many_dates_as_it_asked_about(program: MadeUpProgram) -> None:
    for until in ("dec 12", None):
        asked = await changes.to_pause(program, ROBIN, SERIES, until)
        before = await scheduled(program)
        await changes.pause(program, ROBIN, 1, until=asked.until)
        assert len(asked.dates) == len(before) - len(await scheduled(program))


async def test_a_question_names_the_channel_in_which_those_going_are_told(
    program: MadeUpProgram,
) -> None:
    """That of the card which they know, also if newer cards go elsewhere."""
    await program.database.write(
        lambda t: note_mirror(
            t,
            Owner(HERE, session_id=1),
            MirrorKind.CARD,
            channel_id=CHANNEL,
            remote_id=1,
            version=1,
            version_shown=1,
        )
    )
    await settings.change_settings(program, ROBIN, settings.Typed(channel_id=CHANNEL + 1))
    await answers.answer_chosen(program, GUS, "session:1", Answer.GOING, answers.Details())
    asked = await changes.to_end(program, ROBIN, SERIES, Ending.SESSION)
    await changes.end(program, ROBIN, Ending.SERIES, 1)
    told = await program.database.read(
        lambda t: t.all("SELECT channel_id FROM delivery WHERE kind = 'cancelled'")
    )
    assert [row["channel_id"] for row in told] == [asked.channel_id]


async def test_two_extra_dates_of_one_day_that_were_called_off_hold_it_once(
    program: MadeUpProgram,
) -> None:
    for when in ("nov 28 10-12", "nov 28 14-16"):
        await save(program, ROBIN, await drafts.propose_date(program, ROBIN, SERIES, when))
    for number in (9, 10):
        await changes.end(program, ROBIN, Ending.SESSION, number)
    preview = await change(program, SERIES, "every saturday 9-12")
    assert preview.impact is not None
    await save(program, ROBIN, preview)
    assert THURSDAY_10 + 2 * DAY - HOUR not in await scheduled(program)
