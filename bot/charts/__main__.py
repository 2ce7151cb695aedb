"""The drawing process: reads past jellies from stdin, writes both pictures to stdout."""

from __future__ import annotations

import pickle
import sys

from bot.charts.drawing import draw_by_hour, draw_over_time, png


def main() -> None:
    held = pickle.load(sys.stdin.buffer)
    pickle.dump((png(draw_over_time(held)), png(draw_by_hour(held))), sys.stdout.buffer)


if __name__ == "__main__":
    main()
