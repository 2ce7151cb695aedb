"""What stands in the channel of a date: its card, its latest word, and what is yet to be answered.

`python -m benchmarks.channel` prints the figures of the same two weeks.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from tests.moments import DAY
from tests.server.channel_watch import ChannelWatch, Part
from tests.server.simulated_server import SimulatedServer
from tests.server.weeks import live_in_empty_server, live_in_lively_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively(tmp_path_factory: pytest.TempPathFactory) -> ChannelWatch:
    """Returns what was seen in a week of a lively server."""
    async with SimulatedServer.open(tmp_path_factory.mktemp("lively") / "jelly.sqlite3") as server:
        return await live_in_lively_server(server)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> ChannelWatch:
    """Returns what was seen in a week in which nobody said anything."""
    async with SimulatedServer.open(tmp_path_factory.mktemp("empty") / "jelly.sqlite3") as server:
        return await live_in_empty_server(server)


class TestLivelyWeek:
    async def test_every_message_is_about_a_date_or_a_series(self, lively: ChannelWatch) -> None:
        assert lively.unexplained() == []
        assert {post.part for post in lively.posted.values()} >= {
            *(Part.CARD, Part.WORD, Part.QUESTION, Part.SEAT),
        }

    async def test_at_every_moment_a_date_has_one_card_and_at_most_one_word(
        self, lively: ChannelWatch
    ) -> None:
        for seen in lively.seen:
            assert seen.cards <= 1, str(seen)
            assert seen.words <= 1, str(seen)

    async def test_a_question_stands_only_as_long_as_it_is_open(self, lively: ChannelWatch) -> None:
        for seen in lively.seen:
            assert seen.questions <= seen.open_questions, str(seen)

    async def test_the_word_of_a_seat_stands_a_day_at_most(self, lively: ChannelWatch) -> None:
        for seen in lively.seen:
            assert all(seen.at - seat.at <= DAY for seat in seen.of(Part.SEAT)), str(seen)

    async def test_the_card_and_the_latest_word_stand_until_the_end(
        self, lively: ChannelWatch
    ) -> None:
        for seen in lively.seen:
            assert seen.cards == any(post.part is Part.CARD for post in seen.ever), str(seen)
            words = [post for post in seen.ever if post.part is Part.WORD]
            if words and not seen.is_over:
                assert words[-1] in seen.posts, str(seen)

    async def test_when_it_is_over_only_the_card_is_left(self, lively: ChannelWatch) -> None:
        ended = [seen for seen in lively.seen if seen.is_over]
        assert {seen.date.title for seen in ended} >= {"Saturday walk", "Wednesday lunch"}
        for seen in ended:
            assert [post.part for post in seen.posts] == [Part.CARD], str(seen)

    async def test_nobody_is_notified_twice_of_one_thing(self, lively: ChannelWatch) -> None:
        """Of a date that comes as planned: the day before and an hour before."""
        [date] = [one for one in lively.dates() if one.title == "Big crowd"]
        assert set(lively.pings(date).values()) <= {1, 2}


async def test_where_nothing_is_tidied_up_all_of_it_stands(tmp_path: Path) -> None:
    async with SimulatedServer.open(tmp_path / "jelly.sqlite3") as server:
        watch = await live_in_lively_server(server, crowd=2, tidy=False)
    assert watch.left == len(watch.posted) > 30


class TestEmptyWeek:
    async def test_a_date_to_which_nobody_comes_gets_its_card_and_one_quiet_line(
        self, empty: ChannelWatch
    ) -> None:
        lives = [date for date in empty.dates() if date.ends_at <= empty.seen[-1].at.timestamp()]
        assert len(lives) >= 7
        for date in lives:
            posts = empty.posts_of(date)
            lines = [post for post in posts if post.part is not Part.CARD]
            assert len(posts) - len(lines) == 1
            assert len(lines) <= 1, [post.text for post in lines]
        assert sum(len(empty.posts_of(date)) for date in lives[1:]) == 2 * len(lives[1:])

    async def test_nobody_is_notified_of_a_date(self, empty: ChannelWatch) -> None:
        assert all(not empty.pings(date) for date in empty.dates())

    async def test_the_line_stands_until_the_end_and_then_only_the_card(
        self, empty: ChannelWatch
    ) -> None:
        for seen in empty.seen:
            assert seen.cards == 1, str(seen)
            assert seen.words == (0 if seen.is_over else len(seen.ever) - 1), str(seen)
