"""Members who type commands, press buttons and fill in forms."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import simcord.interactions
from simcord.backend import serializers
from simcord.backend.command_access import command_access
from simcord.backend.errors import SetupError
from simcord.backend.models import Interaction, Message, ResponseKind
from simcord.enums import ComponentType, InteractionType
from simcord.interactions import nest_options, walk_to_subcommand

from .backend import LoopbackBackend
from .faults import Faults
from .modals import chosen_ids, submitted
from .models import Json, walk
from .options import Resolved, filled_in, require_all
from .pulse import Pulse

_REPLAYABLE_INTERACTIONS = 1_000


@dataclass(slots=True)
class Pending:
    """An interaction in progress: `acknowledged` resolves to the seconds it took, or None."""

    record: Interaction
    payload: Json
    sent_at: float
    acknowledged: asyncio.Future[float | None]
    give_up: asyncio.TimerHandle
    refusals: list[int] = field(default_factory=list)


class People:
    """Sends interactions to the bot and watches for its answers."""

    def __init__(self, backend: LoopbackBackend, faults: Faults, pulse: Pulse) -> None:
        self._backend = backend
        self._faults = faults
        self._pulse = pulse
        self._pending: dict[int, Pending] = {}
        self._latest: OrderedDict[int, Pending] = OrderedDict()

    async def slash(self, user: int, channel: int, name: str, options: Json, within: float) -> Json:
        """Runs a command such as `jelly new`; waits for it to be registered first."""
        resolved = self._resolved(user, channel)
        command, leaf, nesting = await self._command(user, channel, name, within)
        require_all(leaf, options)
        chosen = filled_in(leaf, options, resolved)
        data = self._command_data(command, nest_options(command, nesting, chosen), resolved)
        kind = InteractionType.APPLICATION_COMMAND
        return await self._answer(self._send(kind, user, channel, data, within), within)

    async def autocomplete(
        self,
        user: int,
        channel: int,
        name: str,
        option: str,
        typed: str,
        options: Json,
        within: float,
    ) -> Json:
        """Types into one option of a command whose other `options` may be filled in already."""
        resolved = self._resolved(user, channel)
        command, leaf, nesting = await self._command(user, channel, name, within)
        declared = {item["name"]: item for item in leaf.get("options") or []}
        if not declared[option].get("autocomplete"):
            raise SetupError(f"the option {option} of {name} offers nothing while typing")
        chosen = filled_in(leaf, options, resolved)
        kind = declared[option]["type"]
        chosen.append({"name": option, "type": kind, "value": typed, "focused": True})
        data = self._command_data(command, nest_options(command, nesting, chosen), resolved)
        kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        return await self._answer(self._send(kind, user, channel, data, within), within)

    async def click(
        self, user: int, channel: int, message: int, custom_id: str, forged: bool, within: float
    ) -> Json:
        """Presses a button; a `forged` press has a custom id that need not be on the message."""
        shown = self._seen(user, channel, message)
        if not forged:
            _component(shown, custom_id)
        return await self._answer(self._press(user, shown, custom_id, within), within)

    async def select(
        self,
        user: int,
        channel: int,
        message: int,
        custom_id: str,
        values: Sequence[str | int],
        within: float,
    ) -> Json:
        """Chooses in a select menu; users, roles and channels by id."""
        shown = self._seen(user, channel, message)
        menu = _component(shown, custom_id)
        kind = ComponentType(menu["type"])
        resolved = self._resolved(user, channel)
        data: Json = {"custom_id": custom_id, "component_type": int(kind), "id": menu.get("id", 0)}
        if kind is ComponentType.STRING_SELECT:
            if not {option["value"] for option in menu["options"]}.issuperset(values):
                raise SetupError(f"the menu {custom_id} does not offer {values}")
            data["values"] = list(values)
        else:
            data["values"] = chosen_ids(kind, list(values), resolved)
            data["resolved"] = resolved.json
        pending = self._send(
            InteractionType.MESSAGE_COMPONENT, user, channel, data, within, source=shown
        )
        return await self._answer(pending, within)

    async def submit_modal(self, interaction_id: int, values: Json, within: float) -> Json:
        """Fills in the modal that the bot answered an interaction with, and sends it."""
        opener = self._backend.interactions[interaction_id]
        if opener.modal is None or opener.modal_consumed:
            raise SetupError("that interaction shows no modal to submit")
        resolved = self._resolved(opener.user_id, opener.channel_id)
        data = {
            "custom_id": opener.modal["custom_id"],
            "components": submitted(opener.modal, values, resolved),
            "resolved": resolved.json,
        }
        opener.modal_consumed = True
        source = None
        if opener.source_message_id is not None:
            source = self._seen(opener.user_id, opener.channel_id, opener.source_message_id)
        kind = InteractionType.MODAL_SUBMIT
        pending = self._send(kind, opener.user_id, opener.channel_id, data, within, source=source)
        return await self._answer(pending, within)

    async def press_many(
        self,
        channel: int,
        message: int,
        custom_ids: Sequence[str],
        users: Sequence[int],
        in_flight: int,
        within: float,
    ) -> Json:
        """Has each user press once, cycling through the buttons, that many at a time."""
        shown = self._seen(users[0], channel, message)
        for custom_id in custom_ids:
            _component(shown, custom_id)
        presses = zip(users, cycle(custom_ids), strict=False)
        each: list[Json] = []

        async def press_one_after_another(mine: Iterator[tuple[int, str]]) -> None:
            for user, custom_id in mine:
                pending = self._press(user, shown, custom_id, within)
                seconds = await pending.acknowledged
                each.append(
                    {
                        "user": user,
                        "sent_at": pending.sent_at,
                        "kind": pending.record.response_kind or "unanswered",
                        "seconds": seconds,
                    }
                )

        loop = asyncio.get_running_loop()
        started_at = loop.time()
        hands = [press_one_after_another(presses) for _ in range(in_flight)]
        await asyncio.gather(*hands)
        elapsed = loop.time() - started_at
        return {"elapsed": elapsed, "each": each}

    def replay(self, interaction_id: int) -> None:
        """Delivers one of the latest interactions once more, as Discord may after a resume."""
        self._backend.emit("INTERACTION_CREATE", self._latest[interaction_id].payload)

    async def answer(self, interaction_id: int, within: float) -> Json:
        """Returns the bot's answer so far to one of the latest interactions."""
        return await self._answer(self._latest[interaction_id], within)

    def acknowledged(self, interaction_id: int) -> None:
        """Records that the bot's first answer to an interaction was accepted."""
        pending = self._pending.pop(interaction_id, None)
        if pending is not None and not pending.acknowledged.done():
            pending.give_up.cancel()
            loop = asyncio.get_running_loop()
            pending.acknowledged.set_result(loop.time() - pending.sent_at)

    def refused(self, interaction_id: int, code: int) -> None:
        """Records that an answer of the bot to an interaction was not accepted."""
        pending = self._latest.get(interaction_id)
        if pending is not None:
            pending.refusals.append(code)

    def give_up(self) -> None:
        """Ends all waiting for answers that have not come yet."""
        for interaction_id in list(self._pending):
            self._pending[interaction_id].give_up.cancel()
            self._give_up(interaction_id)

    def _press(self, user: int, shown: Message, custom_id: str, within: float) -> Pending:
        data = {"custom_id": custom_id, "component_type": int(ComponentType.BUTTON)}
        kind = InteractionType.MESSAGE_COMPONENT
        return self._send(kind, user, shown.channel_id, data, within, source=shown)

    def _send(
        self,
        kind: InteractionType,
        user: int,
        channel: int,
        data: Json,
        within: float,
        *,
        source: Message | None = None,
    ) -> Pending:
        backend = self._backend
        guild_id = backend.get_channel(channel).guild_id
        backend.require_permissions(guild_id, user, channel, "view_channel")
        record, payload = simcord.interactions.base_payload(
            backend, type=kind, channel_id=channel, guild_id=guild_id, user_id=user, data=data
        )
        if source is not None:
            payload["message"] = serializers.message_payload(backend, source)
            record.source_message_id = source.id
        pending = self._deliver(record, payload, within)
        self._latest[record.id] = pending
        if len(self._latest) > _REPLAYABLE_INTERACTIONS:
            self._latest.popitem(last=False)
        return pending

    def _deliver(self, record: Interaction, payload: Json, within: float) -> Pending:
        loop = asyncio.get_running_loop()
        fault = self._faults.delivery()
        late, copies = (fault.late, fault.copies) if fault else (0.0, 1)
        give_up = loop.call_later(late + within, self._give_up, record.id)
        pending = Pending(record, payload, loop.time(), loop.create_future(), give_up)
        self._pending[record.id] = pending
        for _ in range(copies):
            if late:
                loop.call_later(late, partial(self._backend.emit, "INTERACTION_CREATE", payload))
            else:
                self._backend.emit("INTERACTION_CREATE", payload)
        return pending

    def _give_up(self, interaction_id: int) -> None:
        pending = self._pending.pop(interaction_id)
        pending.acknowledged.set_result(None)

    async def _answer(self, pending: Pending, within: float) -> Json:
        """Returns the bot's answer; a "thinking" bot gets the same time again."""
        seconds = await pending.acknowledged
        record = pending.record
        if record.response_kind is ResponseKind.DEFERRED:
            await self._pulse.until(lambda: not record.loading, within)
        shown = [record.message_id, *record.followup_ids]
        stored = self._backend.messages.get(record.channel_id, {})
        messages = [stored[id] for id in shown if id is not None and id in stored]
        first = [m for m in messages if m.id == record.message_id]
        return {
            "interaction_id": record.id,
            "kind": record.response_kind,
            "seconds": seconds,
            "message": self._backend.message_json(first[0]) if first else None,
            "followups": [self._backend.message_json(m) for m in messages if m not in first],
            "modal": record.modal,
            "choices": record.autocomplete_choices or [],
            "refusals": pending.refusals,
        }

    async def _command(
        self, user: int, channel: int, name: str, within: float
    ) -> tuple[Json, Json, list[str]]:
        """Returns a registered command, the subcommand that `name` means, and the path to it."""
        root, *path = name.split()
        guild_id = self._backend.get_channel(channel).guild_id
        find = partial(self._backend.find_command, root, guild_id)
        if not await self._pulse.until(lambda: find() is not None, within):
            raise SetupError(f"the bot has registered no command /{root}")
        command: Json = find() or {}
        access = command_access(self._backend, command, user_id=user, channel_id=channel)
        if not access.allowed:
            raise SetupError(f"this member does not see /{root} here: {access.reason}")
        return command, *walk_to_subcommand(command, path)

    def _command_data(self, command: Json, options: list[Json], resolved: Resolved) -> Json:
        data: Json = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "options": options,
        }
        if resolved.json:
            data["resolved"] = resolved.json
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data

    def _resolved(self, user: int, channel: int) -> Resolved:
        return Resolved(self._backend, self._backend.get_channel(channel).guild_id, user)

    def _seen(self, user: int, channel: int, message: int) -> Message:
        shown = self._backend.get_message(channel, message)
        if not shown.visible_to(user):
            raise SetupError("this member does not see that message")
        return shown


def _component(shown: Message, custom_id: str) -> dict[str, Any]:
    for component in walk(shown.components):
        if component.get("custom_id") == custom_id and not component.get("disabled"):
            return component
    raise SetupError(f"nothing to press on that message has the custom id {custom_id}")
