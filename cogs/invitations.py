"""The buttons of an invitation, in private messages and in channels."""

from __future__ import annotations

from bot.actions import invitations
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import press, say, say_instead, words_instead, words_of
from bot.members import actor_in
from bot.messages import invitations as messages
from bot.messages.notices.invited import NO, NOT_FROM_THIS_HOST, YES


def reply_pressed(text: str) -> str:
    """Returns the reply in a button's id. Raises ValueError if there is no such reply."""
    if text not in (YES, NO, NOT_FROM_THIS_HOST):
        raise ValueError(text)
    return text


class Invitations(JellyCog):
    @press("invited", int, int, reply_pressed)
    async def answer(
        self, interaction: Interaction, guild_id: int, invitation_id: int, reply: str
    ) -> None:
        actor, words = await actor_in(interaction, guild_id), words_of(interaction)
        if reply == YES:
            accepted = await invitations.accept(self.bot, actor, invitation_id)
            text = (
                messages.hosting(words, accepted.jelly)
                if accepted.invitation.to_host
                else messages.accepted(words, accepted.jelly, accepted.answers)
            )
        elif reply == NO:
            await invitations.decline(self.bot, actor, invitation_id)
            text = messages.declined(words)
        else:
            refused = await invitations.decline(self.bot, actor, invitation_id, refuses_host=True)
            text = messages.host_refused(words, refused.invited_by)
        if interaction.guild_id is None:
            await say_instead(interaction, text)
        else:
            await say_instead(interaction, messages.settled(words_instead(interaction)))
            await say(interaction, text)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Invitations(bot))
