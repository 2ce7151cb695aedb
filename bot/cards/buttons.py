"""Ids of buttons and forms: ``jelly:<name>:<argument>…``, the whole state of a press.

Because the id says everything, a button works after any restart and nothing is kept for it.
"""

from __future__ import annotations

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


def button(
    label: str,
    name: str,
    *arguments: object,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, style=style, custom_id=custom_id(name, *arguments))


def layout(*items: discord.ui.Item[discord.ui.LayoutView]) -> discord.ui.LayoutView:
    """A message of these components, which Discord sends back presses of but discord.py forgets.

    discord.py keeps every view it sends until it is stopped; ours carry their state in their ids.
    """
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
