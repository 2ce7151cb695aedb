"""The loopback Discord: its parts, connected and listening."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass

from aiohttp import web
from simcord.backend.errors import BackendError, SetupError

from .backend import LoopbackBackend
from .callbacks import Callbacks
from .checks import Checks
from .commands import Commands
from .faults import Faults
from .gateway import Gateway
from .listener import HOST, Listener
from .models import Place
from .nonces import Nonces
from .people import People
from .pulse import Pulse
from .ratelimits import GLOBAL_PER_SECOND, RateLimits
from .rest import Rest
from .tally import Tally


@dataclass(frozen=True)
class Settings:
    """Settings of a run; a port of 0 means any free one."""

    port: int = 0
    gateway_port: int = 0
    control_port: int = 0
    nonce_window: float = 180.0
    heartbeat_interval: float = 41.25
    rate_limits: bool = True
    per_second: int = GLOBAL_PER_SECOND
    seed: int = 0
    behind: float = 0.0


class Server:
    """One simulated Discord on this machine."""

    def __init__(self, settings: Settings) -> None:
        pulse, tally, faults = Pulse(), Tally(), Faults(settings.seed)
        limits = RateLimits(enabled=settings.rate_limits, per_second=settings.per_second)
        self._backend = backend = LoopbackBackend(settings.behind)
        nonces = Nonces(settings.nonce_window, backend.clock)
        self._gateway = Gateway(backend, faults, tally, pulse, settings.heartbeat_interval)
        people = People(backend, faults, pulse)
        callbacks = Callbacks(backend, people, self._gateway)
        checks = Checks(backend, tally)
        rest = Rest(backend, callbacks, checks, faults, limits, nonces, tally, pulse)
        self._api = Listener(rest.handle, settings.port)
        self._gateway_listener = Listener(self._gateway.handle, settings.gateway_port)
        self._control = Listener(self._command, settings.control_port)
        self._commands = Commands(
            backend,
            people,
            self._gateway,
            faults,
            limits,
            nonces,
            tally,
            pulse,
            self._api,
            self._gateway_listener,
        )

    async def start(self) -> Place:
        for listener in self._listeners:
            await listener.open()
        self._gateway.url = f"ws://{HOST}:{self._gateway_listener.port}/gw"
        return Place(
            api=f"http://{HOST}:{self._api.port}/api/v10",
            gateway=self._gateway.url,
            control=f"http://{HOST}:{self._control.port}",
            bot_id=self._backend.bot_user.id,
            application_id=self._backend.application_id,
        )

    async def stop(self) -> None:
        for listener in self._listeners:
            await listener.close()

    @property
    def _listeners(self) -> tuple[Listener, ...]:
        return self._api, self._gateway_listener, self._control

    async def _command(self, request: web.BaseRequest) -> web.StreamResponse:
        """Handles POST /name with arguments as a JSON object; 409 says why it is impossible."""
        name = request.path.strip("/")
        command = getattr(self._commands, name, None)
        if name.startswith("_") or command is None:
            return web.json_response({"error": f"no command {name}"}, status=404)
        try:
            result = command(**json.loads(await request.read()))
            if inspect.isawaitable(result):
                result = await result
        except (BackendError, SetupError, LookupError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=409)
        return web.json_response({"result": result})
