"""The error of a database that can't be used."""

from __future__ import annotations


class DatabaseUnusable(Exception):
    """The database can't be used now; ``str()`` is the sentence for the person running the bot."""

    number: str | None = None
    """Its number in the log; None if it was not logged."""
