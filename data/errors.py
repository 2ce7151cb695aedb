"""Refusals: each one's text is the whole sentence a person gets, and says what to do next."""

from __future__ import annotations


class Refusal(Exception):
    """A change that may not happen; ``str()`` is the sentence for whoever asked."""


class DatabaseUnusable(Exception):
    """The database can't be used now; ``str()`` is the sentence for whoever hosts the bot."""

    number: str | None = None
    """Under which the log knows of it, once it has been told."""
