"""The parts of a phrase, sorted by what they are about."""

from __future__ import annotations

from lark import Token, Tree

from bot.when.cities import ABBREVIATIONS
from bot.when.refusal import Refused, words_of
from bot.when.repeats import Repeat
from bot.when.zones import zone_label, zone_names


class Parts:
    """A parsed phrase; raises :class:`Refused` for what is said twice.

    ``repeats`` has one entry for each rule, and the day of a one-off in the first.
    """

    def __init__(self, tree: Tree[Token]) -> None:
        self.zone: str | None = None
        self.hours: list[Tree[Token]] = []
        self.repeats = [Repeat()]
        self._single: dict[str, Tree[Token]] = {}
        for part in tree.children:
            assert isinstance(part, Tree)
            self._add(str(part.data), part)

    @property
    def moment(self) -> Tree[Token] | None:
        return self._single.get("moment")

    @property
    def begin(self) -> Tree[Token] | None:
        return self._single.get("begin")

    @property
    def end(self) -> Tree[Token] | None:
        return self._single.get("end")

    @property
    def times(self) -> Tree[Token] | None:
        return self._single.get("times")

    @property
    def exceptions(self) -> Tree[Token] | None:
        return self._single.get("exceptions")

    def one_day(self) -> Tree[Token] | None:
        """The day of a one-off; None for a series."""
        day = self.repeats[0].one_day() if len(self.repeats) == 1 else None
        if day is not None:
            for kind, bound in self._single.items():
                if kind != "moment":
                    every = f"every {words_of(day)}"
                    raise Refused(f'"{words_of(bound)}" is for what repeats', day, (every,))
        return day

    def refuse_all_but(self, *kinds: str) -> None:
        """Refuse whatever stands beside a part that has to stand alone."""
        for kind, part in self._single.items():
            if kind not in kinds:
                raise Refused(f'"{words_of(part)}" does not fit beside it', part)
        for repeat in self.repeats:
            for part in (*repeat.days, *repeat.often, *repeat.of):
                raise Refused(f'"{words_of(part)}" does not fit beside it', part)

    def _add(self, kind: str, part: Tree[Token]) -> None:
        if kind in ("hours", "until_clock", "length"):
            self.hours.append(part)
        elif kind in ("plain_days", "every_days"):
            self.repeats[-1].days.append(part)
        elif kind == "often":
            self.repeats[-1].often.append(part)
        elif kind == "of":
            self.repeats[-1].of.append(part)
        elif kind == "next_rule":
            self.repeats.append(Repeat())
        elif kind == "zone":
            if self.zone is not None:
                raise Refused(f'"{words_of(part)}" is a second time zone', part)
            self.zone = _zone(part)
        else:
            kind = "times" if kind == "for_span" else kind
            if kind in self._single:
                raise Refused(f'"{words_of(part)}" comes on top of what is there', part)
            self._single[kind] = part


def _zone(part: Tree[Token]) -> str:
    token = part.children[0]
    assert isinstance(token, Token)
    name = " ".join(token.split())
    if token.type == "ZONE":
        return zone_names()[name]
    zones = ABBREVIATIONS[name]
    several = "the time of several places" if len(zones) > 1 else "not the name of a place"
    places = [zone_label(zone).removesuffix(" time").lower() for zone in zones]
    raise Refused(f'"{name.upper()}" is {several}', token, places)
