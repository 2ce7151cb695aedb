"""``/help``: what members can do, said in private."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from discord import app_commands

from bot.actions.rights import may
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import say, words_of
from bot.language import N_, Words
from bot.members import actor_of
from data.limits import LONGEST_MESSAGE

MEMBERS = (
    N_("**Jelly** runs coworking days: people who work alone meet and work side by side."),
    N_("### Coming along"),
    N_(
        "Press **Going**, **Maybe** or **Can't make it** on a card; press again to change your "
        "mind."
    ),
    N_("**Add details**: your mood, when you will be there, guests, what you work on"),
    N_(
        "`/jellies` what is on, what you answered, your place in line · `/rsvp` answer without the "
        "card"
    ),
    N_("**Who's coming** on a card, or `/headcount session`: everybody, with notes and hours"),
    N_("`/headcount history` how many came over time"),
    N_("On the day: **I'm here** and **Heading off** on the card · `/me record` where you were"),
    N_("`/me export` everything stored about you · `/me forget` have it deleted"),
    N_("`/privacy` what I keep about you, for how long, and how to have it deleted"),
    N_("### Hosting"),
    N_(
        '`/jelly new` schedule one: `when` reads "thursday 10am", "dec 3 9:30-16:00", '
        '"every tuesday 10am"'
    ),
    N_("`/jelly edit` change one date, that and all later ones, or a whole series"),
    N_("`/jelly move` one date to another time or place · `/jelly skip` leave one out"),
    N_("`/jelly extra` one more date · `/jelly pause` and `/jelly resume` a series"),
    N_("`/jelly cancel` call off one date or a whole series · `/jelly end` a series"),
    N_("**Seats and tone** in the preview: seats, guests, quiet or social, a deadline for answers"),
    N_(
        "`/rsvp` with `member` invite someone or take them off · `/headcount session` tick "
        "people off, take the list home"
    ),
    N_(
        "`/jelly list` every series and date, and what could not be posted · `/jelly log` who "
        "changed what"
    ),
    N_(
        "Those going are told whenever a date moves or is called off: in quiet hours only if it is "
        "soon, else in the morning."
    ),
)

ORGANIZERS = (N_("`/jelly cancel-by` call off everything that one person scheduled or hosts"),)

SETTINGS = (
    N_(
        "`/settings` the channel, the time zone, when cards and reminders come, who may host, how "
        "free seats are offered, thanks to the hosts, quiet hours, what is deleted, whom new cards "
        "mention, where organizers hear about problems"
    ),
    N_("`/doctor` what is wrong in this server, and how to mend it"),
)


class Help(JellyCog):
    @app_commands.command(name="help", description=N_("See what Jelly can do and how"))
    @app_commands.guild_only()
    async def help_(self, interaction: Interaction) -> None:
        words = words_of(interaction)
        lines = list(MEMBERS)
        if may(actor_of(interaction), "/jelly cancel-by"):
            lines += ORGANIZERS
        if may(actor_of(interaction), "/settings"):
            lines += SETTINGS
        parts = [words(line) for line in lines]
        parts += unnamed(words, self.bot)
        for message in _messages(parts):
            await say(interaction, message)


def unnamed(words: Words, bot: JellyBot) -> list[str]:
    """Returns a line for each command that the texts above do not name, with its description."""
    named = "\n".join(MEMBERS + ORGANIZERS + SETTINGS)
    return [
        f"`/{command.qualified_name}` {words(command.description)}"
        for command in bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        and command.name != "help"
        and f"`/{command.qualified_name}`" not in named
    ]


def _messages(lines: Iterable[str]) -> Iterator[str]:
    """Yields the lines in as few messages as hold them; English takes one."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if len(longer) > LONGEST_MESSAGE:
            yield text
            longer = line
        text = longer
    yield text


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Help(bot))
