"""Private previews of what is about to be posted, changed or called off, with their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.language import Words
from bot.language.typed import shorten
from bot.messages.buttons import (
    PRIMARY,
    TEXT,
    Layout,
    Payload,
    button,
    layout,
    packed,
    row,
    text_display,
)
from bot.messages.card import card_container
from bot.messages.impact import impact_text
from bot.messages.text import lines, mention, said, timestamp
from data.limits import LONGEST_CARD, LONGEST_LABEL, LONGEST_SHOWN_RULE, MOST_INSTEAD, SHORT_RULE
from data.models import (
    ChangeImpact,
    Details,
    Draft,
    Occurrence,
    Session,
    SessionView,
)
from data.refusal import Sentence

_SHORT_ABOUT = 100
"""Of a card beside which two versions stand, so that all of it fits into one message."""


class Conflict(NamedTuple):
    """A newer version of what a draft is about, and the author's, as they differ."""

    text: str
    fingerprint: str
    """Of the newer version."""


def draft_preview(
    words: Words,
    draft: Draft,
    view: SessionView,
    *,
    card_words: Words,
    rule: str,
    next_dates: Sequence[Occurrence],
    promised: str,
    shifted: Sequence[Occurrence] = (),
    channel_id: int,
    posted_at: datetime,
    impact: ChangeImpact | None = None,
    asked_host_id: int | None = None,
    conflict: Conflict | None = None,
    problem: Sentence | None = None,
    now: datetime,
) -> Layout:
    """Returns the card as it will look, the rule in words, the next dates, and the buttons.

    ``card_words`` are those of the channel, in which the card is written. ``impact`` is what a
    change of a series affects, ``asked_host_id`` who is asked first whether they will host it.
    ``shifted`` are dates whose hour a clock change skips; of the first one, the card says so.
    ``promised`` is what the button that saves it holds of the dates, ``problem`` why something that
    was typed is left out.
    """
    is_new, rule = draft.target.is_new, words.hours(rule)
    taken = impact.most_taken if impact else view.roster.counts.seats_taken
    facts = [
        _next(words, next_dates) if len(next_dates) > 1 else "",
        *(_shift_note(words, date) for date in shifted if date != next_dates[0]),
        _when_posted(words, channel_id, posted_at, now) if is_new else "",
        _closes_early(words, view.session, posted_at, now),
        _host_asked(words, asked_host_id, view.session.details.host_id),
        _who_may_come(words, draft.details, taken),
        "" if impact is None else impact_text(words, impact),
        words("-# Everyone sees these times in their own zone. Not right? Press Change."),
    ]
    title = words("Here's how it will look:") if is_new else words("With your changes:")
    if problem is not None:
        title = lines((_left_out(words, problem), title))
    if conflict is not None:
        about = shorten(view.session.details.about, _SHORT_ABOUT)
        details = replace(view.session.details, about=about)
        view = replace(view, session=replace(view.session, details=details))
        title = f"{conflict.text}\n\n{title}"
    room = LONGEST_CARD - len(title) - len(lines(facts))
    shown = card_container(
        card_words, view, now, with_buttons=False, longest=room - len(shorten(rule, SHORT_RULE))
    )
    rule = shorten(rule, max(SHORT_RULE, min(LONGEST_SHOWN_RULE, room - _length_of(shown))))
    return layout(
        text_display(title),
        shown,
        text_display(lines((f"**{rule[:1].upper()}{rule[1:]}**", *facts))),
        row(
            _save_button(words, draft, promised, conflict),
            button(words("Change"), "draft-change", draft.draft_id),
            button(words("Seats and tone"), "draft-seats", draft.draft_id),
            _discard_button(words, draft, conflict),
        ),
    )


def _left_out(words: Words, problem: Sentence) -> str:
    return f"{said(words, problem)} {words('Everything else is kept.')}"


def _save_button(words: Words, draft: Draft, promised: str, conflict: Conflict | None) -> Payload:
    """Returns the button that posts or saves a draft, on top of what others changed too."""
    if conflict is not None:
        name, arguments = "draft-over", (draft.draft_id, promised, conflict.fingerprint)
        return button(words("Save mine"), name, *arguments, style=PRIMARY)
    if draft.target.adds_date:
        label = words("Add it")
    else:
        label = words("Schedule it") if draft.target.is_new else words("Save it")
    return button(label, "draft-save", draft.draft_id, promised, style=PRIMARY)


def _discard_button(words: Words, draft: Draft, conflict: Conflict | None) -> Payload:
    label = words("Discard") if conflict is None else words("Discard mine")
    return button(label, "draft-discard", draft.draft_id)


def _shift_note(words: Words, date: Occurrence) -> str:
    return words(
        "The clocks go forward on {day}, so it starts at {time} that day.",
        day=timestamp(date.starts_at, "D"),
        time=timestamp(date.starts_at, "t"),
    )


def _host_asked(words: Words, asked_id: int | None, host_id: int) -> str:
    """Returns that a person is asked first, and who hosts until then; "" if nobody is asked."""
    if asked_id is None:
        return ""
    return words(
        "I'll ask {asked} first. Until they say yes, {host} hosts it.",
        asked=mention(asked_id),
        host=mention(host_id),
    )


def _length_of(container: Payload) -> int:
    """Returns the characters of text in a card."""
    return sum(len(part["content"]) for part in container["components"] if part["type"] == TEXT)


def _next(words: Words, dates: Sequence[Occurrence]) -> str:
    return words("Next: {dates}", dates=" · ".join(timestamp(one.starts_at, "F") for one in dates))


def _when_posted(words: Words, channel_id: int, posted_at: datetime, now: datetime) -> str:
    channel = f"<#{channel_id}>"
    if posted_at <= now:
        return words("I'll post the card in {channel} right away.", channel=channel)
    when = timestamp(posted_at, "F")
    return words("I'll post the card in {channel} on {when}.", channel=channel, when=when)


def _closes_early(words: Words, session: Session, posted_at: datetime, now: datetime) -> str:
    """Returns that answers close before anybody can read the card; "" if they don't."""
    closed_at = session.answers_closed_at()
    if closed_at is None or posted_at <= now or closed_at > posted_at:
        return ""
    return words(
        "**Answers close on {when}, before the card is posted:** set a later deadline "
        "under Seats and tone, or post cards earlier with `/settings`.",
        when=timestamp(closed_at, "F"),
    )


def _who_may_come(words: Words, details: Details, taken: int) -> str:
    """Returns the rule for seats; if more are taken, also that fewer seats remove nobody.

    ``taken`` counts those of the date itself, or of the fullest date of a series.
    """
    rule = _seats_and_guests(words, details)
    if details.capacity is None or taken <= details.capacity:
        return rule
    too_many = words.ngettext(
        "{count} is taken already. No one loses theirs, and no seat is given out until "
        "fewer are taken.",
        "{count} are taken already. No one loses theirs, and no seat is given out until "
        "fewer are taken.",
        taken,
    )
    return f"{rule} {too_many}"


def _seats_and_guests(words: Words, details: Details) -> str:
    seats, most = details.capacity, details.most_guests
    guests = words.ngettext("{count} guest", "{count} guests", most)
    if seats is None and most:
        return words("No seat limit, and each member may bring {guests}.", guests=guests)
    if seats is None:
        return words("No seat limit, no guests.")
    if most:
        return words.ngettext(
            "{count} seat, and each member may bring {guests}.",
            "{count} seats, and each member may bring {guests}.",
            seats,
            guests=guests,
        )
    return words.ngettext(
        "{count} seat, no guests.",
        "{count} seats, no guests.",
        seats,
    )


def seats_refused(words: Words, draft_id: int, reason: Sentence, typed: Sequence[str]) -> Layout:
    """Returns why seats and tone can't be as they were typed, with the button to change that."""
    again = packed(typed, "draft-seats-again", draft_id)
    return layout(
        text_display(said(words, reason)),
        row(
            button(words("Seats and tone"), "draft-seats-again", draft_id, again, style=PRIMARY),
            button(words("Discard"), "draft-discard", draft_id),
        ),
    )


def draft_refused(
    words: Words,
    draft: Draft,
    reason: Sentence,
    *,
    instead: Sequence[str] = (),
    conflict: Conflict | None = None,
    problem: Sentence | None = None,
) -> Layout:
    """Returns why a draft could not be read, with buttons for another try; the draft is kept.

    ``instead`` are phrases that can be read, one button each.
    """
    so_far = (
        words("-# Nothing's posted yet.")
        if draft.target.is_new
        else words("-# Nothing's changed yet.")
    )
    meanwhile = "" if conflict is None else f"{conflict.text}\n"
    read = [
        button(shorten(words.hours(phrase), LONGEST_LABEL), "draft-read", draft.draft_id, index)
        for index, phrase in enumerate(instead[:MOST_INSTEAD])
    ]
    return layout(
        text_display(
            lines(
                (
                    meanwhile,
                    said(words, reason),
                    "" if problem is None else _left_out(words, problem),
                    so_far,
                )
            )
        ),
        *([row(*read)] if read else []),
        row(
            button(words("Change"), "draft-change", draft.draft_id, style=PRIMARY),
            _discard_button(words, draft, conflict),
        ),
    )
