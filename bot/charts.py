"""The pictures of what was held, and the same figures in words.

A process of its own draws them, ``python -m bot.charts``, and ends with that. It can be broken off,
keeps matplotlib's 50 MB out of the bot, and has an interpreter lock that nobody waits for.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from math import nan
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from data.models import Held

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patheffects import AbstractPathEffect

WIDTH, HEIGHT = 1200, 675
"""Of each picture, in pixels, as every size here."""

LONGEST_DESCRIPTION = 1024
"""https://discord.com/developers/docs/resources/message#attachment-object."""

AT_ONCE = 2
LONGEST_DRAWING = 30.0
"""Seconds; it takes about one."""

# The background is opaque, so that Discord's dark and light themes show the same picture.
BACKGROUND = "#1E1F26"
TEXT = "#F4F4F6"
QUIET_TEXT = "#B9BBC6"
GOING = "#A5DDFF"
CAME = "#F0763A"
FEW_TO_MANY = ("#A874BC", "#F0763A", "#FFD97A")
"""Between these lies the colour of an hour."""
TEXT_ON_COLOUR = "#14151A"
_GRID = "#3A3C48"
_NOTHING = "#292B35"

_PIXELS_PER_INCH = 100
_LEFT, _RIGHT, _TOP, _BOTTOM = 112, 60, 170, 114
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_HEADING, _NORMAL = 48, 34

_MOST_BARS = 40
"""A phone doesn't show more apart."""
_MOST_NUMBERED = 12
_MOST_DATES = 6
_FEWEST_PLACES = 6
_GAP = 6
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NotDrawn(Exception):
    """There are no pictures; ``str()`` says why, for the log."""


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    description: str
    """Its figures, for those who can't see it."""


@dataclass(frozen=True, slots=True)
class Pictures:
    over_time: Picture
    by_hour: Picture


@dataclass(frozen=True, slots=True)
class _Bar:
    """One jelly, or the average one of a period."""

    place: int
    """In time, from 0; a period without a jelly leaves its place free."""
    day: date
    """Of the jelly, or with which the period begins."""
    going: float
    came: float | None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one bar stands for."""

    caption: str
    begins: Callable[[date], date]
    days: float
    """How long it is on average, by which its places are counted."""
    short: Callable[[date], str]
    full: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class _Slot:
    """The jellies that started on one weekday in one hour."""

    weekday: int
    """0 is Monday."""
    hour: int
    starts: frozenset[str]
    """Their wall times, like 9:30."""
    jellies: int
    people: float
    """On average."""


async def history_pictures(held: Sequence[Held]) -> Pictures:
    """Draw what was held; waits while others are drawing, AT_ONCE of them. Raises NotDrawn."""
    async with _turns(asyncio.get_running_loop()):
        try:
            over_time, by_hour = await _drawn_elsewhere(held)
        except TimeoutError as error:
            raise NotDrawn(f"Drawing took longer than {LONGEST_DRAWING:g} seconds.") from error
        except OSError as error:
            raise NotDrawn(f"The process that draws can't be started: {error}.") from error
    return Pictures(
        Picture(over_time, over_time_in_words(held)), Picture(by_hour, by_hour_in_words(held))
    )


def in_words(held: Sequence[Held]) -> list[str]:
    """The figures of both pictures, a sentence a line; nothing in it was typed by anybody."""
    if not held:
        return ["No jelly has been held yet."]
    lines = _totals(held)
    if len(held) > 1:
        fullest = max(
            held, key=lambda one: (_attendance(one), one.starts_local, one.came is not None)
        )
        going = " going" if fullest.came is None else ""
        lines.append(
            f"Fullest: {_WEEKDAYS[fullest.starts_local.weekday()]}, {_date(fullest.starts_local)}, "
            f"with {_people(_attendance(fullest))}{going}."
        )
    slots = _slots(held)
    if len(slots) > 1:
        # One big party is no habit.
        best = next((slot for slot in slots if slot.jellies > 1), slots[0])
        lines.append(
            f"Best time: {_WEEKDAYS[best.weekday]}s {_time(best)}, with {_people(best.people)} "
            f"{'on average at' if best.jellies > 1 else 'at'} {_jellies(best.jellies)}."
        )
    return lines


def over_time_in_words(held: Sequence[Held]) -> str:
    """The description of the first picture."""
    if not held:
        return in_words(held)[0]
    unit, bars = _bars(held)
    return _as_much_as_fits(
        f"{unit.caption}: going as a line, came as bars. {' '.join(_totals(held))} Latest first: ",
        [
            f"{unit.full(bar.day)}: {_number(bar.going)} going"
            + ("" if bar.came is None else f", {_number(bar.came)} came")
            for bar in reversed(bars)
        ],
    )


def by_hour_in_words(held: Sequence[Held]) -> str:
    """The description of the second picture."""
    if not held:
        return in_words(held)[0]
    return _as_much_as_fits(
        "People per jelly, average by weekday and starting hour: those who came, or who were going "
        "where nobody checked in. Fullest first: ",
        [f"{_WEEKDAYS[s.weekday]} {s.hour}:00: {_number(s.people)}" for s in _slots(held)],
    )


def draw_over_time(held: Sequence[Held]) -> Figure:
    """Who was going, as a line, and who came, as bars; loads matplotlib."""
    from matplotlib.ticker import MaxNLocator

    heading = "Going and came"
    if not held:
        return _picture(heading, in_words(held)[0])
    unit, bars = _bars(held)
    going = {bar.place: bar.going for bar in bars}
    known = {bar.place: bar.came for bar in bars if bar.came is not None}
    unknown = [bar.place for bar in bars if bar.came is None]
    figure = _picture(heading, unit.caption)
    axes = _axes(figure)
    places = bars[-1].place + 1
    # A few bars stand in the middle, instead of growing as wide as doors.
    spare = max(_FEWEST_PLACES - places, 0) / 2
    axes.set_xlim(-0.5 - spare, places - 0.5 + spare)
    top = max(3, *going.values(), *known.values()) * 1.16
    axes.set_ylim(0, top)
    ticks = MaxNLocator(nbins=5, integer=True).tick_values(0, top)
    axes.set_yticks([tick for tick in ticks if tick <= top])
    axes.grid(axis="y", color=_GRID, linewidth=_points(2))
    _write_dates(axes, unit, bars)

    apart = _INNER_WIDTH / max(places, _FEWEST_PLACES)
    axes.plot(
        range(places),
        [going.get(place, nan) for place in range(places)],
        label="Going",
        color=GOING,
        linewidth=_points(5),
        marker="o",
        markersize=_points(min(20.0, apart / 2)),
        markerfacecolor=BACKGROUND,
        markeredgewidth=_points(4),
        path_effects=_halo(5 + min(7.0, apart / 5)),
        clip_on=False,
        zorder=3,
    )
    if known:
        drawn = axes.bar(
            list(known),
            # A stub where they were none, as nothing says that it is not known.
            [max(came, top / 80) for came in known.values()],
            width=0.68,
            color=CAME,
            zorder=2,
        )
        # Not the label of all of them: those come last in the legend.
        drawn[0].set_label("Came")
    if unknown:
        axes.plot(
            unknown,
            [top / 30] * len(unknown),
            label="Nobody checked in",
            color=QUIET_TEXT,
            linestyle="none",
            marker="x",
            markersize=_points(min(14.0, apart / 2)),
            markeredgewidth=_points(4),
            zorder=3,
        )
    if len(bars) <= _MOST_NUMBERED:
        _write_numbers(axes, bars, apart)
    figure.legend(
        loc="upper right",
        bbox_to_anchor=(1 - _RIGHT / WIDTH, 1 - 22 / HEIGHT),
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=_points(_NORMAL),
        labelcolor=TEXT,
        handlelength=1.6,
        labelspacing=0.25,
    )
    return figure


def draw_by_hour(held: Sequence[Held]) -> Figure:
    """How many people each weekday and hour brings, as a table in colour; loads matplotlib."""
    from matplotlib.colors import LinearSegmentedColormap

    heading = "When people come"
    if not held:
        return _picture(heading, in_words(held)[0])
    figure = _picture(heading, "People per jelly, average by weekday and starting hour")
    axes = _axes(figure)
    slots = _slots(held)
    hours = _hours(slots)
    axes.set_xlim(hours[0] - 0.5, hours[-1] + 0.5)
    axes.set_ylim(6.5, -0.5)
    axes.set_yticks(range(7), [name[:3] for name in _WEEKDAYS])
    labelled = hours[:: 1 if len(hours) <= 16 else 2]
    minutes = ":00" if len(hours) <= 9 else ""
    axes.set_xticks(labelled, [f"{hour}{minutes}" for hour in labelled])
    axes.spines["bottom"].set_visible(False)

    column = _INNER_WIDTH / len(hours)
    most = max(slot.people for slot in slots) or 1
    scale = LinearSegmentedColormap.from_list("people", FEW_TO_MANY)
    colours = {(slot.weekday, slot.hour): scale(slot.people / most) for slot in slots}
    cells = [(weekday, hour) for weekday in range(7) for hour in hours]
    axes.bar(
        [hour for _, hour in cells],
        1 - _GAP / (_INNER_HEIGHT / 7),
        bottom=[weekday - 0.5 + _GAP / (_INNER_HEIGHT / 7) / 2 for weekday, _ in cells],
        width=1 - _GAP / column,
        color=[colours.get(cell, _NOTHING) for cell in cells],
    )
    numbers = [_number(slot.people) if column > 65 else f"{slot.people:.0f}" for slot in slots]
    size = _fitting(numbers, column - 2 * _GAP)
    for slot, number in zip(slots, numbers, strict=True):
        axes.text(
            slot.hour,
            slot.weekday,
            number,
            color=TEXT_ON_COLOUR,
            fontsize=size,
            fontweight="bold",
            ha="center",
            va="center_baseline",
        )
    return figure


@lru_cache(maxsize=1)
def _turns(_loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    """Those of the running loop; the tests have many, and a semaphore serves one."""
    return asyncio.Semaphore(AT_ONCE)


async def _drawn_elsewhere(held: Sequence[Held]) -> tuple[bytes, bytes]:
    """Both pictures, from a process that has ended, whatever happens, when this ends."""
    with TemporaryDirectory(prefix="jelly-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.charts"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # It is told no more than it needs, the token least of all.
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "MPLCONFIGDIR": folder,  # it insists on one that it may write to
                "MPL_IGNORE_SYSTEM_FONTS": "1",  # of which there may be thousands
            },
        )
        try:
            async with asyncio.timeout(LONGEST_DRAWING):
                drawn, said = await process.communicate(pickle.dumps(list(held)))
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
    if process.returncode:
        last_words = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"The process that draws ended with {process.returncode}: {last_words}")
    over_time, by_hour = pickle.loads(drawn)
    return over_time, by_hour


def _draw_what_is_asked() -> None:
    """The whole life of the process that draws."""
    held = pickle.load(sys.stdin.buffer)
    drawn = (_png(draw_over_time(held)), _png(draw_by_hour(held)))
    pickle.dump(drawn, sys.stdout.buffer)


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _picture(heading: str, caption: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(
        figsize=(WIDTH / _PIXELS_PER_INCH, HEIGHT / _PIXELS_PER_INCH),
        dpi=_PIXELS_PER_INCH,
        facecolor=BACKGROUND,
    )
    for text, top, size, colour, weight in (
        (heading, 22, _HEADING, TEXT, "bold"),
        (caption, 96, _NORMAL, QUIET_TEXT, "normal"),
    ):
        figure.text(
            40 / WIDTH,
            1 - top / HEIGHT,
            text,
            color=colour,
            fontsize=_points(size),
            fontweight=weight,
            va="top",
        )
    return figure


def _axes(figure: Figure) -> Axes:
    axes = figure.add_axes(
        (_LEFT / WIDTH, _BOTTOM / HEIGHT, _INNER_WIDTH / WIDTH, _INNER_HEIGHT / HEIGHT),
        facecolor=BACKGROUND,
    )
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.spines["bottom"].set(color=QUIET_TEXT, linewidth=_points(3))
    axes.tick_params(length=0, labelsize=_points(_NORMAL), labelcolor=TEXT)
    axes.tick_params(axis="x", pad=_points(22))
    axes.tick_params(axis="y", pad=_points(14))
    axes.set_axisbelow(True)
    return axes


def _write_dates(axes: Axes, unit: _Unit, bars: Sequence[_Bar]) -> None:
    """As many as have room, each with its year where that is another than before."""
    apart = -(-(bars[-1].place + 1) // _MOST_DATES)
    written: dict[int, str] = {}
    free_from = 0
    year = ""
    for bar in bars:
        if bar.place < free_from:
            continue
        free_from = bar.place + apart
        short = unit.short(bar.day)
        is_new = year != (year := str(bar.day.year)) and short != year
        # Two lines everywhere, or the first ones would stand at different heights.
        written[bar.place] = f"{short}\n{year if is_new else ''}"
    axes.set_xticks(list(written), list(written.values()))


def _write_numbers(axes: Axes, bars: Sequence[_Bar], apart: float) -> None:
    """Going above its mark, came at the foot of its bar if that is high enough."""
    pixels = _INNER_HEIGHT / axes.get_ylim()[1]
    going = [_number(bar.going) for bar in bars]
    came = ["" if bar.came is None else _number(bar.came) for bar in bars]
    size = _fitting(going + came, apart * 0.64)
    for bar, going_there, came_there in zip(bars, going, came, strict=True):
        texts = [(going_there, bar.going, 20, GOING, _halo(8))]
        if bar.came is not None and bar.came * pixels > 50:
            texts.append((came_there, 0, 10, TEXT_ON_COLOUR, []))
        for text, height, above, colour, effects in texts:
            axes.annotate(
                text,
                (bar.place, height),
                xytext=(0, _points(above)),
                textcoords="offset points",
                color=colour,
                fontsize=size,
                fontweight="bold",
                ha="center",
                path_effects=effects,
                zorder=4,
            )


def _halo(width: float) -> list[AbstractPathEffect]:
    """What keeps the line and its numbers apart from the bars behind them."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=_points(width), foreground=BACKGROUND)]


def _fitting(texts: Sequence[str], width: float) -> float:
    """The size, in points, at which bold digits are no wider than so many pixels."""
    widest = max(len(text) for text in texts)
    return _points(min(_NORMAL, width / (0.7 * widest)))


def _points(pixels: float) -> float:
    return pixels * 72 / _PIXELS_PER_INCH


def _bars(held: Sequence[Held]) -> tuple[_Unit, list[_Bar]]:
    """One for each jelly, or for each of the shortest periods of which there are not too many."""
    in_order = sorted(held, key=lambda one: one.starts_local)
    if len(held) <= _MOST_BARS:
        return _EACH, [
            _bar(place, one.starts_local.date(), [one]) for place, one in enumerate(in_order)
        ]
    for unit in _PERIODS:
        periods: dict[date, list[Held]] = defaultdict(list)
        for one in in_order:
            periods[unit.begins(one.starts_local.date())].append(one)
        first = min(periods)
        bars = [
            _bar(round((day - first).days / unit.days), day, period)
            for day, period in periods.items()
        ]
        if bars[-1].place < _MOST_BARS:
            break
    return unit, bars


def _bar(place: int, day: date, held: Sequence[Held]) -> _Bar:
    known = _known(held)
    return _Bar(place, day, fmean(one.going for one in held), fmean(known) if known else None)


def _slots(held: Sequence[Held]) -> list[_Slot]:
    """The fullest first."""
    together: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for one in held:
        together[one.starts_local.weekday(), one.starts_local.hour].append(one)
    slots = [
        _Slot(
            weekday,
            hour,
            frozenset(f"{hour}:{one.starts_local:%M}" for one in jellies),
            len(jellies),
            fmean(_attendance(one) for one in jellies),
        )
        for (weekday, hour), jellies in together.items()
    ]
    return sorted(slots, key=lambda s: (-s.people, -s.jellies, s.weekday, s.hour))


def _hours(slots: Sequence[_Slot]) -> range:
    """From the first to the last, and some around them where those are few."""
    first, last = min(slot.hour for slot in slots), max(slot.hour for slot in slots)
    missing = max(0, _FEWEST_PLACES - (last + 1 - first))
    first = min(max(0, first - missing // 2), 24 - _FEWEST_PLACES)
    return range(first, max(last + 1, first + _FEWEST_PLACES))


def _totals(held: Sequence[Held]) -> list[str]:
    first = min(one.starts_local for one in held)
    last = max(one.starts_local for one in held)
    is_one_day = first.date() == last.date()
    known = _known(held)
    came = "nobody checked in, so only who was going is known"
    if known:
        came = _averages(known)
        if len(known) < len(held):
            came += f", at {_jellies(len(known))} where people checked in"
    return [
        f"{_jellies(len(held))}, "
        + (f"on {_date(first)}" if is_one_day else f"from {_date(first)} to {_date(last)}")
        + ". Guests are counted.",
        f"Going: {_averages([one.going for one in held])}.",
        f"Came: {came}.",
    ]


def _known(held: Iterable[Held]) -> list[int]:
    return [one.came for one in held if one.came is not None]


def _attendance(one: Held) -> int:
    return one.going if one.came is None else one.came


def _averages(numbers: Sequence[int]) -> str:
    average = _people(fmean(numbers))
    return f"{average} on average, median {_number(median(numbers))}" if numbers[1:] else average


def _people(number: float) -> str:
    written = _number(number)
    return f"{written} {'person' if written == '1' else 'people'}"


def _jellies(number: int) -> str:
    return f"{number} {'jelly' if number == 1 else 'jellies'}"


def _number(number: float) -> str:
    """To a tenth, which is left out where it is 0."""
    return f"{number:.1f}".removesuffix(".0")


def _time(slot: _Slot) -> str:
    if len(slot.starts) == 1:
        return f"at {min(slot.starts)}"
    return f"between {min(slot.starts)} and {max(slot.starts)}"


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _quarter(day: date) -> str:
    return f"{day:%b}–{day.replace(month=day.month + 2):%b}"


def _as_much_as_fits(intro: str, figures: Sequence[str]) -> str:
    """What comes first of it, and how much more there is."""
    text = intro
    for number, figure in enumerate(figures):
        more = f"and {len(figures) - number} more."
        if len(text) + len(figure) + len(f"; {more}") > LONGEST_DESCRIPTION:
            return text + more
        text += figure + ("; " if number + 1 < len(figures) else ".")
    return text


_EACH = _Unit("People at each jelly", lambda day: day, 1, _day, _date)
_PERIODS = (
    _Unit(
        "People per jelly, average by week",
        lambda day: day - timedelta(days=day.weekday()),
        7,
        _day,
        lambda day: f"Week of {_date(day)}",
    ),
    _Unit(
        "People per jelly, average by month",
        lambda day: day.replace(day=1),
        365.25 / 12,
        lambda day: f"{day:%b}",
        lambda day: f"{day:%b %Y}",
    ),
    _Unit(
        "People per jelly, average by quarter",
        lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
        365.25 / 4,
        _quarter,
        lambda day: f"{_quarter(day)} {day.year}",
    ),
    _Unit(
        "People per jelly, average by year",
        lambda day: day.replace(month=1, day=1),
        365.25,
        lambda day: str(day.year),
        lambda day: str(day.year),
    ),
)


if __name__ == "__main__":
    _draw_what_is_asked()
