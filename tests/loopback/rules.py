"""What Discord refuses, and neither SimCord nor Discord's OpenAPI file does."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .models import Json, walk

_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_COMPONENT, _AUTOCOMPLETE, _MODAL_SUBMIT = 3, 4, 5
_BUTTON, _PREMIUM = 2, 6
_EPHEMERAL = 1 << 6
_CHAT_INPUT = 1
_SUBCOMMAND, _SUBCOMMAND_GROUP = 1, 2


def of_message(body: Json) -> Iterator[str]:
    """Yields what is wrong with a message to create, or with its edit."""
    if len(str(body.get("nonce") or "")) > 25:
        yield "nonce: must be 25 or fewer in length"
    for component in walk(body.get("components") or ()):
        is_plain_button = component.get("type") == _BUTTON and component.get("style") != _PREMIUM
        if is_plain_button and not component.get("label") and not component.get("emoji"):
            yield "components: a button must have a label or an emoji"


def of_callback(body: Json, interaction_type: int | None) -> Iterator[str]:
    """Yields what is wrong with the first answer to an interaction of that type.

    The type is None if Discord no longer knows the interaction.
    """
    kind, data = body["type"], body.get("data") or {}
    if kind in {_MESSAGE, _UPDATE}:
        yield from of_message(data)
    if kind == _DEFERRED and data.get("flags", 0) & ~_EPHEMERAL:
        yield "data.flags: a deferred answer may only be ephemeral"
    if kind == _CHOICES:
        yield from _of_choices("data", data.get("choices", ()))
    if interaction_type is None:
        return
    if kind in {_DEFERRED_UPDATE, _UPDATE} and interaction_type not in {_COMPONENT, _MODAL_SUBMIT}:
        yield "type: there is no message to update"
    if kind == _MODAL and interaction_type in {_MODAL_SUBMIT, _AUTOCOMPLETE}:
        yield "type: this interaction cannot be answered with a modal"
    if (kind == _CHOICES) != (interaction_type == _AUTOCOMPLETE):
        yield "type: choices answer an autocomplete interaction, and nothing else does"


def of_commands(commands: Sequence[Json]) -> Iterator[str]:
    """Yields what is wrong with the whole set of commands that is registered at once."""
    keys = [(command["name"], command.get("type", _CHAT_INPUT)) for command in commands]
    if len(set(keys)) < len(keys):
        yield "two commands have the same name"
    if sum(kind == _CHAT_INPUT for _, kind in keys) > 100:
        yield "more than 100 commands"
    for command in commands:
        if command.get("type", _CHAT_INPUT) == _CHAT_INPUT:
            yield from _of_option(command["name"], command)
            if _characters(command) > 8000:
                yield f"{command['name']}: more than 8000 characters in all"


def _of_option(path: str, option: Json) -> Iterator[str]:
    """Yields what is wrong with a command, a subcommand or an option: they share these checks."""
    if not _is_command_name(option["name"]):
        yield f"{path}: not a valid name"
    if not 1 <= len(option.get("description") or "") <= 100:
        yield f"{path}: the description must be 1 to 100 long"
    options = option.get("options") or []
    if len(options) > 25:
        yield f"{path}: more than 25 options"
    if len({child["name"] for child in options}) < len(options):
        yield f"{path}: two options have the same name"
    for earlier, later in pairwise(options):
        if later.get("required") and not earlier.get("required"):
            yield f"{path}: the required option {later['name']} follows an optional one"
    for child in options:
        yield from _of_option(f"{path} {child['name']}", child)
    if option.get("choices"):
        yield from _of_choices(path, option["choices"])
        if option.get("autocomplete"):
            yield f"{path}: choices and autocomplete exclude each other"


def _of_choices(path: str, choices: Sequence[Json]) -> Iterator[str]:
    if len(choices) > 25:
        yield f"{path}.choices: must be 25 or fewer in length"
    for choice in choices:
        if not 1 <= len(choice["name"]) <= 100:
            yield f"{path}.choices: the name {choice['name']!r} is not 1 to 100 long"
        if isinstance(choice["value"], str) and not 1 <= len(choice["value"]) <= 100:
            yield f"{path}.choices: the value {choice['value']!r} is not 1 to 100 long"


def _is_command_name(name: str) -> bool:
    return (
        1 <= len(name) <= 32
        and name == name.lower()
        and all(letter in "-_'" or unicodedata.category(letter)[0] in "LNM" for letter in name)
    )


def _characters(option: Json) -> int:
    """Returns the characters of names, descriptions and choice values, which share one limit."""
    own = len(option["name"]) + len(option.get("description") or "")
    for choice in option.get("choices") or ():
        own += len(choice["name"]) + len(str(choice["value"]))
    return own + sum(_characters(child) for child in option.get("options") or ())
