"""``/help``: what one can do, in one private message."""

from __future__ import annotations

from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.interactions import Interaction, say
from bot.rights import is_organizer, may_set_up

MEMBERS = """\
**Jelly** runs coworking days: people who work alone meet and work side by side.
### Coming along
Press **Going**, **Maybe** or **Can't make it** on a card; press again to change your mind.
`/jellies` what is on, and what you answered
`/rsvp` answer without the card, and say what you are working on
`/headcount` who is coming
### Hosting
`/jelly new` schedule one: `when` reads "thursday 10am", "dec 3 9:30-16:00", "every tuesday 10am"
`/jelly edit` change one date, that and all later ones, or a whole series
`/jelly move` one date to another time or place · `/jelly skip` leave one out
`/jelly extra` one more date · `/jelly pause` and `/jelly resume` a series
`/jelly cancel` call off one date or a whole series · `/jelly end` a series
Those going are told whenever a date moves or is called off."""

ORGANIZERS = """\
### Organizing
`/jelly list` every series and date, and what could not be posted"""

SETTINGS = "`/settings` the channel, the time zone, when cards and reminders come, who may host"


class Help(JellyCog):
    @app_commands.command(name="help")
    @app_commands.guild_only()
    async def help_(self, interaction: Interaction) -> None:
        """See what Jelly can do and how"""
        parts = [MEMBERS]
        if is_organizer(interaction):
            parts.append(ORGANIZERS)
        if may_set_up(interaction):
            parts.append(SETTINGS)
        await say(interaction, "\n".join(parts))


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Help(bot))
