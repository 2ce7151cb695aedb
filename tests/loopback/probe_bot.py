"""A small discord.py bot with one of each: a modal, a menu, autocomplete, a "thinking" answer."""

from __future__ import annotations

import os

import discord
from discord import app_commands

_CITIES = ["Berlin", "Bern", "Lisbon"]


class Form(discord.ui.Modal, title="About you"):
    name: discord.ui.Label[Form] = discord.ui.Label(
        text="Your name", component=discord.ui.TextInput(custom_id="name", max_length=20)
    )
    city: discord.ui.Label[Form] = discord.ui.Label(
        text="Your city",
        component=discord.ui.Select(
            custom_id="city",
            options=[discord.SelectOption(label=city, default=city == "Bern") for city in _CITIES],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, city = self.name.component, self.city.component
        assert isinstance(name, discord.ui.TextInput)
        assert isinstance(city, discord.ui.Select)
        await interaction.response.send_message(
            f"{name.value} from {city.values[0]}", ephemeral=True
        )


class Menu(discord.ui.View):
    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="whom")
    async def choose(
        self, interaction: discord.Interaction, menu: discord.ui.UserSelect[Menu]
    ) -> None:
        await interaction.response.edit_message(content=f"Chose {menu.values[0].mention}")


@app_commands.command(description="Show a form")
async def form(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Form())


@app_commands.command(description="Show a menu")
async def menu(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Whom?", view=Menu(timeout=None))


@app_commands.command(description="Think, then answer")
async def think(interaction: discord.Interaction) -> None:
    await interaction.response.defer(thinking=True, ephemeral=True)
    await interaction.edit_original_response(content="Thought")
    await interaction.followup.send("And more", ephemeral=True)


@app_commands.command(description="Go somewhere")
async def travel(interaction: discord.Interaction, city: str, host: discord.Member) -> None:
    await interaction.response.send_message(f"To {city} with {host.mention}")


@travel.autocomplete("city")
async def cities(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=city, value=city.lower())
        for city in _CITIES
        if city.startswith(typed)
    ]


class ProbeBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(form)
        self.tree.add_command(menu)
        self.tree.add_command(think)
        self.tree.add_command(travel)

    async def setup_hook(self) -> None:
        await self.tree.sync()


if __name__ == "__main__":
    ProbeBot().run(os.environ["DISCORD_TOKEN"])
