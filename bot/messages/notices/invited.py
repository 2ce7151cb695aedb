"""Invitations: to come to a jelly or to all dates of a series, or to host it."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.notices.writing import Buttons, Text, writes
from bot.messages.text import escaped, mention, timestamp
from bot.phrases.en import describe
from data.models import Invitation, InvitationState
from data.outbox.deliveries import Delivery
from data.outbox.kinds import HOST_DECLINED, INVITATION

YES, NO, NOT_FROM_THIS_HOST = "yes", "no", "never"
"""The last argument in the ids of an invitation's buttons."""


@writes(INVITATION)
def invitation(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    asked = delivery.invitation
    if asked is None or asked.state is not InvitationState.OPEN:
        return None
    write = _to_host if asked.to_host else _to_come
    text = write(words, delivery, asked, now)
    if not delivery.is_private:
        text = words("{person}: {question}", person=mention(asked.user_id), question=text)
    return Text(text, _buttons(words, asked))


@writes(HOST_DECLINED)
def host_declined(words: Words, delivery: Delivery, now: datetime) -> Text | None:
    if delivery.invitation is None:
        return None
    asked, host = mention(delivery.invitation.user_id), mention(delivery.host_id)
    if delivery.series is not None:
        title = escaped(delivery.series.details.title)
        return Text(
            words(
                "{asked} can't host **{title}**, so {host} is still its host.",
                asked=asked,
                title=title,
                host=host,
            )
        )
    session = delivery.shown.session
    return Text(
        words(
            "{asked} can't host **{title}** on {when}, so {host} is still its host.",
            asked=asked,
            title=escaped(session.details.title),
            when=timestamp(session.starts_at, "F"),
            host=host,
        )
    )


def _to_host(words: Words, delivery: Delivery, asked: Invitation, now: datetime) -> str:
    if delivery.series is not None:
        return words(
            "{inviter} would like you to host **{title}**: {rule}. Until you say yes, "
            "{host} hosts it.",
            inviter=mention(asked.invited_by),
            title=escaped(delivery.series.details.title),
            rule=escaped(words.hours(describe(delivery.series.schedule, now=now))),
            host=mention(delivery.host_id),
        )
    session = delivery.shown.session
    return words(
        "{inviter} would like you to host **{title}** on {when}. Until you say yes, "
        "{host} hosts it.",
        inviter=mention(asked.invited_by),
        title=escaped(session.details.title),
        when=timestamp(session.starts_at, "F"),
        host=mention(delivery.host_id),
    )


def _to_come(words: Words, delivery: Delivery, asked: Invitation, now: datetime) -> str:
    if delivery.series is not None:
        return words(
            "{host} invites you to every date of **{title}**: {rule}.",
            host=mention(asked.invited_by),
            title=escaped(delivery.series.details.title),
            rule=escaped(words.hours(describe(delivery.series.schedule, now=now))),
        )
    session = delivery.shown.session
    return words(
        "{host} invites you to **{title}** on {when}.",
        host=mention(asked.invited_by),
        title=escaped(session.details.title),
        when=timestamp(session.starts_at, "F"),
    )


def _buttons(words: Words, asked: Invitation) -> Buttons:
    labels = (
        (words("I'll host") if asked.to_host else words("I'm in"), YES),
        (words("No thanks"), NO),
        (words("Not from this host"), NOT_FROM_THIS_HOST),
    )
    # A private message does not say which server it is about, so the id does.
    return tuple(
        (label, "invited", (asked.guild_id, asked.invitation_id, reply)) for label, reply in labels
    )
