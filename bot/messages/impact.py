"""How many dates and people a change of a series concerns, in sentences."""

from __future__ import annotations

from bot.language import Words
from data.models import ChangeImpact, Concerned


def impact_text(words: Words, impact: ChangeImpact) -> str:
    """Returns a sentence for each thing that becomes of some dates; "" if there are none."""
    parts = [
        _moved(words, impact.moved),
        _called_off(words, impact.called_off),
        words.ngettext("Adds {count} date.", "Adds {count} dates.", impact.added)
        if impact.added
        else "",
        _kept(words, impact.kept),
        words.ngettext(
            "{count} date stays as it is.", "{count} dates stay as they are.", impact.unchanged
        )
        if impact.unchanged
        else "",
    ]
    if impact.moved.coming or impact.called_off.coming:
        parts.append(words("Those going will be told."))
    elif impact.kept.coming:
        parts.append(words("Those going will be told if the place changes."))
    return " ".join(filter(None, parts))


def _moved(words: Words, moved: Concerned) -> str:
    if not moved.dates:
        return ""
    if not moved.people:
        return words.ngettext("Moves {count} date.", "Moves {count} dates.", moved.dates)
    return words.ngettext(
        "Moves {count} date ({people}).",
        "Moves {count} dates ({people}).",
        moved.dates,
        people=_people(words, moved),
    )


def _called_off(words: Words, called_off: Concerned) -> str:
    if not called_off.dates:
        return ""
    if not called_off.people:
        return words.ngettext(
            "Calls off {count} date.", "Calls off {count} dates.", called_off.dates
        )
    return words.ngettext(
        "Calls off {count} date ({people}).",
        "Calls off {count} dates ({people}).",
        called_off.dates,
        people=_people(words, called_off),
    )


def _kept(words: Words, kept: Concerned) -> str:
    if not kept.dates:
        return ""
    if not kept.people:
        return words.ngettext(
            "{count} date still starts at the same time.",
            "{count} dates still start at the same time.",
            kept.dates,
        )
    return words.ngettext(
        "{count} date still starts at the same time ({people}).",
        "{count} dates still start at the same time ({people}).",
        kept.dates,
        people=_people(words, kept),
    )


def _people(words: Words, concerned: Concerned) -> str:
    return words.ngettext("{count} person", "{count} people", concerned.people)
