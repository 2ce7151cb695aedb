"""The demo in a browser, used with the mouse and the keyboard.

Screenshots go to ``build/screenshots``.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.config import PROJECT
from bot.demo import ZONE
from tests.load.browser import CHROMIUM, FLAGS, PHONE, SCREEN, SCREENSHOTS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


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
    await expect(page.get_by_text("5 coming").last).to_be_visible(timeout=20_000)
    await shot(page, "1-card")

    await view_as(page, "Sam")
    await page.get_by_role("button", name="Going", exact=True).click()
    await expect(page.get_by_text("6 coming").last).to_be_visible(timeout=10_000)
    await shot(page, "2-going")
    await page.mouse.move(5, 5)
    await page.locator("section.component-container").first.screenshot(
        path=SCREENSHOTS / "card.png"
    )
    await page.get_by_role("button", name="Who's coming", exact=True).click()
    await expect(page.get_by_text("9:30 to 11:30").last).to_be_visible(timeout=10_000)
    await shot(page, "3-who-is-coming")

    await view_as(page, "Robin")
    # Near enough to have its card at once, and far enough to have no reminder below.
    weekday = f"{datetime.now(ZoneInfo(ZONE)) + timedelta(days=4):%A}"
    await command(
        page,
        "jelly new",
        what=f"{weekday} jelly",
        when=f"every {weekday} 10-16",
        where="The Loopy Shrew",
    )
    await expect(page.get_by_text(f"Every {weekday}, 10:00 to 16:00").last).to_be_visible(
        timeout=10_000
    )
    await shot(page, "4-preview")
    await page.get_by_role("button", name="Schedule it", exact=True).click()
    await expect(page.get_by_text("is scheduled, first on").last).to_be_visible(timeout=10_000)
    await expect(page.get_by_role("button", name="Going", exact=True)).to_have_count(
        2, timeout=20_000
    )
    await shot(page, "5-posted")

    await command(page, "time", forward=f"{_hours_to_tomorrow_noon()} hours")
    await expect(page.get_by_text("Have you decided?").last).to_be_visible(timeout=20_000)
    await shot_of_message(page, "Have you decided?", "reminder")
    await command(page, "time", forward="22 hours")
    await expect(page.get_by_text("Check in when you arrive.").last).to_be_visible(timeout=20_000)
    await shot_of_message(page, "Check in when you arrive.", "start")


async def test_the_panel_of_settings_opens_a_form_in_the_browser(page: Page) -> None:
    await expect(page.get_by_text("5 coming").last).to_be_visible(timeout=20_000)
    await command(page, "settings")
    # The preview draws the list anew until the command counts as done.
    await expect(page.get_by_text("Action completed")).to_be_visible(timeout=10_000)
    await page.get_by_text("Change settings", exact=True).last.click()
    await page.get_by_text("Cards and reminders", exact=True).last.click()
    await expect(page.get_by_text("Post cards this long before")).to_be_visible(timeout=10_000)
    await shot(page, "6-settings")


def _hours_to_tomorrow_noon() -> int:
    """Returns how long until the reminder of the day before stands, and no later one.

    Tomorrow by UTC, as the demo's jelly is the day after.
    """
    now = datetime.now(UTC)
    noon = (now + timedelta(days=1)).replace(hour=12, minute=0)
    return round((noon - now) / timedelta(hours=1))


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


async def shot_of_message(page: Page, text: str, name: str) -> None:
    """Takes screenshots of the message with this text, on a phone and on a large screen."""
    browser = page.context.browser
    assert browser is not None
    for width in (PHONE, SCREEN):
        screen = await browser.new_page(
            viewport={"width": width, "height": 1000}, device_scale_factor=2
        )
        await screen.goto(page.url)
        message = screen.locator("article.channel-message").filter(has_text=text).last
        await expect(message).to_be_visible(timeout=20_000)
        await message.screenshot(path=SCREENSHOTS / f"{width}-{name}.png")
        assert not await message.evaluate("one => one.scrollWidth > one.clientWidth + 1")
        await screen.close()


async def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")
