"""What jellies are called in lists of choices: all of it seen, and no two alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.language import words_for
from bot.language.names import Names
from bot.language.typed import folded, shorten
from bot.phrases.en import describe, read
from data.characters import beginning
from data.limits import LONGEST_CHOICE, LONGEST_PLACE, LONGEST_TITLE, MOST_CHOICES
from data.models import NOBODY, Details, Schedule, Series, Session, SessionState
from tests.moments import MONDAY, THURSDAY_10, WEEK

ROBIN, SAM, UNKNOWN = 1, 2, 3
HOSTS = {ROBIN: "Robin", SAM: "Sam"}
FAMILY, FLAG = "👩‍👩‍👧‍👦", "🇩🇪"
NAMES = Names(words_for("en"), lambda channel_id: f"channel-{channel_id}", HOSTS)

PARTS = st.sampled_from(
    [
        "Jelly",
        "jelly ",
        "Café",
        "Cafe\u0301",
        FAMILY,
        FLAG,
        "🎉",
        "פגישה",
        "قهوة",
        "x" * 40,
        " · #1",
    ]
)
TITLES = st.lists(PARTS, min_size=1, max_size=9).map(lambda parts: "".join(parts)[:LONGEST_TITLE])
PLACES = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "".join(parts)[:LONGEST_PLACE])
RULES = ("every thursday 10-16", "every 2nd and 4th thursday and last friday of the month 9:30-16")


def session(title: str = "Jelly", place: str = "The Alb", host_id: int = ROBIN) -> Session:
    return Session(
        session_id=1,
        guild_id=1,
        channel_id=1,
        series_id=None,
        recurrence_id=None,
        is_exception=False,
        created_by=host_id,
        version=1,
        details=Details(title, place, "", host_id),
        schedule=Schedule("UTC", datetime(2026, 11, 26, 10), timedelta(hours=6)),  # noqa: DTZ001
        starts_at=THURSDAY_10,
        ends_at=THURSDAY_10 + timedelta(hours=6),
        state=SessionState.SCHEDULED,
        counts=NOBODY,
    )


def series(
    title: str = "Jelly", place: str = "The Alb", host_id: int = ROBIN, rule: str = RULES[0]
) -> Series:
    return Series(
        series_id=1,
        guild_id=1,
        channel_id=1,
        created_by=host_id,
        version=1,
        details=Details(title, place, "", host_id),
        schedule=read(rule, zone="UTC", now=MONDAY),
        confirmed_at=datetime(2026, 11, 1, tzinfo=UTC),
        paused_from=None,
        paused_until=None,
    )


HOSTING = st.sampled_from([ROBIN, SAM, UNKNOWN, -5])
JELLIES = st.one_of(
    st.builds(session, TITLES, PLACES, HOSTING),
    st.builds(series, TITLES, PLACES, HOSTING, st.sampled_from(RULES)),
)


@given(st.lists(JELLIES, max_size=MOST_CHOICES), st.data())
def test_every_list_has_names_that_are_seen_whole_and_differ(
    jellies: list[Session | Series], data: st.DataObject
) -> None:
    if jellies:
        jellies += data.draw(st.lists(st.sampled_from(jellies), max_size=10))
    names = NAMES.all_apart(jellies)
    assert len({folded(name) for name in names}) == len(jellies)
    for name in names:
        assert 0 < len(name) <= LONGEST_CHOICE
        # Text from right to left turns nothing beside it around.
        assert name.count("\u2068") == name.count("\u2069")
        assert not regex.search(r"\p{Bidi_Class=R}|\p{Bidi_Class=AL}", _without_isolates(name))


def _without_isolates(name: str) -> str:
    return regex.sub("\u2068[^\u2069]*\u2069", "", name)


def test_a_jelly_unlike_all_others_has_nothing_added() -> None:
    names = NAMES.all_apart([session(), session("Other"), series()])
    assert names == [
        "Jelly · Thu 26 Nov 2026, 10:00",
        "Other · Thu 26 Nov 2026, 10:00",
        f"All dates of Jelly · {describe(series().schedule)}",
    ]


@pytest.mark.parametrize(
    ("jellies", "expected"),
    [
        ([("The Alb", ROBIN), ("The Shrew", ROBIN)], ["The Alb", "The Shrew"]),
        ([("The Alb", ROBIN), ("The Alb", SAM)], ["Robin", "Sam"]),
        ([("The Alb", ROBIN), ("THE ALB", ROBIN)], ["#1", "#2"]),
        ([("The Alb", ROBIN), ("The Alb", UNKNOWN)], ["Robin", ""]),
        (
            [("The Alb", ROBIN), ("The Shrew", ROBIN), ("The Alb", SAM), ("The Alb", SAM)],
            ["The Alb · Robin", "The Shrew", "The Alb · Sam · #1", "The Alb · Sam · #2"],
        ),
    ],
)
def test_jellies_that_read_alike_are_told_apart_by_place_then_host_then_a_number(
    jellies: list[tuple[str, int]], expected: list[str]
) -> None:
    date = "Thu 26 Nov 2026, 10:00"
    names = NAMES.all_apart([session("Jelly", place, host) for place, host in jellies])
    assert names == [" · ".join(filter(None, ("Jelly", date, ending))) for ending in expected]
    rule = f"All dates of Jelly · {describe(series().schedule)}"
    names = NAMES.all_apart([series("Jelly", place, host) for place, host in jellies])
    assert names == [" · ".join(filter(None, (rule, ending))) for ending in expected]


def test_what_tells_jellies_apart_is_seen_also_beside_a_long_title() -> None:
    long = "A jelly with a very long title that says everything about it, and then some more " * 2
    places = [f"{number}, Long Street, on the third floor, at the back" for number in (12, 14)]
    for jelly in (session, series):
        names = NAMES.all_apart([jelly(long[:LONGEST_TITLE], place) for place in places])
        assert [place[:10] in name for place, name in zip(places, names, strict=True)] == [True] * 2


def test_rules_that_differ_only_where_they_are_cut_are_told_apart() -> None:
    rule = "every 1st and 3rd monday, 2nd tuesday and last friday of the month 9:30-16 until june "
    one, other = (series("x" * 50, rule=rule + year) for year in ("2028", "2029"))
    assert [name[-5:] for name in NAMES.all_apart([one, other])] == [" · #1", " · #2"]


def test_a_date_is_read_in_the_zone_of_its_jelly() -> None:
    there = replace(session().schedule, zone="America/New_York")
    assert NAMES.of(replace(session(), schedule=there)) == "Jelly · Thu 26 Nov 2026, 05:00"


@given(st.lists(PARTS, max_size=12).map("".join), st.integers(0, 60))
def test_nothing_that_is_seen_as_one_is_cut_apart(text: str, most: int) -> None:
    seen = regex.findall(r"\X", text)
    cut = beginning(text, most)
    assert len(cut) <= most
    assert cut == "".join(seen[: len(regex.findall(r"\X", cut))])
    assert len(shorten(text, most + 1)) <= most + 1


@pytest.mark.parametrize("emoji", [FAMILY, FLAG, "👍🏽", "e\u0301"])
def test_an_emoji_that_does_not_fit_is_left_out_whole(emoji: str) -> None:
    assert shorten(f"ab{emoji}cd", 2 + len(emoji)) == "ab…"
    assert shorten(f"ab{emoji}cd", 3 + len(emoji)) == f"ab{emoji}…"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("cafe", "Café"),
        ("CAFÉ", "cafe\u0301"),
        ("lodz", "Łódź"),
        ("smorrebrod", "Smørrebrød"),
        ("strasse", "Straße"),
        ("istanbul", "İstanbul"),
        ("isik", "Işık"),
        ("sam's", "Sam\N{RIGHT SINGLE QUOTATION MARK}s"),
        ("aegir", "Ægir"),
        ("９", "9"),
        ("σοφια", "ΣΟΦΊΑ"),
        ("פגישה", "פְּגִישָׁה"),
        ("heart ❤", "Heart ❤\ufe0f"),
        ("co working", "Co\u00a0working"),
    ],
)
def test_accents_and_case_do_not_matter_in_a_search(typed: str, text: str) -> None:
    assert folded(typed) == folded(text)


def test_a_jelly_is_found_by_title_place_and_host() -> None:
    found = NAMES.searched(session("Jelly " + "x" * 90 + "end", "Café Ørsted, <#5>", SAM))
    for typed in ("end", "cafe", "orsted", "#channel-5", "@sam", "26 nov 2026"):
        assert folded(typed) in found
    assert "@" not in NAMES.searched(session(host_id=UNKNOWN))
    assert "all dates" in NAMES.searched(series())


def test_other_weeks_are_not_alike() -> None:
    later = replace(session(), starts_at=THURSDAY_10 + WEEK)
    assert "The Alb" not in "".join(NAMES.all_apart([session(), later]))
