"""Cards in the demo's page, on a phone and on a large screen: all of it shows, and all is in reach.

Screenshots go to ``build/screenshots``, one of each card and screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Locator, async_playwright, expect

from bot.demo import World, demo_world
from data.limits import LONGEST_ABOUT, LONGEST_TITLE
from data.models import Answer, Details, Mood, Occurrence, Schedule, Stay, Tone, Wish
from data.people import rsvps
from data.people.attendance import arrive
from data.schedule.sessions import add_session, cancel_session
from data.store.transaction import Transaction
from tests.load.browser import CHROMIUM, FLAGS, PHONE, SCREEN, SCREENSHOTS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

WITHIN = 640
"""Pixels from the top of the title to the foot of the buttons: what a phone shows of a channel."""

BEFORE = ("Going", "Maybe", "Can't make it", "Add details", "Who's coming")
DURING = ("I'm here", "Heading off", "Going", "Can't make it", "Who's coming")
AFTER = ("I was there", "I wasn't there")
LONG_TITLE = (
    "A day of quiet work for everybody who writes, draws, codes, keeps the books "
    "or plans the next steps!"
)
NOTE = "a grant application that was due last week"


@dataclass(frozen=True)
class Shown:
    """A card, and who is on it: the host first, everybody with a note, every fifth with a guest."""

    name: str
    going: int
    title: str = "Thursday jelly"
    about: str = "Big table, sockets along the wall."
    starts_in: timedelta = timedelta(days=1)
    lasts: timedelta = timedelta(hours=6)
    capacity: int | None = None
    tone: Tone = Tone.MIXED
    maybe: int = 0
    declined: int = 0
    here: int = 0
    has_hours: bool = False
    is_called_off: bool = False
    buttons: tuple[str, ...] = BEFORE


CARDS = (
    Shown("nobody", 0, capacity=8, declined=1),
    Shown("one", 1, tone=Tone.QUIET),
    Shown("five", 5, LONG_TITLE, capacity=8, maybe=2, declined=1),
    Shown("hours", 7, tone=Tone.SOCIAL, capacity=10, has_hours=True),
    Shown("many", 120, maybe=12, declined=12, has_hours=True),
    Shown(
        "full",
        17,
        capacity=10,
        maybe=2,
        declined=1,
        buttons=("Join the waiting list", *BEFORE[1:]),
    ),
    Shown("on", 7, starts_in=timedelta(hours=-2), here=4, buttons=DURING),
    Shown(
        "over",
        7,
        starts_in=timedelta(hours=-3),
        lasts=timedelta(hours=3, minutes=30),
        here=3,
        buttons=AFTER,
    ),
    Shown(
        "over-unknown",
        7,
        starts_in=timedelta(hours=-3),
        lasts=timedelta(hours=3, minutes=30),
        buttons=AFTER,
    ),
    Shown("called-off", 7, is_called_off=True, buttons=()),
    Shown("widest", 5, "W" * LONGEST_TITLE, capacity=8, maybe=2, declined=1),
    Shown("long-text", 5, LONG_TITLE, ("A long text. " * 40)[:LONGEST_ABOUT], capacity=8),
    Shown("right-to-left", 5, "יום עבודה משותף בספרייה, עם קפה ☕ והרבה שקט 🎉", capacity=8),
    Shown("marks", 5, "*Stars* _and_ `code` || # @everyone <@1> 👩‍💻🧑🏽‍🎨 1. [a](b)", capacity=8),
)


async def test_cards_fit_on_a_phone_and_a_screen_whatever_they_show(tmp_path: Path) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    async with demo_world(tmp_path / "demo.sqlite3") as world:
        strangers = (world.environment.create_user(f"person{n:03}") for n in range(120))
        people = [one.id for one in (*world.members, *map(world.guild.add_member, strangers))]
        sessions = {
            shown: await world.bot.database.write(
                partial(_session, world=world, shown=shown, people=people)
            )
            for shown in CARDS
        }
        await world.forward(timedelta(minutes=1))  # until every card is posted
        for shown, session_id in sessions.items():
            if shown.is_called_off:
                await world.bot.database.write(
                    partial(cancel_session, session_id=session_id, now=world.clock.now())
                )
                world.bot.session_changed(session_id)
        await world.forward(timedelta(hours=1))
        rows = await world.bot.database.read(
            lambda t: t.all("SELECT session_id, remote_id FROM mirror")
        )
        cards = {row["session_id"]: row["remote_id"] for row in rows}
        async with (
            world.environment.preview(
                world.jellies,
                viewers=[world.members[0]],
                layout="channel",
                timezone="Europe/London",
                locale="en-GB",
            ) as preview,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for width in (PHONE, SCREEN):
                # So high that a screenshot has the whole of the largest card.
                page = await browser.new_page(
                    viewport={"width": width, "height": 1600}, device_scale_factor=2
                )
                await page.goto(preview.url)
                for shown, session_id in sessions.items():
                    card = page.locator(f"article[data-message-id='{cards[session_id]}']")
                    await card.scroll_into_view_if_needed()
                    await card.screenshot(path=SCREENSHOTS / f"{width}-{shown.name}.png")
                    await _check(card, shown, width)
            await browser.close()


async def _check(card: Locator, shown: Shown, width: int) -> None:
    for label in shown.buttons:
        await expect(card.get_by_role("button", name=label, exact=True)).to_be_visible()
    assert not await card.evaluate("card => card.scrollWidth > card.clientWidth + 1"), shown.name
    if shown.buttons:
        title = await card.locator("h1, h2, h3").bounding_box()
        button = await card.get_by_role("button", name=shown.buttons[-1]).bounding_box()
        assert title is not None
        assert button is not None
        height = button["y"] + button["height"] - title["y"]
        print(f"{width} {shown.name:14} {height:.0f}")  # noqa: T201  to be read with -s
        assert height <= WITHIN, shown.name


def _session(transaction: Transaction, world: World, shown: Shown, people: list[int]) -> int:
    """Returns the id of a session with that many people, the host among them."""
    now = world.clock.now()
    before = now - timedelta(days=1)
    start = (now + shown.starts_in).replace(second=0, microsecond=0)
    session = add_session(
        transaction,
        channel_id=world.jellies.id,
        created_by=people[0],
        details=Details(
            shown.title,
            "The Alb, Shrewsbury, upstairs and to the left",
            shown.about,
            people[0],
            tone=shown.tone,
            capacity=shown.capacity,
        ),
        schedule=Schedule("UTC", start.replace(tzinfo=None), shown.lasts),
        occurrence=Occurrence(start.replace(tzinfo=None), start, start + shown.lasts),
        now=before,
    )
    moods = (Mood.HEADS_DOWN, Mood.CHATTY, Mood.EITHER, None)
    answers = [Answer.GOING] * shown.going
    answers += [Answer.MAYBE] * shown.maybe + [Answer.DECLINED] * shown.declined
    for number, (user_id, answer) in enumerate(zip(people, answers, strict=False)):
        stay = Stay(start + timedelta(hours=number % 3), start + timedelta(hours=4))
        wish = Wish(
            answer,
            guests=1 if number % 5 == 4 else 0,
            mood=moods[number % 4],
            stay=stay if shown.has_hours and number % 2 else None,
            note=NOTE,
        )
        rsvps.answer(
            transaction,
            guild_id=world.guild.id,
            session_id=session.session_id,
            user_id=user_id,
            wish=wish,
            name=f"Person {number}",
            now=before,
        )
        if number < shown.here:
            arrive(
                transaction,
                guild_id=world.guild.id,
                session_id=session.session_id,
                user_id=user_id,
                name=f"Person {number}",
                now=now,
            )
    return session.session_id
