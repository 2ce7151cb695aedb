"""The host's lists of a session: to tick off who was there, and to take members off the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import discord

from bot.language import Words
from bot.language.typed import shorten
from bot.messages.buttons import (
    Layout,
    Payload,
    button,
    custom_id,
    layout,
    row,
    text_display,
)
from bot.messages.exports import display_name
from bot.messages.text import escaped, mention, timestamp
from data.limits import CORRECTABLE_FOR, LONGEST_OPTION, MOST_OPTIONS
from data.models import Rsvp, SessionState, SessionView

FIRST_PAGE = 0
PARTS = 4
"""Selections on one page."""
PER_PAGE = MOST_OPTIONS * PARTS


def host_buttons(words: Words, view: SessionView, now: datetime) -> list[Payload]:
    """Returns the host's buttons under a headcount at this moment."""
    session = view.session
    session_id = session.session_id
    on = session.state is SessionState.SCHEDULED
    buttons = []
    if on and session.has_begun(now) and now < session.ends_at + CORRECTABLE_FOR:
        buttons.append(button(words("Check people in"), "roll", session_id, FIRST_PAGE))
    if on and not session.is_over(now):
        buttons.append(button(words("Take someone off"), "take-off", session_id))
    return [
        *buttons,
        button(words("Table (CSV)"), "export-table", session_id),
        button(words("List to copy"), "export-list", session_id),
    ]


def roll(words: Words, view: SessionView, names: Mapping[int, str], page: int) -> Layout:
    """Returns a page of the list of everybody who may have come, to be ticked off."""
    session = view.session
    people = _expected(view)
    pages = max(1, -(-len(people) // PER_PAGE))
    page %= pages
    there = sum(1 for rsvp in people if rsvp.came)
    title, when = escaped(session.details.title), timestamp(session.starts_at, "F")
    if people:
        heading = words.ngettext(
            "**{title}**, {when}: {count} of {all} checked in. Choose everyone who was there.",
            "**{title}**, {when}: {count} of {all} checked in. Choose everyone who was there.",
            there,
            all=len(people),
            title=title,
            when=when,
        )
    else:
        heading = words("**{title}**, {when}: no one said they'd come.", title=title, when=when)
    items: list[Payload] = [text_display(heading)]
    for part in range(PARTS):
        chosen = part_of(view, page, part)
        if chosen:
            items.append(
                row(
                    discord.ui.Select(
                        custom_id=custom_id("ticked", session.session_id, page, part),
                        placeholder=words.ngettext(
                            "Not this {count} person",
                            "None of these {count} people",
                            len(chosen),
                        ),
                        min_values=0,
                        max_values=len(chosen),
                        options=[_option(words, rsvp, names, ticked=True) for rsvp in chosen],
                    )
                )
            )
    if pages > 1:
        following = (page + 1) % pages
        items.append(
            row(
                # The first page gets the number after the last, so that it replaces this message.
                button(
                    words.ngettext(
                        "Next {count} (page {page} of {pages})",
                        "Next {count} (page {page} of {pages})",
                        PER_PAGE,
                        page=following + 1,
                        pages=pages,
                    ),
                    "roll",
                    session.session_id,
                    following or pages,
                )
            )
        )
    return layout(*items)


def part_of(view: SessionView, page: int, part: int) -> Sequence[Rsvp]:
    """Returns the people in one selection of a page."""
    first = page * PER_PAGE + part * MOST_OPTIONS
    return _expected(view)[first : first + MOST_OPTIONS]


def take_off(
    words: Words, view: SessionView, names: Mapping[int, str], *, taken_off: int | None = None
) -> Layout:
    """Returns the list of everybody with a seat or a place in line, to take one of them off."""
    session, roster = view.session, view.roster
    people = [*roster.going, *roster.waiting, *roster.requested, *roster.maybe][:PER_PAGE]
    title, when = escaped(session.details.title), timestamp(session.starts_at, "F")
    if taken_off is None:
        question = words(
            "**{title}**, {when}: who comes off the list? They'll be told in the channel.",
            title=title,
            when=when,
        )
    else:
        question = words(
            "{member} is off the list for **{title}**, {when}. Anyone else?",
            member=mention(taken_off),
            title=title,
            when=when,
        )
    parts = [question]
    if not people:
        parts.append(words("No one's on it now."))
    if len(people) == PER_PAGE:
        parts.append(
            words.ngettext(
                "Only the first {count} is listed. For the others, use `/rsvp` with `member`.",
                "Only the first {count} are listed. For the others, use `/rsvp` with `member`.",
                PER_PAGE,
            )
        )
    items: list[Payload] = [text_display("\n".join(parts))]
    for part in range(PARTS):
        chosen = people[part * MOST_OPTIONS : (part + 1) * MOST_OPTIONS]
        if chosen:
            items.append(
                row(
                    discord.ui.Select(
                        custom_id=custom_id("taken-off", session.session_id, part),
                        placeholder=words("Choose one person"),
                        options=[_option(words, rsvp, names) for rsvp in chosen],
                    )
                )
            )
    return layout(*items)


def _expected(view: SessionView) -> list[Rsvp]:
    """Returns everybody who may have come, those going first; declined only if they arrived."""
    roster = view.roster
    unexpected = (rsvp for rsvp in roster.declined if rsvp.came)
    return [*roster.going, *roster.waiting, *roster.requested, *roster.maybe, *unexpected]


def _option(
    words: Words, rsvp: Rsvp, names: Mapping[int, str], *, ticked: bool = False
) -> discord.SelectOption:
    guests = f" +{rsvp.guests}" if rsvp.guests else ""
    return discord.SelectOption(
        label=shorten(display_name(words, rsvp.user_id, names), LONGEST_OPTION - 3) + guests,
        value=str(rsvp.user_id),
        default=ticked and rsvp.came,
    )
