"""The log is about jellies and machines: nothing in it is about people."""

from __future__ import annotations

import ast
import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from bot import backups, command_line, logs
from bot.config import PROJECT
from data.store.unusable import DatabaseUnusable
from tests.program_log import program_log

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
PERSONAL = {
    *(
        "title",
        "place",
        "about",
        "details",
        "note",
        "phrase",
        "typed",
        "text",
        "sentence",
        "content",
    ),
    *("user", "member", "host", "name", "names", "display_name", "global_name", "mention"),
    *("user_id", "host_id", "member_id", "custom_id", "in_english", "said", "str", "repr"),
}
"""What no line of the log is made from; the exceptions to it are each named below."""
ALLOWED = {
    ("bot/servers.py", "user"): "the bot's own",
    ("bot/interactions.py", "sentence"): "its template alone",
    ("bot/outbox.py", "name"): "of a kind of message",
    ("data/store/errors.py", "sentence"): "about the disk",
}


def _log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for room in ("bot", "cogs", "data"):
        for file in sorted((PROJECT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in LEVELS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "log"
                ):
                    yield file.relative_to(PROJECT), node


def test_no_line_of_the_log_is_made_from_what_is_about_a_person() -> None:
    calls = list(_log_calls())
    assert len(calls) > 30
    for file, call in calls:
        template, *values = call.args
        assert isinstance(template, ast.Constant), f"{file}:{call.lineno}: a literal first"
        for value in values:
            for node in ast.walk(value):
                used = getattr(node, "attr", None) or getattr(node, "id", None)
                if used in PERSONAL and (file.as_posix(), used) not in ALLOWED:
                    pytest.fail(f"{file}:{call.lineno} logs {ast.unparse(value)}")


def test_what_is_allowed_in_the_log_is_there() -> None:
    used = {
        (file.as_posix(), getattr(node, "attr", None) or getattr(node, "id", None))
        for file, call in _log_calls()
        for node in ast.walk(call)
    }
    assert used >= ALLOWED.keys()


def test_an_exception_is_logged_without_its_text_which_may_repeat_what_was_typed() -> None:
    log, first, second = logging.getLogger("bot.test"), "Quokka", "Wombat"
    with program_log() as written:
        try:
            try:
                int(first)
            except ValueError as error:
                raise KeyError(second) from error
        except KeyError as error:
            log.exception("Something went wrong.")
            log.warning("Something went wrong: %r, %s", error, error)
    line = written.getvalue()
    assert "Something went wrong: KeyError, KeyError" in line
    for part in ("ValueError", "KeyError", "test_logs.py", "Traceback", "int(first)"):
        assert part in line
    assert first not in line
    assert second not in line


def test_what_another_handler_wrote_of_an_exception_is_not_taken_over() -> None:
    log = logging.getLogger("bot.test")
    another = logging.StreamHandler(open("/dev/null", "w"))  # noqa: PTH123, SIM115
    log.addHandler(another)
    try:
        with program_log() as written:
            log.error("Something went wrong.", exc_info=ValueError("Quokka"))
    finally:
        log.removeHandler(another)
        another.stream.close()
    assert "ValueError" in written.getvalue()
    assert "Quokka" not in written.getvalue()


def test_what_is_wrong_with_the_machine_is_said_in_full() -> None:
    log = logging.getLogger("bot.test")
    with program_log() as written:
        log.warning("Not stored: %s", DatabaseUnusable("The disk is full. Free some space."))
        log.warning("Not sent: %r", OSError(28, "No space left on device"))
        log.warning("Not sent: %r", aiohttp.ClientConnectionError("Connection reset"))
    assert "Not stored: The disk is full. Free some space.\n" in written.getvalue()
    assert "Not sent: OSError: [Errno 28] No space left on device\n" in written.getvalue()
    assert "ClientConnectionError: Connection reset" in written.getvalue()


def test_an_error_is_cut_to_one_short_line() -> None:
    page = "<html>\n" + "<p>Blocked</p>\n" * 100
    with program_log() as written:
        logging.getLogger("bot.test").warning("Not sent: %r", aiohttp.ClientConnectionError(page))
    [line] = written.getvalue().splitlines()
    assert "<html> <p>Blocked</p>" in line
    assert len(line) < 300


def test_a_librarys_line_has_no_ids_because_some_are_peoples() -> None:
    with program_log() as written:
        logging.getLogger("discord.http").warning(
            "We are being rate limited. %s %s responded with 429. Retrying in %.2f seconds.",
            "GET",
            "https://discord.com/api/v10/guilds/1050000000000000001/members/1050000000000000002",
            1.5,
        )
        logging.getLogger("bot.outbox").warning("Sent to channel %s", 1050000000000000001)
    assert "guilds/[id]/members/[id] responded with 429. Retrying in 1.50" in written.getvalue()
    assert "Sent to channel 1050000000000000001" in written.getvalue()


async def test_a_task_that_nobody_waited_for_is_logged_without_what_it_held() -> None:
    async def fail(word: str) -> None:
        raise ValueError(word)

    with program_log() as written:
        task = asyncio.create_task(fail("Quokka"))
        await asyncio.wait((task,))
        del task
        word = "Wombat"
        asyncio.get_running_loop().call_soon(_fail_at_once, word)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert "Task exception was never retrieved" in written.getvalue()
    assert "Exception in callback" in written.getvalue()
    assert "Quokka" not in written.getvalue()
    assert word not in written.getvalue()


def test_an_error_that_ends_the_program_is_logged_without_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    word = "Quokka"

    def fail(*_: object) -> None:
        raise ValueError(word)

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(backups, "backup", fail)
    level = root.level
    try:
        assert command_line.main(["backup", "copy.sqlite3"]) == command_line.FAILED
    finally:
        root.setLevel(level)
    written = capsys.readouterr().err
    assert "Jelly ended because of an error of its own." in written
    assert "ValueError" in written
    assert word not in written


def test_lines_of_libraries_for_debugging_are_never_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They hold what is stored and what is sent."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    names = ("discord.http", "discord.gateway", "aiosqlite", "aiohttp.access", "apscheduler")
    level = root.level
    logs.set_up(logging.DEBUG)
    try:
        assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in names)
    finally:
        root.setLevel(level)


def _fail_at_once(word: str) -> None:
    raise ValueError(word)
