"""Checks request bodies against Discord's OpenAPI description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from .models import Json

_SCHEMAS = "#/components/schemas/"
_JSON_BODY = "application/json"
# Discord accepts ids as numbers too, which is how discord.py sends them.
_SNOWFLAKE = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$", "minimum": 0}


class OpenApi:
    """Compiles, route by route, only the part of the description that the route needs."""

    def __init__(self, file: Path) -> None:
        description = json.loads(file.read_text(encoding="utf-8"))
        self._schemas: Json = description["components"]["schemas"] | {"SnowflakeType": _SNOWFLAKE}
        self._bodies: dict[tuple[str, int], list[tuple[list[str], Json]]] = {}
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        for path, operations in description["paths"].items():
            template = path.strip("/").split("/")
            for method, operation in operations.items():
                content = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
                if body := content.get("content", {}).get(_JSON_BODY):
                    key = (method.upper(), len(template))
                    self._bodies.setdefault(key, []).append((template, body["schema"]))

    def problems(self, method: str, segments: list[str], body: Any) -> Iterator[str]:  # noqa: ANN401
        """Yields what is wrong with a body; nothing if the description has no body there."""
        fitting = [
            (template, schema)
            for template, schema in self._bodies.get((method, len(segments)), ())
            if all(_fits(part, segment) for part, segment in zip(template, segments, strict=True))
        ]
        if not fitting:
            return
        # The most literal template wins, so that @me is not taken for an id.
        template, schema = min(fitting, key=lambda found: sum("{" in part for part in found[0]))
        key = f"{method} /{'/'.join(template)}"
        if key not in self._validators:
            self._validators[key] = self._compile(schema)
        for error in self._validators[key].iter_errors(body):
            yield _explain(error)

    def _compile(self, schema: Json) -> jsonschema_rs.Validator:
        reachable: Json = {}
        todo = list(_references(schema))
        while todo:
            name = todo.pop()
            if name not in reachable:
                reachable[name] = self._schemas[name]
                todo.extend(_references(reachable[name]))
        bundle = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": {"schemas": reachable},
        }
        return jsonschema_rs.validator_for(bundle, validate_formats=True)


def _fits(part: str, segment: str) -> bool:
    return part == segment or re.fullmatch(r"\{\w+\}", part) is not None


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_SCHEMAS)
    children: Iterable[object] = ()
    if isinstance(schema, dict):
        children = schema.values()
    elif isinstance(schema, list):
        children = schema
    for child in children:
        yield from _references(child)


def _explain(error: jsonschema_rs.ValidationError) -> str:
    """Returns the most likely cause inside the error of a union.

    A union reports the errors of all its branches. The branch for another `type` of component
    says nothing; the one that got deepest into the body is nearest to the mistake, and one that
    only wanted another JSON type is farthest.
    """
    branches = [branch for branch in getattr(error.kind, "context", ()) if branch]
    if not branches:
        place = "/".join(str(part) for part in error.instance_path)
        return f"{place}: {error.message[:200]}"

    def unlikeliness(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, int, bool]:
        other_component = any(list(part.instance_path)[-1:] == ["type"] for part in branch)
        depth = max(len(list(part.instance_path)) for part in branch)
        return other_component, -depth, all(part.kind.name == "type" for part in branch)

    return _explain(min(branches, key=unlikeliness)[0])
