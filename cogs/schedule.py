"""``/jelly``: schedule, change, call off and list jellies."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands

from bot.actions import call_off_by, change_log, changes, choices, drafts, last_time, records
from bot.actions.details import as_far_as_typed, details_of
from bot.actions.previews import Preview
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import (
    as_choices,
    form,
    name_of,
    press,
    say,
    say_instead,
    show,
    show_instead,
    words_of,
)
from bot.language import N_, Words
from bot.language.typed import folded, one_line
from bot.members import actor_of, person_of
from bot.messages import change_log as messages
from bot.messages import endings, forms
from bot.messages.buttons import custom_id, row_of
from bot.messages.call_off_by import call_off_by_question, called_off_by
from bot.messages.whats_on import Which
from cogs.drafts import entered, entered_host, entered_phrase, layout_of
from cogs.settings import likely_zone
from cogs.whats_on import list_of
from data.limits import (
    LONGEST_ABOUT,
    LONGEST_OPTION,
    LONGEST_PLACE,
    LONGEST_TITLE,
    LONGEST_TYPED_PHRASE,
    MOST_GUESTS,
    MOST_SEATS,
)
from data.models import Ending, Target
from data.refusal import Refusal

ONLY_THIS, AND_LATER, ALL_DATES = "this", "later", "all"


class JellySchedule(JellyCog):
    jelly = app_commands.Group(
        name="jelly", description=N_("Schedule, change and call off jellies"), guild_only=True
    )

    @jelly.command(description=N_("Schedule a jelly, once or repeating; you see it first"))
    @app_commands.describe(
        what=N_("Its name, e.g. Thursday jelly"),
        when=N_("e.g. thursday 10am · dec 3 9:30am to 4pm · every tuesday 10am"),
        where=N_("The place, e.g. The Alb, upstairs"),
        host=N_("Who hosts, once they say yes; leave out to host it yourself"),
        about=N_("What to know: the wifi, the coffee, the quiet corner"),
        seats=N_("Seats for people and guests; leave out for no limit"),
        guests=N_("Guests each member may bring; 1 if left out"),
        tone=N_("Quiet work, company, or some of both"),
        answers_close=N_("When answers close before the start, e.g. 1 day; then people ask you"),
    )
    async def new(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, LONGEST_TITLE],
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE],
        where: app_commands.Range[str, 1, LONGEST_PLACE],
        host: discord.User | None = None,
        about: app_commands.Range[str, 0, LONGEST_ABOUT] = "",
        seats: app_commands.Range[int, 1, MOST_SEATS] | None = None,
        guests: app_commands.Range[int, 0, MOST_GUESTS] = 1,
        tone: app_commands.Range[str, 0, LONGEST_OPTION] = "",
        answers_close: str = "",
    ) -> None:
        details, problem = as_far_as_typed(
            replace(
                details_of(what, where, about, interaction.user.id),
                capacity=seats,
                most_guests=guests,
            ),
            tone=tone,
            closes=answers_close,
        )
        proposed = await drafts.propose(
            self.bot,
            actor_of(interaction),
            details,
            one_line(when),
            host=None if host is None else person_of(host),
        )
        if isinstance(proposed, Preview):
            proposed = replace(proposed, problem=proposed.problem or problem)
        await self._show_proposed(interaction, proposed)

    async def _show_proposed(
        self, interaction: Interaction, proposed: Preview | drafts.NeedsSetUp
    ) -> None:
        words = words_of(interaction)
        if isinstance(proposed, Preview):
            await show(interaction, layout_of(words, proposed, self.bot.clock.now()))
        else:
            channel_id, zone = interaction.channel_id or 0, likely_zone(interaction)
            await interaction.response.send_modal(
                forms.setup_form(words, proposed.draft_id, channel_id, zone)
            )

    @jelly.command(description=N_("Repeat a past jelly on a new date; you see it first"))
    @app_commands.describe(
        jelly=N_("A past date that you hosted or scheduled"),
        when=N_("Its new date, e.g. thursday 10am"),
    )
    async def again(
        self,
        interaction: Interaction,
        jelly: str,
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE],
    ) -> None:
        proposed = await last_time.propose_again(self.bot, actor_of(interaction), jelly, when)
        await self._show_proposed(interaction, proposed)

    @jelly.command(
        description=N_("Change a jelly: one date, that and all later ones, or a whole series")
    )
    @app_commands.describe(
        jelly=N_("One date, or all dates of a series"),
        dates=N_("Which dates to change; only this one if left out"),
    )
    @app_commands.choices(
        dates=[
            app_commands.Choice(name=N_("only this date"), value=ONLY_THIS),
            app_commands.Choice(name=N_("this and all later dates"), value=AND_LATER),
            app_commands.Choice(name=N_("all dates"), value=ALL_DATES),
        ]
    )
    async def edit(
        self,
        interaction: Interaction,
        jelly: str,
        dates: app_commands.Choice[str] | None = None,
    ) -> None:
        chosen = dates.value if dates else ONLY_THIS
        found = await drafts.to_change(
            self.bot,
            actor_of(interaction),
            jelly,
            all_dates=chosen == ALL_DATES,
            and_later=chosen == AND_LATER,
        )
        words, form_id = words_of(interaction), _form_id(found.target, found.based_on)
        title = _form_title(words, found.target)
        await interaction.response.send_modal(
            forms.jelly_form(words, form_id, title, found.details, found.phrase)
        )

    @form("edit", str, int, str)
    async def edited(
        self, interaction: Interaction, scope: str, number: int, based_on: str
    ) -> None:
        preview = await drafts.propose_change(
            self.bot,
            actor_of(interaction),
            _target_of(scope, number),
            lambda before: entered(interaction, before),
            entered_phrase(interaction),
            based_on=based_on,
            host=entered_host(interaction),
        )
        await show(interaction, layout_of(words_of(interaction), preview, self.bot.clock.now()))

    @jelly.command(
        description=N_("Move one date to another time or place; those going are asked again")
    )
    @app_commands.describe(
        jelly=N_("Which date"),
        when=N_("Its new time, e.g. friday 10am to 4pm"),
        where=N_("Its new place"),
    )
    async def move(
        self,
        interaction: Interaction,
        jelly: str,
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE] | None = None,
        where: app_commands.Range[str, 1, LONGEST_PLACE] | None = None,
    ) -> None:
        if when is None and where is None:
            raise Refusal("Where or when should it move? Fill in “when”, “where” or both.")
        preview = await drafts.propose_move(
            self.bot, actor_of(interaction), jelly, when=when, where=where
        )
        await show(interaction, layout_of(words_of(interaction), preview, self.bot.clock.now()))

    @jelly.command(description=N_("Skip one date; those going are told"))
    @app_commands.describe(jelly=N_("Which date"))
    async def skip(self, interaction: Interaction, jelly: str) -> None:
        found = await changes.to_end(self.bot, actor_of(interaction), jelly, Ending.SKIP)
        await show(interaction, endings.question(words_of(interaction), found))

    @jelly.command(description=N_("Add one more date to a series; you see it first"))
    @app_commands.describe(
        jelly=N_("All dates of a series"), when=N_("The extra date, e.g. dec 30 10am to 4pm")
    )
    async def extra(
        self,
        interaction: Interaction,
        jelly: str,
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE],
    ) -> None:
        preview = await drafts.propose_date(self.bot, actor_of(interaction), jelly, when)
        await show(interaction, layout_of(words_of(interaction), preview, self.bot.clock.now()))

    @jelly.command(
        description=N_("Call off a jelly, one date or a whole series; those going are told")
    )
    @app_commands.describe(jelly=N_("One date, or all dates of a series"))
    async def cancel(self, interaction: Interaction, jelly: str) -> None:
        found = await changes.to_end(self.bot, actor_of(interaction), jelly, Ending.SESSION)
        await show(interaction, endings.question(words_of(interaction), found))

    @jelly.command(
        name="cancel-by", description=N_("Call off everything that one person scheduled or hosts")
    )
    @app_commands.describe(member=N_("Who; also someone who has left the server"))
    async def cancel_by(self, interaction: Interaction, member: discord.User) -> None:
        ahead = await call_off_by.to_call_off_by(self.bot, actor_of(interaction), member.id)
        await show(interaction, call_off_by_question(words_of(interaction), ahead))

    @press("cancel-by", int)
    async def cancelled_by(self, interaction: Interaction, user_id: int) -> None:
        result = await call_off_by.call_off_everything_by(self.bot, actor_of(interaction), user_id)
        layout = called_off_by(words_of(interaction), result.dates, result.left)
        await show_instead(interaction, layout)

    @jelly.command(
        description=N_("End a series; its dates ahead are called off and those going are told")
    )
    @app_commands.describe(jelly=N_("All dates of a series"))
    async def end(self, interaction: Interaction, jelly: str) -> None:
        found = await changes.to_end(self.bot, actor_of(interaction), jelly, Ending.END)
        await show(interaction, endings.question(words_of(interaction), found))

    @jelly.command(description=N_("Skip a series for a while; those going are told"))
    @app_commands.describe(
        jelly=N_("All dates of a series"),
        until=N_("The day it resumes, e.g. jan 5; leave out to resume it yourself"),
    )
    async def pause(
        self,
        interaction: Interaction,
        jelly: str,
        until: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE] | None = None,
    ) -> None:
        found = await changes.to_pause(self.bot, actor_of(interaction), jelly, until)
        question, buttons = endings.pause_question(words_of(interaction), found)
        await say(interaction, question, buttons=buttons)

    @jelly.command(description=N_("Resume a paused series"))
    @app_commands.describe(jelly=N_("All dates of a series"))
    async def resume(self, interaction: Interaction, jelly: str) -> None:
        series, sessions = await changes.resume(self.bot, actor_of(interaction), jelly)
        layout = endings.resumed(words_of(interaction), series.details.title, sessions)
        await show(interaction, layout)

    @jelly.command(
        name="list", description=N_("See what's on, the series, and what couldn't be posted")
    )
    async def list_(self, interaction: Interaction) -> None:
        await show(interaction, await list_of(self.bot, interaction, Which.PLAN))

    @jelly.command(description=N_("See who changed what: all of it, or what concerns your jellies"))
    async def log(self, interaction: Interaction) -> None:
        changes_made = await change_log.read_changes(self.bot, actor_of(interaction))
        text, pages = messages.change_log(
            words_of(interaction), changes_made, self.bot.kept.changes
        )
        await say(interaction, text, buttons=row_of(pages))

    @press("log", int)
    async def log_page(self, interaction: Interaction, start: int) -> None:
        """Show the page of the log that begins at a position."""
        changes_made = await change_log.read_changes(self.bot, actor_of(interaction), start=start)
        text, pages = messages.change_log(
            words_of(interaction), changes_made, self.bot.kept.changes
        )
        await say_instead(interaction, text, buttons=row_of(pages))

    @press("retry")
    async def retry(self, interaction: Interaction) -> None:
        words = words_of(interaction)
        await say(
            interaction,
            words("On it. Check the channel in a moment.")
            if await records.retry(self.bot, actor_of(interaction))
            else words("It's too late for all of that, so nothing was sent."),
        )

    @edit.autocomplete("jelly")
    @move.autocomplete("jelly")
    @skip.autocomplete("jelly")
    @extra.autocomplete("jelly")
    @cancel.autocomplete("jelly")
    @end.autocomplete("jelly")
    @pause.autocomplete("jelly")
    @resume.autocomplete("jelly")
    async def _jellies(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        actor, command = actor_of(interaction), name_of(interaction)
        return as_choices(await choices.jelly_choices(self.bot, actor, typed, command=command))

    @new.autocomplete("when")
    async def _when(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return as_choices(await last_time.when_choices(self.bot, actor_of(interaction), typed))

    @again.autocomplete("when")
    async def _when_again(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return as_choices(await choices.when_choices(self.bot, actor_of(interaction), typed))

    @again.autocomplete("jelly")
    async def _past(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return as_choices(await last_time.past_choices(self.bot, actor_of(interaction), typed))

    @new.autocomplete("where")
    async def _where(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return as_choices(await last_time.where_choices(self.bot, actor_of(interaction), typed))

    @new.autocomplete("seats")
    async def _seats(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        numbers = await last_time.seats_choices(self.bot, actor_of(interaction), str(typed))
        return [app_commands.Choice(name=str(number), value=number) for number in numbers]

    @new.autocomplete("tone")
    async def _tone(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        words = words_of(interaction)
        tones = await last_time.tone_choices(self.bot, actor_of(interaction))
        labels = {tone: words(forms.TONES[tone]) for tone in tones}
        return [
            app_commands.Choice(name=label, value=tone.value)
            for tone, label in labels.items()
            if folded(typed) in folded(label)
        ]

    @move.autocomplete("when")
    async def _when_moved(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        jelly = interaction.namespace.jelly or ""
        actor = actor_of(interaction)
        return as_choices(await choices.when_choices(self.bot, actor, typed, about=jelly))

    @extra.autocomplete("when")
    async def _when_added(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        jelly = interaction.namespace.jelly or ""
        actor = actor_of(interaction)
        return as_choices(
            await choices.when_choices(self.bot, actor, typed, about=jelly, all_dates=True)
        )


def _form_id(target: Target, based_on: str) -> str:
    if target.series_id is not None:
        return custom_id("edit", ALL_DATES, target.series_id, based_on)
    scope = AND_LATER if target.and_later else ONLY_THIS
    return custom_id("edit", scope, target.session_id, based_on)


def _form_title(words: Words, target: Target) -> str:
    if target.series_id is not None:
        return words("Change all its dates")
    if target.and_later:
        return words("Change this and later dates")
    return words("Change this date")


def _target_of(scope: str, number: int) -> Target:
    if scope == ALL_DATES:
        return Target(series_id=number)
    return Target(session_id=number, and_later=scope == AND_LATER)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(JellySchedule(bot))
