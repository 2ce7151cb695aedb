"""Modal forms."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.language import N_, Words
from bot.language.typed import ChannelName, fitting, in_names
from bot.messages.buttons import custom_id
from bot.messages.card import MOOD_LABELS
from bot.messages.modals import Field, channel_field, choice_field, modal, text_field
from bot.phrases.en import describe_attendance, describe_duration
from data.limits import (
    LONGEST_ABOUT,
    LONGEST_ATTENDANCE,
    LONGEST_CLOSE_TYPED,
    LONGEST_FIELD_DESCRIPTION,
    LONGEST_FORM_TITLE,
    LONGEST_NOTE,
    LONGEST_PLACE,
    LONGEST_TITLE,
    LONGEST_TYPED_PHRASE,
    LONGEST_ZONE,
    MOST_GUESTS,
)
from data.models import Details, Mood, Rsvp, Session, Tone

TONES = {
    Tone.QUIET: N_("Quiet: heads-down work"),
    Tone.MIXED: N_("Mixed: some of both"),
    Tone.SOCIAL: N_("Social: for company"),
}

WHEN_EXAMPLES = "every tuesday 10:00 · thursday 09:30 to 16:00 · dec 3 10:00"
"""Phrases that can be typed, so they are in no catalogue."""


def jelly_form(
    words: Words, form_id: str, title: str, details: Details, phrase: str
) -> discord.ui.Modal:
    """Returns the form for what, when, where, host and description, filled in as far as known."""
    as_read = words.hours(phrase)
    if max(len(phrase), len(as_read)) <= LONGEST_TYPED_PHRASE:
        phrase = as_read
    return modal(
        title,
        form_id,
        text_field(words("What"), "what", details.title, longest=LONGEST_TITLE),
        text_field(
            words("When"),
            "when",
            phrase,
            longest=LONGEST_TYPED_PHRASE,
            placeholder=words.hours(WHEN_EXAMPLES),
        ),
        text_field(words("Where"), "where", details.place, longest=LONGEST_PLACE),
        discord.ui.Label(
            text=words("Host"),
            component=discord.ui.UserSelect(
                custom_id="host",
                default_values=[discord.Object(details.host_id, type=discord.User)],
            ),
        ),
        text_field(
            words("Good to know"), "about", details.about, longest=LONGEST_ABOUT, required=False
        ),
    )


SEATS_FIELDS = ("tone", "seats", "guests", "close")
"""The fields of the form for seats and tone."""


def seats_typed(details: Details) -> list[str]:
    """Returns seats and tone as they would be typed or chosen, in the order of SEATS_FIELDS."""
    closes = details.answers_close
    return [
        details.tone,
        "" if details.capacity is None else str(details.capacity),
        str(details.most_guests),
        "" if closes is None else describe_duration(closes),
    ]


def seats_form(words: Words, form_id: str, typed: Sequence[str]) -> discord.ui.Modal:
    """Returns the form for what a host may decide about who comes, filled as SEATS_FIELDS say."""
    tone, seats, guests, closes = typed
    return modal(
        words("Seats and tone"),
        form_id,
        choice_field(
            words("Tone"),
            "tone",
            [(tone, words(label)) for tone, label in TONES.items()],
            tone,
        ),
        text_field(
            words("Seats"),
            "seats",
            seats,
            longest=4,
            required=False,
            description=words("People and guests. Leave empty for no limit."),
        ),
        text_field(
            words("Guests each member may bring"),
            "guests",
            guests,
            longest=1,
            description=words("0 to {most}. Guests take seats too.", most=MOST_GUESTS),
        ),
        text_field(
            words("Answers close before the start"),
            "close",
            closes,
            longest=LONGEST_CLOSE_TYPED,
            required=False,
            placeholder="1 day",
            description=words("After that, people ask the host. Leave empty to keep answers open."),
        ),
    )


def details_form(
    words: Words,
    form_id: str,
    session: Session,
    mine: Rsvp | None,
    usual_mood: Mood | None,
    channel_name: ChannelName,
    *,
    hours: str | None = None,
) -> discord.ui.Modal:
    """Returns the form for the details of an answer: mood, hours, guests and note.

    ``hours`` are those that were typed and could not be read.
    """
    details, zone = session.details, session.schedule.zone
    mood = (mine.mood if mine else None) or usual_mood
    if hours is None and mine and mine.arrives_at is not None and mine.leaves_at is not None:
        hours = words.hours(describe_attendance(mine.arrives_at, mine.leaves_at, zone))
    guests = mine.guests if mine else 0
    whole_time = words.hours(describe_attendance(session.starts_at, session.ends_at, zone))
    fields = [
        choice_field(
            words("How do you like to work?"),
            "mood",
            [(one, words(label)) for one, label in MOOD_LABELS.items()],
            mood,
            description=words("Remembered for your next jelly here."),
        ),
        text_field(
            words("When will you be there?"),
            "hours",
            hours or "",
            longest=LONGEST_ATTENDANCE,
            required=False,
            placeholder="10 to 13",
            description=fitting(
                LONGEST_FIELD_DESCRIPTION,
                lambda hours: words("Leave empty for the whole time: {hours}", hours=hours),
                whole_time,
            ),
        ),
    ]
    most = max(details.most_guests, guests)
    if most:
        fields.append(
            choice_field(
                words("Guests you bring"),
                "guests",
                [(str(number), _guests(words, number)) for number in range(most + 1)],
                str(guests),
            )
        )
    fields.append(
        text_field(
            words("Working on, can help, stuck on"),
            "note",
            mine.note if mine else "",
            longest=LONGEST_NOTE,
            required=False,
            description=words("Shown on the card. Leave empty to remove."),
        )
    )
    title = fitting(
        LONGEST_FORM_TITLE,
        lambda title: words("Coming to {title}", title=title),
        in_names(details.title, channel_name),
    )
    return modal(title, form_id, *fields)


def _guests(words: Words, number: int) -> str:
    return (
        words.ngettext("{count} guest", "{count} guests", number) if number else words("no guests")
    )


def setup_form(words: Words, draft_id: int, channel_id: int, zone: str) -> discord.ui.Modal:
    """Returns the form for the two settings that have no default."""
    return modal(
        words("First, two things to set up"),
        custom_id("setup", draft_id),
        *channel_and_zone(words, channel_id, zone),
    )


def channel_and_zone(words: Words, channel_id: int, zone: str) -> list[Field]:
    """Returns the fields of the two settings that have no default."""
    return [
        channel_field(
            words("Channel for jellies"),
            "channel",
            channel_id,
            description=words("Cards and reminders are posted there."),
        ),
        text_field(
            words("Time zone"),
            "zone",
            zone,
            longest=LONGEST_ZONE,
            placeholder="Europe/London",
            description=words("A city or region. Times that people type are read in this zone."),
        ),
    ]
