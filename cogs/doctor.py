"""``/doctor``: diagnoses problems in this server, and says how to fix them."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.actions import records
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.doctor import machine
from bot.doctor.findings import IN_DISCORD, WORST_FIRST, Finding, summary
from bot.doctor.server import Seen, findings_of
from bot.interactions import say, words_of
from bot.language import N_, Words
from bot.members import actor_of
from bot.messages.text import said, whole_lines

SUBJECT = "This server"


class Doctor(JellyCog):
    @app_commands.command(
        description=N_("See what's wrong with Jelly in this server, and how to fix it")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def doctor(self, interaction: Interaction) -> None:
        checkup = await records.checkup(self.bot, actor_of(interaction))
        findings = [
            *findings_of(SUBJECT, checkup, _seen(interaction.guild), IN_DISCORD),
            machine.clock(self.bot.clock.now() - interaction.created_at),
        ]
        await say(interaction, _shown(words_of(interaction), findings))


def _seen(guild: discord.Guild | None) -> Seen | None:
    """Returns the server's state as the gateway sent it; None if the bot is not in the server."""
    if guild is None or guild.me is None:
        return None
    return Seen(guild.me, {channel.id: channel for channel in guild.channels})


def _shown(words: Words, findings: list[Finding]) -> str:
    bad = summary(words, findings)
    lines = [
        words("### Jelly here: {summary}.", summary=bad)
        if bad
        else words("### Jelly here: all is well.")
    ]
    for finding in sorted(findings, key=lambda finding: WORST_FIRST.index(finding.state)):
        line = f"**{words(finding.state)}** {said(words, finding.sentence)}"
        if finding.remedy is not None:
            advice = words("-# What to do: {advice}", advice=said(words, finding.remedy))
            line = f"{line}\n{advice}"
        lines.append(line)
    return whole_lines(words, lines)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Doctor(bot))
