"""POST /interactions/{id}/{token}/callback: the bot's first answer to an interaction."""

from __future__ import annotations

from simcord.backend import errors, serializers
from simcord.backend.errors import BackendError
from simcord.backend.models import AllowedMentions, Interaction, Message
from simcord.http.router import dispatch

from .backend import NO_MENTIONS, LoopbackBackend
from .gateway import Gateway
from .models import Json, walk
from .people import People

_UPDATE_MESSAGE = 7
_COMPONENTS_V2 = 1 << 15
_MEDIA = frozenset({11, 12, 13})
_REDRAWN_FIELDS = frozenset(
    {"components", "flags", "allowed_mentions", "content", "embeds", "attachments", "tts"}
)


class Callbacks:
    """Answers what a benchmark sends thousands of by itself, and leaves the rest to SimCord."""

    def __init__(self, backend: LoopbackBackend, people: People, gateway: Gateway) -> None:
        self._backend = backend
        self._people = people
        self._gateway = gateway

    def handle(self, path: str, segments: list[str], body: Json, files: list[object]) -> Json:
        """Handles an answer, and tells those waiting for it whether it was accepted."""
        interaction_id = int(segments[1])
        try:
            answer = self._redraw(interaction_id, segments[2], body, files)
            if answer is None:
                answer = dispatch(self._backend, "POST", path, json=body, files=files)
        except BackendError as error:
            self._people.refused(interaction_id, error.code)
            raise
        self._people.acknowledged(interaction_id)
        answer["interaction"] = {k: v for k, v in answer["interaction"].items() if v is not None}
        return answer

    def _redraw(
        self, interaction_id: int, token: str, body: Json, files: list[object]
    ) -> Json | None:
        """Returns the answer to a card that shows its new state, or None if it is anything else."""
        data = body.get("data")
        record = self._backend.interactions.get(interaction_id)
        if body.get("type") != _UPDATE_MESSAGE or not data or files or record is None:
            return None
        card = self._card(record)
        if card is None or not _only_redraws(card, data) or self._gateway.watches_messages:
            return None
        self._require_open(record, token)
        try:
            policy = NO_MENTIONS if "allowed_mentions" in data else AllowedMentions()
            self._backend.redraw(card, data["components"], policy)
        except ValueError as error:
            raise errors.invalid_form_body(str(error)) from error
        record.update_source(card.id)
        return {
            "interaction": {
                "id": str(record.id),
                "type": record.type,
                "response_message_id": str(card.id),
                "response_message_loading": False,
                "response_message_ephemeral": False,
            },
            "resource": {
                "type": _UPDATE_MESSAGE,
                "message": serializers.message_payload(self._backend, card),
            },
        }

    def _card(self, record: Interaction) -> Message | None:
        """Returns the Components V2 message that was pressed, or None if it was anything else."""
        messages = self._backend.messages.get(record.channel_id, {})
        message = messages.get(record.source_message_id or 0)
        if message is None or not message.flags & _COMPONENTS_V2 or message.is_ephemeral:
            return None
        return message

    def _require_open(self, record: Interaction, token: str) -> None:
        if record.token != token:
            raise errors.unknown_interaction()
        if record.responded:
            raise errors.already_acknowledged()
        # An answered interaction stays valid longer, but then this is not its first answer.
        if self._backend.now_iso() >= (record.initial_response_deadline or ""):
            raise errors.unknown_interaction()


def _only_redraws(card: Message, data: Json) -> bool:
    """Returns whether an edit only replaces components without media, and mentions no one."""
    mentions = data.get("allowed_mentions") or {}
    return (
        bool(data.get("components"))
        and data.keys() <= _REDRAWN_FIELDS
        and not (data.get("content") or data.get("embeds") or data.get("attachments"))
        and not card.attachments
        and not any(mentions.get(kind) for kind in ("parse", "users", "roles"))
        and all(part.get("type") not in _MEDIA for part in walk(data["components"]))
    )
