"""Chromium, where screenshots go, and what a person does on the demo's page."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.config import PROJECT
from bot.demo.seed import quiet_morning

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = PROJECT / "build" / "screenshots"
PHONE, SCREEN = 390, 1280
"""Widths in pixels."""

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


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


async def open_page(browser: Browser, url: str, width: int = SCREEN, height: int = 850) -> Page:
    """Opens the demo in a window of its own, and waits until it shows the cards."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2
    )
    page = await context.new_page()
    await page.goto(url)
    await expect(page.get_by_text("Quiet morning at Priya's").last).to_be_visible(timeout=20_000)
    return page


async def view_as(page: Page, name: str) -> None:
    await page.get_by_label("Viewing as").select_option(label=name)
    await expect(page.get_by_label("Viewing as")).to_be_enabled()
    await page.wait_for_timeout(500)  # the page opens anew


async def type_command(page: Page, name: str, **options: str) -> None:
    """Chooses a command from the picker, and fills in its options."""
    await page.get_by_role("textbox", name=re.compile("^Message")).click()
    await page.keyboard.type(f"/{name}")
    await expect(page.get_by_role("option", name=f"/{name}").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator(".command-row")).to_be_visible()
    for option, value in options.items():
        field = page.locator(f'input[data-option="{option}"]')
        if not await field.count():
            await page.get_by_role("button", name=re.compile(r"^\+")).click()
            await page.get_by_role("option", name=option).click()
        await field.fill(value)


async def command(page: Page, name: str, **options: str) -> None:
    """Sends a command, and waits until it is answered."""
    await type_command(page, name, **options)
    await send(page)


async def send(page: Page) -> None:
    """Sends what is typed, and waits until the page takes something new."""
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".command-row")).to_have_count(0, timeout=30_000)
    await page.wait_for_timeout(500)  # until the page has gone to the answer


def message(page: Page, text: str) -> Locator:
    """Returns the last message with a text."""
    return page.locator("article.channel-message").filter(has_text=text).last


async def shot(page: Page, name: str) -> None:
    """Takes a screenshot of the window."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.mouse.move(2, 2)
    await page.wait_for_timeout(400)  # until the page has scrolled to its place
    width = page.viewport_size["width"] if page.viewport_size else 0
    await page.screenshot(path=SCREENSHOTS / f"{width}-{name}.png")


def hours_to_the_reminder() -> int:
    """Returns how long until the reminder of the day before the quiet morning, and no later one."""
    now = datetime.now(UTC)
    return int((quiet_morning(now) - timedelta(days=1) - now) / timedelta(hours=1)) + 2
