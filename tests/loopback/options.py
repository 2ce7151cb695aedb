"""Slash command options, as a person fills them in and as Discord sends them."""

from __future__ import annotations

from simcord.backend import serializers
from simcord.backend.errors import SetupError
from simcord.enums import OptionType
from simcord.interactions import validate_option_value

from .backend import LoopbackBackend
from .models import Json

_BY_ID = frozenset({OptionType.USER, OptionType.CHANNEL, OptionType.ROLE})


class Resolved:
    """The objects that an interaction's ids refer to, as one member sees them."""

    def __init__(self, backend: LoopbackBackend, guild_id: int | None, user_id: int) -> None:
        self.json: Json = {}
        self._backend = backend
        self._guild_id = guild_id
        self._user_id = user_id

    def add_user(self, user_id: int) -> None:
        backend = self._backend
        user = serializers.user_payload(backend.get_user(user_id))
        self.json.setdefault("users", {})[str(user_id)] = user
        guild = backend.guilds.get(self._guild_id or 0)
        if guild and (member := guild.members.get(user_id)):
            partial = serializers.member_payload(backend, guild, member, with_user=False)
            self.json.setdefault("members", {})[str(user_id)] = partial

    def add_channel(self, channel_id: int) -> None:
        backend = self._backend
        channel = dict(serializers.channel_payload(backend, backend.get_channel(channel_id)))
        if self._guild_id is not None:
            permissions = backend.compute_permissions(self._guild_id, self._user_id, channel_id)
            channel["permissions"] = str(permissions)
        self.json.setdefault("channels", {})[str(channel_id)] = channel

    def add_role(self, role_id: int) -> None:
        role = self._backend.get_role(self._guild_id or 0, role_id)
        self.json.setdefault("roles", {})[str(role_id)] = serializers.role_payload(role)


def filled_in(command: Json, values: Json, resolved: Resolved) -> list[Json]:
    """Returns the options of one (sub)command in wire form; users, channels and roles by id.

    What a person could not enter is refused.
    """
    declared = {option["name"]: option for option in command.get("options") or []}
    if unknown := values.keys() - declared.keys():
        raise SetupError(f"{command['name']} has no option {', '.join(sorted(unknown))}")
    options: list[Json] = []
    for name, value in values.items():
        kind = OptionType(declared[name]["type"])
        if kind in _BY_ID:
            add = {
                OptionType.USER: resolved.add_user,
                OptionType.CHANNEL: resolved.add_channel,
                OptionType.ROLE: resolved.add_role,
            }[kind]
            add(int(value))
            value = str(value)
        else:
            validate_option_value(command["name"], declared[name], value)
        options.append({"name": name, "type": int(kind), "value": value})
    return options


def require_all(command: Json, values: Json) -> None:
    """Refuses to run a command without its required options."""
    for option in command.get("options") or []:
        if option.get("required") and option["name"] not in values:
            raise SetupError(f"{command['name']} needs the option {option['name']}")
