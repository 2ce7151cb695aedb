"""Private previews of what is about to be posted, changed or called off, with their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages.buttons import (
    DANGER,
    PRIMARY,
    Layout,
    Payload,
    button,
    layout,
    row,
    text_display,
)
from bot.messages.card import card_container
from bot.messages.text import count, escaped, lines, shorten, timestamp
from data.limits import LONGEST_CARD, LONGEST_LABEL, LONGEST_READ_PHRASE, MOST_INSTEAD
from data.models import (
    ChangeImpact,
    Details,
    Draft,
    Occurrence,
    Roster,
    Series,
    Session,
    SessionView,
    Target,
)


def draft_preview(
    draft: Draft,
    view: SessionView,
    *,
    rule: str,
    next_dates: Sequence[Occurrence],
    channel_id: int,
    posted_at: datetime,
    impact: ChangeImpact | None = None,
    now: datetime,
) -> Layout:
    """Returns the card as it will look, the rule in words, the next dates, and the buttons.

    ``impact`` is what a change of a series affects.
    """
    is_new = draft.target == Target()
    first = next_dates[0]
    when_posted = "right away" if posted_at <= now else f"on {timestamp(posted_at, 'F')}"
    rule = shorten(rule, LONGEST_READ_PHRASE)
    facts = [
        f"**{rule[:1].upper()}{rule[1:]}**",
        "Next: " + " · ".join(timestamp(date.starts_at, "F") for date in next_dates)
        if len(next_dates) > 1
        else "",
        *(_shift_note(date) for date in next_dates if date.shifted),
        f"The card goes to <#{channel_id}> {when_posted}." if is_new else "",
        _who_may_come(
            draft.details, impact.most_taken if impact else view.roster.counts.seats_taken
        ),
        "" if impact is None else _what_follows(impact),
        "-# Each reader sees these times in their own zone. Not right? Press Change.",
    ]
    save = button(
        "Post it" if is_new else "Save it",
        "draft-save",
        draft.draft_id,
        int(first.starts_at.timestamp()),
        style=PRIMARY,
    )
    title = "This is how it will look:" if is_new else "This is how it will look then:"
    room = LONGEST_CARD - len(title) - len(lines(facts))
    return layout(
        text_display(title),
        card_container(view, now, with_buttons=False, longest=room),
        text_display(lines(facts)),
        row(
            save,
            button("Change", "draft-change", draft.draft_id),
            button("Seats and tone", "draft-seats", draft.draft_id),
        ),
    )


def _what_follows(impact: ChangeImpact) -> str:
    """Returns how many dates and people a change of a series affects."""
    parts = [f"{count(impact.dates, 'date')} ahead {'follows' if impact.dates == 1 else 'follow'}"]
    if impact.going:
        people = count(impact.going, "person", "people")
        parts.append(f"with {people} going, who are told where the time or place changes")
    text = ", ".join(parts) + "."
    if impact.exceptions:
        one = impact.exceptions == 1
        text += (
            f" {count(impact.exceptions, 'date')} changed by "
            f"{'itself stays as it is' if one else 'themselves stay as they are'}."
        )
    return text


def _who_may_come(details: Details, taken: int) -> str:
    """Returns the rule for seats; if more are taken, also that fewer seats remove nobody.

    ``taken`` counts those of the date itself, or of the fullest date of a series.
    """
    guests = count(details.most_guests, "guest") if details.most_guests else "no guests"
    seats = "Room for everybody" if details.capacity is None else count(details.capacity, "seat")
    rule = f"{seats}; each member may bring {guests}."
    if details.capacity is None or taken <= details.capacity:
        return rule
    return (
        f"{rule} {taken} are taken already: nobody is thrown out, and no seat is "
        "given away until fewer are taken."
    )


def draft_refused(draft: Draft, reason: str, *, instead: Sequence[str] = ()) -> Layout:
    """Returns why a draft could not be read, with buttons for another try; the draft is kept.

    ``instead`` are phrases that can be read, one button each.
    """
    so_far = "posted" if draft.target == Target() else "changed"
    return layout(
        text_display(f"{escaped(reason)}\n-# Nothing is {so_far} yet."),
        row(
            *(
                button(shorten(phrase, LONGEST_LABEL), "draft-read", draft.draft_id, index)
                for index, phrase in enumerate(instead[:MOST_INSTEAD])
            ),
            button("Change", "draft-change", draft.draft_id, style=PRIMARY),
        ),
    )


def posted(
    title: str, *, first: datetime, rule: str, channel_id: int, posted_at: datetime, now: datetime
) -> Layout:
    """Returns the confirmation after posting: the first date, and when the card is posted."""
    when_posted = (
        f"Its card is on its way to <#{channel_id}>."
        if posted_at <= now
        else f"Its card goes to <#{channel_id}> on {timestamp(posted_at, 'F')}."
    )
    parts = (
        f"**{escaped(title)}** is scheduled, first on {timestamp(first, 'F')}."
        if rule
        else f"**{escaped(title)}** is scheduled for {timestamp(first, 'F')}.",
        f"It repeats {escaped(rule)}." if rule else "",
        when_posted,
        "-# To change it or call it off, type `/jelly edit` or `/jelly cancel`.",
    )
    return layout(text_display(lines(parts)))


def unchanged(title: str) -> Layout:
    text = f"**{escaped(title)}** is as it was: nothing in it is different."
    return layout(text_display(text))


def saved(title: str, sessions: Sequence[Session]) -> Layout:
    """Returns the result of a change."""
    text = f"**{escaped(title)}** is changed."
    if sessions:
        text += f" Next: {timestamp(sessions[0].starts_at, 'F')}."
    consequence = "-# Cards follow in a moment. Those going are told if the time or place changed."
    return layout(text_display(lines((text, consequence))))


def cancel_session_question(view: SessionView, channel_id: int) -> Layout:
    session = view.session
    return _question(
        f"Call off **{escaped(session.details.title)}** on {timestamp(session.starts_at, 'F')}?",
        _who_is_told(view.roster, channel_id),
        button("Call it off", "cancel", "session", session.session_id, style=DANGER),
    )


def cancel_series_question(series: Series, rule: str, dates: int, channel_id: int) -> Layout:
    return _question(
        f"Call off the whole series **{escaped(series.details.title)}** ({escaped(rule)})?",
        f"{count(dates, 'date')} ahead will be called off, and those who are going are told "
        f"in <#{channel_id}>.",
        button("Call it all off", "cancel", "series", series.series_id, style=DANGER),
    )


def called_off(found: Session | Series) -> Layout:
    what = f"**{escaped(found.details.title)}**"
    if isinstance(found, Session):
        what += f" on {timestamp(found.starts_at, 'F')}"
    else:
        what += ", with all its dates ahead,"
    return layout(
        text_display(f"{what} is called off. Those who were going are told in the channel.")
    )


def kept() -> Layout:
    return layout(text_display("Nothing is changed; the jelly goes ahead."))


def _question(question: str, consequence: str, yes: Payload) -> Layout:
    return layout(
        text_display(lines((question, consequence))),
        row(yes, button("Keep it", "keep")),
    )


def _who_is_told(roster: Roster, channel_id: int) -> str:
    if not roster.counts.going and not roster.counts.maybe:
        return "Nobody has said they are coming."
    going = count(roster.counts.going, "person is", "people are")
    return f"{going} going, and will be told in <#{channel_id}>."


def _shift_note(date: Occurrence) -> str:
    return (
        f"The clocks change on that day: {timestamp(date.starts_at, 'D')} starts at "
        f"{timestamp(date.starts_at, 't')}."
    )


def date_added(session: Session) -> Layout:
    return layout(
        text_display(
            f"**{escaped(session.details.title)}** has one more date: "
            f"{timestamp(session.starts_at, 'F')}. Its card follows in good time."
        )
    )


def pause_question(series: Series, dates: int, until: datetime | None) -> tuple[str, Payload]:
    """Returns what a pause leaves out, and the button that begins it."""
    how_long = f"until {timestamp(until, 'D')}" if until else "until you type `/jelly resume`"
    text = lines(
        (
            f"Pause **{escaped(series.details.title)}** {how_long}?",
            f"{count(dates, 'date')} so far will be left out, and those who are going are told.",
        )
    )
    ends_at = int(until.timestamp()) if until else 0
    return text, row(
        button("Pause it", "series-pause", series.series_id, ends_at, style=DANGER),
        button("Keep it going", "series-go-on", series.series_id),
    )


def paused(title: str, until: datetime | None) -> str:
    if until:
        return f"**{escaped(title)}** is paused. It goes on from {timestamp(until, 'D')}."
    return f"**{escaped(title)}** is paused. Type `/jelly resume` to go on."


def goes_on(title: str) -> str:
    return f"**{escaped(title)}** goes on."


def ended(title: str) -> str:
    return f"**{escaped(title)}** has ended. Anybody who may host can start anew with `/jelly new`."
