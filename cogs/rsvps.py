"""Answers: the buttons on a card, the details of an answer, ``/rsvp`` and ``/jellies``."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.actions import answers as actions
from bot.actions import choices
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import (
    answer_on_card,
    as_choices,
    form,
    press,
    say,
    say_instead,
    words_of,
)
from bot.language import CHANNEL_LOCALE, N_, words_for
from bot.members import actor_of, person_of
from bot.messages import answers, forms, invitations
from bot.messages.buttons import custom_id, unpacked
from bot.messages.card import ANSWER_LABELS, IN_PRIVATE, MOOD_LABELS, ON_CARD, card_container
from bot.messages.text import lines
from bot.submitted import form_values
from data.limits import LONGEST_ATTENDANCE, LONGEST_NOTE, MOST_GUESTS
from data.models import ANSWERS, Answer, Answered, Mood, Wish
from data.refusal import Refusal


def answer_pressed(text: str) -> Answer:
    """Returns the answer in a button's id. Raises ValueError if members can't give it."""
    answer = Answer(text)
    if answer not in ANSWERS:
        raise ValueError(text)
    return answer


def place_pressed(text: str) -> str:
    """Returns where a form was opened. Raises ValueError if the place is unknown."""
    if text not in (ON_CARD, IN_PRIVATE):
        raise ValueError(text)
    return text


class Rsvps(JellyCog):
    @press("rsvp", int, answer_pressed)
    async def answer_card(self, interaction: Interaction, session_id: int, answer: Answer) -> None:
        answered = await actions.answer(
            self.bot,
            actor_of(interaction),
            session_id,
            Wish(answer),
            asks_mood=True,
            is_shown=True,
        )
        await self._show_on_card(interaction, answered)
        private = answers.follow_up(words_of(interaction), answered, self.bot.clock.now())
        if private is not None:
            text, buttons = private
            await say(interaction, text, buttons=buttons)

    @press("reply", int, answer_pressed)
    async def answer_notice(
        self, interaction: Interaction, session_id: int, answer: Answer
    ) -> None:
        """Record an answer pressed under a notice; the card is refreshed separately."""
        answered = await actions.answer(self.bot, actor_of(interaction), session_id, Wish(answer))
        words = words_of(interaction)
        text = lines((answers.run_out(words, answered), answers.down_as(words, answered)))
        await say(interaction, text)

    @press("mood", int, Mood)
    async def choose_mood(self, interaction: Interaction, session_id: int, mood: Mood) -> None:
        answered = await actions.answer(
            self.bot, actor_of(interaction), session_id, Wish(mood=mood)
        )
        text, buttons = answers.mood_noted(words_of(interaction), answered, mood)
        await say_instead(interaction, text, buttons=buttons)

    @press("details", int, place_pressed)
    async def ask_for_details(self, interaction: Interaction, session_id: int, where: str) -> None:
        await self._ask_for_details(interaction, session_id, where)

    @press("details-again", int, str)
    async def ask_again(self, interaction: Interaction, session_id: int, typed: str) -> None:
        """Open the form with the hours that could not be read."""
        [hours, *_] = unpacked(typed)
        await self._ask_for_details(interaction, session_id, IN_PRIVATE, hours=hours)

    async def _ask_for_details(
        self, interaction: Interaction, session_id: int, where: str, *, hours: str | None = None
    ) -> None:
        actor = actor_of(interaction)
        found = await actions.my_details(self.bot, actor, session_id)
        await interaction.response.send_modal(
            forms.details_form(
                words_of(interaction),
                custom_id("detailed", session_id, where),
                found.session,
                found.mine,
                found.usual_mood,
                actor.channels.name_of,
                hours=hours,
            )
        )

    @form("detailed", int, place_pressed)
    async def detailed(self, interaction: Interaction, session_id: int, where: str) -> None:
        words, values = words_of(interaction), form_values(interaction)
        details = actions.Details(
            _guests(values["guests"]), _mood(values["mood"]), values["hours"], values["note"]
        )
        detailed = await actions.add_details(
            self.bot, actor_of(interaction), session_id, details, is_shown=where == ON_CARD
        )
        if where == ON_CARD:
            opener = custom_id("details", session_id, ON_CARD)
            await self._show_on_card(interaction, detailed.answered, opener=opener)
            if text := answers.after_form(words, detailed.answered):
                await say(interaction, text)
        else:
            await say_instead(interaction, answers.down_as(words, detailed.answered))
        await self._say_about_hours(interaction, detailed, values["hours"])

    @press("hours", int, str)
    async def choose_hours(self, interaction: Interaction, session_id: int, chosen: str) -> None:
        """Record the hours that were offered instead of what could not be read."""
        [typed, *_] = unpacked(chosen)
        detailed = await actions.add_hours(self.bot, actor_of(interaction), session_id, typed)
        words = words_of(interaction)
        await say_instead(interaction, answers.down_as(words, detailed.answered))
        await self._say_about_hours(interaction, detailed, typed)

    async def _say_about_hours(
        self, interaction: Interaction, detailed: actions.Detailed, typed: str
    ) -> None:
        """Say what hours could not be read, or were cut."""
        words, session = words_of(interaction), detailed.answered.view.session
        if (problem := detailed.problem) is not None:
            text, buttons = answers.hours_refused(
                words, session, problem.problem, problem.examples, typed
            )
            await say(interaction, text, buttons=buttons)
        elif detailed.is_cut:
            text, buttons = answers.hours_cut(words, detailed.answered)
            await say(interaction, text, buttons=buttons)

    @press("request", int, int, answer_pressed)
    async def decide_request(
        self, interaction: Interaction, session_id: int, user_id: int, answer: Answer
    ) -> None:
        """Record the host's decision on a request to come after the deadline."""
        answered = await actions.decide_request(
            self.bot, actor_of(interaction), session_id, user_id, answer
        )
        await say(interaction, answers.down_for(words_of(interaction), answered, user_id))

    @app_commands.command(
        description=N_("Say whether you're coming, when, with whom and what you're working on")
    )
    @app_commands.guild_only()
    @app_commands.describe(
        jelly=N_("Which jelly"),
        answer=N_("Are you coming?"),
        note=N_("What you're working on, shown on the card; - removes it"),
        guests=N_("How many guests you bring"),
        mood=N_("How you like to work; remembered for next time"),
        hours=N_("When you'll be there, e.g. 10 to 13, or all day"),
        member=N_("Someone else: invite them, or take them off"),
        all_dates=N_("With “member”: invite them to every date of its series"),
    )
    @app_commands.choices(
        answer=[
            app_commands.Choice(name=ANSWER_LABELS[answer], value=answer.value)
            for answer in ANSWERS
        ],
        mood=[
            app_commands.Choice(name=label, value=mood.value) for mood, label in MOOD_LABELS.items()
        ],
    )
    async def rsvp(
        self,
        interaction: Interaction,
        jelly: str,
        answer: app_commands.Choice[str],
        note: app_commands.Range[str, 0, LONGEST_NOTE] | None = None,
        guests: app_commands.Range[int, 0, MOST_GUESTS] | None = None,
        mood: app_commands.Choice[str] | None = None,
        hours: app_commands.Range[str, 0, LONGEST_ATTENDANCE] | None = None,
        member: discord.User | None = None,
        all_dates: bool = False,
    ) -> None:
        actor, words, given = actor_of(interaction), words_of(interaction), Answer(answer.value)
        details = actions.Details(guests, Mood(mood.value) if mood else None, hours, note)
        if member is None or member.id == actor.user_id:
            if all_dates:
                raise Refusal("“all_dates” goes with “member”; answer each date by itself.")
            detailed = await actions.answer_chosen(self.bot, actor, jelly, given, details)
            await say(interaction, answers.down_as(words, detailed.answered))
            await self._say_about_hours(interaction, detailed, hours or "")
            return
        result = await actions.answer_for(
            self.bot, actor, jelly, given, details, person=person_of(member), all_dates=all_dates
        )
        if isinstance(result, actions.Invited):
            await say(interaction, invitations.sent(words, result.jelly, result.user_id))
        else:
            await say(interaction, answers.down_for(words, result, member.id))

    @rsvp.autocomplete("jelly")
    async def _jellies(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        command = "/rsvp member" if interaction.namespace.member else "/rsvp"
        actor = actor_of(interaction)
        return as_choices(await choices.jelly_choices(self.bot, actor, typed, command=command))

    async def _show_on_card(
        self, interaction: Interaction, answered: Answered, *, opener: str = ""
    ) -> None:
        card = card_container(words_for(CHANNEL_LOCALE), answered.view, self.bot.clock.now())
        await answer_on_card(
            interaction, self.bot.mirrors, self.bot.cards, answered.view, card, opener=opener
        )


def _guests(chosen: str) -> int | None:
    """Returns the chosen number of guests; None if none was chosen. Raises Refusal."""
    if not chosen:
        return None
    if not (chosen.isascii() and chosen.isdecimal()):
        raise Refusal("Give the guests as a number, e.g. 1.")
    return int(chosen)


def _mood(chosen: str) -> Mood | None:
    """Returns the chosen mood; None if none was chosen. Raises Refusal."""
    try:
        return Mood(chosen) if chosen else None
    except ValueError as error:
        raise Refusal("Choose one of the moods in the list.") from error


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Rsvps(bot))
