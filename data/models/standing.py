"""What a person can do in a server, and has done."""

from __future__ import annotations

from dataclasses import dataclass

from data.models.sessions import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person can do, and has done."""

    is_set_up: bool
    may_set_up: bool
    may_host: bool
    host_role_id: int | None
    """The role that hosting takes; None if everybody may host."""
    is_organizer: bool
    has_answered: bool
    next_session: Session | None
    """The soonest that they can see."""
    hosts: bool
    """Whether they host or scheduled anything ahead."""
