"""Who may do what, as tests expect it, and what is planned in the server where people try it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

MEMBERS = frozenset({"member", "host", "organizer", "administrator"})
"""Four of the six people; the others are an outsider, who may not view the channel in which all is
planned, and a stranger from another server."""
HOSTS = MEMBERS - {"member"}
ORGANIZERS = HOSTS - {"host"}
ADMINISTRATORS = ORGANIZERS - {"organizer"}
THE_HOST = frozenset({"host"})
THE_MEMBER = frozenset({"member"})

SECRET = "Marmalade"
"""A word that is part of everything in that server."""
ONE_DATE = (
    ("Thursday", "thursday 10-16", ""),
    ("Tuesday", "tuesday 10-16", "2 days"),
    ("On", "today 9:30-12", ""),
    ("Over", "today 9:05-9:10", ""),
    ("Also on", "today 9:30-12", ""),
)
"""What is on once, when, and how long before its answers close; it is Monday, 9:00."""
REPEATED = (("Friday", "every friday 10-16", ""), ("Sunday", "every sunday 10-16", ""))
"""The series; the second is paused."""
AHEAD, CLOSED, ON, OVER, ALSO_ON = (f"session:{number}" for number in range(1, 6))
SERIES, PAUSED = "series:1", "series:2"

GONE = "That jelly is no longer on the list."
NOT_PLANNED = "I can't tell which jelly you mean. Choose"
NOT_THEIRS = "That preview has been used"
NOTHING_AHEAD = "They have nothing ahead here"
NOT_POSTED = "You can't write in the channel for jellies."

NOT_FOR_YOU = "That invitation isn't for you"


@dataclass(frozen=True)
class Expected:
    """Who may do something in that server, and what the others are told."""

    may: frozenset[str]
    refused: str = ""
    """The beginning of what the other members are told."""
    stranger: str | None = GONE
    """Part of what the stranger is refused with; None if they get what their own server has."""
    outsider: str | None = None
    """What a member is told who may not view the channel, if that is not what the stranger is."""
    changes: bool = True
    """Whether the store is different afterwards, if it is allowed."""


anybody = partial(Expected, MEMBERS)
look_up = partial(anybody, changes=False)
its_host = partial(Expected, HOSTS, "Only its host <@")
own_draft = partial(Expected, THE_HOST, NOT_THEIRS, NOT_THEIRS)
set_up = partial(Expected, ADMINISTRATORS, "That takes Manage Server")

EXPECTED = {
    "/rsvp": anybody(stranger=NOT_PLANNED),
    "rsvp": anybody(),
    "list-rsvp": anybody(),
    "reply": anybody(),
    "mood": anybody(),
    "details": look_up(),
    "details-again": look_up(),
    "hours": anybody(),
    "detailed": anybody(),
    "here": anybody(),
    "off": anybody(),
    "was-there": anybody(),
    "/jellies": look_up(stranger=None),
    "agenda": look_up(stranger=None),
    "agenda-page": look_up(stranger=None),
    "list-page": look_up(stranger=None),
    "series-page": look_up(stranger=None),
    "record-page": look_up(stranger=None),
    "headcount": look_up(stranger=NOT_PLANNED),
    "who": look_up(stranger=NOT_PLANNED),
    "/headcount session": look_up(stranger=NOT_PLANNED),
    "/headcount history": look_up(stranger="I can't tell which series"),
    "/jelly list": look_up(stranger=None),
    "/jelly log": look_up(stranger=None),
    "log": look_up(stranger=None),
    "/me record": look_up(stranger=None),
    "/me export": look_up(stranger=None),
    "/me forget": look_up(stranger=None),
    "forget": look_up(stranger=None),
    "forget-nothing": look_up(stranger=None),
    "forgotten": anybody(stranger=None),
    "/privacy": look_up(stranger=None),
    "/help": look_up(stranger=None),
    "usual-mood": anybody(stranger=None),
    "take-invitations": anybody(stranger=None),
    "invited": Expected(THE_MEMBER, NOT_FOR_YOU, NOT_FOR_YOU),
    "keep": look_up(stranger=None),
    "draft-change": own_draft(changes=False),
    "draft-changed": own_draft(),
    "draft-seats": own_draft(changes=False),
    "draft-seats-again": own_draft(changes=False),
    "draft-seated": own_draft(),
    "draft-read": own_draft(),
    "draft-save": own_draft(),
    "draft-over": own_draft(),
    "draft-discard": own_draft(),
    "/jelly new": Expected(HOSTS, "You need the role", stranger=None, outsider=NOT_POSTED),
    "/jelly again": its_host(stranger=NOT_PLANNED),
    "/jelly edit": its_host(stranger=NOT_PLANNED, changes=False),
    "edit": its_host(),
    "/jelly move": its_host(stranger=NOT_PLANNED),
    "/jelly skip": its_host(stranger=NOT_PLANNED, changes=False),
    "/jelly extra": its_host(stranger=NOT_PLANNED),
    "/jelly pause": its_host(stranger=NOT_PLANNED, changes=False),
    "/jelly resume": its_host(stranger=NOT_PLANNED),
    "/jelly cancel": its_host(stranger=NOT_PLANNED, changes=False),
    "/jelly end": its_host(stranger=NOT_PLANNED, changes=False),
    "cancel": its_host(),
    "series-pause": its_host(),
    "series-go-on": its_host(),
    "series-end": its_host(),
    "/rsvp member": its_host(stranger=NOT_PLANNED),
    "request": its_host(),
    "take-off": its_host(changes=False),
    "taken-off": its_host(),
    "roll": its_host(changes=False),
    "ticked": its_host(),
    "export-table": its_host(changes=False),
    "export-list": its_host(changes=False),
    "summary": its_host(changes=False),
    "/jelly cancel-by": Expected(
        ORGANIZERS, "That's for organizers", stranger=NOTHING_AHEAD, changes=False
    ),
    "cancel-by": Expected(ORGANIZERS, "That's for organizers", stranger=NOTHING_AHEAD),
    "retry": Expected(
        HOSTS,
        "Only its host or an organizer",
        stranger=None,
        outsider="Only its host or an organizer",
    ),
    "/settings": set_up(stranger=None),
    "settings-change": set_up(stranger=None),
    "settings-again": set_up(stranger=None),
    "settings-changed": set_up(stranger=None),
    "setup": set_up(stranger=NOT_THEIRS),
    "setup-again": set_up(stranger=None, changes=False),
    "/doctor": set_up(stranger=None, changes=False),
}
"""By name in the table of rights; ``/time`` exists in the demo only."""
