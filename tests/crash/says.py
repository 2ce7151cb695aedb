"""Which message is which, by the words that people read."""

from __future__ import annotations

import re

from tests.loopback import Message

_TITLE = r"(?:Old j|J)elly \d+"
# The text of each kind, and where it names its jelly.
_SAYS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "undelivered": r"### What didn't arrive\n",
        "announcement": rf"## ({_TITLE})(?:\n|$)",
        "summary": rf"### How ({_TITLE}) went\n",
        "newcomer": rf"First time: .* will be at \*\*({_TITLE})\*\* on ",
        "reminder": rf"\*\*({_TITLE})\*\* is on <t:",
        "start": rf"\*\*({_TITLE})\*\* is on now at",
        "cancelled": rf"\*\*({_TITLE})\*\* on <t:\d+:F> is called off",
        "promoted": rf".*: a seat came free, so you're going to \*\*({_TITLE})\*\*",
        "on_behalf": rf"<@\d+>: <@\d+> (?:added you to|took you off).*\*\*({_TITLE})\*\*",
        "request": rf"<@\d+>, <@\d+> would like to join \*\*({_TITLE})\*\*",
        "offer": rf".*: a seat at \*\*({_TITLE})\*\* on .* is yours if you take it",
        "undecided": rf".*, you said maybe to \*\*({_TITLE})\*\*",
        "thanks": r"### \w+ in this server\n",
    }.items()
}
OF_ALL = {"undelivered", "thanks"}
"""Of each of these kinds there is one for all jellies."""


def what_it_says(message: Message) -> tuple[str, str] | None:
    """Returns a message's kind and the title of its jelly, by its words; None if they are new."""
    for kind, pattern in _SAYS.items():
        if found := pattern.match(message.text):
            return kind, "" if kind in OF_ALL else found[1]
    return None
