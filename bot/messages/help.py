"""What ``/help`` says: the first step, then what this person can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.language import N_, Words
from bot.messages.text import escaped, timestamp
from data.limits import LONGEST_MESSAGE
from data.models import Standing

COMING = (
    N_("### Coming along"),
    N_("`/jellies` what's on, and your answers · or press **Going** on a card"),
    N_("**Add details**: how you like to work, your hours, guests, what you're working on"),
    N_("**Who's coming** on a card, or `/headcount session`: everyone, with notes and hours"),
    N_("On the day: **I'm here** and **Heading off** on the card"),
    N_("`/rsvp` answer by command, or invite someone · `/headcount history` how many came"),
    N_("`/me record` your own record · `/me export` and `/me forget` your data · `/privacy`"),
)
HOSTING = (
    N_("### Hosting"),
    N_("`/jelly new` schedule one: what, when and where. You see it before anyone else does"),
    N_("`/jelly again` repeat a past one on a new date"),
)
CHANGING = (
    N_("`/jelly edit` change a date, that and all later ones, or a whole series"),
    N_("`/jelly move` another time or place · `/jelly skip` skip a date · `/jelly extra` add one"),
    N_("`/jelly pause` and `/jelly resume` a series · `/jelly end` it for good"),
    N_("`/jelly cancel` call off a date or a whole series. Those going are told"),
    N_("`/headcount session` check people in, take someone off, take the list home"),
    N_("`/jelly list` every date and series · `/jelly log` who changed what"),
)
ORGANIZING = (
    N_("### Organizing"),
    N_("`/jelly cancel-by` call off everything one person scheduled or hosts"),
)
SETTING_UP = (
    N_("`/settings` channel, time zone, reminders, who may host, and the rest"),
    N_("`/doctor` what's wrong here, and how to fix it"),
)


def _first_step(words: Words, standing: Standing) -> str:
    """Returns what a person does first; "" if they know."""
    if not standing.is_set_up and standing.may_set_up:
        return words(
            "**First:** type `/settings` and choose a channel and your time zone. Then "
            "`/jelly new` schedules the first jelly."
        )
    if not standing.is_set_up:
        return words(
            "**First:** Jelly isn't set up here yet. Ask someone with the permission Manage Server "
            "to type `/settings`."
        )
    if standing.has_answered:
        return ""
    if (soonest := standing.next_session) is not None:
        return words(
            "**First:** type `/jellies` and press **Going**. Next up: **{title}**, {when}.",
            title=escaped(soonest.details.title),
            when=timestamp(soonest.starts_at, "F"),
        )
    if standing.may_host:
        return words("**First:** nothing's planned yet, so schedule a jelly with `/jelly new`.")
    return words("**First:** nothing's planned yet. Cards will appear in the jelly channel.")


def help_messages(words: Words, standing: Standing, *, others: Iterable[str] = ()) -> Iterator[str]:
    """Yields the text in as few messages as hold it; English takes one.

    ``others`` are lines for commands that no text here names.
    """
    lines = [words("**Jelly** runs coworking days: people who usually work alone, side by side.")]
    lines += filter(None, [_first_step(words, standing)])
    if standing.is_set_up:
        lines += map(words, COMING)
        if standing.may_host:
            lines += map(words, HOSTING)
        elif standing.host_role_id is not None:
            lines.append(
                words("Hosting takes the role {role}.", role=f"<@&{standing.host_role_id}>")
            )
        if standing.hosts or standing.is_organizer:
            lines += map(words, CHANGING if standing.may_host else (HOSTING[0], *CHANGING))
    if standing.is_organizer:
        lines += map(words, ORGANIZING if standing.is_set_up else ())
    if standing.may_set_up:
        lines += map(words, SETTING_UP)
    lines += others
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if len(longer) > LONGEST_MESSAGE:
            yield text
            longer = line
        text = longer
    yield text


NAMED = "\n".join(COMING + HOSTING + CHANGING + ORGANIZING + SETTING_UP)
"""Every line, of which each command stands in one."""
