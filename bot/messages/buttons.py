"""Ids of buttons and forms: ``jelly:<name>:<argument>…``, the whole state of a press.

Because the id holds all state, a button works after any restart and nothing is stored for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import discord

PREFIX = "jelly"
LONGEST_ID = 100
"""https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id."""


@lru_cache(maxsize=4096, typed=True)  # as True is equal to 1
def custom_id(name: str, *arguments: object) -> str:
    """Returns the id of a press. Raises ValueError if it is too long for Discord."""
    text = ":".join((PREFIX, name, *map(str, arguments)))
    if len(text) > LONGEST_ID:
        raise ValueError(f"the id {text!r} is too long")
    return text


_BETWEEN = "\N{BROKEN BAR}"
"""Parts typed values in an id; typed by nobody."""
_COLON = "\N{MODIFIER LETTER COLON}"
"""Stands for a typed colon in an id, whose parts colons separate; as long, and typed by nobody."""


def packed(values: Iterable[str], name: str, *arguments: object) -> str:
    """Returns typed values as the last argument of an id: as much of them as it has room for."""
    text = _BETWEEN.join(value.replace(":", _COLON) for value in values)
    return text[: LONGEST_ID - len(custom_id(name, *arguments, ""))]


def unpacked(text: str) -> list[str]:
    """Returns typed values from an argument that :func:`packed` made."""
    return [value.replace(_COLON, ":") for value in text.split(_BETWEEN)]


def parts_of(custom_id: str) -> list[str]:
    """Returns the name and the arguments in a custom id; empty if it is not one of the bot's."""
    prefix, _, rest = custom_id.partition(":")
    return rest.split(":") if prefix == PREFIX else []


def components_of(message: discord.Message) -> Iterator[discord.Component]:
    """Yields every component of a message, including nested ones."""
    waiting = list(message.components)
    while waiting:
        component = waiting.pop()
        waiting.extend(getattr(component, "children", []))
        yield component


Payload = dict[str, Any]
"""A component as it is sent: https://discord.com/developers/docs/components/reference.

A dict, since building one from discord.py's items takes longer than storing an answer, and a press
has to be answered at once.
"""

ACTION_ROW, BUTTON, TEXT, SEPARATOR, CONTAINER = 1, 2, 10, 14, 17
"""https://discord.com/developers/docs/components/reference#component-object-component-types."""
PRIMARY, SECONDARY, SUCCESS, DANGER, LINK = 1, 2, 3, 4, 5
"""https://discord.com/developers/docs/components/reference#button-button-styles."""


def button(label: str, name: str, *arguments: object, style: int = SECONDARY) -> Payload:
    """Returns a button whose id has this name and these arguments."""
    return {
        "type": BUTTON,
        "style": style,
        "label": label,
        "custom_id": custom_id(name, *arguments),
    }


def link_button(label: str, address: str) -> Payload:
    """Returns a button that opens an address."""
    return {"type": BUTTON, "style": LINK, "label": label, "url": address}


def text_display(content: str) -> Payload:
    """Returns text for a message of components."""
    return {"type": TEXT, "content": content}


def row(*parts: Payload | discord.ui.Select[Any]) -> Payload:
    """Returns a row of at most MOST_IN_ROW buttons, or one selection."""
    return {
        "type": ACTION_ROW,
        "components": [
            part if isinstance(part, dict) else part.to_component_dict() for part in parts
        ],
    }


def row_of(buttons: Sequence[Payload]) -> Payload | None:
    """Returns a row of buttons, or None if there are none."""
    return row(*buttons) if buttons else None


def divider() -> Payload:
    """Returns a line between the parts of a message."""
    return {"type": SEPARATOR, "divider": True, "spacing": 1}


class NotKept:
    """A view that discord.py does not store: its presses are found by id, also after a restart.

    discord.py keeps every view and form that is not finished, with a task for each private one.
    """

    def is_finished(self) -> bool:
        return True


class Layout(NotKept, discord.ui.LayoutView):
    """A message of components that are ready to be sent."""

    def __init__(self, components: list[Payload]) -> None:
        super().__init__(timeout=None)
        self._components = components

    def to_components(self) -> list[Payload]:
        return self._components

    def has_components_v2(self) -> bool:
        return True


def layout(*parts: Payload) -> Layout:
    """Returns a message of these components."""
    return Layout(list(parts))


class Row(NotKept, discord.ui.View):
    """Rows of buttons under a plain message, as a discord.py view."""

    def __init__(self, *rows: Payload) -> None:
        super().__init__(timeout=None)
        self._components = list(rows)

    def to_components(self) -> list[Payload]:
        return self._components
