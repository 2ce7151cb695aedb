"""Fills in a modal that the bot showed, as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcord.backend.errors import SetupError
from simcord.enums import SELECT_TYPES
from simcord.enums import ComponentType as Kind

from .models import Json, walk
from .options import Resolved

_WITH_OPTIONS = frozenset({Kind.STRING_SELECT, Kind.RADIO_GROUP, Kind.CHECKBOX_GROUP})
_OF_IDS = frozenset({Kind.USER_SELECT, Kind.ROLE_SELECT, Kind.CHANNEL_SELECT})
_ONE_VALUE = frozenset({Kind.TEXT_INPUT, Kind.RADIO_GROUP, Kind.CHECKBOX})
_REQUIRED_UNLESS_SAID = frozenset({Kind.TEXT_INPUT, *SELECT_TYPES})
_LONGEST_TEXT = 4000


def submitted(modal: Json, values: Json, resolved: Resolved) -> list[Json]:
    """Returns the components of a MODAL_SUBMIT; what is not among `values` stays as shown."""
    known = {part["custom_id"] for part in walk(modal["components"]) if "custom_id" in part}
    if unknown := values.keys() - known:
        raise SetupError(f"the modal has no field {', '.join(sorted(unknown))}")
    return list(_submitted(modal["components"], values, resolved))


def chosen_ids(kind: Kind, values: list[Any], resolved: Resolved) -> list[str]:
    """Returns the choices of a user, role or channel select in their wire form."""
    add = {
        Kind.USER_SELECT: resolved.add_user,
        Kind.ROLE_SELECT: resolved.add_role,
        Kind.CHANNEL_SELECT: resolved.add_channel,
    }[kind]
    for value in values:
        add(int(value))
    return [str(value) for value in values]


def _submitted(components: list[Json], values: Json, resolved: Resolved) -> Iterator[Json]:
    for component in components:
        kind = Kind(component["type"])
        out: Json = {"type": int(kind), "id": component.get("id", 0)}
        if kind is Kind.LABEL:
            out["component"] = next(_submitted([component["component"]], values, resolved))
        elif kind is Kind.ACTION_ROW:
            out["components"] = list(_submitted(component["components"], values, resolved))
        elif kind is not Kind.TEXT_DISPLAY:
            name = out["custom_id"] = component["custom_id"]
            value: Any = values[name] if name in values else _as_shown(kind, component)
            _check(kind, component, value)
            if kind in _OF_IDS:
                value = chosen_ids(kind, value, resolved)
            out["value" if kind in _ONE_VALUE else "values"] = value
        yield out


def _as_shown(kind: Kind, component: Json) -> str | bool | list[Any] | None:
    """Returns what a field holds if a person does not change it."""
    if kind is Kind.TEXT_INPUT:
        return component.get("value") or ""
    if kind is Kind.CHECKBOX:
        return bool(component.get("default"))
    if kind in _OF_IDS:
        return [default["id"] for default in component.get("default_values") or []]
    chosen = [o["value"] for o in component.get("options") or [] if o.get("default")]
    if kind is Kind.RADIO_GROUP:
        return chosen[0] if chosen else None
    return chosen


def _check(kind: Kind, component: Json, value: Any) -> None:  # noqa: ANN401 - depends on the field
    """Refuses what the Discord client would not send."""
    name = component["custom_id"]
    if component.get("required", kind in _REQUIRED_UNLESS_SAID) and value in (None, "", []):
        raise SetupError(f"the field {name} must be filled in")
    if kind is Kind.TEXT_INPUT:
        longest = component.get("max_length") or _LONGEST_TEXT
        shortest = component.get("min_length") or 0
        if value and not shortest <= len(value) <= longest:
            raise SetupError(f"the field {name} does not take {len(value)} characters")
    elif kind in _WITH_OPTIONS:
        offered = {option["value"] for option in component["options"]}
        picked = value if isinstance(value, list) else [value] if value is not None else []
        if not offered.issuperset(picked):
            raise SetupError(f"the field {name} does not offer {value}")
    elif kind not in _OF_IDS and kind is not Kind.CHECKBOX:
        raise SetupError(f"the loopback cannot fill in a {kind.name}")
