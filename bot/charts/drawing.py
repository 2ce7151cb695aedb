"""Draws the pictures; only the drawing process imports this, and matplotlib with it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import nan

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.ticker import MaxNLocator

from bot.charts.figures import (
    FEWEST_PLACES,
    Bar,
    Unit,
    hours_shown,
    slots_by_fullness,
    unit_and_bars,
)
from bot.charts.words import WEEK, in_words
from bot.language import Words
from data.models import PastSession

WIDTH, HEIGHT = 1200, 675
"""Of each picture, in pixels, as all sizes in this module."""

# An opaque background, so that the picture is the same in Discord's dark and light themes.
BACKGROUND = "#1E1F26"
TEXT = "#F4F4F6"
QUIET_TEXT = "#B9BBC6"
GOING = "#A5DDFF"
CAME = "#F0763A"
FEW_TO_MANY = ("#A874BC", "#F0763A", "#FFD97A")
"""The colour of an hour is between these."""
TEXT_ON_COLOUR = "#14151A"
_GRID = "#3A3C48"
_NOTHING = "#292B35"

_PIXELS_PER_INCH = 100
_LEFT, _RIGHT, _TOP, _BOTTOM = 112, 60, 170, 114
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_HEADING, _NORMAL = 48, 34
_LEGEND = 56
"""The height of the legend, below the caption."""

_MOST_NUMBERED = 12
_MOST_DATES = 6
_GAP = 6


def draw_over_time(words: Words, held: Sequence[PastSession]) -> Figure:
    """Draws who was going as a line, and who came as bars."""
    heading = words("Going and came")
    if not held:
        return _picture(heading, in_words(words, held)[0])
    unit, bars = unit_and_bars(held)
    going = {bar.place: bar.going for bar in bars}
    known = {bar.place: bar.came for bar in bars if bar.came is not None}
    unknown = [bar.place for bar in bars if bar.came is None]
    figure = _picture(heading, words(unit.caption))
    axes = _axes(figure, below=_LEGEND)
    places = bars[-1].place + 1
    # Keeps a few bars in the middle at a normal width.
    spare = max(FEWEST_PLACES - places, 0) / 2
    axes.set_xlim(-0.5 - spare, places - 0.5 + spare)
    top = max(3, *going.values(), *known.values()) * 1.16
    axes.set_ylim(0, top)
    ticks = MaxNLocator(nbins=5, integer=True).tick_values(0, top)
    axes.set_yticks([tick for tick in ticks if tick <= top])
    axes.grid(axis="y", color=_GRID, linewidth=_points(2))
    _write_dates(words, axes, unit, bars)

    apart = _INNER_WIDTH / max(places, FEWEST_PLACES)
    axes.plot(
        range(places),
        [going.get(place, nan) for place in range(places)],
        label=words("Going"),
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
            # A short bar for 0, because no bar means that it is not known.
            [max(came, top / 80) for came in known.values()],
            width=0.68,
            color=CAME,
            zorder=2,
        )
        # Labels the first bar, because the label of the whole group comes last in the legend.
        drawn[0].set_label(words("Came"))
    if unknown:
        axes.plot(
            unknown,
            [top / 30] * len(unknown),
            label=words("No one checked in"),
            color=QUIET_TEXT,
            linestyle="none",
            marker="x",
            markersize=_points(min(14.0, apart / 2)),
            markeredgewidth=_points(4),
            zorder=3,
        )
    if len(bars) <= _MOST_NUMBERED:
        _write_numbers(words, axes, bars, apart)
    # On the left: over the corners on the right, Discord shows its own buttons.
    figure.legend(
        loc="upper left",
        bbox_to_anchor=(40 / WIDTH, 1 - 148 / HEIGHT),
        ncols=3,
        columnspacing=1.6,
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=_points(_NORMAL),
        labelcolor=TEXT,
        handlelength=1.6,
        labelspacing=0.25,
    )
    return figure


def draw_by_hour(words: Words, held: Sequence[PastSession]) -> Figure:
    """Draws how many people come on each weekday and hour, as a coloured table."""
    heading = words("When people come")
    if not held:
        return _picture(heading, in_words(words, held)[0])
    caption = words("Average people per jelly, by weekday and starting hour")
    figure = _picture(heading, caption)
    axes = _axes(figure)
    slots = slots_by_fullness(held)
    hours = hours_shown(slots)
    axes.set_xlim(hours[0] - 0.5, hours[-1] + 0.5)
    axes.set_ylim(6.5, -0.5)
    axes.set_yticks(range(7), [words.weekday(day, short=True) for day in WEEK])
    labelled = hours[:: 1 if len(hours) <= 16 else 2]
    with_minutes = len(hours) <= 9 and not words.hour12
    axes.set_xticks(
        labelled,
        [
            words.hours(f"{hour:02}:00") if with_minutes or words.hour12 else str(hour)
            for hour in labelled
        ],
    )
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
    numbers = [words.number(slot.people if column > 65 else round(slot.people)) for slot in slots]
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


def png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _picture(heading: str, caption: str) -> Figure:
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


def _axes(figure: Figure, *, below: int = 0) -> Axes:
    """Returns the axes, so many pixels lower than usual."""
    height = _INNER_HEIGHT - below
    axes = figure.add_axes(
        (_LEFT / WIDTH, _BOTTOM / HEIGHT, _INNER_WIDTH / WIDTH, height / HEIGHT),
        facecolor=BACKGROUND,
    )
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.spines["bottom"].set(color=QUIET_TEXT, linewidth=_points(3))
    axes.tick_params(length=0, labelsize=_points(_NORMAL), labelcolor=TEXT)
    axes.tick_params(axis="x", pad=_points(22))
    axes.tick_params(axis="y", pad=_points(14))
    axes.set_axisbelow(True)
    return axes


def _write_dates(words: Words, axes: Axes, unit: Unit, bars: Sequence[Bar]) -> None:
    """Writes as many dates as there is room for, each with its year if that differs.

    A year differs if it is not that of the date written before.
    """
    apart = -(-(bars[-1].place + 1) // _MOST_DATES)
    written: dict[int, str] = {}
    free_from = 0
    year = ""
    for bar in bars:
        if bar.place < free_from:
            continue
        free_from = bar.place + apart
        short = unit.short(words, bar.day)
        is_new = year != (year := str(bar.day.year)) and short != year
        # Always two lines, otherwise the first lines would be at different heights.
        written[bar.place] = f"{short}\n{year if is_new else ''}"
    axes.set_xticks(list(written), list(written.values()))


def _write_numbers(words: Words, axes: Axes, bars: Sequence[Bar], apart: float) -> None:
    """Writes going above its mark, and came at the foot of its bar if that is high enough."""
    pixels = (_INNER_HEIGHT - _LEGEND) / axes.get_ylim()[1]
    going = [words.number(bar.going) for bar in bars]
    came = ["" if bar.came is None else words.number(bar.came) for bar in bars]
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
    """Returns the effect that separates the line and its numbers from the bars behind them."""
    return [withStroke(linewidth=_points(width), foreground=BACKGROUND)]


def _fitting(texts: Sequence[str], width: float) -> float:
    """Returns the size, in points, at which bold digits are at most ``width`` pixels wide."""
    widest = max(len(text) for text in texts)
    return _points(min(_NORMAL, width / (0.7 * widest)))


def _points(pixels: float) -> float:
    return pixels * 72 / _PIXELS_PER_INCH
