"""The exception that a rule raises if it does not allow a change."""

from __future__ import annotations


class Refusal(Exception):
    """A change is not allowed; ``str()`` is a sentence that tells the member what to do."""
