"""What's on: the next dates, each with buttons to answer it from the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from bot.language import Words
from bot.language.typed import has_markup, shorten
from bot.messages.buttons import (
    SECONDARY,
    SUCCESS,
    Layout,
    Payload,
    button,
    divider,
    layout,
    row,
    text_display,
)
from bot.messages.card import ANSWER_LABELS, going_label
from bot.messages.counts import BETWEEN, coming_and_seats
from bot.messages.failures import failed
from bot.messages.lists import facts_of, nothing_on
from bot.messages.pages import page_buttons, rest
from bot.messages.text import card_link, escaped, lines, timestamp, whole_lines
from data.models import AgendaItem, Answer, DeliveryState, Page
from data.outbox.deliveries import Problem

_LONGEST_FAILED = 1100
"""Of what did not arrive, so that the message has room for the dates."""
_LONGEST_TITLE = 60
_WITHOUT_BRACKETS = str.maketrans("[]", "()")


class Which(StrEnum):
    """The list that a date is answered from, and that is shown again afterwards."""

    AGENDA = "agenda"
    """``/jellies``."""
    PLAN = "list"
    """``/jelly list``, which also says what went wrong."""


def agenda(words: Words, page: Page[AgendaItem], now: datetime) -> Layout:
    """Returns a page of the dates ahead, the member's own first, with buttons to answer them."""
    if not page.total:
        return layout(text_display(nothing_on(words)))
    return _layout(words, Which.AGENDA, page, now, head=words("### What's on"))


def plan(
    words: Words,
    page: Page[AgendaItem],
    now: datetime,
    *,
    problems: Sequence[Problem],
    may_retry: bool,
    series: int,
) -> Layout:
    """Returns the same after what went wrong, with buttons for the series and for another try."""
    head = _failed(words, problems)
    more: list[Payload] = []
    if series:
        label = words.ngettext("{count} series", "{count} series", series)
        more.append(button(label, "series-page", 0))
    if may_retry:
        more.append(button(words("Try again"), "retry"))
    if not page.total:
        nothing = (
            words("Nothing's planned for the next few weeks.")
            if series or problems
            else nothing_on(words)
        )
        return layout(text_display(lines((head, nothing))), *([row(*more)] if more else []))
    head = lines((head, words("### What's on")))
    return _layout(words, Which.PLAN, page, now, head=head, more=more)


def _layout(
    words: Words,
    which: Which,
    page: Page[AgendaItem],
    now: datetime,
    *,
    head: str,
    more: Sequence[Payload] = (),
) -> Layout:
    parts = [text_display(head)]
    for item in page.items:
        parts += [
            text_display(_date(words, item, now, tells_card=which is Which.PLAN)),
            row(*_answers(words, which, item, page.start, now)),
            divider(),
        ]
    end = page.start + len(page.items)
    more = [*page_buttons(words, page.start, end, page.total, f"{which}-page"), *more]
    if not page.items:
        parts.append(text_display(words("There's nothing more here now.")))
    elif not more:
        parts.pop()  # nothing follows the last date
    if note := rest(words, page.total - end, page.total, is_cut=page.is_cut):
        parts.append(text_display(note))
    if more:
        parts.append(row(*more))
    return layout(*parts)


def _date(words: Words, item: AgendaItem, now: datetime, *, tells_card: bool) -> str:
    """Returns a date: what, when, where, how many come, and the member's answer."""
    session = item.session
    when = words(
        "{when} ({relative}), {place}",
        when=timestamp(session.starts_at, "F"),
        relative=timestamp(session.starts_at, "R"),
        place=escaped(session.details.place),
    )
    facts = [coming_and_seats(words, session, now)]
    if tells_card and item.card is None:
        facts.append(words("no card yet"))
    mine = words("-# You: {answer}", answer=_my_answer(words, item, now)) if item.mine else ""
    return lines((f"**{_title(words, item)}**", when, BETWEEN.join(facts), mine))


def _answers(
    words: Words, which: Which, item: AgendaItem, start: int, now: datetime
) -> list[Payload]:
    """Returns the buttons by which a date is answered; the member's present answer is green."""
    session = item.session
    offered = [Answer.GOING, Answer.DECLINED]
    if not session.has_begun(now):
        offered.insert(1, Answer.MAYBE)
    present = None if item.mine is None else item.mine.answer
    going = words(ANSWER_LABELS[Answer.GOING])
    if present not in (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED):
        going = going_label(words, session, session.counts, now)
    labels = {answer: words(ANSWER_LABELS[answer]) for answer in offered} | {Answer.GOING: going}
    return [
        button(
            labels[answer],
            "list-rsvp",
            session.session_id,
            answer,
            which,
            start,
            style=SUCCESS if answer is present else SECONDARY,
        )
        for answer in offered
    ]


def _my_answer(words: Words, item: AgendaItem, now: datetime) -> str:
    assert item.mine is not None  # the caller looked
    facts = facts_of(words, item.mine, item.session.schedule.zone, item.place)
    if item.mine.asked_again and not item.session.has_begun(now):
        facts.append(words("yet to confirm the new time"))
    return words.list(facts, "none")


def _title(words: Words, item: AgendaItem) -> str:
    """Returns a title that opens the card."""
    session = item.session
    title = shorten(session.details.title, _LONGEST_TITLE)
    if item.card is not None and item.card.channel_id is not None:
        link = card_link(session.guild_id, item.card.channel_id, item.card.remote_id)
        if has_markup(title):  # which Discord does not show in the text of a link
            return words("{title} ([card]({link}))", title=escaped(title), link=link)
        # A bracket would end the link's text, escaped or not.
        return f"[{escaped(title.translate(_WITHOUT_BRACKETS))}]({link})"
    return escaped(title)


def _failed(words: Words, problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    parts = failed(words, problems)
    if any(problem.state is DeliveryState.FAILED for problem in problems):
        parts.append(words("Fix what's missing, then press **Try again**."))
    return whole_lines(words, parts, longest=_LONGEST_FAILED)
