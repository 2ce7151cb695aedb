"""What organizers see before and after they call off everything by one person."""

from __future__ import annotations

from bot.language import Words
from bot.messages.buttons import DANGER, Layout, button, layout, row, text_display
from bot.messages.text import escaped, lines, mention, timestamp
from data.limits import CALLED_OFF_AT_ONCE
from data.models import ByPerson


def call_off_by_question(words: Words, ahead: ByPerson) -> Layout:
    """Returns what calling off everything by a person would mean, and the button for it."""
    text = lines(
        (
            words("Call off everything by {member}?", member=mention(ahead.user_id)),
            _ahead_by(words, ahead),
            *_first_of(words, ahead),
            words("Those going are told. Their open previews and invitations are withdrawn."),
        )
    )
    buttons = row(
        button(words("Call it all off"), "cancel-by", ahead.user_id, style=DANGER),
        button(words("Keep it"), "keep"),
    )
    return layout(text_display(text), buttons)


def called_off_by(words: Words, dates: int, left: ByPerson) -> Layout:
    """Returns how many dates by a person are called off, and a button for the rest."""
    text = words.ngettext(
        "{count} date by {member} is called off. Those who were going are told.",
        "{count} dates by {member} are called off. Those who were going are told.",
        dates,
        member=mention(left.user_id),
    )
    if not left.dates and not left.series:
        return layout(text_display(text))
    rest = words("Still ahead: {dates}.", dates=_ahead_by(words, left))
    more = button(words("Call off the rest"), "cancel-by", left.user_id, style=DANGER)
    return layout(text_display(lines((text, rest))), row(more))


def _ahead_by(words: Words, ahead: ByPerson) -> str:
    if ahead.dates > CALLED_OFF_AT_ONCE:
        dates = words.ngettext(
            "more than {count} date", "more than {count} dates", CALLED_OFF_AT_ONCE
        )
    else:
        dates = words.ngettext("{count} date", "{count} dates", ahead.dates)
    if not ahead.series:
        return dates
    return words.ngettext(
        "{dates}, {count} whole series among them",
        "{dates}, {count} whole series among them",
        ahead.series,
        dates=dates,
    )


def _first_of(words: Words, ahead: ByPerson) -> list[str]:
    named = [
        words(
            "{when} **{title}**",
            when=timestamp(session.starts_at, "F"),
            title=escaped(session.details.title),
        )
        for session in ahead.first
    ]
    left = min(ahead.dates, CALLED_OFF_AT_ONCE) - len(named)
    if left > 0:
        named.append(words.ngettext("-# and {count} more", "-# and {count} more", left))
    return named
