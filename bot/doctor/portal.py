"""Checks the application in Discord's Developer Portal, and whether Discord can be reached."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.doctor.findings import Finding, fine, problem, quoted, warning
from data.refusal import Sentence

DISCORD = "Discord"

_PORTAL = {"portal": "https://discord.com/developers/applications"}
_NEW_TOKEN = Sentence(
    "{portal} > your application > Bot > Reset Token; put the new one after DISCORD_TOKEN= in "
    ".env.",
    _PORTAL,
)


def no_token() -> Finding:
    return problem(
        DISCORD,
        Sentence(
            "There is no DISCORD_TOKEN: the bot would start as a demo, and Discord was not asked."
        ),
        _NEW_TOKEN,
    )


def refused_token() -> Finding:
    return problem(DISCORD, Sentence("Discord does not accept DISCORD_TOKEN."), _NEW_TOKEN)


def refused_login(error: discord.HTTPException) -> Finding:
    return problem(
        DISCORD,
        Sentence(
            "Discord refused the login ({status}: {reason}).",
            {"status": error.status, "reason": quoted(error.text)},
        ),
        Sentence("See that {portal} > your application > Bot still has a bot.", _PORTAL),
    )


def unreachable(error: Exception) -> Finding:
    return problem(
        DISCORD,
        Sentence(
            "Discord can't be reached ({reason}): not everything could be looked at.",
            {"reason": quoted(str(error)) or Sentence("no answer in time")},
        ),
        Sentence(
            "Check this machine's network, that it may reach https://discord.com, and "
            "https://discordstatus.com."
        ),
    )


def application(info: discord.AppInfo) -> Iterator[Finding]:
    """Checks switches in the Developer Portal."""
    yield fine(
        DISCORD, Sentence("The token is accepted, as that of {name}.", {"name": quoted(info.name)})
    )
    yield fine(
        DISCORD,
        Sentence("The bot needs no privileged intent, and no permission for events or pins."),
    )
    if info.interactions_endpoint_url:
        yield problem(
            DISCORD,
            Sentence("Discord sends commands and presses to an address instead of to the bot."),
            Sentence(
                "{portal} > your application > General Information > Interactions Endpoint URL: "
                "empty it.",
                _PORTAL,
            ),
        )
    if info.bot_require_code_grant:
        yield problem(
            DISCORD,
            Sentence("The invite link does not work: the bot requires a code grant."),
            Sentence(
                "{portal} > your application > Bot > Requires OAuth2 Code Grant: off.", _PORTAL
            ),
        )


def commands(told: str | None, ours: str) -> Finding:
    """Checks by their digests whether Discord was told of the current commands."""
    if told == ours:
        return fine(DISCORD, Sentence("Discord was told of the commands as they are."))
    return warning(
        DISCORD,
        Sentence("Discord was not told of the commands yet.")
        if told is None
        else Sentence("The commands have changed since Discord was told of them."),
        Sentence("Start the bot anew: `sudo systemctl restart jelly`, or `python -m bot run`."),
    )


def gone(subject: str) -> Finding:
    """Reports a server in the store that the bot is not in."""
    return warning(
        subject,
        Sentence("The bot is no longer in this server; its data is kept."),
        Sentence("Nothing, or invite it again with the link that the bot prints when it starts."),
    )
