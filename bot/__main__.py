"""Entry point of ``python -m bot``: see bot/command_line.py, and ``python -m bot --help``."""

from __future__ import annotations

import signal
import sys


def start() -> int:
    # Before there is anything to clean up, Ctrl-C ends the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.command_line import main

    return main()


if __name__ == "__main__":
    sys.exit(start())
