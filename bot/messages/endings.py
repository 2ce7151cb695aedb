"""Questions before something is called off or paused, and what is told afterwards."""

from __future__ import annotations

from datetime import datetime

from bot.language import Words
from bot.messages.buttons import DANGER, Layout, Payload, button, layout, row, text_display
from bot.messages.text import escaped, lines, timestamp
from data.models import Series, Session


def cancel_session_question(words: Words, session: Session, others: int, channel_id: int) -> Layout:
    return _question(
        words,
        words(
            "Call off **{title}** on {when}?",
            title=escaped(session.details.title),
            when=timestamp(session.starts_at, "F"),
        ),
        _who_is_told(words, others, channel_id),
        button(words("Call it off"), "cancel", "session", session.session_id, style=DANGER),
    )


def cancel_series_question(
    words: Words, series: Series, rule: str, dates: int, channel_id: int
) -> Layout:
    return _question(
        words,
        words(
            "Call off the whole series **{title}** ({rule})?",
            title=escaped(series.details.title),
            rule=escaped(rule),
        ),
        words.ngettext(
            "{count} date ahead will be called off, and those who are going are told in {channel}.",
            "{count} dates ahead will be called off, and those who are going are told in "
            "{channel}.",
            dates,
            channel=f"<#{channel_id}>",
        ),
        button(words("Call it all off"), "cancel", "series", series.series_id, style=DANGER),
    )


def called_off(words: Words, found: Session | Series) -> Layout:
    title = escaped(found.details.title)
    if isinstance(found, Session):
        text = words(
            "**{title}** on {when} is called off. Those who were going are told in the channel.",
            title=title,
            when=timestamp(found.starts_at, "F"),
        )
    else:
        text = words(
            "**{title}**, with all its dates ahead, is called off. Those who were going are told "
            "in the channel.",
            title=title,
        )
    return layout(text_display(text))


def kept(words: Words) -> Layout:
    return layout(text_display(words("Nothing is changed; the jelly goes ahead.")))


def _question(words: Words, question: str, consequence: str, yes: Payload) -> Layout:
    return layout(
        text_display(lines((question, consequence))),
        row(yes, button(words("Keep it"), "keep")),
    )


def _who_is_told(words: Words, others: int, channel_id: int) -> str:
    if not others:
        return words("No one else has said they're coming.")
    return words.ngettext(
        "{count} person besides the host said going or maybe, and will be told in {channel}.",
        "{count} people besides the host said going or maybe, and will be told in {channel}.",
        others,
        channel=f"<#{channel_id}>",
    )


def pause_question(
    words: Words, series: Series, dates: int, until: datetime | None
) -> tuple[str, Payload]:
    """Returns what a pause leaves out, and the button that begins it."""
    title = escaped(series.details.title)
    question = (
        words("Pause **{title}** until {day}?", title=title, day=timestamp(until, "D"))
        if until
        else words("Pause **{title}** until you type `/jelly resume`?", title=title)
    )
    consequence = words.ngettext(
        "{count} date so far will be left out, and those who are going are told.",
        "{count} dates so far will be left out, and those who are going are told.",
        dates,
    )
    ends_at = int(until.timestamp()) if until else 0
    return lines((question, consequence)), row(
        button(words("Pause it"), "series-pause", series.series_id, ends_at, style=DANGER),
        button(words("Keep it going"), "series-go-on", series.series_id),
    )


def paused(words: Words, title: str, until: datetime | None) -> str:
    title = escaped(title)
    if until:
        day = timestamp(until, "D")
        return words("**{title}** is paused. It goes on from {day}.", title=title, day=day)
    return words("**{title}** is paused. Type `/jelly resume` to go on.", title=title)


def goes_on(words: Words, title: str) -> str:
    return words("**{title}** goes on.", title=escaped(title))


def ended(words: Words, title: str) -> str:
    return words(
        "**{title}** has ended. Anybody who may host can start anew with `/jelly new`.",
        title=escaped(title),
    )
