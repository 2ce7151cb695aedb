"""A preview shows the hours as they were read; what can be day or night is asked with buttons."""

from __future__ import annotations

import pytest

from tests.server.simulated_server import SimulatedServer, buttons_of, said


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("thursday 9-5", "**Thursday 26 November 2026, 09:00 to 17:00, London time**"),
        (
            "thursday - half past nine!",
            "**Thursday 26 November 2026, 09:30 to 12:30, London time**",
        ),
        ("thursday mornings 10am", "**Every Thursday, 10:00 to 13:00, London time**"),
        ("thursday 10am UK time", "**Thursday 26 November 2026, 10:00 to 13:00, London time**"),
    ],
)
async def test_a_preview_shows_how_the_hours_were_read(
    server: SimulatedServer, when: str, shown: str
) -> None:
    preview = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when=when, where="The Alb"
    )
    assert shown in said(preview)


@pytest.mark.parametrize(
    ("when", "offered", "read_as"),
    [
        (
            "wednesdays 6:30-8:30",
            ["wednesdays 18:30 to 20:30", "wednesdays 06:30 to 08:30"],
            "Every Wednesday, 18:30 to 20:30",
        ),
        ("friday 1.30", ["friday 13:30", "friday 01:30"], "27 November 2026, 13:30 to 16:30"),
        ("friday midnight", ["friday 00:00", "saturday 00:00"], "27 November 2026, 00:00 to 03:00"),
    ],
)
async def test_hours_with_two_readings_are_asked_about_with_a_button_for_each(
    server: SimulatedServer, when: str, offered: list[str], read_as: str
) -> None:
    asked = await server.organizer.slash(
        server.jellies, "jelly new", what="Some jelly", when=when, where="The Alb"
    )
    assert asked.response is not None
    assert buttons_of(asked.response) == [*offered, "Change", "Discard"]
    preview = await server.organizer.click(asked.response, label=offered[0])
    assert read_as in said(preview)
