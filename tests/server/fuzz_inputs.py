"""Whatever Discord accepts: every command, option, button and form, with anything in it.

The inputs come from the bot's own command tree and presses, so that nothing new is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

import simcord
import simcord.interactions
from discord import AppCommandOptionType as Kind
from discord import app_commands
from hypothesis import strategies as st
from simcord.backend.models import Interaction, Message
from simcord.backend.serializers import message_payload
from simcord.interactions import nest_options, walk_to_subcommand
from simcord.results import InteractionResult

from tests.loopback.models import walk
from tests.server.anything import Anything
from tests.server.four_servers import FourServers, Json, Server
from tests.server.hosting import live_until

LONGEST_OPTION = 6000
"""https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-structure."""
LONGEST_FIELD, LONGEST_ID, LONGEST_VALUE = 4000, 100, 100
"""https://discord.com/developers/docs/components/reference."""
LARGEST_NUMBER = 2**53 - 1

COMPONENT, AUTOCOMPLETE, FORM = 3, 4, 5
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type."""
BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, CHANNEL_SELECT = 2, 3, 4, 5, 6, 8
SELECTS = (3, 5, 6, 7, 8)
ROW, TEXT_DISPLAY, LABEL, FILES, CHOICE, CHOICES, TICK = 1, 10, 18, 19, 21, 22, 23
_SELECT_OF = {Kind.user: USER_SELECT, Kind.role: ROLE_SELECT, Kind.channel: CHANNEL_SELECT}
"""Options that are filled in like a selection. Any other type is not supported yet."""

T = TypeVar("T")
Command = app_commands.Command[Any, ..., Any]


class Draw:
    """Draws from a strategy, as ``data.draw`` of Hypothesis does."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def __call__(self, strategy: st.SearchStrategy[T]) -> T:
        return self._data.draw(strategy)

    def one_of(self, choices: Sequence[T]) -> T:
        return self._data.draw(st.sampled_from(choices))

    def yes(self) -> bool:
        return self._data.draw(st.booleans())


@dataclass
class Sent:
    """An action of a person, and the bot's answer so far."""

    who: simcord.MemberActor
    what: str
    record: Interaction
    result: InteractionResult

    @property
    def shown(self) -> list[Message]:
        """Returns the messages that the answer consists of."""
        answers = [self.result.response, *self.result.followups]
        return [answer._message for answer in answers if answer is not None]


Doing = Callable[[Draw, Server, list[Sent]], Awaitable[Sent | None]]


class FuzzInputs:
    """What people of a quarter may do."""

    def __init__(self, four_servers: FourServers) -> None:
        self.four_servers = four_servers
        self.anything = Anything(four_servers)
        self._bot = four_servers.server.bot
        self._backend = four_servers.server.environment.backend

    async def some_of(
        self, draw: Draw, where: Server, doings: Sequence[Doing], *, most: int
    ) -> list[Sent]:
        """Does a few of these one after the other; returns what reached the bot."""
        sent: list[Sent] = []
        for _ in range(draw(st.integers(1, most))):
            one = await draw.one_of(doings)(draw, where, sent)
            if one is not None:
                sent.append(one)
        return sent

    # As with an unmodified client.

    async def type_a_command(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent:
        """Sends any command with any of its options."""
        who, command = draw.one_of(where.people), draw.one_of(self._commands)
        options = {
            option.display_name: await self._option(draw, where, who, command, option)
            for option in command.parameters
            if option.required or draw.yes()
        }
        result = await who.slash(where.channel, command.qualified_name, **options)
        what = f"/{command.qualified_name} {options}"
        return Sent(who, what, result._interaction, result)

    async def press_what_is_shown(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent | None:
        """Presses a button or a list under an answer, or under any message in the channel."""
        under = [message for one in sent[-1:] for message in one.shown if message.components]
        if not under:
            under = [one for one in self._messages(where) if one.components]
        if not under:
            return None
        message = draw.one_of(under)
        parts = [part for part in walk(message.components) if "custom_id" in part]
        if not parts:
            return None
        part = draw.one_of(parts)
        who = draw.one_of(where.people)
        if sent and message in sent[-1].shown:
            who = sent[-1].who
        data: Json = {"custom_id": part["custom_id"], "component_type": part["type"]}
        if part["type"] == STRING_SELECT:
            values = [option["value"] for option in part["options"]]
            least, most = part.get("min_values", 1), part.get("max_values", 1)
            chosen = st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)
            data["values"] = draw(chosen)
        return await self._send(who, where, COMPONENT, data, message.id)

    async def fill_in_the_form(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent | None:
        """Sends the form that was the last answer, with anything that its fields accept."""
        if not sent or (form := sent[-1].record.modal) is None:
            return None
        components = []
        for label in form["components"]:
            control = label["component"]
            filled = {key: control[key] for key in ("type", "custom_id")}
            if control["type"] == TEXT_INPUT:
                least = max(control.get("min_length", 0), int(control.get("required", True)))
                longest = control.get("max_length", LONGEST_FIELD)
                as_it_was = st.just(control.get("value", ""))
                filled["value"] = draw(self.anything.typed(least, longest) | as_it_was)
            elif control["type"] == STRING_SELECT:
                chosen = draw.one_of([None, *(one["value"] for one in control["options"])])
                filled["values"] = [] if chosen is None else [chosen]
            else:
                filled["values"] = [str(draw.one_of(self._entities(where, control["type"])).id)]
            components.append({"type": LABEL, "id": label["id"], "component": filled})
        data = {"custom_id": form["custom_id"], "components": components}
        return await self._send(sent[-1].who, where, FORM, data, sent[-1].record.source_message_id)

    async def choose_while_typing(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent:
        """Asks for the choices of any option that has autocomplete."""
        named = [
            (command, option)
            for command in self._commands
            for option in command.parameters
            if option.autocomplete
        ]
        command, option = draw.one_of(named)
        typed = draw(self.anything.typed(0, LONGEST_OPTION))
        return await self._type_ahead(
            draw.one_of(where.people), where, command, option.display_name, typed
        )

    async def wait(self, draw: Draw, where: Server, sent: list[Sent]) -> None:
        """Lets time pass, so that the bot sends what is due."""
        server = self.four_servers.server
        hours = draw.one_of((1, 9, 24))
        await live_until(server, server.clock.moment + timedelta(hours=hours))

    # As with a tampered client.

    async def forge_a_press(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent:
        """Presses any button or list that the bot knows, or nearly, under any message."""
        data: Json = {"custom_id": self._forged_id(draw), "component_type": BUTTON}
        if draw.yes():
            values = st.lists(
                self.anything.numbers | self.anything.typed(0, LONGEST_VALUE), max_size=25
            )
            data |= {"component_type": STRING_SELECT, "values": draw(values)}
        message = draw.one_of(self._messages(where))
        return await self._send(draw.one_of(where.people), where, COMPONENT, data, message.id)

    async def forge_a_form(self, draw: Draw, where: Server, sent: list[Sent]) -> Sent:
        """Sends any form that the bot knows, or nearly, with fields of any kind."""
        data = {
            "custom_id": self._forged_id(draw),
            "components": draw(st.lists(self._fields, max_size=6)),
        }
        message = draw.one_of([None, *self._messages(where)])
        source = None if message is None else message.id
        return await self._send(draw.one_of(where.people), where, FORM, data, source)

    @cached_property
    def _commands(self) -> list[Command]:
        found = self._bot.tree.walk_commands()
        return [one for one in found if isinstance(one, app_commands.Command)]

    async def _option(
        self,
        draw: Draw,
        where: Server,
        who: simcord.MemberActor,
        command: Command,
        option: app_commands.Parameter,
    ) -> Any:  # noqa: ANN401  whatever the option accepts
        least, most = option.min_value, option.max_value
        if option.choices:
            return draw.one_of([choice.value for choice in option.choices])
        if option.type is Kind.string:
            longest = LONGEST_OPTION if most is None else int(most)
            typed = self.anything.typed(1 if least is None else int(least), longest)
            if option.autocomplete and draw.yes():
                begun = draw(st.just("") | typed)
                offered = await self._type_ahead(who, where, command, option.display_name, begun)
                values = [one["value"] for one in offered.result.autocomplete_choices or []]
                if values:
                    return draw.one_of(values)
            return draw(typed)
        if option.type is Kind.integer:
            lowest = -LARGEST_NUMBER if least is None else int(least)
            highest = LARGEST_NUMBER if most is None else int(most)
            return draw(st.sampled_from([lowest, highest]) | st.integers(lowest, highest))
        if option.type is Kind.boolean:
            return draw.yes()
        entities = self._entities(where, _SELECT_OF[option.type])
        if kinds := [kind.value for kind in option.channel_types]:
            entities = [one for one in entities if one._channel.type in kinds]
        return draw.one_of(entities)

    def _entities(self, where: Server, select: int) -> list[Any]:
        """Returns what may be chosen in a selection of that type."""
        if select == USER_SELECT:
            return [*where.people, self.four_servers.stranger, self.four_servers.another_bot]
        if select == ROLE_SELECT:
            return [role for role in where.guild.roles.values() if role.name != "decoy"]
        return [one for one in where.guild.channels.values() if one.name != "decoy"]

    async def _type_ahead(
        self, who: simcord.MemberActor, where: Server, command: Command, option: str, typed: str
    ) -> Sent:
        """Returns the choices offered while a person types in an option."""
        name, *rest = command.qualified_name.split()
        root = self._backend.find_command(name, where.guild.id, type=1)
        assert root is not None
        _, nesting = walk_to_subcommand(root, rest)
        focused = {"name": option, "type": Kind.string.value, "value": typed, "focused": True}
        options = nest_options(root, nesting, [focused])
        data = {"id": root["id"], "name": name, "type": 1, "options": options}
        return await self._send(who, where, AUTOCOMPLETE, data, None)

    def _messages(self, where: Server) -> list[Message]:
        return list(self._backend.messages[where.channel.id].values())

    def _forged_id(self, draw: Draw) -> str:
        if draw.yes():
            return draw.one_of(self.four_servers.seen)
        name = draw.one_of(sorted(self._bot.presses._handlers))
        _, arguments, _ = self._bot.presses._handlers[name]
        fewest = max(0, len(arguments) - 1) if draw(st.integers(0, 9)) == 0 else len(arguments)
        most = len(arguments) + 1 if draw(st.integers(0, 9)) == 0 else len(arguments)
        parts = draw(st.lists(self.anything.parts, min_size=fewest, max_size=most))
        return ":".join(("jelly", name, *parts))[:LONGEST_ID]

    @cached_property
    def _fields(self) -> st.SearchStrategy[Json]:
        """Returns a strategy for form fields of any kind, as a client sends them, asked or not."""
        names = st.sampled_from([*self.four_servers.fields, "evil"])
        text = self.anything.typed(0, LONGEST_FIELD)
        values = st.lists(self.anything.numbers | self.anything.typed(0, LONGEST_VALUE), max_size=3)

        def field(kind: int, **content: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
            return st.fixed_dictionaries({"type": st.just(kind), "custom_id": names, **content})

        controls = st.one_of(
            field(TEXT_INPUT, value=text),
            field(TEXT_INPUT, value=st.sampled_from(["", "8", "0", "friday 10-16", "UTC"])),
            *(field(kind, values=values) for kind in (*SELECTS, FILES, CHOICES)),
            field(CHOICE, value=st.none() | text),
            field(TICK, value=st.booleans()),
        )
        ids = st.integers(1, 9)
        return st.one_of(
            *[st.fixed_dictionaries({"type": st.just(LABEL), "id": ids, "component": controls})]
            * 8,
            st.fixed_dictionaries({"type": st.just(TEXT_DISPLAY), "id": ids}),
            st.fixed_dictionaries(
                {"type": st.just(ROW), "id": ids, "components": st.lists(controls, max_size=1)}
            ),
        )

    async def _send(
        self, who: simcord.MemberActor, where: Server, kind: int, data: Json, under: int | None
    ) -> Sent:
        """Sends the bot an interaction, whatever it contains."""
        channel_id = where.channel.id
        record, payload = simcord.interactions.base_payload(
            self._backend,
            type=kind,
            channel_id=channel_id,
            guild_id=where.guild.id,
            user_id=who.id,
            data=data,
        )
        if under is not None:
            record.source_message_id = under
            stored = self._backend.get_message(channel_id, under)
            payload["message"] = dict(message_payload(self._backend, stored))
        self._backend.emit("INTERACTION_CREATE", payload)
        environment = self.four_servers.server.environment
        await environment.settle()
        return Sent(who, f"{kind}: {data}", record, InteractionResult(environment, record))
