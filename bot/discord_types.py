"""discord.py's generic types, as this program uses them."""

from __future__ import annotations

from typing import Any, TypeAlias

import discord
from discord import app_commands

Interaction: TypeAlias = "discord.Interaction[Any]"
Command: TypeAlias = app_commands.Command[Any, ..., Any]
