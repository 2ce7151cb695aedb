"""Exports of who is coming: a CSV file, and a list to copy."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import discord

from bot.language import N_, Words
from bot.language.typed import ChannelName, in_names, one_line, shorten
from bot.messages.card import ANSWER_LABELS, MOOD_FACTS
from bot.phrases.en import describe_attendance
from bot.phrases.en.vocabulary import ordinal
from data.characters import bounded, without_accents
from data.limits import LONGEST_BLOCK, LONGEST_FILENAME
from data.models import Answer, Rsvp, Session, SessionView

COLUMNS = (
    *(N_("Name"), N_("Answer"), N_("Guests"), N_("Mood"), N_("From"), N_("Until")),
    *(N_("Note"), N_("Added by"), N_("Came"), N_("Arrived"), N_("Left")),
)

_FENCES = len("```\n\n```")
_LONGEST_LINE = 200

_SURROGATE = re.compile("[\ud800-\udfff]")
# What spreadsheets may skip at the start of a cell: spaces, quotes, invisible characters.
_OVERLOOKED = r"[\s\"'`‘’‚“”„«»\u00ad\u034f\u061c\u180e\u200c\u200d\ufe0f]*"
# https://owasp.org/www-community/attacks/CSV_Injection, which also warns of other separators: if
# Excel takes semicolons, one inside a note begins a new cell. A wink ";-)" is no formula.
_FORMULA = re.compile(rf"(^{_OVERLOOKED}|;{_OVERLOOKED}(?!-\)))([=+\-@＝＋－＠])")


def headcount_csv(
    words: Words, view: SessionView, names: Mapping[int, str], channel_name: ChannelName
) -> bytes:
    """Returns everybody who answered, as a CSV file that spreadsheets read correctly.

    RFC 4180 in UTF-8, with the byte order mark by which Excel detects it. Times are wall time of
    the session's zone; From and Until are empty for the whole time. ``names`` are display names by
    user id.
    """
    zone = ZoneInfo(view.session.schedule.zone)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([words(column) for column in COLUMNS])
    for rsvp, answer in _answers(words, view):
        row = (
            display_name(words, rsvp.user_id, names),
            answer,
            str(rsvp.guests),
            _mood(words, rsvp),
            _wall(rsvp.arrives_at, zone),
            _wall(rsvp.leaves_at, zone),
            in_names(_seen(rsvp.note), channel_name),
            "" if (by := rsvp.known_answered_by) is None else display_name(words, by, names),
            words("yes") if rsvp.came else "",
            _wall(rsvp.arrived_at, zone),
            _wall(rsvp.left_at, zone),
        )
        writer.writerow([_FORMULA.sub(r"\1'\2", cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def export_filename(session: Session, channel_name: ChannelName) -> str:
    """Returns title and day, in portable characters: ``friday-jelly-2026-12-03.csv``."""
    ending = f"-{session.starts_at.astimezone(ZoneInfo(session.schedule.zone)):%Y-%m-%d}.csv"
    letters = without_accents(in_names(session.details.title, channel_name))
    title = re.sub("[^a-z0-9]+", "-", letters.lower()).strip("-")
    title = title[: LONGEST_FILENAME - len(ending)].strip("-")
    return f"{title if re.search('[a-z]', title) else 'jelly'}{ending}"


def copyable_list(
    words: Words, view: SessionView, names: Mapping[int, str], channel_name: ChannelName
) -> str:
    """Returns lines for a code block: those going, then the waiting list, as many as fit.

    "1. Sam (+1), 10:00 to 13:00, heads-down". No text in it can end the code block or notify
    anybody when pasted. ``names`` are display names by user id.
    """
    roster, zone = view.roster, view.session.schedule.zone

    def numbered(n: int, rsvp: Rsvp) -> str:
        note = in_names(_seen(rsvp.note), channel_name)
        return f"{n}. {_entry(words, rsvp, names, note, zone)}"

    entries = [numbered(n, rsvp) for n, rsvp in enumerate(roster.going, 1)]
    for n, rsvp in enumerate(roster.waiting, 1):
        # One entry with the first name, so that the title is never the last line.
        title = f"{words('Waiting list:')}\n" if n == 1 else ""
        entries.append(f"{title}{numbered(n, rsvp)}")
    total = roster.counts.going + roster.counts.waiting
    if not total:
        return words("No one yet.")
    room = LONGEST_BLOCK - _FENCES - len(_more(words, total))
    kept: list[str] = []
    used = 0
    for entry in entries:
        used += len(entry) + len("\n")
        if used > room:
            break
        kept.append(entry)
    hidden = total - len(kept)
    return "\n".join([*kept, _more(words, hidden)] if hidden else kept)


def _answers(words: Words, view: SessionView) -> Iterator[tuple[Rsvp, str]]:
    """Yields every answer with its label; the most certain first."""
    roster = view.roster
    for rsvp in roster.going:
        yield rsvp, words(ANSWER_LABELS[Answer.GOING])
    for place, rsvp in enumerate(roster.waiting, 1):
        yield rsvp, words("Waiting, {place}", place=ordinal(place))
    for rsvp in roster.requested:
        yield rsvp, words("Asked to join")
    for rsvp in roster.maybe:
        yield rsvp, words(ANSWER_LABELS[Answer.MAYBE])
    for rsvp in roster.declined:
        yield rsvp, words(ANSWER_LABELS[Answer.DECLINED])


def _entry(words: Words, rsvp: Rsvp, names: Mapping[int, str], note: str, zone: str) -> str:
    guests = f" (+{rsvp.guests})" if rsvp.guests else ""
    hours = ""
    if rsvp.arrives_at is not None and rsvp.leaves_at is not None:
        hours = words.hours(describe_attendance(rsvp.arrives_at, rsvp.leaves_at, zone))
    name = display_name(words, rsvp.user_id, names) + guests
    parts = [part for part in (name, hours, _mood(words, rsvp), note) if part]
    line = words.list(parts, "none").replace("`", "'")
    return discord.utils.escape_mentions(shorten(line, _LONGEST_LINE))


def _more(words: Words, number: int) -> str:
    return words.ngettext("… and {count} more", "… and {count} more", number)


def display_name(words: Words, user_id: int, names: Mapping[int, str]) -> str:
    """Returns a member's display name in plain text; if there is none, the end of the id."""
    return _seen(names.get(user_id, "")) or words("Member {digits}", digits=str(user_id)[-4:])


def _mood(words: Words, rsvp: Rsvp) -> str:
    return "" if rsvp.mood is None else words(MOOD_FACTS[rsvp.mood])


def _seen(typed: str) -> str:
    """Returns the text on one line, without invisible characters or lone surrogates."""
    return bounded(one_line(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", typed)))


def _wall(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
