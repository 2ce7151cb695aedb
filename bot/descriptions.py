"""Descriptions of commands, and names of choices, in the languages in which people use Discord."""

from __future__ import annotations

from discord import Locale
from discord.app_commands import (
    TranslationContextLocation,
    TranslationContextTypes,
    Translator,
    locale_str,
)

from bot.language import ENGLISH, words_for

_TRANSLATED = (
    TranslationContextLocation.command_description,
    TranslationContextLocation.group_description,
    TranslationContextLocation.parameter_description,
    TranslationContextLocation.choice_name,
)


class Descriptions(Translator):
    """Takes them from the catalogues, when commands are synced to Discord.

    Commands and options keep their English names, because sentences quote them.
    """

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """Returns None where people read the English."""
        words = words_for(locale.value)
        if context.location not in _TRANSLATED or words.locale.partition("-")[0] == ENGLISH:
            return None
        return words(string.message)
