"""Runs a command under what deploy/jelly.service forbids, as far as that takes no systemd.

`python -m tests.sandbox COMMAND [ARGUMENTS]`

systemd makes the same filters: which system calls are allowed, no memory that is both written and
executed, which families of sockets. What mounts, namespaces and control groups forbid is left out.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from functools import cache
from shutil import which

from bot.config import PROJECT

UNIT = PROJECT / "deploy" / "jelly.service"
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_EQUAL, _MASKED_EQUAL = 4, 7
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
_LAST_FAMILY = 45
_PR_SET_NO_NEW_PRIVS = 38
_PROT_WRITE, _PROT_EXEC = 2, 4


class _Argument(ctypes.Structure):
    """https://man7.org/linux/man-pages/man3/seccomp_rule_add.3.html."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def missing() -> str:
    """Returns what this machine lacks for it; "" if nothing."""
    if not sys.platform.startswith("linux"):
        return "seccomp is Linux's"
    if which("systemd-analyze") is None:
        return "systemd-analyze is not installed, which knows the groups of system calls"
    return "" if find_library("seccomp") else "libseccomp is not installed"


def settings(name: str) -> list[str]:
    """Returns the values of a setting of the unit, in their order."""
    lines = UNIT.read_text("utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def restrict() -> None:
    """Forbids this process, and all that it starts, what the unit forbids."""
    os.umask(int(settings("UMask")[0], 8))
    [files] = settings("LimitNOFILE")
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    allowed, denied = set[str](), set[str]()
    for value in settings("SystemCallFilter"):
        names = (denied if value.startswith("~") else allowed, value.lstrip("~").split())
        names[0].update(call for name in names[1] for call in _calls(name))
    calls = _Filter(_ERRNO | errno.EPERM)
    for call in sorted(allowed - denied):
        calls.add(_ALLOW, call)
    rest = _Filter(_ALLOW)
    if settings("MemoryDenyWriteExecute") == ["yes"]:
        both = _PROT_WRITE | _PROT_EXEC
        rest.add(_ERRNO | errno.EPERM, "mmap", _Argument(2, _MASKED_EQUAL, both, both))
        for call in ("mprotect", "pkey_mprotect"):
            executed = _Argument(2, _MASKED_EQUAL, _PROT_EXEC, _PROT_EXEC)
            rest.add(_ERRNO | errno.EPERM, call, executed)
    [families] = settings("RestrictAddressFamilies")
    kept = {_FAMILIES[name] for name in families.split()}
    for family in set(range(_LAST_FAMILY + 1)) - kept:
        rest.add(_ERRNO | errno.EAFNOSUPPORT, "socket", _Argument(0, _EQUAL, family, 0))
    rest.load()
    calls.load()


class _Filter:
    """A filter of system calls, with what becomes of those that it does not name."""

    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL(find_library("seccomp"))
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._filter = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action: int, call: str, *arguments: _Argument) -> None:
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return  # not of this architecture
        array = (_Argument * len(arguments))(*arguments)
        failed = self._library.seccomp_rule_add_array(
            self._filter, ctypes.c_uint32(action), number, len(arguments), array
        )
        if failed:
            raise OSError(-failed, f"no rule for {call}")

    def load(self) -> None:
        if failed := self._library.seccomp_load(self._filter):
            raise OSError(-failed, "the filter can't be loaded")


def _calls(name: str) -> Iterator[str]:
    """Yields the system calls of a group, or the one with this name."""
    if not name.startswith("@"):
        yield name
        return
    for inner in _groups()[name]:
        yield from _calls(inner)


@cache
def _groups() -> dict[str, list[str]]:
    """Returns what systemd calls each group of system calls, and what is in it."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True
    ).stdout
    groups: dict[str, list[str]] = {}
    name = ""
    for line in told.splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif name and line.startswith("    ") and not line.lstrip().startswith("#"):
            groups[name].append(line.strip())
    return groups


if __name__ == "__main__":
    restrict()
    os.execvp(sys.argv[1], sys.argv[1:])
