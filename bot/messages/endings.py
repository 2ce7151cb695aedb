"""Questions before something is called off or paused, and what is told afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.language import N_, Words
from bot.messages.buttons import DANGER, Layout, Payload, button, layout, row, text_display
from bot.messages.text import escaped, lines, names, timestamp
from bot.phrases.en import describe
from data.limits import DATES_NAMED
from data.models import Ending, Series, Session, ToEnd, ToPause


def question(words: Words, found: ToEnd) -> Layout:
    """Returns what is asked before a date is skipped or called off, or a series is ended."""
    title = escaped(found.jelly.details.title)
    return layout(
        text_display(
            lines(
                (
                    _question(words, found, title),
                    _dates(words, found) if isinstance(found.jelly, Series) else "",
                    _who_is_told(words, found.others, found.channel_id),
                )
            )
        ),
        row(
            button(
                words(_LABELS[found.ending]),
                "cancel",
                found.ending,
                _number(found.jelly),
                style=DANGER,
            ),
            button(words("Keep it"), "keep"),
        ),
    )


_LABELS = {
    Ending.SKIP: N_("Skip it"),
    Ending.SESSION: N_("Call it off"),
    Ending.SERIES: N_("Call it all off"),
    Ending.END: N_("End it"),
}


def _question(words: Words, found: ToEnd, title: str) -> str:
    match found.ending, found.jelly:
        case Ending.SKIP, Session(starts_at=starts_at):
            return words(
                "Skip **{title}** on {when}? The series goes on.",
                title=title,
                when=timestamp(starts_at, "F"),
            )
        case _, Session(starts_at=starts_at):
            return words(
                "Call off **{title}** on {when}?", title=title, when=timestamp(starts_at, "F")
            )
        case Ending.END, Series(schedule=schedule):
            return words(
                "End **{title}** ({rule}) for good?",
                title=title,
                rule=escaped(words.hours(describe(schedule))),
            )
        case _, Series(schedule=schedule):
            return words(
                "Call off the whole series **{title}** ({rule})?",
                title=title,
                rule=escaped(words.hours(describe(schedule))),
            )


def _number(jelly: Session | Series) -> int:
    return jelly.session_id if isinstance(jelly, Session) else jelly.series_id


def _dates(words: Words, found: ToEnd) -> str:
    if not found.dates:
        return ""
    return words.ngettext(
        "Calls off {count} date: {dates}.",
        "Calls off {count} dates: {dates}.",
        len(found.dates),
        dates=_listed(words, found.dates),
    )


def _listed(words: Words, dates: Sequence[Session]) -> str:
    days = [timestamp(date.starts_at, "D") for date in dates]
    return names(words, days, total=len(days), most=DATES_NAMED)


def _who_is_told(words: Words, others: int, channel_id: int) -> str:
    if not others:
        return words("No one else has said they're coming.")
    return words.ngettext(
        "{count} person besides the host said going or maybe. They'll be told in {channel}.",
        "{count} people besides the host said going or maybe. They'll be told in {channel}.",
        others,
        channel=f"<#{channel_id}>",
    )


def called_off(words: Words, found: ToEnd) -> Layout:
    """Returns that a date or a series is called off, and who is told."""
    told = words("Those who were going are told in {channel}.", channel=f"<#{found.channel_id}>")
    return layout(
        text_display(f"{_done(words, found)} {told}" if found.others else _done(words, found))
    )


def _done(words: Words, found: ToEnd) -> str:
    title = escaped(found.jelly.details.title)
    match found.ending, found.jelly:
        case Ending.SKIP, Session(starts_at=starts_at):
            return words(
                "**{title}** on {when} is skipped. The series goes on.",
                title=title,
                when=timestamp(starts_at, "F"),
            )
        case _, Session(starts_at=starts_at):
            return words(
                "**{title}** on {when} is called off.", title=title, when=timestamp(starts_at, "F")
            )
        case Ending.END, _:
            return words("**{title}** has ended.", title=title)
        case _:
            return words("**{title}** is called off, with all its dates.", title=title)


def kept(words: Words) -> Layout:
    return layout(text_display(words("Nothing's changed. It's still on.")))


def pause_question(words: Words, found: ToPause) -> tuple[str, Payload]:
    """Returns what a pause leaves out, and the button that begins it."""
    title, until = escaped(found.series.details.title), found.until
    asked = (
        words("Pause **{title}** until {day}?", title=title, day=timestamp(until, "D"))
        if until
        else words("Pause **{title}** until you type `/jelly resume`?", title=title)
    )
    skips = words.ngettext(
        "Skips {count} date: {dates}.",
        "Skips {count} dates: {dates}.",
        len(found.dates),
        dates=_listed(words, found.dates),
    )
    ends_at = int(until.timestamp()) if until else 0
    parts = [asked]
    if found.dates:
        parts += [skips, _who_is_told(words, found.others, found.channel_id)]
    return lines(parts), row(
        button(words("Pause it"), "series-pause", found.series.series_id, ends_at, style=DANGER),
        button(words("Keep it going"), "series-go-on", found.series.series_id),
    )


def paused(words: Words, title: str, until: datetime | None) -> str:
    title = escaped(title)
    if until:
        day = timestamp(until, "D")
        return words("**{title}** is paused until {day}.", title=title, day=day)
    return words("**{title}** is paused. Type `/jelly resume` to restart it.", title=title)


def resumed(words: Words, title: str, dates: Sequence[Session]) -> Layout:
    """Returns that a paused series goes on, and when next."""
    text = goes_on(words, title)
    if dates:
        text += " " + words("Next: {when}.", when=timestamp(dates[0].starts_at, "F"))
    return layout(text_display(text))


def goes_on(words: Words, title: str) -> str:
    return words("**{title}** goes on.", title=escaped(title))


def ended(words: Words, title: str) -> str:
    return words(
        "**{title}** has ended. Anyone who may host can start another with `/jelly new`.",
        title=escaped(title),
    )
