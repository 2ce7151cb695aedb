"""``python -m bot``: see bot/command_line.py, and ``python -m bot --help``."""

from __future__ import annotations

import signal
import sys


def start() -> int:
    # Until there is something to finish, Ctrl-C ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.command_line import main

    return main()


if __name__ == "__main__":
    sys.exit(start())
