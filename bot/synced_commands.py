"""Compares the commands of this program with those that Discord has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_COMPARED = (
    "name",
    "description",
    "required",
    "autocomplete",
    "value",
    "default_member_permissions",
)
"""What people see or may do by it; Discord adds ids and defaults, and leaves out translations."""
_NESTED = ("options", "choices")


def are_same(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether Discord has exactly our commands, as people see them."""
    return _by_name(ours) == _by_name(theirs)


def _by_name(commands: Sequence[Mapping[str, Any]]) -> list[object]:
    return sorted((_shown(command) for command in commands), key=repr)


def _shown(part: Mapping[str, Any]) -> tuple[object, ...]:
    # Discord leaves out what is empty or false, and writes permissions as text.
    values = tuple(str(part.get(name) or "") for name in _COMPARED)
    nested = tuple(tuple(_shown(one) for one in part.get(name) or ()) for name in _NESTED)
    return (part.get("type", 1), *values, *nested)
