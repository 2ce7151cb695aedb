"""Questions to a person: to come, or to host."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A question to a person: to come to a session or to all dates of a series, or to host it."""

    invitation_id: int
    guild_id: int
    session_id: int | None
    series_id: int | None
    user_id: int
    """Who is invited."""
    invited_by: int
    to_host: bool
    moves_rights: bool
    """Whether an organizer asks, so that the new host gets all rights of who scheduled it."""
    state: InvitationState
