"""Hypothesis without its deadline: a busy machine is no failure, and speed has tests of its own."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("when", deadline=None)
settings.load_profile("when")
