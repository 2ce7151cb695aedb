"""Who may do what; asked again at every command and press.

==================  ==========================================================================
anybody             answers, looks things up
host                whoever has the role that may host, or anybody where none is set
organizer           Manage Events, Manage Server or Administrator
==================  ==========================================================================

A jelly is changed by its host, whoever scheduled it, and organizers, who also answer for others
and tick people off; settings by Manage Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from data.errors import Refusal
from data.models import GuildSettings, Series, Session

if TYPE_CHECKING:
    from bot.interactions import Interaction


def is_organizer(interaction: Interaction) -> bool:
    # Discord computes the permissions with each interaction, so they are never out of date.
    permissions = interaction.permissions
    return permissions.manage_events or permissions.manage_guild or permissions.administrator


def check_is_organizer(interaction: Interaction) -> None:
    if not is_organizer(interaction):
        raise Refusal("That is for organizers; ask somebody with the permission Manage Events.")


def may_set_up(interaction: Interaction) -> bool:
    return interaction.permissions.manage_guild or interaction.permissions.administrator


def check_may_set_up(interaction: Interaction) -> None:
    if not may_set_up(interaction):
        raise Refusal(
            "Settings need the permission Manage Server; ask somebody who has it to type /settings."
        )


def check_may_host(interaction: Interaction, settings: GuildSettings) -> None:
    if settings.host_role_id is None or is_organizer(interaction):
        return
    if isinstance(interaction.user, discord.Member) and interaction.user.get_role(
        settings.host_role_id
    ):
        return
    raise Refusal(
        f"Hosting here takes the role <@&{settings.host_role_id}>; ask an organizer for it."
    )


def may_change(interaction: Interaction, jelly: Session | Series) -> bool:
    mine = interaction.user.id in (jelly.details.host_id, jelly.created_by)
    return mine or is_organizer(interaction)


def check_may_change(interaction: Interaction, jelly: Session | Series) -> None:
    if not may_change(interaction, jelly):
        raise Refusal(
            f"Only its host <@{jelly.details.host_id}> and organizers (Manage Events) can do "
            "that for this jelly; ask one of them."
        )
