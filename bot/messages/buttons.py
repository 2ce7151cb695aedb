"""Ids of buttons and forms: ``jelly:<name>:<argument>…``, the whole state of a press.

Because the id says everything, a button works after any restart and nothing is kept for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

PREFIX = "jelly"
LONGEST = 100
"""https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id"""


def custom_id(name: str, *arguments: object) -> str:
    """The id of a press; raises ValueError where Discord would refuse it."""
    text = ":".join((PREFIX, name, *(str(argument) for argument in arguments)))
    if len(text) > LONGEST:
        raise ValueError(f"the id {text!r} is too long")
    return text


def parts_of(custom_id: str) -> list[str]:
    """The name and the arguments in the id of a press; nothing where it is not one of ours."""
    prefix, _, rest = custom_id.partition(":")
    return rest.split(":") if prefix == PREFIX else []


def components_of(message: discord.Message) -> Iterator[discord.Component]:
    """Everything that a message consists of, what stands inside of others too."""
    waiting = list(message.components)
    while waiting:
        component = waiting.pop()
        waiting.extend(getattr(component, "children", []))
        yield component


Payload = dict[str, Any]
"""A component as it is sent: https://discord.com/developers/docs/components/reference.

Written as such, since building one from discord.py's items takes longer than storing an answer, and
a press has to be answered at once.
"""

ACTION_ROW, BUTTON, TEXT, SEPARATOR, CONTAINER = 1, 2, 10, 14, 17
"""https://discord.com/developers/docs/components/reference#component-object-component-types."""
PRIMARY, SECONDARY, SUCCESS, DANGER, LINK = 1, 2, 3, 4, 5
"""https://discord.com/developers/docs/components/reference#button-button-styles."""
MOST_IN_ROW = 5
"""https://discord.com/developers/docs/components/reference#action-row."""


def button(label: str, name: str, *arguments: object, style: int = SECONDARY) -> Payload:
    """A button that is pressed as ``name`` with these arguments."""
    return {
        "type": BUTTON,
        "style": style,
        "label": label,
        "custom_id": custom_id(name, *arguments),
    }


def link_button(label: str, address: str) -> Payload:
    """A button that opens an address."""
    return {"type": BUTTON, "style": LINK, "label": label, "url": address}


def text_display(content: str) -> Payload:
    """Text in a message of components."""
    return {"type": TEXT, "content": content}


def row(*parts: Payload | discord.ui.Select[Any]) -> Payload:
    """At most MOST_IN_ROW buttons beside each other, or one selection."""
    return {
        "type": ACTION_ROW,
        "components": [
            part if isinstance(part, dict) else part.to_component_dict() for part in parts
        ],
    }


class NotKept:
    """What is sent and forgotten: its answers come in by their ids, also after a restart.

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
    """A message of these components."""
    return Layout(list(parts))


class Row(NotKept, discord.ui.View):
    """A row of buttons under a plain message, as discord.py takes it."""

    def __init__(self, buttons: Payload) -> None:
        super().__init__(timeout=None)
        self._components = [buttons]

    def to_components(self) -> list[Payload]:
        return self._components
