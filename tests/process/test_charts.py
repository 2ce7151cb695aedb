"""The charts of the history: what they show, their wording, and what they leave behind."""

from __future__ import annotations

import asyncio
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot import charts
from bot.charts import NotDrawn, by_hour_in_words, history_pictures, in_words, over_time_in_words
from bot.config import PROJECT
from bot.language import ENGLISH, words_for
from data.models import PastSession
from tests.histories import EVERY_HISTORY, HISTORIES, history, jelly
from tests.process.drawing_process import Started

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

WORDS = words_for(ENGLISH)


@pytest.fixture(scope="module", autouse=True)
def _matplotlib_at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps a test that draws in its own process from writing to a home directory.

    matplotlib looks when it is imported, so ``bot.charts.drawing`` is imported only in the tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))
        patch.setenv("MPL_IGNORE_SYSTEM_FONTS", "1")
        yield


class TestPictures:
    @pytest.mark.parametrize("name", ["none", "one", "ten", "five hundred"])
    async def test_both_are_drawn_and_described(self, name: str) -> None:
        held = HISTORIES[name]
        pictures = await history_pictures(WORDS, held)
        drawn = [one for one in (pictures.over_time, pictures.by_hour) if one is not None]
        for picture in drawn:
            assert _size(picture.png) == (1200, 675)
            assert len(picture.png) < 500_000
        assert len({picture.png for picture in drawn}) == len(drawn)
        assert pictures.over_time.description == over_time_in_words(WORDS, held)
        if name == "one":
            assert pictures.by_hour is None
        else:
            assert pictures.by_hour is not None
            assert pictures.by_hour.description == by_hour_in_words(WORDS, held)

    @EVERY_HISTORY
    def test_everything_written_stands_in_the_picture_and_nothing_over_another(
        self, held: list[PastSession]
    ) -> None:
        from bot.charts.drawing import HEIGHT, WIDTH

        for figure in (_over_time(held), _by_hour(held)):
            written = _written(figure)
            places = {text: text.get_window_extent() for text in written}
            for place in places.values():
                assert 0 <= place.x0 < place.x1 <= WIDTH
                assert 0 <= place.y0 < place.y1 <= HEIGHT
            # The text of a mark may overlap a bar or a line, but not the margins.
            fixed = [text for text in written if text not in _marks(figure)]
            for number, one in enumerate(fixed):
                for other in fixed[:number]:
                    assert not places[one].overlaps(places[other]), (one, other)

    @EVERY_HISTORY
    def test_people_are_counted_in_whole_numbers_from_none(self, held: list[PastSession]) -> None:
        for axes in _over_time(held).axes:
            assert axes.get_ylim()[0] == 0
            ticks = [label.get_text() for label in axes.get_yticklabels()]
            assert ticks[0] == "0"
            assert len(ticks) >= 3
            assert all(tick.isdigit() for tick in ticks)

    def test_a_bar_is_a_jelly_until_they_are_many(self) -> None:
        def dates(name: str) -> list[str]:
            [axes] = _over_time(HISTORIES[name]).axes
            return [label.get_text().strip() for label in axes.get_xticklabels()]

        assert dates("two") == ["5 Nov\n2026", "8 Nov"]
        assert dates("forty")[:2] == ["5 Nov\n2026", "29 Nov"]
        assert dates("sixty")[:2] == ["2 Nov\n2026", "7 Dec"]  # Mondays
        assert dates("with a gap") == ["Nov\n2026", "Feb\n2027", "Dec"]
        assert dates("five hundred")[0] == "Oct–Dec\n2026"
        assert dates("five hundred in fifty years")[0] == "2026"

    def test_nobody_typed_anything_into_them(self) -> None:
        held = history(10)
        for figure in (_over_time(held), _by_hour(held)):
            assert all(text.get_text().isascii() for text in _written(figure))
        for words in (
            *in_words(WORDS, held),
            over_time_in_words(WORDS, held),
            by_hour_in_words(WORDS, held),
        ):
            assert words.isascii()

    def test_going_and_came_differ_in_more_than_colour(self) -> None:
        figure = _over_time(history(10))
        [axes], [legend] = figure.axes, figure.legends
        assert [text.get_text() for text in legend.get_texts()] == [
            "Going",
            "Came",
            "No one checked in",
        ]
        going, unknown = axes.lines
        assert (going.get_linestyle(), going.get_marker()) == ("-", "o")
        assert (unknown.get_linestyle(), unknown.get_marker()) == ("None", "x")
        assert len(axes.patches) == 8

    @pytest.mark.parametrize(
        ("colour", "behind", "least"),
        [
            ("TEXT", "BACKGROUND", 4.5),
            ("QUIET_TEXT", "BACKGROUND", 4.5),
            ("GOING", "BACKGROUND", 4.5),  # its numbers
            ("TEXT_ON_COLOUR", "CAME", 4.5),
            ("CAME", "BACKGROUND", 3),
        ],
    )
    def test_its_colours_can_be_told_apart(self, colour: str, behind: str, least: float) -> None:
        from bot.charts import drawing

        one, other = _rgb(getattr(drawing, colour)), _rgb(getattr(drawing, behind))
        assert _contrast(one, other) >= least

    def test_every_hour_stands_out_and_its_number_from_it(self) -> None:
        from matplotlib.colors import to_rgba

        from bot.charts.drawing import BACKGROUND, TEXT_ON_COLOUR

        [axes] = _by_hour(HISTORIES["five hundred at all hours"]).axes
        assert len(axes.texts) == 7 * 24
        background, text = _rgb(BACKGROUND), _rgb(TEXT_ON_COLOUR)
        for patch in axes.patches:
            red, green, blue, _ = to_rgba(patch.get_facecolor())
            colour = (red, green, blue)
            assert _contrast(colour, background) >= 3
            assert _contrast(colour, text) >= 4.5


class TestDrawing:
    """Drawing happens in another process, which is certain to end."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield
        assert list(folder.iterdir()) == []

    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> Started:
        return Started(monkeypatch)

    def test_the_bot_loads_nothing_for_it_and_writes_nowhere(self, tmp_path: Path) -> None:
        """As under systemd with DynamicUser: no home, a working directory of another user."""
        place = tmp_path / "place"
        temporary = place / "temporary"
        temporary.mkdir(parents=True)
        place.chmod(0o500)
        said = subprocess.run(
            [sys.executable, "-c", _ALL_THAT_WAS_LOADED],
            cwd=place,
            env={"PYTHONPATH": str(PROJECT), "TMPDIR": str(temporary)},
            check=True,
            capture_output=True,
            text=True,
        )
        assert said.stdout == "True 1200 []\n"
        assert said.stderr == ""
        assert [*place.iterdir(), *temporary.iterdir()] == [temporary]

    async def test_the_process_is_told_no_secret(
        self, started: Started, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DISCORD_TOKEN", "a.secret.token")
        await history_pictures(WORDS, history(2))
        assert "DISCORD_TOKEN" not in started.environments[0]

    async def test_broken_off_it_ends(self, started: Started) -> None:
        started.send = signal.SIGSTOP  # so that it can't finish before
        drawing = asyncio.create_task(history_pictures(WORDS, history(10)))
        await started.first.wait()
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
        assert started.still_running() == 0

    async def test_killed_it_says_so(self, started: Started) -> None:
        started.send = signal.SIGKILL
        with pytest.raises(NotDrawn, match="ended with -9"):
            await history_pictures(WORDS, history(10))

    async def test_it_does_not_wait_for_ever(
        self, started: Started, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started.send = signal.SIGSTOP
        monkeypatch.setattr(charts, "LONGEST_DRAWING", 0.05)
        with pytest.raises(NotDrawn, match="longer than"):
            await history_pictures(WORDS, history(10))
        assert started.still_running() == 0

    async def test_what_it_said_last_is_handed_on(self) -> None:
        broken: Any = [jelly(1), "no jelly"]
        with pytest.raises(NotDrawn, match="AttributeError"):
            await history_pictures(WORDS, broken)

    async def test_it_can_fail_to_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", str(PROJECT / "no python"))
        with pytest.raises(NotDrawn, match="can't be started"):
            await history_pictures(WORDS, history(10))

    async def test_few_draw_at_once_and_the_others_wait(self, started: Started) -> None:
        started.send = signal.SIGSTOP
        drawings = [asyncio.create_task(history_pictures(WORDS, history(10))) for _ in range(7)]
        await started.first.wait()
        assert len(started.environments) == charts.AT_ONCE
        drawings[0].cancel()
        async with asyncio.timeout(30):
            while len(started.environments) == charts.AT_ONCE:
                await asyncio.sleep(0.01)
        for drawing in drawings:
            drawing.cancel()
        await asyncio.wait(drawings)
        assert len(started.environments) == charts.AT_ONCE + 1
        assert started.still_running() == 0


_ALL_THAT_WAS_LOADED = """
import asyncio, sys
from datetime import datetime
import bot.doctor.visit, bot.run, cogs.doctor, cogs.headcounts
from bot.charts import can_draw, history_pictures
from bot.language import words_for
from data.models import PastSession

words, held = words_for("en"), [
    PastSession(datetime(2026, 11, 5, hour), "Jelly", 4, 3) for hour in (10, 14)
]
pictures = asyncio.run(history_pictures(words, held))
width = int.from_bytes(pictures.by_hour.png[16:20], "big")
print(can_draw(), width, sorted({"matplotlib", "numpy", "PIL"} & set(sys.modules)))
"""


def _size(png: bytes) -> tuple[int, int]:
    """Returns width and height; see https://www.w3.org/TR/png-3/#11IHDR."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(b"IEND\xae\x42\x60\x82")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _over_time(held: list[PastSession]) -> Figure:
    from bot.charts.drawing import draw_over_time

    return draw_over_time(WORDS, held)


def _by_hour(held: list[PastSession]) -> Figure:
    from bot.charts.drawing import draw_by_hour

    return draw_by_hour(WORDS, held)


def _written(figure: Figure) -> list[Text]:
    from matplotlib.text import Text

    figure.draw_without_rendering()
    found: list[Any] = figure.findobj(Text)
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _marks(figure: Figure) -> list[Text]:
    return [text for axes in figure.axes for text in axes.texts]


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Returns the ratio of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    """Returns the luminance of https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
