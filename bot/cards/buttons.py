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


def button(
    label: str,
    name: str,
    *arguments: object,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, style=style, custom_id=custom_id(name, *arguments))


Payload = dict[str, Any]
"""A component as it is sent: https://discord.com/developers/docs/components/reference."""


class NotKept:
    """What is sent and forgotten: its answers come in by their ids, also after a restart.

    discord.py keeps every view and form that is not finished, with a task for each private one.
    """

    def is_finished(self) -> bool:
        return True


class Layout(NotKept, discord.ui.LayoutView):
    """A message of components that are ready to be sent.

    A card is sent at each press, and building it from discord.py's items would take longer than
    storing the answer.
    """

    def __init__(self, components: list[Payload]) -> None:
        super().__init__(timeout=None)
        self._components = components

    def to_components(self) -> list[Payload]:
        return self._components

    def has_components_v2(self) -> bool:
        return True


def layout(*parts: discord.ui.Item[Any] | Payload) -> Layout:
    """A message of these components."""
    return Layout([part if isinstance(part, dict) else part.to_component_dict() for part in parts])


class Row(NotKept, discord.ui.View):
    """Buttons under a plain message."""


def view(*buttons: discord.ui.Button[Any]) -> Row:
    """These buttons under a plain message."""
    row = Row(timeout=None)
    for one in buttons:
        row.add_item(one)
    return row
