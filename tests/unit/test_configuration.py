"""Settings from the environment and .env, and what is said if they are wrong."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from bot.command_line import _program
from bot.config import PROJECT, ConfigError, load
from bot.logs import set_up

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


def test_defaults(tmp_path: Path) -> None:
    config = load({}, tmp_path / ".env")
    assert config.token is None
    assert config.database == PROJECT / "var" / "jelly.sqlite3"
    assert config.log_level == logging.INFO


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        f"DISCORD_TOKEN={TOKEN}\nJELLY_LOG_LEVEL=debug\nJELLY_DATABASE=/tmp/x.sqlite3\n"
    )
    config = load({"JELLY_LOG_LEVEL": "ERROR"}, file)
    assert config.token == TOKEN
    assert config.log_level == logging.ERROR
    assert config.database == Path("/tmp/x.sqlite3")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DISCORD_TOKEN": "abc"}, "DISCORD_TOKEN"),
        ({"DISCORD_TOKEN": f"Bot {TOKEN}"}, "DISCORD_TOKEN"),
        ({"JELLY_LOG_LEVEL": "LOUD"}, "JELLY_LOG_LEVEL"),
        ({"JELLY_HEALTH_PORT": "http"}, "JELLY_HEALTH_PORT"),
        *(
            ({"JELLY_KEEP_DAYS": wrong}, "JELLY_KEEP_DAYS")
            for wrong in ("0", "-1", "91", "a month", "1.5", "9" * 5000)
        ),
        *(
            ({"JELLY_PRIVACY_URL": wrong}, "JELLY_PRIVACY_URL")
            for wrong in (
                *("http://example.org", "example.org", "https://", "https:///privacy"),
                *(
                    "https://exa mple.org",
                    "https://[",
                    "https://exämple.org",
                    "javascript:alert(1)",
                ),
                f"https://example.org/{'a' * 500}",
            )
        ),
        ({"JELLY_HEALTH_PORT": "65536"}, "JELLY_HEALTH_PORT"),
    ],
)
def test_wrong_settings_are_named(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as refusal:
        load(environment, tmp_path / ".env")
    assert environment.get("DISCORD_TOKEN", "nothing") not in str(refusal.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00bad", None])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / ".env"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"\.env"):
        load({}, file)


@pytest.mark.parametrize("line", ['DISCORD_TOKEN="abc', "just words"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"JELLY_LOG_LEVEL=INFO\n{line}\n")
    with pytest.raises(ConfigError, match=r"Line 2 of .*\.env"):
        load({}, file)


def test_a_misspelt_name_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("JELLY_HEALT_PORT=8081\n")
    with pytest.raises(ConfigError, match="Did you mean JELLY_HEALTH_PORT"):
        load({}, file)


def test_the_token_never_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load({"DISCORD_TOKEN": TOKEN}, tmp_path / ".env")
    assert TOKEN not in repr(config)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    level = root.level
    set_up(logging.DEBUG, secret=TOKEN)
    try:
        raise ValueError(f"bad header: Bot {TOKEN}")
    except ValueError:
        root.exception("It said %s", TOKEN)
    finally:
        root.setLevel(level)
    logged = capsys.readouterr().err
    assert "It said [token]" in logged
    assert TOKEN not in logged


def test_systemd_watches_only_the_process_it_started(tmp_path: Path) -> None:
    asked = {"NOTIFY_SOCKET": "@systemd", "WATCHDOG_USEC": "120000000"}
    mine, another = str(os.getpid()), str(os.getpid() + 1)
    for meant_for, seconds in (({}, 120.0), ({"WATCHDOG_PID": mine}, 120.0)):
        assert load({**asked, **meant_for}, tmp_path / ".env").watchdog == seconds
    assert load({**asked, "WATCHDOG_PID": another}, tmp_path / ".env").watchdog is None
    assert load({}, tmp_path / ".env").notify_socket is None


def test_without_the_demo_it_is_said_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "simcord", None)
    monkeypatch.delitem(sys.modules, "bot.demo", raising=False)
    asked = Namespace(command="run", port=None, database=None)
    with pytest.raises(ConfigError, match="install the demo: ") as refusal:
        asyncio.run(_program(load({}, tmp_path / ".env"), asked))
    [file] = re.findall(r"requirements/\S+", str(refusal.value))
    assert "simcord==" in (PROJECT / file).read_text("utf-8")
