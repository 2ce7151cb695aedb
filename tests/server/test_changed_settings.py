"""What /settings marks after a change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.simulated_server import SimulatedServer, said


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"thanks": False}, ["Monthly thanks to the hosts: off"]),
        ({"zone": "Berlin"}, ["Time zone: Europe/Berlin"]),
        ({"offers_within": "none"}, ["Seats that come free: go to the next in line right away"]),
        (
            {"card": "2 days", "reminders": "none"},
            ["Cards are posted 2 days before", "Reminders: none"],
        ),
    ],
)
async def test_settings_say_what_has_changed(
    server: SimulatedServer, options: dict[str, Any], lines: list[str]
) -> None:
    changed = await server.organizer.slash(server.chat, "settings", **options)
    assert changed.ephemeral
    marked = [line for line in said(changed).splitlines() if line.endswith("← new")]
    assert marked == [f"{line} ← new" for line in lines]
    again = said(await server.organizer.slash(server.chat, "settings", **options))
    assert "← new" not in again
    shown = said(await server.organizer.slash(server.chat, "settings"))
    assert "← new" not in shown
    assert lines[0] in shown
