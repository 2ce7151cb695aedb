"""The drawing process: reads a locale and jellies from stdin, writes both pictures to stdout."""

from __future__ import annotations

import pickle
import sys

from bot.charts.drawing import draw_by_hour, draw_over_time, png
from bot.language import words_for


def main() -> None:
    locale, held = pickle.load(sys.stdin.buffer)
    words = words_for(locale)
    pictures = png(draw_over_time(words, held)), png(draw_by_hour(words, held))
    pickle.dump(pictures, sys.stdout.buffer)


if __name__ == "__main__":
    main()
