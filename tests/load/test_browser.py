"""The demo in a browser, on a phone and on a large screen, used with the mouse and the keyboard.

Screenshots go to ``build/screenshots``, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.load.browser import (
    CHROMIUM,
    PHONE,
    SCREEN,
    command,
    hours_to_the_reminder,
    message,
    open_page,
    running_browser,
    running_demo,
    send,
    shot,
    type_command,
    view_as,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

QUIET = "Quiet morning at Priya's"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with running_demo() as url:
        yield url


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture(params=[PHONE, SCREEN])
async def page(request: pytest.FixtureRequest, url: str, browser: Browser) -> Page:
    return await open_page(browser, url, request.param)


async def in_view(shown: Locator) -> None:
    """Checks that the beginning of a message is within the window."""
    await expect(shown).to_be_in_viewport(timeout=10_000)
    assert not await shown.evaluate("one => one.scrollWidth > one.clientWidth + 1")


async def test_the_guide_leads_through_three_things_and_goes(page: Page) -> None:
    guide = page.get_by_label("Three things to try")
    await expect(guide).to_be_in_viewport()
    await expect(guide.get_by_text("Press Going on a card below.")).to_be_visible()
    await shot(page, "1-first-sight")

    await message(page, QUIET).get_by_role("button", name="Going", exact=True).click()
    await expect(page.get_by_text("6 coming").last).to_be_visible(timeout=10_000)
    await in_view(message(page, "How do you like to work this time?"))
    await expect(guide.get_by_text("Viewing as")).to_be_visible()
    await shot(page, "2-going")

    await view_as(page, "Robin")
    await command(
        page, "jelly new", what="Friday jelly", when="every friday 10-16", where="The Loopy Shrew"
    )
    preview = message(page, "Here's how it will look")
    await in_view(preview)
    await shot(page, "3-preview")
    await preview.get_by_role("button", name="Schedule it", exact=True).click()
    await expect(page.get_by_text("is scheduled, first on").last).to_be_visible(timeout=10_000)

    await expect(guide.get_by_text("/time")).to_be_visible()
    await command(page, "time", forward=f"{hours_to_the_reminder()} hours")
    await expect(page.get_by_text("Have you decided?").last).to_be_visible(timeout=30_000)
    await expect(guide).to_be_hidden()
    # Relative times are right after time has moved, on older messages too.
    reminder, card = message(page, "Have you decided?"), message(page, "By the hour")
    for shown in (reminder, card):
        await expect(
            shown.get_by_text(re.compile("^in (1 day|2[0-4] hours)$|^tomorrow$"))
        ).to_be_visible(timeout=30_000)
    await shot(page, "4-reminder")

    await reminder.get_by_role("link", name="Open the card").click()
    await expect(card).to_be_in_viewport(timeout=10_000)
    assert len(page.context.pages) == 1


async def test_what_is_typed_is_asked_about_and_answered_in_view(page: Page) -> None:
    await view_as(page, "Robin")
    await command(page, "jelly new", what="Tea", when="thursday 6:30", where="The Alb")
    await in_view(message(page, "can be"))
    await shot(page, "5-refusal-with-hints")

    await command(page, "jellies")
    await in_view(message(page, "What's on"))
    await shot(page, "6-jellies")
    listed = message(page, "What's on")
    await listed.get_by_role("button", name="Maybe", exact=True).nth(1).click()
    await expect(listed.get_by_text("You: Maybe")).to_be_visible(timeout=10_000)
    await listed.get_by_role("link", name="Thursday jelly").first.click()
    await expect(message(page, "Big table upstairs")).to_be_in_viewport(timeout=10_000)

    await command(page, "help")
    await in_view(message(page, "Coming along"))
    await shot(page, "7-help")

    await command(page, "jelly list")
    listed = message(page, "You: Going")
    await expect(listed).to_contain_text("1 series")
    assert "didn't arrive" not in str(await listed.text_content())

    await command(page, "headcount history")
    await in_view(message(page, "All on Thursdays at 10:00."))
    await page.wait_for_timeout(2000)  # until the pictures are loaded
    await shot(page, "8-history")


async def test_the_picker_offers_names_at_once_and_shows_what_was_chosen(page: Page) -> None:
    await view_as(page, "Robin")
    await type_command(page, "jelly skip")
    choice = page.get_by_role("option", name=re.compile("^Thursday jelly · Thu "))
    await expect(choice.first).to_be_visible(timeout=10_000)
    await shot(page, "9-picker")
    await choice.first.click()
    await expect(
        page.locator(".command-row").get_by_text(re.compile("^Thursday jelly"))
    ).to_be_visible()
    await expect(page.locator(".command-row").get_by_text(re.compile("session:"))).to_have_count(0)
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport()
    await shot(page, "10-chosen")
    await send(page)
    await in_view(message(page, "The series goes on."))


async def test_an_option_that_is_refused_says_so_beside_a_button_in_reach(page: Page) -> None:
    await view_as(page, "Robin")
    await type_command(page, "jelly new", what="Tea", when="friday 15-17", where="Alb", guests="60")
    button = page.get_by_role("button", name="Send", exact=True)
    await expect(button).to_be_in_viewport(ratio=1)
    await button.click()
    await expect(page.get_by_text("Value is outside")).to_be_in_viewport(ratio=1)
    await shot(page, "22-refused-option")


async def test_every_form_fits(page: Page) -> None:
    await message(page, QUIET).get_by_role("button", name="Add details", exact=True).click()
    await form_shot(page, "Coming to", "11-details-form")
    await view_as(page, "Robin")
    await command(page, "jelly new", what="Tea", when="friday 15-17", where="The Alb")
    preview = message(page, "Here's how it will look")
    await preview.get_by_role("button", name="Change", exact=True).click()
    await form_shot(page, "Change it", "12-jelly-form")
    await preview.get_by_role("button", name="Seats and tone", exact=True).click()
    await form_shot(page, "Seats and tone", "13-seats-form")
    for number, group in enumerate(
        (
            *("Channel and time zone", "Cards and reminders", "Who may host"),
            *("Seats that come free", "Monthly thanks", "Channel for organizers"),
            *("Notifications and tidying", "Limits"),
        )
    ):
        await command(page, "settings")
        await page.wait_for_timeout(1000)  # the page draws the list anew
        await page.get_by_text("Change settings", exact=True).last.click()
        await page.get_by_role("option", name=group, exact=True).last.click()
        await form_shot(page, group, f"{14 + number}-settings-form")


async def form_shot(page: Page, title: str, name: str) -> None:
    """Checks that a form shows with both of its buttons in reach, and closes it."""
    form = page.get_by_role("dialog")
    await expect(form.get_by_text(title).first).to_be_visible(timeout=10_000)
    await shot(page, name)
    assert not await form.evaluate("one => one.scrollWidth > one.clientWidth + 1")
    await expect(form.get_by_role("button", name="Submit")).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
