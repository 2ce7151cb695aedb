"""Chromium, and where screenshots go."""

from __future__ import annotations

import shutil

from bot.config import PROJECT

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
