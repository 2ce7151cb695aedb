"""What jellies are called in lists of choices, and the text in which they are searched.

Discord shows no timestamps in choices, so dates are written out, in the zone of the jelly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from bot.language import Words
from bot.language.typed import ChannelName, fitting, folded, in_names, shorten
from bot.phrases.en import Suggestion, describe
from data.characters import bounded, isolated
from data.limits import LONGEST_CHOICE
from data.models import Series, Session

_LONGEST_TITLE, _LONGEST_PLACE, _LONGEST_HOST = 50, 24, 16
"""In the name of a series, and where a place and a host are added: all of it has to be seen."""
_ISOLATES = 2
"""Characters that :func:`isolated` adds."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of jellies for one reader, who sees channels by ``channel_name``.

    ``hosts`` are the names of hosts as far as they are known, by user id.
    """

    words: Words
    channel_name: ChannelName
    hosts: Mapping[int, str]

    def all_apart(self, jellies: Sequence[Session | Series]) -> list[str]:
        """Returns a name for each jelly of a list, none like another.

        Those that read alike are told apart by place, those that still do by host, and at last by
        a number.
        """
        added: list[tuple[str, ...]] = [()] * len(jellies)
        names = [self.of(jelly) for jelly in jellies]
        for told_by in (self._place, self._host):
            for group in _alike(names):
                told = [told_by(jellies[index]) for index in group]
                if len(set(map(folded, told))) == 1:
                    continue
                for index, text in zip(group, told, strict=True):
                    added[index] += (text,) if text else ()
                    names[index] = self.of(jellies[index], added[index])
        taken = set(map(folded, names))
        for index in [index for group in _alike(names) for index in group]:
            for number in count(1):
                name = self.of(jellies[index], (*added[index], f"#{number}"))
                if folded(name) not in taken:
                    break
            names[index] = name
            taken.add(folded(name))
        return names

    def of(self, jelly: Session | Series, added: Sequence[str] = ()) -> str:
        """Returns a session's title and date, or a series' title and rule, then what is added."""
        title = in_names(jelly.details.title, self.channel_name)
        if isinstance(jelly, Session):
            added = (_date(self.words, jelly.starts_at, jelly.schedule.zone), *added)
        ending = "".join(f" · {text}" for text in added)
        room = LONGEST_CHOICE - len(ending)
        if isinstance(jelly, Session):
            return _cut(title, room) + ending
        title = _cut(title, min(_LONGEST_TITLE, room // 2))
        return self._with_rule(jelly, title, room) + ending

    def searched(self, jelly: Session | Series) -> str:
        """Returns what is searched for what someone types: name, whole title, place and host."""
        details = jelly.details
        typed = (in_names(text, self.channel_name) for text in (details.title, details.place))
        host = self.hosts.get(details.host_id)
        return folded(" ".join((self.of(jelly), *typed, f"@{host}" if host else "")))

    def _with_rule(self, series: Series, title: str, room: int) -> str:
        return fitting(
            room,
            lambda rule: self.words("All dates of {title} · {rule}", title=title, rule=rule),
            self.words.hours(describe(series.schedule)),
        )

    def _place(self, jelly: Session | Series) -> str:
        return _cut(in_names(jelly.details.place, self.channel_name), _LONGEST_PLACE)

    def _host(self, jelly: Session | Series) -> str:
        return _cut(self.hosts.get(jelly.details.host_id, ""), _LONGEST_HOST)


def suggestion_name(words: Words, suggestion: Suggestion, zone: str) -> str:
    """Returns a phrase's meaning, with its next date if it repeats."""
    reading = words.hours(suggestion.reading)
    meaning = reading[:1].upper() + reading[1:]
    if not suggestion.repeats:
        return shorten(meaning, LONGEST_CHOICE)
    date = _date(words, suggestion.starts_at, zone)
    return fitting(
        LONGEST_CHOICE,
        lambda reading: words("{reading} · next {date}", reading=reading, date=date),
        meaning,
    )


def _alike(names: Sequence[str]) -> Iterator[list[int]]:
    """Yields the positions of the names in each group that read alike."""
    groups = defaultdict(list)
    for index, name in enumerate(names):
        groups[folded(name)].append(index)
    yield from (group for group in groups.values() if len(group) > 1)


def _cut(typed: str, most: int) -> str:
    """Returns typed text of at most ``most`` characters that turns nothing beside it around."""
    text = bounded(typed)
    if isolated(text) == text:
        return shorten(text, most)
    return isolated(shorten(text, most - _ISOLATES))


def _date(words: Words, moment: datetime, zone: str) -> str:
    return words.date_and_time(moment.astimezone(ZoneInfo(zone)))
