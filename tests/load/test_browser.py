"""The demo in a browser, used with the mouse and the keyboard.

Screenshots go to ``build/screenshots``.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.config import PROJECT
from bot.demo import World, demo_world
from data.models import Answer, Details, Mood, Occurrence, Schedule, Stay, Tone, Wish
from data.people import rsvps
from data.people.attendance import arrive
from data.schedule.sessions import add_session
from data.store.transaction import Transaction

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = PROJECT / "build" / "screenshots"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# Without these, Chromium looks for updates and needs a sandbox that containers don't provide.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@asynccontextmanager
async def running_demo() -> AsyncIterator[str]:
    """Runs the demo as its own process; yields the link that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        cwd=PROJECT,
        env={**os.environ, "DISCORD_TOKEN": "", "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while True:
                line = (await process.stdout.readline()).decode()
                assert line, "the demo ended before it printed its link"
                if found := re.search(r"http://127\.0\.0\.1:\S+", line):
                    break
        yield found.group()
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with running_demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = await browser.new_page(
            viewport={"width": 1100, "height": 1000}, device_scale_factor=2
        )
        await page.goto(url)
        yield page
        await browser.close()


async def test_a_jelly_from_schedule_to_reminder_in_the_browser(page: Page) -> None:
    await expect(page.get_by_text("4 going").last).to_be_visible(timeout=20_000)
    await shot(page, "1-card")

    await view_as(page, "Sam")
    await page.get_by_role("button", name="Going", exact=True).click()
    await expect(page.get_by_text("5 going").last).to_be_visible(timeout=10_000)
    await shot(page, "2-going")
    await page.mouse.move(5, 5)
    await page.locator("section.component-container").first.screenshot(
        path=SCREENSHOTS / "card.png"
    )

    await view_as(page, "Robin")
    await command(
        page, "jelly new", what="Friday jelly", when="every friday 10-16", where="The Loopy Shrew"
    )
    await expect(page.get_by_text("Every Friday, 10:00 to 16:00").last).to_be_visible(
        timeout=10_000
    )
    await shot(page, "3-preview")
    await page.get_by_role("button", name="Post it", exact=True).click()
    await expect(page.get_by_text("is scheduled, first on").last).to_be_visible(timeout=10_000)
    await expect(page.get_by_role("button", name="Going", exact=True)).to_have_count(
        2, timeout=20_000
    )
    await shot(page, "4-posted")

    await command(page, "time", forward="2 days")
    await expect(page.get_by_text("Have you decided?").last).to_be_visible(timeout=20_000)
    await shot(page, "5-reminder")


async def test_the_panel_of_settings_opens_a_form_in_the_browser(page: Page) -> None:
    await expect(page.get_by_text("4 going").last).to_be_visible(timeout=20_000)
    await command(page, "settings")
    # The preview draws the list anew until the command counts as done.
    await expect(page.get_by_text("Action completed")).to_be_visible(timeout=10_000)
    await page.get_by_text("Change settings", exact=True).last.click()
    await page.get_by_text("Cards and reminders", exact=True).last.click()
    await expect(page.get_by_text("Post cards this long before")).to_be_visible(timeout=10_000)
    await shot(page, "6-settings")


@dataclass(frozen=True)
class Shown:
    """A session as shown in the screenshots."""

    title: str
    going: int
    starts_in: timedelta = timedelta(days=1)
    lasts: timedelta = timedelta(hours=6)
    capacity: int | None = None
    tone: Tone = Tone.MIXED
    here: int = 0
    buttons: tuple[str, ...] = ("Going", "Maybe", "Can't make it", "Add details")


SESSIONS = (
    Shown("Jelly with 0 people", 0),
    Shown("Jelly with 1 people", 1, tone=Tone.QUIET),
    Shown("Jelly with 7 people", 7, tone=Tone.SOCIAL, capacity=10),
    Shown("Jelly with 120 people", 120),
    Shown(
        "Full jelly",
        17,
        capacity=10,
        buttons=("Join the waiting list", "Maybe", "Can't make it", "Add details"),
    ),
    Shown(
        "Jelly that is on",
        7,
        starts_in=timedelta(hours=-2),
        here=4,
        buttons=("I'm here", "Heading off", "Going", "Can't make it", "Add details"),
    ),
    Shown(
        "Jelly that is over",
        7,
        starts_in=timedelta(hours=-3),
        lasts=timedelta(hours=3, minutes=30),
        here=5,
        buttons=("I was there", "I wasn't there"),
    ),
)


async def test_cards_fit_on_a_phone_whatever_they_show(tmp_path: Path) -> None:
    async with demo_world(tmp_path / "demo.sqlite3") as world:
        people = [
            world.guild.add_member(world.environment.create_user(f"person{number:03}")).id
            for number in range(120)
        ]
        for shown in SESSIONS:
            await world.bot.database.write(
                partial(_session, world=world, shown=shown, people=people)
            )
        await world.bot.do_what_is_due()
        await world.bot.outbox.drain()
        await world.forward(timedelta(hours=1))
        async with (
            world.environment.preview(
                world.jellies, viewers=[world.members[0]], layout="channel"
            ) as preview,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            # As wide as a phone, and so high that a screenshot has the whole of the largest card.
            page = await browser.new_page(
                viewport={"width": 390, "height": 1600}, device_scale_factor=2
            )
            await page.goto(preview.url)
            for shown in SESSIONS:
                card = (
                    page.locator("article.channel-message")
                    .filter(has_text=shown.title)
                    .filter(has=page.locator("section.component-container"))
                )
                await card.scroll_into_view_if_needed()
                for label in shown.buttons:
                    await expect(card.get_by_role("button", name=label, exact=True)).to_be_visible()
                cut_off = await card.evaluate("card => card.scrollWidth > card.clientWidth + 1")
                assert not cut_off, f"the card of {shown.title} is cut off"
                name = shown.title.lower().replace(" ", "-")
                await card.screenshot(path=SCREENSHOTS / f"phone-{name}.png")
            await browser.close()


def _session(transaction: Transaction, world: World, shown: Shown, people: list[int]) -> None:
    """Returns a session with that many people, some of them with moods, hours, guests and notes."""
    now = world.clock.now()
    before = now - timedelta(days=1)
    start = (now + shown.starts_in).replace(second=0, microsecond=0)
    session = add_session(
        transaction,
        channel_id=world.jellies.id,
        created_by=world.members[0].id,
        details=Details(
            shown.title,
            "The Alb, Shrewsbury, upstairs and to the left",
            "Big table, sockets along the wall.",
            world.members[0].id,
            tone=shown.tone,
            capacity=shown.capacity,
        ),
        schedule=Schedule("UTC", start.replace(tzinfo=None), shown.lasts),
        occurrence=Occurrence(start.replace(tzinfo=None), start, start + shown.lasts),
        now=before,
    )
    moods = (Mood.HEADS_DOWN, Mood.CHATTY, Mood.EITHER, None)
    for number, user_id in enumerate(people[: shown.going]):
        arrives = start + timedelta(hours=number % 3)
        rsvps.answer(
            transaction,
            guild_id=world.guild.id,
            session_id=session.session_id,
            user_id=user_id,
            wish=Wish(
                Answer.GOING,
                guests=1 if number % 5 == 4 else 0,
                mood=moods[number % 4],
                stay=Stay(arrives, start + timedelta(hours=3)) if number % 2 else None,
                note="a grant application that was due last week" if number % 3 == 0 else "",
            ),
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


async def view_as(page: Page, name: str) -> None:
    await page.get_by_label("Viewing as").select_option(label=name)
    await expect(page.get_by_label("Viewing as")).to_be_enabled()


async def command(page: Page, name: str, **options: str) -> None:
    """Chooses a command from the picker, fills in its options and sends it."""
    await page.get_by_role("textbox", name=re.compile("^Message")).click()
    await page.keyboard.type(f"/{name}")
    await expect(page.get_by_role("option", name=f"/{name}").first).to_be_visible()
    await page.keyboard.press("Enter")
    for option, value in options.items():
        field = page.locator(f'input[data-option="{option}"]')
        await field.fill(value)
    await page.get_by_role("button", name="Send", exact=True).click()


async def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")
