"""Refusals: each one's text is the whole sentence a person gets, and says what to do next."""

from __future__ import annotations


class Refusal(Exception):
    """A change that may not happen; ``str()`` is the sentence for whoever asked."""


class DatabaseUnusable(Exception):
    """The database cannot be opened; ``str()`` is the sentence for whoever hosts the bot."""
