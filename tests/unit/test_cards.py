"""Whatever and however many people typed, Discord accepts it and it says what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simcord.components import walk_components

from bot.language import ENGLISH, Words, words_for
from bot.language.typed import one_line, paragraphs
from bot.messages import failures, lists, whats_on
from bot.messages.card import card
from bot.messages.conflicts import both_versions
from bot.messages.notices import notice, notice_buttons
from bot.messages.notices.writing import WRITERS
from bot.messages.previews import Conflict, draft_preview
from bot.messages.text import escaped
from data.limits import (
    DATES_ON_A_PAGE,
    LONGEST_ABOUT,
    LONGEST_CARD,
    LONGEST_NOTE,
    LONGEST_READ_PHRASE,
    MENTIONS_PER_MESSAGE,
    MOST_GUESTS,
    MOST_IN_ROW,
    NAMES_GOING,
    NAMES_MAYBE,
)
from data.models import (
    WHEN,
    AgendaItem,
    Answer,
    ChangeImpact,
    Concerned,
    Counts,
    DeliveryState,
    Details,
    Draft,
    Figures,
    Hours,
    Mirror,
    MirrorKind,
    Mood,
    Occurrence,
    Page,
    Roster,
    Rsvp,
    Schedule,
    Series,
    Session,
    SessionState,
    SessionView,
    Target,
    Tone,
)
from data.outbox.deliveries import Delivery, Problem
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.kinds import (
    ANNOUNCEMENT,
    CANCELLED,
    KINDS,
    MOVED,
    NEWCOMER,
    OFFER,
    ON_BEHALF,
    QUESTION,
    REMINDER,
    REQUEST,
    SUMMARY,
    UNDECIDED,
    Kind,
)
from data.schedule.sessions import longest_of
from tests.moments import HOUR, MONDAY, THURSDAY_10
from tests.pseudo_language import PSEUDO

HOST = 10**18
NOON = THURSDAY_10 + 2 * HOUR
MARK = 4711

nasty = st.text(
    st.one_of(
        st.sampled_from("*_~`|>#-[]()<@&!:/\\\n\u202e\u200b\u2066\ufeff🎉שלום1.+"),
        st.characters(exclude_categories=["Cs"]),
    )
)

LANGUAGES = pytest.mark.parametrize(
    "words", [words_for(ENGLISH), PSEUDO], ids=["english", "longer"]
)


def _typed(longest: int, *, least: int = 1) -> st.SearchStrategy[str]:
    lines = st.one_of(
        nasty,
        st.sampled_from(["*" * longest, "@everyone " * 99, "<@1><@&2><#3>" * 50, "g\n" * 500]),
    )
    return lines.map(lambda text: one_line(text)[:longest]).filter(lambda text: len(text) >= least)


def _details(text: Callable[[int], str], **others: Any) -> Details:  # noqa: ANN401  of any field
    """Returns details with ``text`` of so many characters in every field that is a text."""
    texts = {
        field.name: text(longest_of(field.name)) for field in fields(Details) if field.type == "str"
    }
    return Details(**{"host_id": HOST, **texts, **others})


@st.composite
def views(draw: st.DrawFn) -> SessionView:
    def people(answer: Answer, first: int) -> tuple[tuple[Rsvp, ...], int]:
        count = draw(st.sampled_from([0, 1, 7, 24, 120, 5000]))
        notes = draw(st.lists(_typed(LONGEST_NOTE, least=0), min_size=1, max_size=5))
        guests = draw(st.sampled_from([0, 1, MOST_GUESTS]))
        by = draw(st.sampled_from([None, HOST]))
        mood = draw(st.sampled_from([None, *Mood]))
        hours = draw(st.sampled_from([(None, None), (starts, starts + timedelta(minutes=1))]))
        offer = MONDAY + timedelta(hours=1) if answer is Answer.WAITLISTED else None
        came = draw(st.sampled_from([None, starts]))
        shown = tuple(
            Rsvp(
                10**18 + first + n,
                answer,
                notes[n % len(notes)],
                n,
                False,
                guests,
                mood,
                *hours,
                by,
                offer,
                came,
            )
            for n in range(min(count, 60))
        )
        return shown, count

    starts = MONDAY + draw(st.timedeltas(timedelta(days=-2), timedelta(days=60)))
    starts = starts.replace(second=0, microsecond=0)
    going, going_count = people(Answer.GOING, 1000)
    waiting, waiting_count = people(Answer.WAITLISTED, 2000)
    requested, requested_count = people(Answer.REQUESTED, 5000)
    maybe, maybe_count = people(Answer.MAYBE, 10_000)
    declined, declined_count = people(Answer.DECLINED, 100_000)
    length = draw(st.timedeltas(timedelta(minutes=1), timedelta(hours=24)))
    stays = [
        Hours(starts + length * n / 9, starts + length * (n + 1) / 9, going_count // 5)
        for n in range(draw(st.integers(0, 5)))
    ]
    counts = Counts(
        going=going_count,
        guests=sum(rsvp.guests for rsvp in going),
        waiting=waiting_count,
        offered_seats=draw(st.integers(0, 3)),
        requested=requested_count,
        maybe=maybe_count,
        declined=declined_count,
        heads_down=going_count // 3,
        chatty=going_count // 4,
        here=going_count // 2,
        came=draw(st.sampled_from([0, going_count])),
    )
    return SessionView(
        Session(
            session_id=draw(st.integers(1, 2**63 - 1)),
            guild_id=10**18,
            channel_id=10**18,
            series_id=None,
            recurrence_id=None,
            is_exception=False,
            details=replace(
                _details(lambda longest: draw(_typed(longest))),
                about=paragraphs(draw(nasty))[:LONGEST_ABOUT],
                tone=draw(st.sampled_from(Tone)),
                capacity=draw(st.sampled_from([None, 1, 10, 1000])),
                most_guests=draw(st.integers(0, MOST_GUESTS)),
                answers_close=draw(
                    st.sampled_from([None, timedelta(minutes=1), timedelta(days=28)])
                ),
            ),
            created_by=HOST,
            schedule=Schedule("UTC", starts.replace(tzinfo=None), timedelta(hours=3)),
            starts_at=starts,
            ends_at=starts + length,
            state=draw(st.sampled_from(SessionState)),
            version=1,
            counts=counts,
        ),
        Roster(
            going=going,
            waiting=waiting,
            requested=requested,
            maybe=maybe,
            declined=declined,
            counts=counts,
            hours=tuple(stays),
        ),
    )


@LANGUAGES
@given(views())
def test_every_card_is_one_that_discord_takes(words: Words, view: SessionView) -> None:
    sent = card(words, view, MONDAY).to_components()
    parts: list[dict[str, Any]] = list(walk_components(sent))
    texts = [str(part["content"]) for part in parts if part["type"] == 10]
    assert len(parts) <= 40
    assert sum(len(text) for text in texts) <= 4000
    assert all(text.strip() for text in texts)
    for part in parts:
        if part["type"] == 2:
            assert len(part["custom_id"]) <= 100
            assert part["label"]
    _mentions_only(view, "\n".join(texts))


@LANGUAGES
def test_the_fullest_card_with_the_worst_text_is_one_that_discord_takes(words: Words) -> None:
    """Every character of it is escaped, and everybody has guests and was added by another."""
    added = [
        Rsvp(2**63 - 1, answer, "*" * LONGEST_NOTE, number, guests=9, answered_by=2**63 - 1)
        for answer, most in ((Answer.GOING, NAMES_GOING), (Answer.MAYBE, NAMES_MAYBE))
        for number in range(most)
    ]
    going, maybe = tuple(added[:NAMES_GOING]), tuple(added[NAMES_GOING:])
    counts = Counts(going=9999, maybe=9999, declined=9999, waiting=9999, guests=9999)
    details = _details(lambda longest: "*" * longest, tone=Tone.QUIET, capacity=1000)
    session = Session(
        session_id=2**63 - 1,
        guild_id=2**63 - 1,
        channel_id=2**63 - 1,
        series_id=None,
        recurrence_id=None,
        is_exception=False,
        details=details,
        created_by=HOST,
        schedule=Schedule("UTC", NOON.replace(tzinfo=None), timedelta(hours=24)),
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=24),
        state=SessionState.SCHEDULED,
        version=1,
        counts=counts,
    )
    hours = tuple(Hours(NOON, NOON + timedelta(hours=1 + n), 1) for n in range(12))
    view = SessionView(session, Roster(going, maybe=maybe, counts=counts, hours=hours))
    draft = Draft(2**63 - 1, 2**63 - 1, HOST, Target(series_id=2**63 - 1), "", details, "")
    dates = [Occurrence(NOON.replace(tzinfo=None), NOON, NOON + 24 * HOUR, shifted=True)] * 3
    many = Concerned(9999, 9999, 9999)
    theirs = _details(lambda longest: "_" * longest, tone=Tone.SOCIAL, capacity=999)
    both = both_versions(
        words,
        theirs,
        details,
        dates=("r" * LONGEST_READ_PHRASE, "s" * LONGEST_READ_PHRASE),
        changed=[WHEN, *(field.name for field in fields(Details))],
    )
    previews = [
        draft_preview(
            words,
            draft,
            view,
            card_words=words,
            rule="r" * LONGEST_READ_PHRASE,
            next_dates=dates,
            promised="1" * 40,
            channel_id=2**63 - 1,
            posted_at=NOON,
            impact=ChangeImpact(many, many, many, 9999, 9999, 9999),
            conflict=conflict,
            now=MONDAY,
        )
        for conflict in (None, Conflict(both, "f" * 8))
    ]
    for shown in (card(words, view, MONDAY), *previews):
        parts: list[dict[str, Any]] = list(walk_components(shown.to_components()))
        assert sum(len(str(part["content"])) for part in parts if part["type"] == 10) <= 4000


def test_every_kind_of_message_has_its_writer() -> None:
    assert WRITERS.keys() | {ANNOUNCEMENT} == set(KINDS.values())


def test_every_kind_of_message_is_called_something_where_it_did_not_arrive() -> None:
    assert failures.MESSAGES.keys() == set(KINDS.values())


@LANGUAGES
@given(
    views(),
    st.sampled_from([kind for kind in KINDS.values() if kind is not ANNOUNCEMENT]),
    st.integers(0, 3),
)
def test_every_notice_is_one_that_discord_takes(
    words: Words, view: SessionView, kind: Kind, part: int
) -> None:
    title = view.session.details.title
    late = DeliveryError(ErrorCode.TOO_LATE)
    problem = Problem(1, ON_BEHALF, DeliveryState.EXPIRED, 1, False, MONDAY, late, title, 1)
    delivery = Delivery(
        delivery_id=1,
        kind=kind,
        owner=view.session.owner,
        channel_id=1,
        is_private=kind.is_private,
        part=part if kind is REMINDER else 0,
        previous_at=MONDAY,
        previous_place=view.session.details.place,
        useful_until=MONDAY,
        is_outdated=False,
        attempts=1,
        first_try_at=MONDAY,
        people=_people(view.roster, kind),
        nonce_session_id=view.session.session_id,
        view=view,
        series=_series_of(view) if kind is QUESTION else None,
        card=_card_of(view),
        figures=Figures(datetime(2026, 11, 1), 9, 4, 31, tuple(range(HOST, HOST + 50))),  # noqa: DTZ001  a month on the wall
        problems=(problem,) * 9,
    )
    owed = notice(words, delivery, MONDAY)
    if owed is None:
        return
    assert 0 < len(owed.content) <= 2000
    assert len(owed.mentioned) <= MENTIONS_PER_MESSAGE
    _mentions_only(view, owed.content)
    buttons = notice_buttons(words, owed, MARK)["components"]
    assert [part.get("id") for part in buttons] == [MARK] + [None] * (len(buttons) - 1)
    assert 1 <= len(buttons) <= MOST_IN_ROW


def _card_of(view: SessionView) -> Mirror:
    owner, version = view.session.owner, view.session.version
    return Mirror(1, MirrorKind.CARD, owner, 10**18, 10**18 + 1, version, version)


def _series_of(view: SessionView) -> Series:
    session = view.session
    return Series(
        2**63 - 1,
        session.guild_id,
        session.channel_id,
        session.details,
        session.created_by,
        session.schedule,
        1,
        MONDAY,
        None,
        None,
    )


def _people(roster: Roster, kind: Kind) -> tuple[Rsvp, ...]:
    """Returns those that a message is for, as the store would choose them."""
    if kind is REQUEST:
        return roster.requested[:1]
    if kind is UNDECIDED:
        return roster.maybe[:MENTIONS_PER_MESSAGE]
    if kind is OFFER:
        return roster.waiting[:MENTIONS_PER_MESSAGE]
    if kind is NEWCOMER:
        return roster.going
    if kind is SUMMARY:
        return roster.everybody()
    if kind in (MOVED, CANCELLED):
        return (*roster.going, *roster.waiting)[:MENTIONS_PER_MESSAGE]
    if kind is REMINDER:
        return (*roster.going, *roster.maybe)[-MENTIONS_PER_MESSAGE:]
    return roster.going[:MENTIONS_PER_MESSAGE]


@LANGUAGES
@given(views())
def test_every_list_fits_into_one_message(words: Words, view: SessionView) -> None:
    for shows_hours in (False, True):
        shown, _ = lists.headcount(
            words,
            view,
            shows_hours=shows_hours,
            first_timers={rsvp.user_id for rsvp in view.roster.going},
            now=MONDAY,
        )
        assert len(shown) <= 2000
    mine = Rsvp(1, Answer.WAITLISTED, "n" * LONGEST_NOTE, guests=9, mood=Mood.EITHER)
    items = [AgendaItem(view.session, mine, 1000, _card_of(view))] * DATES_ON_A_PAGE
    agenda = whats_on.agenda(words, Page(items, 5, 25), MONDAY)
    parts = list(walk_components(agenda.to_components()))
    assert len(parts) <= 40
    assert sum(len(part.get("content", "")) for part in parts) <= LONGEST_CARD


@LANGUAGES
@given(nasty)
def test_what_was_typed_can_neither_mention_nor_format(words: Words, text: str) -> None:
    shown = re.sub(r"(?a:<#\d{1,20}>|<a?:\w{2,32}:\d{1,20}>)", "", escaped(text))
    assert not re.search(r"<(@|#|/|:|a:|t:|id:)", shown)
    assert (
        not re.search(r"(?<!\\)(\*|`|~|_(?!\S*://))", re.sub(r"https?://\S+", "", shown))
        or "://" in text
    )
    assert "@everyone" not in shown
    assert "@here" not in shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two   words \n", "two words"),
        ("Zażółć 🎉👩‍💻", "Zażółć 🎉👩‍💻"),
        ("שלום עולם", "שלום עולם"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("a\u0000b\u200bc", "abc"),
    ],
)
def test_invisible_characters_go_and_letters_stay(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


@pytest.mark.parametrize("typed", ["# Big", "- item", "> quote", "-# small", "1. one", "* star"])
def test_a_line_cannot_pretend_to_be_markup(typed: str) -> None:
    assert escaped(typed).startswith(("\\", "1\\"))


def _mentions_only(view: SessionView, text: str) -> None:
    """Asserts that only people who answered and the host are mentioned, whatever was typed."""
    roster = view.roster
    thanked = range(HOST, HOST + 50)
    known = {HOST, *thanked, *(rsvp.user_id for rsvp in roster.everybody())}
    assert {int(found) for found in re.findall(r"<@!?(\d+)>", text)} <= known
    assert "<@&" not in text
    assert "@everyone" not in text
