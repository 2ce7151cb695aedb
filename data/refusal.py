"""A sentence as its English template and values, and the exception that a rule raises with one.

A rule does not know who will read its sentence: its caller puts it into their language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self, TypeAlias, Union

Value: TypeAlias = Union[str, int, datetime, timedelta, "Sentence", "Alternatives", "Listed"]
"""What stands for a placeholder: typed text (escaped when it is said), a number or id, a moment
(shown in the reader's zone), a length of time, another sentence, alternatives, or a list.
:class:`ClockTimes` are a kind of text."""


class ClockTimes(str):
    """Words of ours with hours of the day, such as "14:00"; said as the reader writes hours."""

    __slots__ = ()


class Alternatives(tuple[str, ...]):
    """Words to type instead; said quoted, with "or" before the last."""

    __slots__ = ()


class Listed(tuple[Union[str, "Sentence"], ...]):
    """Things named one after the other; said with commas alone: "a, b, c"."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be put into a reader's language: an English template, and its values.

    With ``plural``, ``template`` is said if the value ``count`` is one, ``plural`` otherwise, and
    other languages choose among as many forms as they have. With ``opens``, it is a clause that
    begins another sentence, so it is said with a capital letter.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str = ""
    opens: bool = False

    @classmethod
    def counted(cls, one: str, many: str, /, *, count: int, **values: Value) -> Sentence:
        return cls(one, {"count": count, **values}, many)


class Refusal(Exception):
    """A change is not allowed; its sentence tells the member what to do.

    ``str()`` is for the log and for tests: the template filled with the bare values.
    """

    def __init__(self, template: str, /, **values: Value) -> None:
        self.sentence = Sentence(template, values)
        super().__init__(template)

    @classmethod
    def counted(cls, one: str, many: str, /, *, count: int, **values: Value) -> Self:
        """Returns a refusal whose words depend on a number."""
        return cls.of(Sentence.counted(one, many, count=count, **values))

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        refusal = cls(sentence.template)
        refusal.sentence = sentence
        return refusal

    def __str__(self) -> str:
        return in_english(self.sentence)


def in_english(sentence: Sentence) -> str:
    """Returns a sentence for a log: English, its values as they are."""
    values = {name: _in_english(value) for name, value in sentence.values.items()}
    one = not sentence.plural or sentence.values.get("count") == 1
    said = (sentence.template if one else sentence.plural).format(**values)
    return said[:1].upper() + said[1:] if sentence.opens else said


def _in_english(value: Value) -> object:
    match value:
        case Sentence():
            return in_english(value)
        case Alternatives():
            *others, last = (f'"{one}"' for one in value)
            return f"{', '.join(others)} or {last}" if others else last
        case Listed():
            return ", ".join(str(_in_english(one)) for one in value)
        case _:
            return value
