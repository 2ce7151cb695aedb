"""A bare discord.py bot: it posts a card, edits it at each press, and stores nothing.

The loopback is verified with it, and benchmarks compare with it.
"""

from __future__ import annotations

import os
import re
from typing import Self

import discord
from discord import app_commands

_LABELS = {"going": "Going", "maybe": "Maybe", "declined": "Can't make it"}
_STARTS_AT = 1_800_000_000


class Card(discord.ui.LayoutView):
    """A jelly with that many people on it, made up unless they are given.

    Everything else it shows is in the ids of its buttons.
    """

    def __init__(self, people: int, last_answer: str = "", names: str = "") -> None:
        super().__init__(timeout=None)
        names = names or " ".join(f"<@{100_000_000_000_000_000 + n}>" for n in range(people))
        row: discord.ui.ActionRow[Card] = discord.ui.ActionRow()
        for answer in _LABELS:
            row.add_item(AnswerButton(people, answer))
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(
                    f"## Jelly at the library\n<t:{_STARTS_AT}:F> (<t:{_STARTS_AT}:R>)\n"
                    "Reading room, first floor"
                ),
                discord.ui.Separator(),
                discord.ui.TextDisplay(f"**Going** ({people})\n{names or 'Nobody yet'}"),
                discord.ui.TextDisplay(f"Last answer: {last_answer or 'none'}"),
                row,
                accent_colour=discord.Colour(0x5865F2),
            )
        )


class AnswerButton(
    discord.ui.DynamicItem[discord.ui.Button[Card]],
    template=r"bare:(?P<people>[0-9]{1,3}):(?P<answer>going|maybe|declined)",
):
    """Answers a press by rendering the card anew, so it works on cards of any age."""

    def __init__(self, people: int, answer: str) -> None:
        super().__init__(
            discord.ui.Button(label=_LABELS[answer], custom_id=f"bare:{people}:{answer}")
        )
        self.people = people
        self.answer = answer

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction,
        _item: discord.ui.Item[Card],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(int(match["people"]), match["answer"])

    async def callback(self, interaction: discord.Interaction) -> None:
        card = Card(self.people, _LABELS[self.answer], _names_on(interaction.message))
        await interaction.response.edit_message(view=card)


def _names_on(card: discord.Message | None) -> str:
    """Returns the names that a card already shows."""
    if card is not None and isinstance(container := card.components[0], discord.Container):
        for part in container.children:
            if isinstance(part, discord.TextDisplay) and part.content.startswith("**Going**"):
                return part.content.partition("\n")[2]
    return ""


class BareBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="card", description="Post a card")(post_card)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(AnswerButton)
        await self.tree.sync()


@app_commands.describe(people="how many are on the card already", names="they, as mentions")
async def post_card(
    interaction: discord.Interaction,
    people: app_commands.Range[int, 0, 120] = 0,
    names: str = "",
) -> None:
    await interaction.response.send_message(view=Card(people, names=names))


if __name__ == "__main__":
    BareBot().run(os.environ["DISCORD_TOKEN"])
