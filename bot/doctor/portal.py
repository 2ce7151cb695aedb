"""Checks the application in Discord's Developer Portal, and whether Discord can be reached."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.doctor.findings import IN_TERMINAL, Finding, fine, problem, warning

DISCORD = "Discord"

_PORTAL = "https://discord.com/developers/applications > your application"
_NEW_TOKEN = f"{_PORTAL} > Bot > Reset Token; put the new one after DISCORD_TOKEN= in .env."


def no_token() -> Finding:
    return problem(
        DISCORD,
        "There is no DISCORD_TOKEN: the bot would start as a demo, and Discord was not asked.",
        _NEW_TOKEN,
    )


def refused_token() -> Finding:
    return problem(DISCORD, "Discord does not accept DISCORD_TOKEN.", _NEW_TOKEN)


def refused_login(error: discord.HTTPException) -> Finding:
    return problem(
        DISCORD,
        f"Discord refused the login ({error.status}: {IN_TERMINAL.quoted(error.text)}).",
        f"See that {_PORTAL} > Bot still has a bot.",
    )


def unreachable(error: Exception) -> Finding:
    reason = IN_TERMINAL.quoted(str(error)) or "no answer in time"
    return problem(
        DISCORD,
        f"Discord can't be reached ({reason}): not everything could be looked at.",
        "Check this machine's network, that it may reach https://discord.com, and "
        "https://discordstatus.com.",
    )


def application(info: discord.AppInfo) -> Iterator[Finding]:
    """Checks switches in the Developer Portal."""
    yield fine(DISCORD, f"The token is accepted, as that of {IN_TERMINAL.quoted(info.name)}.")
    yield fine(DISCORD, "The bot needs no privileged intent, and no permission for events or pins.")
    if info.interactions_endpoint_url:
        yield problem(
            DISCORD,
            "Discord sends commands and presses to an address instead of to the bot.",
            f"{_PORTAL} > General Information > Interactions Endpoint URL: empty it.",
        )
    if info.bot_require_code_grant:
        yield problem(
            DISCORD,
            "The invite link does not work: the bot requires a code grant.",
            f"{_PORTAL} > Bot > Requires OAuth2 Code Grant: off.",
        )


def commands(told: str | None, ours: str) -> Finding:
    """Checks by their digests whether Discord was told of the current commands."""
    if told == ours:
        return fine(DISCORD, "Discord was told of the commands as they are.")
    return warning(
        DISCORD,
        "Discord was not told of the commands yet."
        if told is None
        else "The commands have changed since Discord was told of them.",
        "Start the bot anew: `sudo systemctl restart jelly`, or `python -m bot run`.",
    )


def gone(subject: str) -> Finding:
    """Reports a server in the store that the bot is not in."""
    return warning(
        subject,
        "The bot is no longer in this server; its data is kept.",
        "Nothing, or invite it again with the link that the bot prints when it starts.",
    )
