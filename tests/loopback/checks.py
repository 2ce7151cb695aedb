"""Checks every request body against what Discord accepts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from simcord.backend.errors import BackendError

from . import rules
from .backend import LoopbackBackend
from .tally import Tally


class RuleBroken(BackendError):
    """A body breaks a rule that neither SimCord nor Discord's OpenAPI file contains."""


class Checks:
    """Refuses what breaks a rule; only records what Discord's OpenAPI file does not allow.

    That file is used if DISCORD_OPENAPI names it, and Discord must look the same to a bot wherever
    its tests run.
    """

    def __init__(self, backend: LoopbackBackend, tally: Tally) -> None:
        self._backend = backend
        self._tally = tally
        self._openapi = None
        if file := os.environ.get("DISCORD_OPENAPI"):
            from .openapi import OpenApi  # it needs a package that only these checks need

            self._openapi = OpenApi(Path(file))

    def check(self, method: str, path: str, segments: list[str], body: Any) -> None:  # noqa: ANN401
        """Checks a JSON body, if the request has one."""
        if body is None:
            return
        if self._openapi is not None:
            for problem in self._openapi.problems(method, segments, body):
                self._tally.violated("openapi", method, path, problem)
        if problems := list(self._broken_rules(method, segments, body)):
            raise RuleBroken(400, 50035, f"Invalid Form Body: {'; '.join(problems)}")

    def _broken_rules(self, method: str, segments: list[str], body: Any) -> list[str]:  # noqa: ANN401
        if segments[0] == "interactions":
            record = self._backend.interactions.get(int(segments[1]))
            return list(rules.of_callback(body, record.type if record else None))
        if segments[0] == "applications" and segments[-1] == "commands" and method == "PUT":
            return list(rules.of_commands(body))
        if "messages" in segments or segments[0] == "webhooks":
            return list(rules.of_message(body))
        return []
