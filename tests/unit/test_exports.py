"""A host's export has what was answered, and does nothing in a spreadsheet or a chat."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language import ENGLISH, words_for
from bot.language.typed import one_line
from bot.messages.exports import COLUMNS, copyable_list, export_filename, headcount_csv
from data.characters import bounded
from data.limits import LONGEST_BLOCK, LONGEST_FILENAME
from data.models import (
    NOBODY,
    Answer,
    Counts,
    Details,
    Mood,
    Roster,
    Rsvp,
    Schedule,
    Session,
    SessionState,
    SessionView,
)

WORDS = words_for(ENGLISH)
STARTS = datetime(2026, 12, 3, 9, tzinfo=UTC)  # 10:00 in Berlin
SAM, ANA, BOB, EVE, TOM = 10**17 + 1, 10**17 + 2, 10**17 + 3, 10**17 + 4, 10**17 + 5
NAMES = {SAM: "Sam", ANA: "Ana", BOB: "Bob", EVE: "Eve"}
CHANNELS = {77: "quiet-corner"}.get
"""The names of the channels that the reader of an export may view."""

FORMULA = "=+-@\t\r\n＝＋－＠"
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

nasty = st.text(
    st.one_of(
        st.sampled_from(
            "=+-@＝＋－＠\t\r\n\0 ;,\"'“`|<>#1:)\\*_/\u202e\u2066\u200b\ud800\ufeff🎉ש"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def _view(
    *,
    going: tuple[Rsvp, ...] = (),
    waiting: tuple[Rsvp, ...] = (),
    requested: tuple[Rsvp, ...] = (),
    maybe: tuple[Rsvp, ...] = (),
    declined: tuple[Rsvp, ...] = (),
    title: str = "Friday jelly",
    starts_at: datetime = STARTS,
    zone: str = "Europe/Berlin",
) -> SessionView:
    session = Session(
        session_id=1,
        guild_id=10**18,
        channel_id=10**18,
        series_id=None,
        recurrence_id=None,
        is_exception=False,
        details=Details(title, "Robin's place", "", SAM),
        created_by=SAM,
        schedule=Schedule(zone, starts_at.replace(tzinfo=None), timedelta(hours=6)),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        state=SessionState.SCHEDULED,
        version=1,
        counts=NOBODY,
    )
    roster = Roster(
        *(going, waiting, requested, maybe, declined),
        counts=Counts(
            going=len(going),
            waiting=len(waiting),
            requested=len(requested),
            maybe=len(maybe),
            declined=len(declined),
        ),
    )
    return SessionView(session, roster)


def _people(count: int, *, note: str = "", answer: Answer = Answer.GOING) -> tuple[Rsvp, ...]:
    return tuple(Rsvp(10**17 + n, answer, note) for n in range(count))


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_the_file_says_who_answered_what_and_who_came() -> None:
    view = _view(
        going=(
            Rsvp(
                *(SAM, Answer.GOING, 'a "quoted", long\nnote'),
                guests=1,
                mood=Mood.HEADS_DOWN,
                arrives_at=STARTS,
                leaves_at=STARTS + timedelta(hours=3),
                came=True,
                arrived_at=STARTS + timedelta(minutes=5),
                left_at=STARTS + timedelta(hours=15),
            ),
        ),
        waiting=(Rsvp(ANA, Answer.WAITLISTED), Rsvp(BOB, Answer.WAITLISTED, answered_by=SAM)),
        requested=(Rsvp(EVE, Answer.REQUESTED),),
        maybe=(Rsvp(TOM, Answer.MAYBE, mood=Mood.CHATTY),),
        declined=(Rsvp(TOM + 1, Answer.DECLINED, answered_by=TOM),),
    )
    data = headcount_csv(WORDS, view, NAMES, CHANNELS)
    nothing = [""] * 3
    assert _rows(data) == [
        list(COLUMNS),
        [
            *("Sam", "Going", "1", "heads-down", "2026-12-03 10:00", "2026-12-03 13:00"),
            *('a "quoted", long note', "", "yes", "2026-12-03 10:05", "2026-12-04 01:00"),
        ],
        ["Ana", "Waiting, 1st", "0", *nothing, "", "", *nothing],
        ["Bob", "Waiting, 2nd", "0", *nothing, "", "Sam", *nothing],
        ["Eve", "Asked to join", "0", *nothing, "", "", *nothing],
        ["Member 0005", "Maybe", "0", "up for a chat", "", "", "", "", *nothing],
        ["Member 0006", "Can't make it", "0", *nothing, "", "Member 0005", *nothing],
    ]
    assert data.startswith(b'\xef\xbb\xbf"Name","Answer",')
    assert data.count(b"\r\n") == data.count(b"\n") == len(_rows(data))


def test_nobody_is_a_file_with_a_header_alone() -> None:
    assert _rows(headcount_csv(WORDS, _view(), {}, CHANNELS)) == [list(COLUMNS)]


@pytest.mark.parametrize("count", [1, 120])
def test_everybody_has_a_row(count: int) -> None:
    rows = _rows(headcount_csv(WORDS, _view(going=_people(count)), {}, CHANNELS))
    assert len(rows) == count + 1
    assert {len(row) for row in rows} == {len(COLUMNS)}


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 170 1", "'+49 170 1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        ("\t=1", "'=1"),
        ("\r\n=1", "'=1"),
        ("\0=1", "'=1"),
        ("   =1", "'=1"),
        ('"=1+1"', '"\'=1+1"'),
        ("'=1", "''=1"),
        ("“ =1", "“ '=1"),
        ("\u200b\u202e=1", "'=1"),
        ("\u200d=1", "\u200d'=1"),
        ("tea;=1+1", "tea;'=1+1"),
        ('tea; "+1"', 'tea; "\'+1"'),
        ("see you ;-)", "see you ;-)"),
        ("a=b, -1", "a=b, -1"),
        ("half \ud83d a pair", "half \ufffd a pair"),
        ("writes tests", "writes tests"),
        ("Zażółć 🎉👩‍💻 שלום", "Zażółć 🎉👩‍💻 שלום"),
    ],
)
def test_a_cell_is_never_a_formula(typed: str, cell: str) -> None:
    view = _view(going=(Rsvp(SAM, Answer.GOING, typed, answered_by=SAM),))
    row = dict(
        zip(COLUMNS, _rows(headcount_csv(WORDS, view, {SAM: typed}, CHANNELS))[1], strict=True)
    )
    assert row["Name"] == row["Note"] == row["Added by"] == cell


@given(st.lists(st.tuples(nasty, nasty), max_size=5))
@example([("=cmd|' /C calc'!A0", ';=HYPERLINK("http://x")')])
def test_a_spreadsheet_reads_what_was_typed_and_computes_nothing(
    typed: list[tuple[str, str]],
) -> None:
    going = tuple(Rsvp(n, Answer.GOING, note) for n, (_, note) in enumerate(typed, 1))
    names = {n: name for n, (name, _) in enumerate(typed, 1)}
    data = headcount_csv(WORDS, _view(going=going), names, CHANNELS)
    rows = _rows(data)
    for number, ((name, note), row) in enumerate(zip(typed, rows[1:], strict=True), 1):
        assert _undone(row[0]) == _undone(_kept(name) or f"Member {number}")
        assert _undone(row[6]) == _undone(_kept(note))
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip(' "').startswith(tuple(FORMULA))
        assert not re.search(r"[\t\r\n\0]", cell)
    # Excel expects semicolons if numbers use commas, and then ignores quotes inside.
    for cell in data.decode("utf-8-sig").replace(";-)", "").split(";")[1:]:
        assert not cell.lstrip(' "').startswith(tuple(FORMULA))


def _kept(typed: str) -> str:
    return bounded(one_line(typed.replace("\ud800", "\ufffd")))


def _undone(cell: str) -> str:
    return cell.replace("'", "")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Friday jelly", "friday-jelly-2026-12-03.csv"),
        ("Café—Robin's, 2nd try!", "cafe-robin-s-2nd-try-2026-12-03.csv"),
        ("../../etc/passwd", "etc-passwd-2026-12-03.csv"),
        ("C:\\x／y\0", "c-x-y-2026-12-03.csv"),
        ("ＣＯＮ", "con-2026-12-03.csv"),
        ("שלום", "jelly-2026-12-03.csv"),
        ("2026", "jelly-2026-12-03.csv"),
        ("", "jelly-2026-12-03.csv"),
        ("\ud800", "jelly-2026-12-03.csv"),
        ("x" * 100, f"{'x' * 45}-2026-12-03.csv"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(title: str, name: str) -> None:
    assert export_filename(_view(title=title).session, CHANNELS) == name


@given(nasty)
def test_a_file_name_is_plain(title: str) -> None:
    name = export_filename(_view(title=title).session, CHANNELS)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-2026-12-03\.csv", name)
    assert len(name) <= LONGEST_FILENAME


def test_the_day_in_the_name_is_the_one_at_the_place() -> None:
    late = datetime(2026, 12, 3, 12, tzinfo=UTC)
    view = _view(starts_at=late, zone="Pacific/Auckland")
    assert export_filename(view.session, CHANNELS) == "friday-jelly-2026-12-04.csv"


def test_the_list_names_those_going_and_then_those_waiting() -> None:
    view = _view(
        going=(
            Rsvp(
                *(SAM, Answer.GOING, "tests"),
                guests=1,
                mood=Mood.HEADS_DOWN,
                arrives_at=STARTS,
                leaves_at=STARTS + timedelta(hours=3),
            ),
            Rsvp(ANA, Answer.GOING),
        ),
        waiting=(Rsvp(BOB, Answer.WAITLISTED, guests=2), Rsvp(TOM, Answer.WAITLISTED)),
        maybe=(Rsvp(EVE, Answer.MAYBE),),
    )
    assert copyable_list(WORDS, view, NAMES, CHANNELS).splitlines() == [
        "1. Sam (+1), 10:00 to 13:00, heads-down, tests",
        "2. Ana",
        "Waiting list:",
        "1. Bob (+2)",
        "2. Member 0005",
    ]


def test_the_list_of_nobody_says_so() -> None:
    assert (
        copyable_list(WORDS, _view(maybe=_people(3, answer=Answer.MAYBE)), {}, CHANNELS)
        == "No one yet."
    )


@pytest.mark.parametrize(("going", "waiting"), [(1, 0), (0, 1), (120, 0), (120, 120), (5, 120)])
def test_the_list_has_whole_lines_and_says_how_many_are_left_out(going: int, waiting: int) -> None:
    view = _view(
        going=_people(going, note="n" * 40),
        waiting=_people(waiting, note="n" * 40, answer=Answer.WAITLISTED),
    )
    text = copyable_list(WORDS, view, {}, CHANNELS)
    assert len(f"```\n{text}\n```") <= LONGEST_BLOCK
    lines = text.splitlines()
    named = [line for line in lines if line.endswith("n" * 40)]
    more = re.fullmatch(r"… and (\d+) more", lines[-1])
    assert len(named) + (int(more[1]) if more else 0) == going + waiting
    assert len(lines) == len(named) + (more is not None) + ("Waiting list:" in lines)
    if more:
        assert lines[-2] != "Waiting list:"
        assert len(text) > LONGEST_BLOCK - 100


@given(nasty, nasty, st.integers(1, 60))
@example("```\n@everyone", "`" * 60, 1)
@example("<@100000000000000001>", "\u202e@here", 60)
def test_nothing_typed_ends_the_block_or_turns_it_around(name: str, note: str, count: int) -> None:
    text = copyable_list(WORDS, _view(going=_people(count, note=note)), {10**17: name}, CHANNELS)
    assert len(f"```\n{text}\n```") <= LONGEST_BLOCK
    assert "`" not in text
    assert not TURNING & {unicodedata.bidirectional(c) for c in text}
    assert not re.search(r"@(everyone|here|[!&]?\d{17,20})", text)
    assert re.fullmatch(r"1\. [^\n]+(\n\d+\. [^\n]+)*(\n… and \d+ more)?", text)
    text.encode()


def test_a_very_long_name_leaves_room_for_the_others() -> None:
    text = copyable_list(WORDS, _view(going=_people(3)), {10**17: "x" * 5000}, CHANNELS)
    assert [line[:2] for line in text.splitlines()] == ["1.", "2.", "3."]
