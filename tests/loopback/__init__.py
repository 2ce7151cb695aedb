"""A loopback Discord for tests: SimCord's backend behind real HTTP and WebSockets.

`Loopback` starts it as a separate process, runs an unmodified bot against it, and controls both.
"""

from .control import Loopback, LoopbackError
from .models import TOKEN, Answer, Counters, Guild, Message, Press, Presses, Request, Violation
from .processes import Process

__all__ = [
    "TOKEN",
    "Answer",
    "Counters",
    "Guild",
    "Loopback",
    "LoopbackError",
    "Message",
    "Press",
    "Presses",
    "Process",
    "Request",
    "Violation",
]
