"""Checks the application in Discord's Developer Portal, and whether Discord can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import discord

from bot.doctor.findings import Finding, fine, problem, quoted, warning
from data.limits import REMOVED_KEPT_FOR
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
            "There's no DISCORD_TOKEN, so the bot would start as a demo, and I didn't ask Discord."
        ),
        _NEW_TOKEN,
    )


def refused_token() -> Finding:
    return problem(DISCORD, Sentence("Discord doesn't accept DISCORD_TOKEN."), _NEW_TOKEN)


def refused_login(error: discord.HTTPException) -> Finding:
    return problem(
        DISCORD,
        Sentence(
            "Discord refused the login ({status}: {reason}).",
            {"status": error.status, "reason": quoted(error.text)},
        ),
        Sentence("Check that {portal} > your application > Bot still has a bot.", _PORTAL),
    )


def unreachable(error: Exception) -> Finding:
    return problem(
        DISCORD,
        Sentence(
            "I can't reach Discord ({reason}), so not everything was checked.",
            {"reason": quoted(str(error)) or Sentence("no answer in time")},
        ),
        Sentence(
            "Check this machine's network, whether it can reach https://discord.com, and "
            "https://discordstatus.com."
        ),
    )


def application(info: discord.AppInfo) -> Iterator[Finding]:
    """Checks switches in the Developer Portal."""
    yield fine(
        DISCORD, Sentence("The token works; the bot is {name}.", {"name": quoted(info.name)})
    )
    yield fine(
        DISCORD,
        Sentence("The bot needs no privileged intent, and no permission for events or pins."),
    )
    if info.interactions_endpoint_url:
        yield problem(
            DISCORD,
            Sentence("Discord sends commands and presses to a web address instead of to the bot."),
            Sentence(
                "{portal} > your application > General Information > Interactions Endpoint URL: "
                "empty it.",
                _PORTAL,
            ),
        )
    if info.bot_require_code_grant:
        yield problem(
            DISCORD,
            Sentence("The invite link doesn't work: the bot requires a code grant."),
            Sentence(
                "{portal} > your application > Bot > Requires OAuth2 Code Grant: off.", _PORTAL
            ),
        )

    # Discord shows both to the person who adds the bot, and asks for them where many servers do.
    if not info.privacy_policy_url:
        yield warning(
            DISCORD,
            Sentence("Discord has no privacy policy address for this bot."),
            Sentence(
                "Adapt PRIVACY.md and publish it; then {portal} > your application > General "
                "Information > Privacy Policy URL, and JELLY_PRIVACY_URL in .env.",
                _PORTAL,
            ),
        )
    if not info.terms_of_service_url:
        yield warning(
            DISCORD,
            Sentence("Discord has no terms of service address for this bot."),
            Sentence(
                "Adapt TERMS.md and publish it; then {portal} > your application > General "
                "Information > Terms of Service URL.",
                _PORTAL,
            ),
        )


def commands(told: str | None, ours: str, *, are_there: bool) -> Finding:
    """Checks whether Discord has the current commands.

    That is what Discord shows, and by their digests what the bot told it last.
    """
    if told == ours and are_there:
        return fine(DISCORD, Sentence("Discord has the commands of this version of Jelly."))
    if told is None:
        sentence = Sentence("Discord doesn't have the commands yet.")
    elif told != ours:
        sentence = Sentence("The commands have changed since they were sent to Discord.")
    else:
        sentence = Sentence(
            "Discord has different commands: another program may be using this token."
        )
    return warning(
        DISCORD,
        sentence,
        Sentence("Restart the bot: `sudo systemctl restart jelly`, or `python -m bot run`."),
    )


def other_application(owner: int) -> Finding:
    """Reports that the token is not that of the application to which the store belongs."""
    return warning(
        DISCORD,
        Sentence(
            "The database belongs to another application than the token ({application}), "
            "so servers that this one joins or leaves are ignored.",
            {"application": str(owner)},
        ),
        Sentence(
            "Nothing to do if this is a copy for testing. If you changed the application "
            "for good: stop the bot, run `python -m bot adopt`, start it."
        ),
    )


def gone(subject: str) -> Finding:
    """Reports a server in the store that the bot is not in, as Discord says."""
    return warning(
        subject,
        Sentence("The bot isn't in this server. Two logins a day apart make sure of it."),
        Sentence(
            "Nothing to do, or invite it again with the link that the bot prints when it starts."
        ),
    )


def removed(subject: str, removed_at: datetime, guild_id: int) -> Finding:
    """Reports a server that removed the bot."""
    return fine(
        subject,
        Sentence(
            "The bot was removed from this server. Its data will be deleted on {day}; "
            "`python -m bot forget-server {server}` does it now.",
            {"day": f"{removed_at + REMOVED_KEPT_FOR:%Y-%m-%d}", "server": str(guild_id)},
        ),
    )
