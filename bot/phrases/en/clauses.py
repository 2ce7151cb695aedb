"""Sorts the parts of a phrase by their meaning."""

from __future__ import annotations

from lark import Token, Tree

from bot.phrases.en.days.weekday_lists import WEEKLY_KINDS
from bot.phrases.en.parse_tree import branches, first_token, own_token, tokens, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.repeats import Repeat
from bot.phrases.en.zones.find import zone_label, zone_names
from bot.phrases.en.zones.shared_names import shared_names, zone_meant


class Clauses:
    """A parsed phrase; raises :class:`Refused` if a part is said twice.

    ``repeats`` has one entry for each rule; a one-off has its day in the first. The other fields
    are None if the phrase doesn't have them. Letters that several zones share, such as "ET", mean
    ``own_zone`` (IANA) if they are its own.
    """

    def __init__(self, phrase: Tree[Token], own_zone: str) -> None:
        self.hours: list[Tree[Token]] = []
        self.repeats = [Repeat()]
        self.zone: str | None = None
        self.moment: Tree[Token] | None = None
        self.part_of_day: Tree[Token] | None = None
        self.begin: Tree[Token] | None = None
        self.end: Tree[Token] | None = None
        self.times: Tree[Token] | None = None
        self.exceptions: Tree[Token] | None = None
        self.within: Tree[Token] | None = None
        for part in phrase.children:
            assert isinstance(part, Tree)
            self._add(part, own_zone)

    def one_day(self) -> Tree[Token] | None:
        """Returns the day of a one-off; None for a series."""
        day = self.repeats[0].one_day() if len(self.repeats) == 1 else None
        if day is not None and self.repeats[0].is_plural:
            if day.data == "weekdays":
                return None
            raise Refused('"{it}" only goes with something that repeats', self.part_of_day)
        if day is not None:
            for bound in (self.begin, self.end, self.times, self.exceptions, self.within):
                if bound is not None:
                    begin = day.meta.start_pos
                    fixes = [((begin, begin), "every ")]
                    raise Refused(
                        '"{it}" only goes with something that repeats', bound, fixes=fixes
                    )
        return day

    def check_stands_alone(self, moment: Tree[Token]) -> None:
        """Refuses a day or an hour beside a moment such as "in 2 hours"."""
        bounds = (self.begin, self.end, self.times, self.exceptions, self.within)
        clocks = [part for part in self.hours if part.data != "length"]
        repeats = [part for repeat in self.repeats for part in repeat.parts()]
        for other in (*clocks, *self.hours[1:], *repeats, self.part_of_day, *bounds):
            if other is not None:
                raise Refused('"{it}" doesn\'t go with "{moment}"', other, moment=words_of(moment))

    def _add(self, part: Tree[Token], own_zone: str) -> None:
        match str(part.data):
            case "hours" | "until_clock" | "length":
                self.hours.append(part)
            case "plain_days" | "every_days":
                self.repeats[-1].days.append(part)
            case "next_days":
                self.repeats[-1].days.append(part)
                self.times = _once(self.times, part)
            case "within":
                self.within = _once(self.within, part)
            case "often":
                self.repeats[-1].often.append(part)
                if own_token(part, "PART_OF_DAY"):  # "every morning"
                    self.part_of_day = _once(self.part_of_day, part)
            case "of":
                days = [item for days in self.repeats[-1].days for item in branches(days)]
                if days and {str(day.data) for day in days} <= WEEKLY_KINDS and _is_month(part):
                    self.within = _once(self.within, part)  # "thursdays of december"
                else:
                    self.repeats[-1].of.append(part)
            case "counted":
                self.repeats[-1].counted.append(part)
            case "next_rule":
                self.repeats.append(Repeat())
            case "zone":
                zone = _zone(part, own_zone)
                if self.zone not in (None, zone):
                    raise Refused('"{it}" is a second time zone', part)
                self.zone = zone
            case "moment":
                self.moment = _once(self.moment, part)
            case "part_of_day":
                self.part_of_day = _once(self.part_of_day, part)
                self.repeats[-1].is_plural = first_token(part).endswith("s")
            case "begin":
                self.begin = _once(self.begin, part)
            case "end":
                self.end = _once(self.end, part)
            case "times" | "for_span":
                self.times = _once(self.times, part)
            case "exceptions":
                self.exceptions = _once(self.exceptions, part)
            case kind:
                raise AssertionError(kind)


def _is_month(of: Tree[Token]) -> bool:
    return any(part.data == "month" for part in branches(of))


def _once(before: Tree[Token] | None, part: Tree[Token]) -> Tree[Token]:
    if before is not None:
        raise Refused('there\'s both "{before}" and "{it}"', part, before=words_of(before))
    return part


def _zone(part: Tree[Token], own_zone: str) -> str:
    token = tokens(part)[-1]
    name = " ".join(token.split())
    if token.type == "ZULU":
        return "UTC"
    if token.type == "ZONE":
        return zone_names()[name]
    zone = zone_meant(name, own_zone)
    if zone is not None:
        return zone
    places = [zone_label(zone).removesuffix(" time").lower() for zone in shared_names()[name]]
    if len(places) > 1:
        raise Refused('"{it}" is the time in several places', token, places)
    raise Refused('"{it}" isn\'t clear', token, places)
