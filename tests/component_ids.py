"""Makes SimCord keep the ids of all components, as Discord does.

SimCord itself keeps only the ids in newer messages.

https://discord.com/developers/docs/components/reference#anatomy-of-a-component
"""

from __future__ import annotations

from itertools import count
from typing import Any

import simcord.components

_V2 = 1 << 15
_validate = simcord.components.validate_components


def _validate_and_number(components: Any, *, flags: int = 0) -> list[dict[str, Any]]:  # noqa: ANN401  as in SimCord
    """Returns what SimCord's function does, with the ids that were sent or the next free ones."""
    normalized: list[dict[str, Any]] = _validate(components, flags=flags)
    if not flags & _V2:
        ids = [part.get("id") or 0 for part in simcord.components.walk_components(components)]
        free = (number for number in count(1) if number not in ids)
        for part, number in zip(simcord.components.walk_components(normalized), ids, strict=True):
            part["id"] = number or next(free)
    return normalized


def keep_component_ids() -> None:
    """Makes SimCord keep component ids in this process from now on."""
    simcord.components.validate_components = _validate_and_number
