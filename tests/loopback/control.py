"""Controls the loopback Discord from a test: `async with Loopback() as discord: ...`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp

from .models import (
    TOKEN,
    Answer,
    Counters,
    Guild,
    Json,
    Message,
    Place,
    Presses,
    Request,
    Violation,
)
from .processes import Process

_ANSWER_WITHIN = 3.5  # Discord gives a bot 3 seconds


class LoopbackError(Exception):
    """The loopback Discord could not do what it was told to."""


class Loopback:
    """A loopback Discord in a separate process. Ids are ints; times are seconds."""

    def __init__(
        self,
        *,
        nonce_window: float = 180.0,
        heartbeat_interval: float = 41.25,
        rate_limits: bool = True,
        seed: int = 0,
        behind: float = 0.0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Starts with Discord's time `behind` seconds behind; `advance` makes up for it."""
        self._arguments = [
            f"--nonce-window={nonce_window}",
            f"--heartbeat-interval={heartbeat_interval}",
            f"--seed={seed}",
            f"--behind={behind}",
            *([] if rate_limits else ["--no-rate-limits"]),
        ]
        self._env = env or {}
        self.place: Place
        self.process: Process
        self._http: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self.process = await Process.start(
            "tests.loopback", "--with-parent", *self._arguments, env=self._env
        )
        await self.process.said("}\n")
        [place] = [line for line in self.process.output.splitlines() if line.startswith("{")]
        self.place = Place(**json.loads(place))
        self._http = aiohttp.ClientSession(self.place.control)
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._http.close()
        await self.process.stop()

    @asynccontextmanager
    async def bot(
        self,
        module: str,
        *arguments: str,
        token: str = TOKEN,
        env: Mapping[str, str] | None = None,
        ready_after: float | None = 0.05,
    ) -> AsyncIterator[Process]:
        """Runs a bot module against this Discord, unmodified, and kills it at the end.

        `ready_after` replaces the two seconds that discord.py waits before `on_ready`.
        """
        bot = await self.start_bot(
            module, *arguments, token=token, env=env, ready_after=ready_after
        )
        try:
            yield bot
        finally:
            await bot.kill()

    async def start_bot(
        self,
        module: str,
        *arguments: str,
        token: str = TOKEN,
        env: Mapping[str, str] | None = None,
        ready_after: float | None = 0.05,
    ) -> Process:
        """Starts a bot as `bot` does; the caller ends the process."""
        await self.expect_bot()
        launch = ["--api", self.place.api, "--gateway", self.place.gateway, "--with-parent"]
        if ready_after is not None:
            launch += ["--ready-after", str(ready_after)]
        return await Process.start(
            "tests.loopback.launch",
            *launch,
            "--",
            module,
            *arguments,
            env={"DISCORD_TOKEN": token, "PYTHONUNBUFFERED": "1", **(env or {})},
        )

    async def bury_bot(self) -> None:
        """Processes what a killed bot had sent, and ends all waiting for an answer."""
        await self._do("bury_bot")

    async def expect_bot(self) -> None:
        """Announces that a bot is about to connect, for which `wait_ready` waits."""
        await self._do("expect_bot")

    # The world

    async def create_guild(
        self, name: str = "Jelly", channels: Sequence[str] = ("jellies",), members: int = 3
    ) -> Guild:
        """Creates a server with the bot in it, an owner, and that many members."""
        return Guild(
            **await self._do("create_guild", name=name, channels=list(channels), members=members)
        )

    async def create_channel(self, guild: int, name: str) -> int:
        return int(await self._do("create_channel", guild=guild, name=name))

    async def add_member(self, guild: int, name: str) -> int:
        return int(await self._do("add_member", guild=guild, name=name))

    async def remove_member(self, guild: int, user: int) -> None:
        await self._do("remove_member", guild=guild, user=user)

    async def create_role(self, guild: int, name: str, permissions: Iterable[str] = ()) -> int:
        """Creates a role; permissions as in discord.py: `manage_events`, `administrator`, ..."""
        return int(
            await self._do("create_role", guild=guild, name=name, permissions=list(permissions))
        )

    async def give_role(self, guild: int, user: int, role: int) -> None:
        await self._do("give_role", guild=guild, user=user, role=role)

    async def take_role(self, guild: int, user: int, role: int) -> None:
        await self._do("take_role", guild=guild, user=user, role=role)

    async def set_permissions(
        self, channel: int, target: int, *, allow: Iterable[str] = (), deny: Iterable[str] = ()
    ) -> None:
        """Overwrites a channel's permissions for a role or a member; with neither, removes that."""
        await self._do(
            "set_permissions",
            channel=channel,
            target=target,
            allow=list(allow),
            deny=list(deny),
        )

    async def deny_bot(self, channel: int, *permissions: str) -> None:
        """Takes permissions from the bot in a channel; called with none, gives them back."""
        await self.set_permissions(channel, self.place.bot_id, deny=permissions)

    async def delete_channel(self, channel: int) -> None:
        await self._do("delete_channel", channel=channel)

    async def remove_bot(self, guild: int) -> None:
        """Kicks the bot; the server stays as it is and can invite it again."""
        await self._do("remove_bot", guild=guild)

    async def invite_bot(self, guild: int) -> None:
        await self._do("invite_bot", guild=guild)

    async def close_dms(self, user: int) -> None:
        await self._do("open_dms", user=user, is_open=False)

    async def open_dms(self, user: int) -> None:
        await self._do("open_dms", user=user, is_open=True)

    # Messages

    async def post(self, user: int, channel: int, content: str) -> Message:
        return Message(await self._do("post", user=user, channel=channel, content=content))

    async def delete_message(self, message: Message) -> None:
        await self._do("delete_message", channel=message.channel_id, message=message.id)

    async def messages(
        self, channel: int, *, at_least: int = 0, within: float = 5.0
    ) -> list[Message]:
        """Returns all messages of a channel, ephemeral ones included, oldest first.

        Waits until there are `at_least` that many, and returns those that exist by then.
        """
        found = await self._do("messages", channel=channel, at_least=at_least, within=within)
        return [Message(raw) for raw in found]

    async def deleted_messages(self, channel: int) -> list[Message]:
        """Returns the messages of a channel that were deleted, in that order, as they were then."""
        return [Message(raw) for raw in await self._do("deleted_messages", channel=channel)]

    async def dms(self, user: int, *, at_least: int = 0, within: float = 5.0) -> list[Message]:
        found = await self._do("dms", user=user, at_least=at_least, within=within)
        return [Message(raw) for raw in found]

    async def age_message(self, message: Message, seconds: float) -> None:
        """Makes a message look as if it was posted that much earlier; its id stays."""
        await self._do(
            "age_message", channel=message.channel_id, message=message.id, seconds=seconds
        )

    # People

    async def slash(
        self,
        user: int,
        channel: int,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        within: float = _ANSWER_WITHIN,
    ) -> Answer:
        """Runs a command such as `jelly new`; users, channels and roles are given by id.

        Returns at the acknowledgement, or if that was "thinking", at the answer after it.
        """
        return await self._interact(
            "slash", user=user, channel=channel, name=name, options=options or {}, within=within
        )

    async def autocomplete(
        self,
        user: int,
        channel: int,
        name: str,
        option: str,
        typed: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        within: float = _ANSWER_WITHIN,
    ) -> Answer:
        """Types into one option of a command whose other `options` may be filled in already."""
        return await self._interact(
            "autocomplete",
            user=user,
            channel=channel,
            name=name,
            option=option,
            typed=typed,
            options=options or {},
            within=within,
        )

    async def click(
        self,
        user: int,
        message: Message,
        custom_id: str,
        *,
        forged: bool = False,
        within: float = _ANSWER_WITHIN,
    ) -> Answer:
        """Presses a button; a `forged` press has an id that need not be on the message."""
        return await self._interact(
            "click",
            user=user,
            channel=message.channel_id,
            message=message.id,
            custom_id=custom_id,
            forged=forged,
            within=within,
        )

    async def select(
        self,
        user: int,
        message: Message,
        custom_id: str,
        values: Sequence[str | int],
        *,
        within: float = _ANSWER_WITHIN,
    ) -> Answer:
        """Chooses in a select menu; users, roles and channels by id."""
        return await self._interact(
            "select",
            user=user,
            channel=message.channel_id,
            message=message.id,
            custom_id=custom_id,
            values=list(values),
            within=within,
        )

    async def submit_modal(
        self, shown: Answer, values: Mapping[str, Any], *, within: float = _ANSWER_WITHIN
    ) -> Answer:
        """Fills in the modal of an answer, by custom id, and sends it; the rest stays as shown."""
        return await self._interact(
            "submit_modal",
            interaction_id=shown.interaction_id,
            values=dict(values),
            within=within,
        )

    async def press_many(
        self,
        message: Message,
        custom_ids: Sequence[str],
        users: Sequence[int],
        *,
        in_flight: int = 20,
        within: float = _ANSWER_WITHIN,
    ) -> Presses:
        """Has each of `users` press once, cycling over the buttons, at most `in_flight` at a time.

        Runs inside the server's process, so that the test's own speed is not measured.
        """
        return Presses.read(
            await self._do(
                "press_many",
                channel=message.channel_id,
                message=message.id,
                custom_ids=list(custom_ids),
                users=list(users),
                in_flight=in_flight,
                within=within,
            )
        )

    async def replay(self, answer: Answer) -> None:
        """Delivers one of the latest interactions to the bot once more."""
        await self._do("replay", interaction_id=answer.interaction_id)

    async def again(self, answer: Answer, *, within: float = _ANSWER_WITHIN) -> Answer:
        """Returns the bot's answer so far to an earlier interaction."""
        return await self._interact("answer", interaction_id=answer.interaction_id, within=within)

    # Faults

    async def disturb_requests(
        self,
        *,
        method: str = "*",
        path: str = "*",
        times: int | None = None,
        latency: float = 0.0,
        jitter: float = 0.0,
        status: int | None = None,
        code: int = 0,
        drop: bool = False,
        takes_effect: bool = False,
        chance: float = 1.0,
    ) -> None:
        """Makes matching requests slow, fail, or lose their connection; see `RestFault`.

        `path` is a pattern such as `/channels/*/messages`.
        """
        await self._do(
            "add_fault",
            kind="rest",
            method=method,
            path=path,
            times=times,
            latency=latency,
            jitter=jitter,
            status=status,
            code=code,
            drop=drop,
            takes_effect=takes_effect,
            chance=chance,
        )

    async def disturb_interactions(
        self, *, copies: int = 1, late: float = 0.0, times: int | None = 1
    ) -> None:
        """Delivers the next interactions repeatedly, or `late`; Discord's 3 seconds still run."""
        await self._do("add_fault", kind="delivery", copies=copies, late=late, times=times)

    async def refuse_identify(self, close_code: int, *, times: int | None = 1) -> None:
        """Closes the next connections on which the bot asks for a new session."""
        await self._do("add_fault", kind="identify", close_code=close_code, times=times)

    async def clear_faults(self) -> None:
        """Takes back the faults above and `silence_gateway`."""
        await self._do("clear_faults")

    async def close_gateway(self, code: int = 1001, *, resumable: bool = True) -> None:
        await self._do("close_gateway", code=code, resumable=resumable)

    async def cut_gateway(self) -> None:
        """Cuts the bot's connection without a close code; the session can be resumed."""
        await self._do("cut_gateway")

    async def ask_to_reconnect(self) -> None:
        await self._do("ask_to_reconnect")

    async def invalidate_session(self, *, resumable: bool = False) -> None:
        await self._do("invalidate_session", resumable=resumable)

    async def strand_sessions(self, resume_url: str) -> None:
        """Tells sessions from now on to resume at this address; if empty, at the usual one."""
        await self._do("strand_sessions", resume_url=resume_url)

    async def garble_gateway(self, event: str, payload: Json) -> None:
        """Sends the bot an event that Discord would never send."""
        await self._do("garble_gateway", event=event, payload=payload)

    async def silence_gateway(self) -> None:
        """Makes the bot's present connection deliver nothing more, not even heartbeat answers."""
        await self._do("silence_gateway")

    async def go_away(self, *, api: bool = True, gateway: bool = True) -> None:
        """Refuses connections and cuts the existing ones, until `come_back`."""
        await self._do("refuse", what=_named(api=api, gateway=gateway))

    async def come_back(self, *, api: bool = True, gateway: bool = True) -> None:
        await self._do("take", what=_named(api=api, gateway=gateway))

    # Settings

    async def advance(self, seconds: float) -> float:
        """Lets that much time pass in Discord at once; returns how far ahead it is by now."""
        return float(await self._do("advance", seconds=seconds))

    async def set_rate_limits(self, *, enabled: bool = True, answers_count: bool = False) -> None:
        """Sets the rate limits; also resets what they have counted so far.

        With `answers_count`, answers that edit an old message count as edits of it.
        """
        await self._do("set_rate_limits", enabled=enabled, answers_count=answers_count)

    async def set_nonce_window(self, seconds: float) -> None:
        await self._do("set_nonce_window", seconds=seconds)

    async def set_heartbeat_interval(self, seconds: float) -> None:
        """Sets the interval for connections from now on."""
        await self._do("set_heartbeat_interval", seconds=seconds)

    async def set_clock(self, *, ahead: float = 0.0) -> None:
        """Sets by how many seconds Discord's clock is ahead of this machine's."""
        await self._do("set_clock", ahead=ahead)

    async def set_application(self, **settings: object) -> None:
        """Sets what the Developer Portal says of the bot, where it differs from the defaults."""
        await self._do("set_application", settings=settings)

    # What happened

    async def wait_ready(self, within: float = 30.0) -> None:
        """Waits until the bot started last is connected and was told of its servers."""
        if not await self._do("wait_ready", within=within):
            raise TimeoutError(f"no bot was ready within {within} seconds")

    async def wait_gateway(self, event: str, count: int = 1, within: float = 30.0) -> None:
        """Waits until `identify`, `resume`, `heartbeat` or `closed` was counted that often."""
        if not await self._do("wait_gateway", event=event, count=count, within=within):
            raise TimeoutError(f"{event} was not counted {count} times within {within} seconds")

    async def wait_requests(self, route: str, count: int = 1, within: float = 30.0) -> None:
        """Waits until a route, named as in `Counters.requests`, was requested that often."""
        if not await self._do("wait_requests", route=route, count=count, within=within):
            raise TimeoutError(f"{route} was not requested {count} times within {within} seconds")

    async def counters(self) -> Counters:
        raw = await self._do("counters")
        statuses = {int(status): count for status, count in raw.pop("statuses").items()}
        return Counters(statuses=statuses, **raw)

    async def reset_counters(self) -> None:
        """Resets all counters; also forgets requests and violations."""
        await self._do("reset_counters")

    async def requests(self) -> list[Request]:
        """Returns the latest requests of the bot, oldest first."""
        return [Request(**raw) for raw in await self._do("requests")]

    async def violations(self) -> list[Violation]:
        """Returns every request body so far that Discord would not have accepted."""
        return [Violation(**raw) for raw in await self._do("violations")]

    async def _interact(self, command: str, **arguments: object) -> Answer:
        return Answer.read(await self._do(command, **arguments))

    async def _do(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - it is JSON
        async with self._http.post(f"/{command}", json=arguments) as response:
            answer = await response.json()
        if "error" in answer:
            raise LoopbackError(f"{command}: {answer['error']}")
        return answer["result"]


def _named(**flags: bool) -> list[str]:
    return [name for name, is_set in flags.items() if is_set]
