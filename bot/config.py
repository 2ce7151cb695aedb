"""Settings from the environment and ``.env``, checked at start; the only reader of either."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream

PROJECT = Path(__file__).resolve().parent.parent
ENV_FILE = PROJECT / ".env"

VARIABLES = (
    "DISCORD_TOKEN",
    "JELLY_DATABASE",
    "JELLY_BACKUPS",
    "JELLY_KEEP_DAYS",
    "JELLY_PRIVACY_URL",
    "JELLY_LOG_LEVEL",
    "JELLY_HEALTH_PORT",
)
"""Every variable that is read; ``.env.example`` and docs/hosting.md explain each."""


LAST_PORT = 65535
LONGEST_ADDRESS = 512
"""https://discord.com/developers/docs/components/reference#button-button-structure."""
MOST_DAYS = 90
"""Above this, JELLY_KEEP_DAYS would shorten nothing."""


class ConfigError(Exception):
    """A setting is wrong; ``str()`` is the sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    token: str | None = field(repr=False)
    """None starts the demo."""
    database: Path
    backups: int
    """Number of nightly copies of the database to keep; 0 for none."""
    log_level: int
    keep_days: int | None = None
    """The most days for which what is about people is kept; None for the usual spans."""
    privacy_url: str | None = None
    """Address of the operator's privacy policy; None if they named none."""
    health_port: int | None = None
    """Port of the health page on this machine; None for no page."""
    notify_socket: str | None = None
    """Address of systemd's notification socket; None if systemd does not want notifications."""
    watchdog: float | None = None
    """Seconds without a notification after which systemd ends the bot; None for never."""


def load(environment: Mapping[str, str] = os.environ, env_file: Path = ENV_FILE) -> Config:
    """Read and check every setting; the environment takes precedence over the file.

    Raises ConfigError.
    """
    values = {**_file_values(env_file), **environment}
    token = values.get("DISCORD_TOKEN", "").strip() or None
    if token is not None and (len(token) < 20 or any(c.isspace() for c in token)):
        raise ConfigError(
            "DISCORD_TOKEN doesn't look like a bot token. Copy it again from the Bot page of your "
            "application at https://discord.com/developers/applications, or leave it empty for "
            "the demo."
        )
    level_name = values.get("JELLY_LOG_LEVEL", "").strip().upper() or "INFO"
    level = logging.getLevelNamesMapping().get(level_name)
    if level is None:
        raise ConfigError(
            f"JELLY_LOG_LEVEL is {values['JELLY_LOG_LEVEL']!r}; it takes DEBUG, INFO, WARNING or "
            "ERROR."
        )
    database = Path(values.get("JELLY_DATABASE", "").strip() or "var/jelly.sqlite3").expanduser()
    backups = values.get("JELLY_BACKUPS", "").strip() or "7"
    if not backups.isdecimal() or len(backups) > 4:
        raise ConfigError(
            f"JELLY_BACKUPS is {backups!r}; it takes how many nightly copies to keep, such as 7, "
            "or 0 for none; 9999 at most."
        )
    keep_days = values.get("JELLY_KEEP_DAYS", "").strip()
    if keep_days and not (
        keep_days.isdecimal() and len(keep_days) <= 4 and 1 <= int(keep_days) <= MOST_DAYS
    ):
        raise ConfigError(
            f"JELLY_KEEP_DAYS is {keep_days!r}; it takes for how many days at most what people "
            f"said about past dates is kept, such as 14, from 1 to {MOST_DAYS}; or is left empty "
            "for 30, and 90 for messages and the log of changes."
        )
    privacy_url = values.get("JELLY_PRIVACY_URL", "").strip()
    if privacy_url and not _is_address(privacy_url):
        raise ConfigError(
            f"JELLY_PRIVACY_URL is {privacy_url!r}; it takes the address of your privacy policy, "
            "such as https://example.org/privacy, or is left empty."
        )
    port = values.get("JELLY_HEALTH_PORT", "").strip()
    if port and not (port.isdecimal() and 1 <= int(port) <= LAST_PORT):
        raise ConfigError(
            f"JELLY_HEALTH_PORT is {port!r}; it takes the number of a free port, such as 8081, or "
            "is left empty for no health page."
        )
    return Config(
        token=token,
        database=PROJECT / database,
        backups=int(backups),
        log_level=level,
        keep_days=int(keep_days) if keep_days else None,
        privacy_url=privacy_url or None,
        health_port=int(port) if port else None,
        notify_socket=environment.get("NOTIFY_SOCKET") or None,
        watchdog=_watchdog(environment),
    )


def _is_address(text: str) -> bool:
    """Whether Discord takes it for a button that opens an address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and " " not in text
    return (
        is_plain
        and len(text) <= LONGEST_ADDRESS
        and parts.scheme == "https"
        and bool(parts.hostname)
    )


def _watchdog(environment: Mapping[str, str]) -> float | None:
    """Returns the watchdog interval in seconds; None if there is none.

    https://www.freedesktop.org/software/systemd/man/latest/sd_watchdog_enabled.html
    """
    microseconds = environment.get("WATCHDOG_USEC", "")
    meant_for = environment.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or meant_for not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 1e6


def _file_values(env_file: Path) -> dict[str, str]:
    try:
        if not env_file.exists():
            return {}
        text = env_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"The settings file {env_file} can't be read ({reason}). Make it a text file that this "
            "user may read."
        ) from error
    for line in parse_stream(io.StringIO(text)):
        if line.error:
            raise ConfigError(
                f"Line {line.original.line} of {env_file} can't be read: it should look like "
                "NAME=value, with both quotes where there are any. Mend it, or remove it."
            )
    values = dotenv_values(stream=io.StringIO(text))
    for name in values:
        if name.startswith(("JELLY_", "DISCORD_")) and name not in VARIABLES:
            [meant, *_] = get_close_matches(name, VARIABLES, n=1, cutoff=0) or VARIABLES
            raise ConfigError(
                f"{name} in {env_file} is no setting of Jelly. Did you mean {meant}? Mend the "
                "name, or remove the line."
            )
    return {name: value for name, value in values.items() if value is not None}
