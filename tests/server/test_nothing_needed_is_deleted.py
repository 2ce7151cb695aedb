"""Whatever happens, what a person has yet to answer or know can be read: nothing else may go.

What is needed is said here anew, by answers, invitations and times alone. A message that says it
may be deleted only if it is not needed any more, or if another one has taken its place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import simcord
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.server.actions import mine_of
from tests.server.channel_watch import ChannelWatch, Part, Posted, Standing
from tests.server.random_history import STEPS, History
from tests.server.simulated_server import SimulatedServer, said

Row = dict[str, Any]

steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 50)), min_size=20, max_size=50)
histories = settings(
    # A history is long, and to find a shorter one takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@histories
@given(steps)
async def test_what_somebody_needs_is_never_deleted(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, int]]
) -> None:
    file = tmp_path_factory.mktemp("server") / "jelly.sqlite3"
    async with SimulatedServer.open(file) as server:
        history = History(server, check)
        await history.begin()
        for step, number in steps:
            await history.take(step, number)


async def check(history: History) -> None:
    """Raises AssertionError if something that is needed can't be read, or more than that stands."""
    seen = {one.date.session_id: one for one in await history.watch.look()}
    problems = [problem async for problem in _missing(history, seen)]
    assert not problems, "\n".join([*problems, *map(str, seen.values())])
    if await _is_at_rest(history.server):
        for one in seen.values():
            assert one.cards <= 1, str(one)
            assert one.words <= 1, str(one)
            assert one.questions <= one.open_questions, str(one)


async def _is_at_rest(server: SimulatedServer) -> bool:
    """Returns whether no message is in doubt: one that arrived unnoticed is found a while later."""
    [row] = await server.read(
        """
        SELECT (SELECT COUNT(*) FROM delivery
                WHERE state IN ('pending', 'sending') AND attempts > 0)
            + (SELECT COUNT(*) FROM deletion JOIN delivery USING (message_id)
                WHERE is_superseded = 1) AS left
        """
    )
    return bool(row["left"] == 0)


async def _missing(history: History, seen: dict[int, Standing]) -> AsyncIterator[str]:
    """Yields what somebody needs to know and can't read."""
    now = int(history.server.clock.moment.timestamp())
    sessions = await history.server.read("SELECT * FROM session WHERE ends_at > :now", now=now)
    for session in sessions:
        about = seen.get(session["session_id"])
        posts = () if about is None else about.ever
        if session["state"] == "cancelled":
            for problem in _missing_of_call_off(history.watch, posts):
                yield f"{session['title']}: {problem}"
            continue
        for problem in _missing_words(history.watch, session, posts, now):
            yield f"{session['title']}: {problem}"
        rows = await history.server.read(
            "SELECT * FROM rsvp WHERE session_id = :session_id", session_id=session["session_id"]
        )
        for rsvp in rows:
            async for problem in _missing_of(history, session, rsvp, posts, now):
                yield f"{session['title']}, {rsvp['user_id']}: {problem}"
    for problem in await _missing_invitations(history, now):
        yield problem


def _missing_of_call_off(watch: ChannelWatch, posts: Sequence[Posted]) -> list[str]:
    told = [post for post in posts if "is called off" in post.text]
    if told and not any(watch.stands(post) for post in told):
        return ["that it is called off was said, and deleted before its end"]
    return []


def _missing_words(
    watch: ChannelWatch, session: Row, posts: Sequence[Posted], now: int
) -> list[str]:
    """Returns what is wrong if all that told people of this start is gone."""
    cards = [post for post in posts if post.part is Part.CARD]
    if cards and not watch.stands(cards[-1]):
        return ["its card is gone"]
    # What only asks who said maybe goes once they have decided.
    words = [
        post for post in posts if post.part is Part.WORD and "you said maybe to **" not in post.text
    ]
    starts_at = session["starts_at"]
    if starts_at <= now:
        current = [post for post in words if post.at.timestamp() >= starts_at]
    else:
        current = [post for post in words if f"<t:{starts_at}:" in post.text]
    if current and not watch.stands(current[-1]):
        return ["the last word of it is gone"]
    return []


async def _missing_of(
    history: History, session: Row, rsvp: Row, posts: Sequence[Posted], now: int
) -> AsyncIterator[str]:
    """Yields what one person, or their host, has to answer and can't read."""
    watch, person = history.watch, _person(history, rsvp["user_id"])
    title, has_begun = session["title"], now >= session["starts_at"]
    until = rsvp["offered_until"]
    if until is not None and until > now:
        if f"a seat is kept until <t:{until}:t>" not in await mine_of(
            history.server, person, title
        ):
            yield "the offer of a seat is not in /jellies"
        for problem in _gone(watch, posts, "is yours if you take it by", person, f"<t:{until}:t>"):
            yield problem
    if rsvp["answer"] == "requested" and not has_begun:
        listed = said(
            await history.organizer.slash(
                history.server.chat, "headcount session", jelly=f"session:{session['session_id']}"
            )
        )
        if "asked to join" not in listed or person.mention not in listed:
            yield "the request is not in /headcount"
        answered_at = rsvp["answered_at"]
        since = [post for post in posts if post.at.timestamp() >= answered_at]
        for problem in _gone(watch, since, "would like to join", person):
            yield problem
    if rsvp["answer"] == "maybe" and not has_begun:
        told = await mine_of(history.server, person, title)
        if not told.startswith("Maybe"):
            yield f"the maybe is not in /jellies: {told}"
    if rsvp["asked_again"] and rsvp["answer"] == "going" and not has_begun:
        asked = [
            post
            for post in posts
            if f"jelly:reply:{session['session_id']}:going" in post.buttons
            and person.mention in post.text
            and watch.stands(post)
        ]
        told = await mine_of(history.server, person, title)
        if not asked and "confirm" not in told:
            yield f"whether they still come is asked nowhere: {told}"


def _gone(
    watch: ChannelWatch, posts: Sequence[Posted], says: str, who: simcord.MemberActor, *more: str
) -> list[str]:
    """Returns a sentence if messages that say this to somebody were posted, and none is left."""
    asked = [
        post
        for post in posts
        if says in post.text and who.mention in post.text and all(one in post.text for one in more)
    ]
    if asked and not any(watch.stands(post) for post in asked):
        return [f"an open question is gone: {asked[-1].text[:100]!r}"]
    return []


async def _missing_invitations(history: History, now: int) -> list[str]:
    """Returns the invitations that are open, and whose messages are gone."""
    rows = await history.server.read(
        """
        SELECT invitation.* FROM invitation JOIN session USING (session_id)
        WHERE invitation.state = 'open' AND session.state = 'scheduled' AND ends_at > :now
        """,
        now=now,
    )
    watch, problems = history.watch, []
    for row in rows:
        button = f"jelly:invited:{row['guild_id']}:{row['invitation_id']}:yes"
        asked = [
            post
            for post in (*watch.posted.values(), *watch.letters.values())
            if button in post.buttons
        ]
        if asked and not any(watch.stands(post) for post in asked):
            problems.append(f"an open invitation is gone: {asked[-1].text[:100]!r}")
    return problems


def _person(history: History, user_id: object) -> simcord.MemberActor:
    everybody = (history.organizer, *history.people)
    return next(one for one in everybody if one.id == user_id)
