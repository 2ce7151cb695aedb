"""Answers: the buttons on a card, the details of an answer, ``/rsvp`` and ``/jellies``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import answer_on_card, form, form_values, guild_of, press, say, say_instead
from bot.messages import answers, forms, lists
from bot.messages.buttons import custom_id
from bot.messages.card import ANSWER_LABELS, IN_PRIVATE, MOOD_LABELS, ON_CARD, card_container
from bot.messages.text import lines, one_line
from bot.phrases.en import AttendanceNotUnderstood, read_attendance
from bot.rights import check
from cogs.choices import session_choices, session_id_of
from cogs.readings import not_understood
from data.limits import AGENDA_SHOWN, LONGEST_ATTENDANCE, LONGEST_NOTE, MOST_GUESTS
from data.models import Answer, Answered, Mood, Rsvp, Session
from data.people import rsvps
from data.people.members import find_member
from data.people.rsvps import Stay, Wish, open_session, rsvp_of_member
from data.refusal import Refusal
from data.store.transaction import Transaction

NO_NOTE = "-"


def answer_pressed(text: str) -> Answer:
    """Returns the answer in a button's id. Raises ValueError if members can't give it."""
    answer = Answer(text)
    if answer not in rsvps.ANSWERS:
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
        answered = await self._take(interaction, session_id, Wish(answer), asks_mood=True)
        await self._show_on_card(interaction, answered)
        if (private := answers.follow_up(answered, self.bot.clock.now())) is not None:
            text, buttons = private
            await say(interaction, text, buttons=buttons)

    @press("reply", int, answer_pressed)
    async def answer_notice(
        self, interaction: Interaction, session_id: int, answer: Answer
    ) -> None:
        """Record an answer pressed under a notice; the card is refreshed separately."""
        answered = await self._take(interaction, session_id, Wish(answer))
        self._follow_by_itself(answered)
        await say(interaction, lines((answers.run_out(answered), answers.down_as(answered))))

    @press("mood", int, Mood)
    async def choose_mood(self, interaction: Interaction, session_id: int, mood: Mood) -> None:
        answered = await self._take(interaction, session_id, Wish(mood=mood))
        self._follow_by_itself(answered)
        text, buttons = answers.mood_noted(answered, mood)
        await say_instead(interaction, text, buttons=buttons)

    @press("details", int, place_pressed)
    async def ask_for_details(self, interaction: Interaction, session_id: int, where: str) -> None:
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.bot.clock.now()

        def query(transaction: Transaction) -> tuple[Session, Rsvp | None, Mood | None]:
            session = open_session(transaction, guild_id, session_id, now)
            member = find_member(transaction, guild_id, user_id)
            mine = rsvp_of_member(transaction, session_id, user_id)
            return session, mine, None if member is None else member.mood

        session, mine, usual = await self.bot.database.read(query)
        form_id = custom_id("detailed", session_id, where)
        await interaction.response.send_modal(forms.details_form(form_id, session, mine, usual))

    @form("detailed", int, place_pressed)
    async def detailed(self, interaction: Interaction, session_id: int, where: str) -> None:
        values = form_values(interaction)
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.bot.clock.now()

        def change(transaction: Transaction) -> tuple[Answered, str]:
            session = open_session(transaction, guild_id, session_id, now)
            mine = rsvp_of_member(transaction, session_id, user_id)
            stay, problem = None, ""
            try:
                stay = _stay(values["hours"], session)
            except Refusal as refusal:
                problem = str(refusal)  # the rest of the form is still saved
            # A member who gives details means to come.
            comes = mine is None or mine.answer is Answer.DECLINED
            wish = Wish(
                Answer.GOING if comes else None,
                guests=_guests(values["guests"]),
                mood=_mood(values["mood"]),
                stay=stay,
                note=one_line(values["note"]),
            )
            return self._answer(transaction, interaction, session_id, wish, now), problem

        answered, problem = await self.bot.database.write(change)
        self._ring_if_owed(answered)
        if where == ON_CARD:
            opener = custom_id("details", session_id, ON_CARD)
            await self._show_on_card(interaction, answered, opener=opener)
            if text := answers.after_form(answered):
                await say(interaction, text)
        else:
            self.bot.mirrors.touch(session_id)
            await say_instead(interaction, answers.down_as(answered))
        if problem:
            text, buttons = answers.partly_saved(answered.view.session, problem)
            await say(interaction, text, buttons=buttons)

    @press("request", int, int, answer_pressed)
    async def decide_request(
        self, interaction: Interaction, session_id: int, user_id: int, answer: Answer
    ) -> None:
        """Record the host's decision on a request to come after the deadline."""
        answered = await self.bot.database.write(
            lambda t: self._answer_for(
                t, interaction, session_id, user_id, Wish(answer), name="", asked=True
            )
        )
        self._follow_by_itself(answered)
        await say_instead(interaction, answers.down_for(answered, user_id))

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.rename(which="session")
    @app_commands.describe(
        which="Which jelly",
        answer="Are you coming?",
        note="What you are working on, shown on the card while you are going; - takes it off",
        guests="How many guests you bring",
        mood="How you like to work; remembered for the next time",
        hours="When you will be there, such as: 10 to 13; or: all day",
        member="For somebody else; for the host and organizers",
    )
    @app_commands.choices(
        answer=[
            app_commands.Choice(name=ANSWER_LABELS[answer], value=answer.value)
            for answer in rsvps.ANSWERS
        ],
        mood=[
            app_commands.Choice(name=label, value=mood.value) for mood, label in MOOD_LABELS.items()
        ],
    )
    async def rsvp(
        self,
        interaction: Interaction,
        which: str,
        answer: app_commands.Choice[str],
        note: app_commands.Range[str, 0, LONGEST_NOTE] | None = None,
        guests: app_commands.Range[int, 0, MOST_GUESTS] | None = None,
        mood: app_commands.Choice[str] | None = None,
        hours: app_commands.Range[str, 0, LONGEST_ATTENDANCE] | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Say whether you are coming to a jelly, with whom, when and what you work on"""
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        if member is not None and member.bot:
            raise Refusal("Bots work from home; choose a person.")

        def change(transaction: Transaction) -> Answered:
            session_id = session_id_of(transaction, guild_id, which, now)
            wish = Wish(
                Answer(answer.value),
                guests=guests,
                mood=Mood(mood.value) if mood else None,
                note=None if note is None else _note(note),
            )
            if hours is not None:
                session = open_session(transaction, guild_id, session_id, now)
                wish = replace(wish, stay=_stay(hours, session))
            if member is not None and member.id != interaction.user.id:
                return self._answer_for(
                    transaction, interaction, session_id, member.id, wish, name=member.display_name
                )
            return self._answer(transaction, interaction, session_id, wish, now)

        answered = await self.bot.database.write(change)
        self._follow_by_itself(answered)
        if member is not None and member.id != interaction.user.id:
            await say(interaction, answers.down_for(answered, member.id))
        else:
            await say(interaction, answers.down_as(answered))

    @rsvp.autocomplete("which")
    async def _which(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(self.bot, guild_of(interaction), typed)

    @app_commands.command()
    @app_commands.guild_only()
    async def jellies(self, interaction: Interaction) -> None:
        """See what is on, and what you answered"""
        await self._show_agenda(interaction)

    @press("agenda")
    async def show_agenda(self, interaction: Interaction) -> None:
        await self._show_agenda(interaction)

    async def _show_agenda(self, interaction: Interaction) -> None:
        items = await self.bot.database.read(
            lambda t: rsvps.agenda(
                t,
                guild_id=guild_of(interaction),
                user_id=interaction.user.id,
                now=self.bot.clock.now(),
                limit=AGENDA_SHOWN,
            )
        )
        await say(interaction, lists.agenda(items))

    async def _take(
        self, interaction: Interaction, session_id: int, wish: Wish, *, asks_mood: bool = False
    ) -> Answered:
        now = self.bot.clock.now()
        answered = await self.bot.database.write(
            lambda t: self._answer(t, interaction, session_id, wish, now, asks_mood=asks_mood)
        )
        self._ring_if_owed(answered)
        return answered

    def _answer(
        self,
        transaction: Transaction,
        interaction: Interaction,
        session_id: int,
        wish: Wish,
        now: datetime,
        *,
        asks_mood: bool = False,
    ) -> Answered:
        return rsvps.answer(
            transaction,
            guild_id=guild_of(interaction),
            session_id=session_id,
            user_id=interaction.user.id,
            wish=wish,
            name=interaction.user.display_name,
            asks_mood=asks_mood,
            now=now,
        )

    def _answer_for(
        self,
        transaction: Transaction,
        interaction: Interaction,
        session_id: int,
        user_id: int,
        wish: Wish,
        *,
        name: str,
        asked: bool = False,
    ) -> Answered:
        """Answer for another member; with ``asked``, only while that member's request is open."""
        now = self.bot.clock.now()
        guild_id = guild_of(interaction)
        session = open_session(transaction, guild_id, session_id, now)
        what = "request" if asked else "/rsvp member"
        check(interaction, session, name=what)
        if asked:
            mine = rsvp_of_member(transaction, session_id, user_id)
            if mine is None or mine.answer is not Answer.REQUESTED:
                raise Refusal("That is settled already; /headcount session shows who is coming.")
        return rsvps.answer_for(
            transaction,
            guild_id=guild_id,
            session_id=session_id,
            user_id=user_id,
            wish=wish,
            name=name,
            answered_by=interaction.user.id,
            now=now,
        )

    async def _show_on_card(
        self, interaction: Interaction, answered: Answered, *, opener: str = ""
    ) -> None:
        card = card_container(answered.view, self.bot.clock.now())
        await answer_on_card(
            interaction, self.bot.mirrors, self.bot.cards, answered.view, card, opener=opener
        )

    def _follow_by_itself(self, answered: Answered) -> None:
        self.bot.mirrors.touch(answered.view.session.session_id)
        self._ring_if_owed(answered)

    def _ring_if_owed(self, answered: Answered) -> None:
        if answered.owes_now:
            self.bot.alarm.ring()


def _note(typed: str) -> str:
    note = one_line(typed)
    return "" if note == NO_NOTE else note


def _guests(chosen: str) -> int | None:
    """Returns the chosen number of guests; None if none was chosen. Raises Refusal."""
    if not chosen:
        return None
    if not (chosen.isascii() and chosen.isdecimal()):
        raise Refusal("Say how many guests with a number, such as 1.")
    return int(chosen)


def _mood(chosen: str) -> Mood | None:
    """Returns the chosen mood; None if none was chosen. Raises Refusal."""
    try:
        return Mood(chosen) if chosen else None
    except ValueError as error:
        raise Refusal("Choose one of the moods in the list.") from error


def _stay(typed: str, session: Session) -> Stay:
    """Returns the typed hours of a member. Raises Refusal with what to type."""
    try:
        visit = read_attendance(
            typed,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            zone=session.schedule.zone,
        )
    except AttendanceNotUnderstood as error:
        raise not_understood(error) from error
    return Stay() if visit is None else Stay(*visit)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Rsvps(bot))
