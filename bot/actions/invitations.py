"""Answers to invitations, which only the person who was invited can give; and who takes any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.change_log import note
from bot.actions.rights import NOT_SET_UP
from bot.actions.visibility import series_seen, session_seen
from data.channels import settings_of
from data.models import (
    Answer,
    Answered,
    ChangeAction,
    Invitation,
    InvitationState,
    Record,
    Series,
    Session,
    Wish,
)
from data.people import rsvps
from data.people.attendance import record_of
from data.people.invitations import (
    find_invitation,
    owe_word_to_host,
    refuse_host,
    settle,
    take_invitations,
    unanswered_dates,
)
from data.people.members import note_name
from data.people.rsvps import check_open
from data.refusal import Refusal
from data.schedule.find_series import series_ahead
from data.schedule.hosts import hand_over
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Accepted:
    """An invitation that was accepted, and what came of it."""

    invitation: Invitation
    jelly: Session | Series
    answers: list[Answered]
    """The answers to come, one for each date; none if it was to host."""


async def accept(program: Program, actor: Actor, invitation_id: int) -> Accepted:
    """Says yes to an invitation.

    To come, that is a Going to the date, or to each date of the series that is not answered yet; to
    host, the actor is the host from now on.
    """
    now = program.clock.now()

    def change(transaction: Transaction) -> Accepted:
        invitation = _open_invitation(transaction, actor, invitation_id)
        jelly = _jelly_of(transaction, actor, invitation, now)
        settle(transaction, invitation_id, InvitationState.ACCEPTED, now=now)
        if not invitation.to_host:
            return Accepted(invitation, jelly, _come(transaction, actor, jelly, now))
        note_name(transaction, actor.guild_id, actor.user_id, actor.name)
        hand_over(
            transaction,
            jelly,
            actor.user_id,
            moves_rights=invitation.moves_rights,
            has_accepted=True,
            now=now,
        )
        done = ChangeAction.HOST_CHANGED
        note(transaction, actor, done, jelly, about_user_id=actor.user_id, now=now)
        return Accepted(invitation, jelly, [])

    accepted = await program.database.write(change)
    await program.sessions_changed()
    program.messages_owed()
    return accepted


async def decline(
    program: Program, actor: Actor, invitation_id: int, *, refuses_host: bool = False
) -> Invitation:
    """Says no to an invitation; with ``refuses_host`` also to all others from its sender.

    If it was to host, the present host is told privately that they still do.
    """
    now = program.clock.now()

    def change(transaction: Transaction) -> Invitation:
        if refuses_host:
            invitation = _own_invitation(transaction, actor, invitation_id)
            refuse_host(transaction, actor.guild_id, actor.user_id, invitation.invited_by)
            if invitation.state is not InvitationState.OPEN:
                return invitation
        invitation = _open_invitation(transaction, actor, invitation_id)
        settle(transaction, invitation_id, InvitationState.DECLINED, now=now)
        if invitation.to_host:
            owe_word_to_host(transaction, invitation, now=now)
        return invitation

    invitation = await program.database.write(change)
    program.messages_owed()
    return invitation


async def take(program: Program, actor: Actor, *, takes: bool) -> Record:
    """Notes whether the actor takes invitations; returns their record."""

    def change(transaction: Transaction) -> Record:
        if settings_of(transaction, actor.guild_id) is None:
            raise Refusal(NOT_SET_UP)
        take_invitations(transaction, actor.guild_id, actor.user_id, takes=takes)
        return record_of(
            transaction, actor.guild_id, actor.user_id, start=0, now=program.clock.now()
        )

    return await program.database.write(change)


def _open_invitation(transaction: Transaction, actor: Actor, invitation_id: int) -> Invitation:
    """Returns an invitation that the actor has yet to answer. Raises Refusal if it is not that."""
    invitation = _own_invitation(transaction, actor, invitation_id)
    if invitation.state is InvitationState.WITHDRAWN:
        raise _no_such_invitation()
    if invitation.state is not InvitationState.OPEN:
        raise Refusal("You've answered that already. To change your mind, use the card or /rsvp.")
    return invitation


def _own_invitation(transaction: Transaction, actor: Actor, invitation_id: int) -> Invitation:
    """Returns an invitation to the actor, whatever came of it. Raises Refusal if it is not that."""
    invitation = find_invitation(transaction, actor.guild_id, invitation_id)
    if invitation is None or invitation.user_id != actor.user_id:
        raise _no_such_invitation()
    return invitation


def _no_such_invitation() -> Refusal:
    # One sentence for all, so that nobody learns who is invited to what they may not see.
    return Refusal(
        "That invitation isn't for you, or it's no longer open. Type /jellies to see what's on."
    )


def _jelly_of(
    transaction: Transaction, actor: Actor, invitation: Invitation, now: datetime
) -> Session | Series:
    """Returns what an invitation is to. Raises Refusal if it is off, over or hidden by now."""
    if invitation.session_id is None:
        return series_seen(transaction, actor, invitation.series_id or 0)
    session = session_seen(transaction, actor, invitation.session_id)
    check_open(session, now)
    return session


def _come(
    transaction: Transaction, actor: Actor, jelly: Session | Series, now: datetime
) -> list[Answered]:
    if isinstance(jelly, Session):
        sessions = [jelly]
    else:
        unanswered = unanswered_dates(transaction, jelly.series_id, actor.user_id)
        ahead = series_ahead(transaction, jelly.series_id, now=now)
        sessions = [session for session in ahead if session.session_id in unanswered]
    return [
        rsvps.answer(
            transaction,
            guild_id=actor.guild_id,
            session_id=session.session_id,
            user_id=actor.user_id,
            wish=Wish(Answer.GOING),
            name=actor.name,
            is_invited=True,
            now=now,
        )
        for session in sessions
    ]
