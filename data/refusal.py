"""What a rule raises if it does not allow a change."""

from __future__ import annotations


class Refusal(Exception):
    """A change that may not happen; ``str()`` is a sentence that tells the person what to do."""
