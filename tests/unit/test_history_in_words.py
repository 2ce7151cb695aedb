"""The history of a server in words, which say all that its charts show."""

from __future__ import annotations

from hypothesis import given

from bot.charts import by_hour_in_words, in_words, over_time_in_words
from bot.language import ENGLISH, words_for
from data.limits import LONGEST_ALT_TEXT
from data.models import PastSession
from tests.histories import EVERY_HISTORY, anything, jelly

WORDS = words_for(ENGLISH)


class TestWords:
    def test_none(self) -> None:
        assert in_words(WORDS, []) == ["There hasn't been a jelly yet."]

    def test_one(self) -> None:
        assert in_words(WORDS, [jelly(1, 1)]) == [
            "1 jelly, on 5 Nov 2026, guests included.",
            "Going: 1 person.",
            "Came: 1 person.",
        ]

    def test_nobody(self) -> None:
        assert in_words(WORDS, [jelly(0, 0)])[1:] == ["Going: 0 people.", "Came: 0 people."]

    def test_nobody_checked_in(self) -> None:
        assert in_words(WORDS, [jelly(1), jelly(2, days=7)]) == [
            "2 jellies, from 5 Nov 2026 to 12 Nov 2026, guests included.",
            "Going: 1.5 people on average, median 1.5.",
            "Came: unknown, because no one checked in.",
            "Busiest: Thursday, 12 Nov 2026, with 2 people going.",
            "All on Thursdays at 10:00.",
        ]

    def test_several(self) -> None:
        held = [
            jelly(6, 4),
            jelly(9, 8, days=7),
            jelly(4, days=14),
            jelly(1, 1, days=1),
            jelly(30, 31, days=2.5),
        ]
        assert in_words(WORDS, held) == [
            "5 jellies, from 5 Nov 2026 to 19 Nov 2026, guests included.",
            "Going: 10 people on average, median 6.",
            "Came: 11 people on average, median 6, at 4 jellies where people checked in.",
            "Busiest: Saturday, 7 Nov 2026, with 31 people.",
            # Not the one on Saturday, although it was fuller.
            "Busiest time: Thursdays at 10:00, with 5.3 people on average at 3 jellies.",
        ]

    def test_a_best_time_that_was_only_once(self) -> None:
        held = [jelly(2, days=1), jelly(3)]
        assert (
            in_words(WORDS, held)[-1]
            == "Busiest time: Thursdays at 10:00, with 3 people at 1 jelly."
        )

    def test_a_best_time_that_varied(self) -> None:
        held = [jelly(3), jelly(5, days=7 + 1 / 96), jelly(1, days=1)]
        assert "Thursdays between 10:00 and 10:15, with 4 people" in in_words(WORDS, held)[-1]

    def test_one_of_two_checked_in(self) -> None:
        assert (
            in_words(WORDS, [jelly(2), jelly(2, 1, days=1)])[2]
            == "Came: 1 person, at 1 jelly where people checked in."
        )

    def test_a_description_says_every_figure(self) -> None:
        said = over_time_in_words(WORDS, [jelly(6, 4), jelly(1, days=7), jelly(2, 0, days=14)])
        assert said.endswith(
            "Latest first: 19 Nov 2026: 2 going, 0 came; 12 Nov 2026: 1 going; "
            "5 Nov 2026: 6 going, 4 came."
        )
        said = by_hour_in_words(WORDS, [jelly(6, 4), jelly(1, days=7), jelly(9, days=1)])
        assert said.endswith("Busiest first: Friday 10:00: 9; Thursday 10:00: 2.5.")

    @EVERY_HISTORY
    def test_a_description_says_how_much_it_leaves_out(self, held: list[PastSession]) -> None:
        for said in (over_time_in_words(WORDS, held), by_hour_in_words(WORDS, held)):
            assert len(said) <= LONGEST_ALT_TEXT
            assert said.endswith(".")
            assert ("; and " in said) == (len(said) > 950)

    @given(anything)
    def test_whatever_was_held_there_are_words(self, held: list[PastSession]) -> None:
        for said in (over_time_in_words(WORDS, held), by_hour_in_words(WORDS, held)):
            assert 0 < len(said) <= LONGEST_ALT_TEXT
        lines = in_words(WORDS, held)
        assert 1 <= len(lines) <= 5
        assert lines == in_words(WORDS, held[::-1])
        assert not {"1 people", "1 jellies"} & {
            " ".join(line.split()[n : n + 2]) for line in lines for n in range(20)
        }
