"""Entry point of ``python -m bot``: see bot/command_line.py, and ``python -m bot --help``."""

from __future__ import annotations

import os
import signal
import sys


def start() -> int:
    # Before there is anything to clean up, Ctrl-C ends the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # What the bot writes, such as the database and its copies, is for its own user alone.
    os.umask(0o077)
    from bot.command_line import main

    return main()


if __name__ == "__main__":
    sys.exit(start())
