"""``/help``: what members can do, in one private message."""

from __future__ import annotations

from discord import app_commands

from bot.actions.rights import may
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import actor_of, say

MEMBERS = """\
**Jelly** runs coworking days: people who work alone meet and work side by side.
### Coming along
Press **Going**, **Maybe** or **Can't make it** on a card; press again to change your mind.
**Add details**: your mood, when you will be there, guests, what you work on
`/jellies` what is on, what you answered, your place in line · `/rsvp` answer without the card
`/headcount session` who is coming · `/headcount history` how many came over time
On the day: **I'm here** and **Heading off** on the card · `/me` your own record
### Hosting
`/jelly new` schedule one: `when` reads "thursday 10am", "dec 3 9:30-16:00", "every tuesday 10am"
`/jelly edit` change one date, that and all later ones, or a whole series
`/jelly move` one date to another time or place · `/jelly skip` leave one out
`/jelly extra` one more date · `/jelly pause` and `/jelly resume` a series
`/jelly cancel` call off one date or a whole series · `/jelly end` a series
**Seats and tone** in the preview: seats, guests, quiet or social, a deadline for answers
`/rsvp` with `member` answer for somebody · `/headcount session` tick people off, take the list home
`/jelly list` every series and date, and what could not be posted
Those going are told whenever a date moves or is called off."""

SETTINGS = (
    "`/settings` the channel, the time zone, when cards and reminders come, who may host, "
    "how free seats are offered, thanks to the hosts\n"
    "`/doctor` what is wrong in this server, and how to mend it"
)


class Help(JellyCog):
    @app_commands.command(name="help")
    @app_commands.guild_only()
    async def help_(self, interaction: Interaction) -> None:
        """See what Jelly can do and how"""
        parts = [MEMBERS]
        if may(actor_of(interaction), "/settings"):
            parts.append(SETTINGS)
        parts += unnamed(self.bot)
        await say(interaction, "\n".join(parts))


def unnamed(bot: JellyBot) -> list[str]:
    """Returns a line for each command that the texts above do not name, with its description."""
    return [
        f"`/{command.qualified_name}` {command.description}"
        for command in bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        and command.name != "help"
        and f"`/{command.qualified_name}`" not in MEMBERS + SETTINGS
    ]


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Help(bot))
