"""The error of a database that can't be used."""

from __future__ import annotations


class DatabaseUnusable(Exception):
    """The database can't be used now; ``str()`` is the sentence for whoever hosts the bot."""

    number: str | None = None
    """Under which the log has it, once it was logged."""
