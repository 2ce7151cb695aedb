"""The models of stored data, as plain values without SQL or Discord.

Moments are aware datetimes in UTC unless a name or docstring says wall time.
"""

from __future__ import annotations

from data.models.answers import (
    ANSWERS,
    NOBODY,
    Answer,
    Counts,
    Hours,
    Mood,
    Roster,
    Rsvp,
    Stay,
    Wish,
    is_deleted,
)
from data.models.changes import Change, ChangeAction, ChangeImpact, Concerned
from data.models.details import WHEN, Details, Tone, differing
from data.models.drafts import Draft, Target, fingerprint
from data.models.endings import Ending, ToEnd, ToPause
from data.models.history import Figures, PastSession
from data.models.invitations import Invitation, InvitationState
from data.models.lists import AgendaItem, ByPerson, Page
from data.models.messages import DeliveryState, Mirror, MirrorKind, Owner
from data.models.personal import Hosted, Record, StoredRow, StoredValue, Visit
from data.models.schedule import Horizon, Occurrence, Schedule, Split
from data.models.series import Series
from data.models.sessions import Answered, Session, SessionState, SessionView
from data.models.settings import (
    DEFAULT_LIMITS,
    DEFAULT_QUIET_HOURS,
    ChannelSettings,
    Guild,
    Kept,
    Limits,
    QuietHours,
    Settings,
)
from data.models.standing import Standing

__all__ = [
    "ANSWERS",
    "DEFAULT_LIMITS",
    "DEFAULT_QUIET_HOURS",
    "NOBODY",
    "WHEN",
    "AgendaItem",
    "Answer",
    "Answered",
    "ByPerson",
    "Change",
    "ChangeAction",
    "ChangeImpact",
    "ChannelSettings",
    "Concerned",
    "Counts",
    "DeliveryState",
    "Details",
    "Draft",
    "Ending",
    "Figures",
    "Guild",
    "Horizon",
    "Hosted",
    "Hours",
    "Invitation",
    "InvitationState",
    "Kept",
    "Limits",
    "Mirror",
    "MirrorKind",
    "Mood",
    "Occurrence",
    "Owner",
    "Page",
    "PastSession",
    "QuietHours",
    "Record",
    "Roster",
    "Rsvp",
    "Schedule",
    "Series",
    "Session",
    "SessionState",
    "SessionView",
    "Settings",
    "Split",
    "Standing",
    "Stay",
    "StoredRow",
    "StoredValue",
    "Target",
    "ToEnd",
    "ToPause",
    "Tone",
    "Visit",
    "Wish",
    "differing",
    "fingerprint",
    "is_deleted",
]
