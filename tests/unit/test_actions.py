"""Every action asked by five people without Discord: who may, who is refused, what is changed."""

from __future__ import annotations

import asyncio
import inspect
import pkgutil
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

import pytest

import bot.actions
from bot.actions import (
    answers,
    attendance,
    call_off_by,
    change_log,
    changes,
    choices,
    drafts,
    first_steps,
    invitations,
    last_time,
    personal,
    records,
    saving,
    settings,
)
from bot.actions.actor import Actor, Person
from bot.actions.details import details_of
from data.limits import LOOKED_BACK
from data.models import Answer, Details, Draft, Ending, Mood, Target, Wish
from data.people.forgetting import hosted_ahead
from data.refusal import Refusal
from tests.expected_rights import (
    AHEAD,
    EXPECTED,
    MEMBERS,
    NOT_POSTED,
    OVER,
    PAUSED,
    SECRET,
    SERIES,
    Expected,
    look_up,
)
from tests.moments import HOUR, MONDAY
from tests.unit.made_up import (
    ALL_CHANNELS,
    CHANNEL,
    GUEST,
    HERE,
    HOST,
    NEXT_DOOR,
    OUTSIDERS,
    PEOPLE,
    ROBIN,
    MadeUpProgram,
    Planned,
    SetClock,
    plan_everything,
    stored,
)
from tests.unsynced import open_unsynced

ITS_DRAFT, UNREAD, FIRST = "{draft}", "{unread}", "{first}"
PROMISED, PRINT, HOSTED = "{promised}", "{print}", "{hosted}"
"""Stand for what a store names: drafts of the host and the administrator, what is promised"""
ABOUT_ONESELF = (
    *("/me record, record-page", "usual-mood", "take-invitations"),
    *("/me export", "/me forget, forget", "forgotten"),
)
"""Shows or deletes what is one's own, also if they may not view that channel any more."""
REFUSED_WHATEVER_THERE_IS = (
    NOT_POSTED,
    "That's for organizers",
    "That takes",
    "Only its host or an organizer",
    "Nothing is stored about you",
)
WHILE_TYPING = ""
"""Instead of a name in the table of rights: everybody may look for what they can choose."""

Action = Callable[..., Awaitable[object]]


@dataclass(frozen=True)
class Step:
    """One action with its arguments, after the program and the actor."""

    names: str
    """What it does, by names in the table of rights."""
    action: Action
    arguments: tuple[object, ...] = ()
    options: dict[str, object] = field(default_factory=dict)

    @property
    def expected(self) -> Expected:
        """Returns who may ask for it; the same for all its names."""
        if self.names == WHILE_TYPING:
            return look_up(stranger=None)
        [expected] = {EXPECTED[name] for name in self.names.split(", ")}
        return expected


def step(names: str, action: Action, *arguments: object, **options: object) -> Step:
    return Step(names, action, arguments, options)


def renamed(details: Details) -> Details:
    return replace(details, title="Mine")


def revised(draft: Draft) -> tuple[Details, str]:
    return renamed(draft.details), "friday 11-16"


MINE = details_of("Mine", "Home", "", HOST.user_id)
TOLD = answers.Details(guests=1, mood=Mood.CHATTY, hours="", note="taxes")
NOTHING = answers.Details()
KIM = Person(9, "Kim", is_bot=False, channels=ALL_CHANNELS)
GUS = Person(GUEST, "Gus", is_bot=False, channels=None)
"""Who has left the server, and may still be taken off."""
GOING = Wish(Answer.GOING)

STEPS = (
    step("/rsvp", answers.answer_chosen, AHEAD, Answer.GOING, TOLD),
    step("rsvp, reply", answers.answer, 1, GOING),
    step("mood", answers.answer, 1, Wish(mood=Mood.CHATTY)),
    step("list-rsvp", answers.answer, 1, GOING),
    step("details, details-again", answers.my_details, 1),
    step("hours", answers.add_hours, 1, "from 11"),
    step("detailed", answers.add_details, 1, TOLD),
    step("/jellies, agenda, agenda-page", answers.agenda),
    step("/rsvp member", answers.answer_for, AHEAD, Answer.GOING, NOTHING, person=KIM),
    step("/rsvp member", answers.answer_for, AHEAD, Answer.DECLINED, NOTHING, person=GUS),
    step("invited", invitations.accept, 1),
    step("invited", invitations.decline, 1, refuses_host=True),
    step("request", answers.decide_request, 2, GUEST, Answer.GOING),
    step("here", attendance.arrive, 3),
    step("off", attendance.leave, 5),
    step("was-there", attendance.correct, 4, was_there=True),
    step("/headcount session", attendance.headcount, AHEAD),
    step("headcount", attendance.headcount, AHEAD),
    step("who", attendance.headcount, AHEAD),
    step("/headcount history", attendance.history, SERIES),
    step("take-off", attendance.checkin_list, 1, name="take-off"),
    step("roll", attendance.checkin_list, 3, name="roll"),
    step("export-table", attendance.checkin_list, 1, name="export-table"),
    step("export-list", attendance.checkin_list, 1, name="export-list"),
    step("summary", attendance.checkin_list, 4, name="summary"),
    step("taken-off", attendance.take_off, 1, GUEST),
    step("ticked", attendance.check_in, 3, {GUEST: True}),
    step("/jelly new", drafts.propose, MINE, "friday 10-16"),
    step("setup", drafts.set_up, FIRST, channel_id=CHANNEL + 1, zone="Europe/Paris"),
    step("/jelly again", last_time.propose_again, OVER, "friday 10am"),
    step("/jelly edit", drafts.to_change, AHEAD),
    step(
        "edit", drafts.propose_change, Target(session_id=1), renamed, "friday 11-16", based_on=PRINT
    ),
    step("/jelly move", drafts.propose_move, AHEAD, when=None, where="Home"),
    step("draft-change, draft-seats, draft-seats-again", drafts.draft_of, ITS_DRAFT),
    step("draft-changed, draft-seated", drafts.revise, ITS_DRAFT, revised),
    step("draft-read", drafts.read_instead, UNREAD, 0),
    step("draft-save", saving.save, ITS_DRAFT, promised=PROMISED),
    step("draft-over", saving.save, ITS_DRAFT, promised=PROMISED, over=PRINT),
    step("draft-discard", saving.discard, ITS_DRAFT),
    step("/jelly skip", changes.to_end, AHEAD, Ending.SKIP),
    step("/jelly cancel", changes.to_end, SERIES, Ending.SESSION),
    step("/jelly end", changes.to_end, SERIES, Ending.END),
    step("cancel", changes.end, Ending.SESSION, 1),
    step("cancel", changes.end, Ending.SERIES, 1),
    step("/jelly extra", drafts.propose_date, SERIES, "dec 30 10-16"),
    step("/jelly pause", changes.to_pause, SERIES, None),
    step("series-pause", changes.pause, 1, until=None),
    step("/jelly resume", changes.resume, PAUSED),
    step("series-go-on", changes.confirm, 1),
    step("series-end", changes.end, Ending.END, 1),
    step("/me record, record-page", records.record),
    step("/me export", personal.export),
    step("/me forget, forget", personal.to_forget),
    step("forgotten", personal.forget, HOSTED),
    step("take-invitations", invitations.take, takes=False),
    step("usual-mood", records.prefer_mood, Mood.CHATTY),
    step("/jelly list, list-page", records.plan),
    step("series-page", records.series_ahead),
    step("/help", first_steps.standing_of),
    step("/jelly log, log", change_log.read_changes),
    step("/jelly cancel-by", call_off_by.to_call_off_by, HOST.user_id),
    step("cancel-by", call_off_by.call_off_everything_by, HOST.user_id),
    step("retry", records.retry),
    step("/doctor", records.checkup),
    step("/settings, settings-changed", settings.change_settings, settings.Typed(thanks=False)),
    step("settings-change, settings-again", settings.settings_now),
    *(
        step(WHILE_TYPING, choices.jelly_choices, SECRET, command=command)
        for command in ("/rsvp", "/rsvp member", "/jelly edit", "/jelly cancel", "/jelly end")
    ),
    step(WHILE_TYPING, choices.past_and_coming_choices, SECRET, since=MONDAY - LOOKED_BACK),
    step(WHILE_TYPING, choices.past_series_choices, SECRET),
    step(WHILE_TYPING, choices.when_choices, "fri"),
    step(WHILE_TYPING, last_time.when_choices, "fri"),
    step(WHILE_TYPING, last_time.where_choices, ""),
    step(WHILE_TYPING, last_time.seats_choices, ""),
    step(WHILE_TYPING, last_time.tone_choices),
    step(WHILE_TYPING, last_time.past_choices, ""),
)
WITHOUT_ACTION = {"keep", "forget-nothing", "setup-again", "/privacy"}
"""In the table of rights, and ask nothing of the store."""


@dataclass(frozen=True)
class World:
    """A store in which everything is planned, to be copied by each test."""

    file: Path
    planned: Planned

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MadeUpProgram]:
        """Yields a program on a copy of the store, an hour later."""
        copy = self.file.with_name("copy.sqlite3")
        for old in copy.parent.glob("copy.sqlite3*"):
            old.unlink()
        shutil.copy(self.file, copy)
        async with await open_unsynced(copy) as database:
            yield MadeUpProgram(database, SetClock(MONDAY + HOUR))

    async def ask(self, program: MadeUpProgram, actor: Actor, step: Step) -> object:
        """Returns the result of an action. Raises Refusal."""
        planned = self.planned
        named: dict[str, object] = {
            ITS_DRAFT: planned.drafts["host"],
            UNREAD: planned.drafts["unread"],
            FIRST: planned.drafts["administrator"],
            PROMISED: planned.promised,
            PRINT: planned.fingerprint,
        }
        if HOSTED in step.arguments:
            named[HOSTED] = await program.database.read(
                lambda t: hosted_ahead(t, actor.user_id, now=program.clock.now())
            )

        def value_of(argument: object) -> object:
            return named.get(argument, argument) if isinstance(argument, str) else argument

        arguments = [value_of(argument) for argument in step.arguments]
        options = {name: value_of(option) for name, option in step.options.items()}
        return await step.action(program, actor, *arguments, **options)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    file = tmp_path_factory.mktemp("actions") / "jelly.sqlite3"
    return World(file, asyncio.run(plan_everything(file)))


def _title(step: Step) -> str:
    return f"{step.action.__name__}-{step.names}"


@pytest.mark.parametrize("step", STEPS, ids=_title)
async def test_who_may_and_who_may_not(world: World, step: Step) -> None:
    for person in sorted(MEMBERS):
        async with world.open() as program:
            before = await stored(program.database)
            if person in step.expected.may:
                await world.ask(program, PEOPLE[person], step)
                is_changed = await stored(program.database) != before
                assert is_changed == step.expected.changes, person
            else:
                with pytest.raises(Refusal) as refused:
                    await world.ask(program, PEOPLE[person], step)
                assert str(refused.value).startswith(step.expected.refused), person
                assert await stored(program.database) == before, person


@pytest.mark.parametrize("step", STEPS, ids=_title)
async def test_nobody_reaches_into_another_server(world: World, step: Step) -> None:
    async with world.open() as program:
        before = await stored(program.database, without=NEXT_DOOR)
        if step.expected.stranger is None:
            result = repr(await world.ask(program, PEOPLE["stranger"], step))
            assert SECRET not in result
            assert str(HERE) not in result
        else:
            with pytest.raises(Refusal, match=step.expected.stranger):
                await world.ask(program, PEOPLE["stranger"], step)
        assert await stored(program.database, without=NEXT_DOOR) == before


@pytest.mark.parametrize("person", OUTSIDERS)
@pytest.mark.parametrize("step", STEPS, ids=_title)
async def test_whoever_may_not_view_the_channel_finds_what_a_stranger_finds(
    world: World, step: Step, person: str
) -> None:
    """Also if they host the jelly or are an organizer; and by a name that they know."""
    outsider, expected = OUTSIDERS[person], step.expected
    async with world.open() as program:
        before = await stored(program.database)
        try:
            result = repr(await world.ask(program, outsider, step))
        except Refusal as refused:
            told = str(refused)
            if not told.startswith(REFUSED_WHATEVER_THERE_IS):
                with pytest.raises(Refusal, match=f"^{re.escape(told)}$"):
                    await world.ask(program, PEOPLE["stranger"], step)
        else:
            assert expected.stranger is None
            assert expected.outsider is None
            assert SECRET not in result or step.names in ABOUT_ONESELF
        if step.names not in ABOUT_ONESELF:
            assert await stored(program.database) == before


async def test_nobody_sets_a_server_up_by_a_draft_of_their_own_without_manage_server(
    world: World,
) -> None:
    for person in sorted(MEMBERS - EXPECTED["setup"].may):
        async with world.open() as program:
            before = await stored(program.database)
            draft_id = world.planned.drafts[person]
            with pytest.raises(Refusal, match=EXPECTED["setup"].refused):
                await drafts.set_up(
                    program, PEOPLE[person], draft_id, channel_id=CHANNEL, zone="Europe/Paris"
                )
            assert await stored(program.database) == before


async def test_rights_are_checked_before_words_are_read(world: World) -> None:
    """What is wrong with the words is told only to those who may."""
    member = PEOPLE["member"]
    unread = answers.Details(hours="25 to 26")
    async with world.open() as program:
        with pytest.raises(Refusal, match="Only its host"):
            await answers.answer_for(program, member, AHEAD, Answer.GOING, unread, person=KIM)
        with pytest.raises(Refusal, match="Only its host"):
            await changes.to_pause(program, member, SERIES, "the 40th")
        with pytest.raises(Refusal, match="Only its host"):
            await drafts.propose_date(program, member, SERIES, "the 40th")
        with pytest.raises(Refusal, match="Manage Server"):
            await settings.change_settings(program, member, settings.Typed(zone="Nowhere"))
        with pytest.raises(Refusal, match="Manage Server"):
            await drafts.set_up(program, member, 1, channel_id=CHANNEL, zone="Nowhere")
        with pytest.raises(Refusal, match="You need the role"):
            await drafts.revise(
                program,
                replace(HOST, role_ids=frozenset()),
                world.planned.drafts["host"],
                lambda draft: (replace(draft.details, title=""), draft.phrase),
            )


async def test_a_zone_is_checked_by_whatever_sets_a_server_up(world: World) -> None:
    async with world.open() as program:
        before = await stored(program.database)
        with pytest.raises(Refusal, match="Nowhere"):
            await drafts.set_up(
                program,
                PEOPLE["administrator"],
                world.planned.drafts["administrator"],
                channel_id=CHANNEL,
                zone="Nowhere",
            )
        assert await stored(program.database) == before


OWN_DRAFTS = [step for step in STEPS if step.names.startswith("draft-")]


@pytest.mark.parametrize("step", OWN_DRAFTS, ids=_title)
async def test_whoever_may_host_no_more_does_nothing_with_their_draft(
    world: World, step: Step
) -> None:
    async with world.open() as program:
        before = await stored(program.database)
        with pytest.raises(Refusal, match="You need the role"):
            await world.ask(program, replace(HOST, role_ids=frozenset()), step)
        assert await stored(program.database) == before


@pytest.mark.parametrize("step", OWN_DRAFTS, ids=_title)
async def test_whoever_hosts_a_jelly_no_more_does_nothing_with_a_change_of_it(
    world: World, step: Step
) -> None:
    async with world.open() as program:
        hers = await drafts.propose_move(program, HOST, AHEAD, when=None, where="Home")
        chosen = await drafts.to_change(program, ROBIN, AHEAD)
        handed_over = await drafts.propose_change(
            program,
            ROBIN,
            chosen.target,
            lambda details: details,
            chosen.phrase,
            based_on=chosen.based_on,
            host=Person(ROBIN.user_id, ROBIN.name, is_bot=False, channels=ALL_CHANNELS),
        )
        await saving.save(
            program, ROBIN, handed_over.context.draft.draft_id, promised=handed_over.promised
        )
        before = await stored(program.database)
        asked = replace(step, arguments=(hers.context.draft.draft_id, *step.arguments[1:]))
        with pytest.raises(Refusal, match="Only its host"):
            await world.ask(program, HOST, asked)
        assert await stored(program.database) == before


def test_every_action_is_walked_and_begins_with_who_asks() -> None:
    modules = [
        import_module(f"bot.actions.{module.name}")
        for module in pkgutil.iter_modules(bot.actions.__path__)
    ]
    public = {
        action
        for module in modules
        for name, action in inspect.getmembers(module, inspect.iscoroutinefunction)
        if action.__module__ == module.__name__ and not name.startswith("_")
    }
    assert {step.action for step in STEPS} == public
    for action in public:
        assert list(inspect.signature(action).parameters)[:2] == ["program", "actor"], action


def test_everything_in_the_table_of_rights_is_walked() -> None:
    walked = {name for step in STEPS if step.names for name in step.names.split(", ")}
    assert walked == EXPECTED.keys() - WITHOUT_ACTION
