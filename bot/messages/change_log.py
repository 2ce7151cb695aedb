"""The change log as organizers and hosts read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.language import N_, Words
from bot.language.typed import shorten
from bot.messages.buttons import Payload
from bot.messages.pages import Line, page
from bot.messages.text import escaped, mention, timestamp
from data.models import WHEN, Change, ChangeAction, Page

_LONGEST = 60
"""Of a title and a place in a line."""
_DONE = {
    ChangeAction.SCHEDULED: N_("{when} {who} scheduled {jelly}"),
    ChangeAction.DATE_ADDED: N_("{when} {who} added a date: {jelly}"),
    ChangeAction.EDITED: N_("{when} {who} edited {jelly}: {fields}"),
    ChangeAction.CALLED_OFF: N_("{when} {who} called off {jelly}"),
    ChangeAction.RESUMED: N_("{when} {who} resumed {jelly}"),
    ChangeAction.ENDED: N_("{when} {who} ended {jelly}"),
    ChangeAction.INVITED: N_("{when} {who} invited {member} to {jelly}"),
    ChangeAction.ADDED: N_("{when} {who} added {member} to {jelly}"),
    ChangeAction.REMOVED: N_("{when} {who} took {member} off {jelly}"),
    ChangeAction.LET_IN: N_("{when} {who} let {member} join {jelly}"),
    ChangeAction.TURNED_DOWN: N_("{when} {who} turned down {member} for {jelly}"),
    ChangeAction.ASKED_TO_HOST: N_("{when} {who} asked {member} to host {jelly}"),
    ChangeAction.HOST_CHANGED: N_("{when} {who} made {member} the host of {jelly}"),
    ChangeAction.SETTINGS: N_("{when} {who} changed the settings: {fields}"),
}
FIELDS = {
    WHEN: N_("when"),
    "title": N_("name"),
    "place": N_("place"),
    "about": N_("about"),
    "host_id": N_("host"),
    "tone": N_("tone"),
    "capacity": N_("seats"),
    "most_guests": N_("guests"),
    "answers_close": N_("when answers close"),
    "channel_id": N_("channel"),
    "zone": N_("time zone"),
    "announce_before": N_("when cards are posted"),
    "reminders": N_("reminders"),
    "host_role_id": N_("who may host"),
    "offer_within": N_("when seats are offered"),
    "offer_for": N_("how long seats are held"),
    "thanks_hosts": N_("monthly thanks"),
    "limits": N_("limits"),
    "is_tidy": N_("tidying"),
    "quiet_hours": N_("quiet hours"),
    "card_role_id": N_("whom new cards mention"),
    "organizers_channel_id": N_("channel for organizers"),
}
"""What people call a detail of a jelly and a setting."""


def change_log(
    words: Words, changes: Page[Change], kept_for: timedelta
) -> tuple[str, list[Payload]]:
    """Returns a page of the log, newest first, and its buttons."""
    if not changes.total:
        return (
            words(
                "Nothing you can look up has changed in the last {days}.",
                days=words.duration(kept_for),
            ),
            [],
        )
    return page(
        words,
        [Line(_line(words, change)) for change in changes.items],
        head=words("### Who changed what"),
        tail=words("-# Kept for {days}. Only you see this.", days=words.duration(kept_for)),
        start=changes.start,
        total=changes.total,
        is_cut=changes.is_cut,
        name="log",
    )


def _line(words: Words, change: Change) -> str:
    said = {
        "when": timestamp(change.made_at, "f"),
        "who": words("someone") if change.made_by is None else mention(change.made_by),
        "jelly": _jelly(words, change),
    }
    match change.action:
        case ChangeAction.MOVED:
            return _move(words, said, change.details)
        case ChangeAction.PAUSED:
            until = change.details.get("until")
            if until is None:
                return words("{when} {who} paused {jelly}", **said)
            return words(
                "{when} {who} paused {jelly} until {day}",
                day=timestamp(_moment(until), "D"),
                **said,
            )
        case ChangeAction.HOST_CHANGED if change.made_by == change.about_user_id:
            return words("{when} {who} agreed to host {jelly}", **said)
        case ChangeAction.CALLED_OFF_ALL:
            return words.ngettext(
                "{when} {who} called off everything by {member}: {count} date",
                "{when} {who} called off everything by {member}: {count} dates",
                change.details.get("dates", 0),
                member=_member(words, change),
                **said,
            )
    names = [words(FIELDS[name]) for name in change.details.get("fields", ()) if name in FIELDS]
    member = _member(words, change)
    fields = words.list(names, "none")
    return words(_DONE[change.action], member=member, fields=fields, **said)


def _member(words: Words, change: Change) -> str:
    return mention(change.about_user_id) if change.about_user_id else words("someone")


def _move(words: Words, said: Mapping[str, str], details: Mapping[str, Any]) -> str:
    if "from_at" not in details:  # deleted with the data of who typed the places
        return words("{when} {who} moved {jelly}", **said)
    before, after = _moment(details["from_at"]), _moment(details["to_at"])
    if before == after:
        return words(
            "{when} {who} moved {jelly} from {place} to {other}",
            place=escaped(shorten(details["from_place"], _LONGEST)),
            other=escaped(shorten(details["to_place"], _LONGEST)),
            **said,
        )
    return words(
        "{when} {who} moved {jelly} from {start} to {other}",
        start=timestamp(before, "f"),
        other=timestamp(after, "f"),
        **said,
    )


def _jelly(words: Words, change: Change) -> str:
    # The title is deleted with the data of who typed it.
    title = escaped(shorten(change.title, _LONGEST)) or words("a jelly")
    if change.starts_at is None:
        return words("**{title}**", title=title)
    return words("**{title}** on {day}", title=title, day=timestamp(change.starts_at, "D"))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
