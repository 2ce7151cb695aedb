"""Faults that can be caused on demand and repeatably."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar


@dataclass
class RestFault:
    """A fault of the matching requests, as long as `times` lasts.

    The request first waits `latency` plus up to `jitter` seconds. Then it is answered with
    `status`, by a proxy's page unless there is a `code`, or its connection is cut (`drop`);
    `takes_effect` says whether the request was executed all the same. With neither it is only
    delayed. With `chance` only some of the requests are hit, drawn from the server's seed.
    """

    method: str = "*"
    path: str = "*"
    times: int | None = None
    latency: float = 0.0
    jitter: float = 0.0
    status: int | None = None
    code: int = 0
    drop: bool = False
    takes_effect: bool = False
    chance: float = 1.0

    @property
    def breaks(self) -> bool:
        return self.drop or self.status is not None


@dataclass
class DeliveryFault:
    """Delivers the next interactions `copies` times, and `late` seconds after the press."""

    copies: int = 1
    late: float = 0.0
    times: int | None = None


@dataclass
class IdentifyFault:
    """Closes the next sessions that the bot asks for with `close_code`."""

    close_code: int = 4000
    times: int | None = None


Fault = RestFault | DeliveryFault | IdentifyFault
_FaultT = TypeVar("_FaultT", RestFault, DeliveryFault, IdentifyFault)


class Faults:
    """The faults in force; the first that matches is applied."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._in_force: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._in_force.append(fault)

    def clear(self) -> None:
        self._in_force.clear()

    def rest(self, method: str, path: str) -> RestFault | None:
        for fault in self._of(RestFault):
            if (
                fault.method in {"*", method}
                and fnmatch.fnmatchcase(path, fault.path)
                and self._random.random() < fault.chance
            ):
                return self._spend(fault)
        return None

    def delivery(self) -> DeliveryFault | None:
        return next((self._spend(fault) for fault in self._of(DeliveryFault)), None)

    def identify(self) -> IdentifyFault | None:
        return next((self._spend(fault) for fault in self._of(IdentifyFault)), None)

    def pause(self, fault: RestFault) -> float:
        return fault.latency + self._random.uniform(0.0, fault.jitter)

    def _of(self, kind: type[_FaultT]) -> Iterator[_FaultT]:
        return (fault for fault in self._in_force if isinstance(fault, kind))

    def _spend(self, fault: _FaultT) -> _FaultT:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._in_force.remove(fault)
        return fault
