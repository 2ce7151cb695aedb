"""Take the pictures of the documents from the running demo: ``python -m tests.load.pictures``."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, Page

from bot.config import PROJECT
from tests.load.browser import (
    command,
    hours_to_the_reminder,
    message,
    open_page,
    running_browser,
    running_demo,
    view_as,
)

PICTURES = PROJECT / "docs" / "pictures"
_WIDTH, _HEIGHT = 760, 1400
"""In pixels. So high that each message is seen as a whole."""
_DRAWN_AFTER = 2000
"""Milliseconds after which what a message shows is loaded."""


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    async with running_demo() as url, running_browser() as browser:
        page = await open_page(browser, url, _WIDTH, _HEIGHT)
        await page.get_by_label("Three things to try").get_by_role("button").click()
        await _picture(page, message(page, "By the hour"), "card")
        await view_as(page, "Robin")
        await command(
            page,
            "jelly new",
            what="Friday jelly",
            when="every friday 10-16",
            where="The Loopy Shrew",
        )
        await _picture(page, message(page, "Here's how it will look"), "preview")
        await command(page, "headcount history")
        await _picture(page, message(page, "Looking back"), "history")
        await command(page, "time", forward=f"{hours_to_the_reminder()} hours")
        reminder = message(page, "Have you decided?")
        await reminder.wait_for(timeout=30_000)
        await _picture(page, reminder, "reminder")


async def _picture(page: Page, shown: Locator, name: str) -> None:
    await shown.wait_for()
    await page.mouse.move(2, 2)
    await page.wait_for_timeout(_DRAWN_AFTER)
    await shown.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
