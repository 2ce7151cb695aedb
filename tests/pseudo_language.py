"""A language for the tests: every sentence in brackets, and 40 % longer.

With ``pytest --pseudo-language`` the bot speaks it in place of English. Where a request reaches the
simulated Discord, this checks that every text came from the catalogue or was typed by a person,
and that no limit of Discord breaks; then Discord is given the English, so that the tests read what
they always read.

``⟦`` and ``⟧`` enclose a sentence, with ``◦`` as what makes it longer; ``⟪`` and ``⟫`` a value.
"""

from __future__ import annotations

import io
import math
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import discord
import simcord.http.router
from babel.core import Locale
from babel.messages.pofile import read_po
from discord.state import ConnectionState
from simcord.backend.errors import BackendError

from bot import language
from bot.language.extract import TEMPLATES
from bot.phrases.en import vocabulary
from bot.phrases.en.zones import cities
from data.models import Answer, Mood, Tone
from data.store.database import Database

LONGER = 0.4
"""How much longer than English the translations of short sentences often are."""

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_MARKS = re.compile("[⟦⟪⟫]|◦*⟧")
_SENTENCE = re.compile("⟦[^⟦⟧⟪⟫]*⟧")
_VALUE = re.compile("⟪([^⟦⟧⟪⟫]*)⟫")
_MARKUP = re.compile(r"<[^<> ]*>|https?://\S+")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,40}+(?![^\W\d_]|…)")
"""Neither cut, nor longer than a word is."""
_ERROR_NUMBER = re.compile(r"[0-9a-f]{6}")
"""Of an error in the log: letters and digits by chance."""
_LAST_WORD = re.compile(r"[^\W\d_]+$")

# https://discord.com/developers/docs/components/reference and
# https://discord.com/developers/docs/interactions/application-commands
_LONGEST_MESSAGE, _LONGEST_LAYOUT = 2000, 4000
_BUTTON, _TEXT_INPUT, _TEXT_DISPLAY, _LABEL = 2, 4, 10, 18
_ATTACHMENT = 0
"""No component's number; https://discord.com/developers/docs/resources/message#attachment-object.
"""
_LONGEST = {
    (_BUTTON, "label"): 80,
    (_LABEL, "label"): 45,
    (_LABEL, "description"): 100,
    (_ATTACHMENT, "description"): 1024,
    (_TEXT_INPUT, "label"): 45,
    (_TEXT_INPUT, "placeholder"): 100,
    (None, "label"): 100,  # an option of a list
    (None, "description"): 100,
    (None, "name"): 100,  # a choice while someone types
    (None, "title"): 45,
    (None, "content"): _LONGEST_MESSAGE,
    (_TEXT_DISPLAY, "content"): _LONGEST_LAYOUT,
}
_LONGEST_PLACEHOLDER_OF_LIST = 150
_LINE = "line of a file"
_TYPED = ("title", "place", "about", "note", "phrase", "name", "zone", "error")
"""The columns of the store with what people, or Discord, said."""
_ENTERED = ("value", "global_name", "username", "nick")
_CHOICES = tuple(
    [one.value for kind in (Answer, Mood, Tone) for one in kind] + ["this", "later", "all"]
)
"""Values of choices: words of the program, although people choose them."""
_PHRASES = frozenset(
    word.casefold()
    for text in (
        *available_timezones(),
        *(name for names in cities.CITIES.values() for name in names),
        *vocabulary.WEEKDAYS,
        *vocabulary.MONTHS,
        "sun mon tue wed thu fri sat jan feb mar apr jun jul aug sep sept oct nov dec",
        "every the and of or to on from until except next last weekday weekdays weekend year years",
        "day days week weeks month months hour hours minute minutes time times st nd rd th utc",
        "all day noon midnight am pm today tomorrow none",
    )
    for word in _WORD.findall(str(text))
)
"""The words of phrases about time, which are read and written by rules and not by a catalogue."""


class Pseudo(NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        with TEMPLATES.open("rb") as file:
            self._known = {
                text
                for message in read_po(file)
                for text in ((message.id,) if isinstance(message.id, str) else message.id)
            }

    def gettext(self, message: str) -> str:
        assert message in self._known, f"not in the catalogue; run `make messages`: {message!r}"
        marked = _PLACEHOLDER.sub(lambda match: f"⟪{match[0]}⟫", message)
        return f"⟦{marked}{'◦' * math.ceil(len(message) * LONGER)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class PseudoWords(language.Words):
    def opening(self, clause: str) -> str:
        marks = len(clause) - len(clause.lstrip("⟦⟪"))
        return clause[:marks] + super().opening(clause[marks:])

    def list(self, items: Sequence[str], kind: Literal["and", "or", "none"] = "and") -> str:
        said = super().list([f"⟪{item}⟫" for item in items], kind)
        return said and f"⟦{said}⟧"

    def duration(self, span: timedelta) -> str:
        return f"⟦{super().duration(span)}⟧"

    def date_and_time(self, local: datetime) -> str:
        return f"⟦{super().date_and_time(local)}⟧"


PSEUDO = PseudoWords("en", Locale.parse("en_GB"), Pseudo())


def english(text: str) -> str:
    """Returns the English of a text in the pseudo-language."""
    return _MARKS.sub("", text)


class Checks:
    """What is wrong with the texts that reached Discord in one test."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.typed: set[str] = set()
        self.names: set[str] = set()
        self._texts: list[str] = []
        self._module = ""
        self._files: set[Path] = set()

    def begin(self, module: str) -> None:
        """Begins a test; what was typed in others of its module stays known, which may share it."""
        self.problems, self._texts = [], []
        if module != self._module:
            self._module, self._files = module, set()
            self.typed = set()

    def note_typed(self, values: Any) -> None:  # noqa: ANN401  any JSON
        """Remembers the words in what people typed or chose, and in their names."""
        self.typed |= _words_in(values)

    def note_store(self, file: Path) -> None:
        """Has the words in a store known, which tests may have put there by themselves."""
        self._files.add(file)

    def _read_stores(self) -> None:
        for file in self._files:
            try:
                with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
                    store.row_factory = sqlite3.Row
                    for (table,) in store.execute(
                        "SELECT name FROM sqlite_schema WHERE type = 'table'"
                    ).fetchall():
                        for row in store.execute(f'SELECT * FROM "{table}"'):
                            self.note_typed([dict(row).get(name) for name in _TYPED])
            except sqlite3.Error:
                continue  # a test about a missing or damaged file

    def in_english(self, body: Any, kind: int | None = None) -> Any:  # noqa: ANN401  any JSON
        """Returns a request's body in English; notes its texts and those that are too long."""
        if isinstance(body, list):
            return [self.in_english(part, None) for part in body]
        if not isinstance(body, dict):
            return body
        is_component = any(key in body for key in ("components", "component", "custom_id"))
        kind = body.get("type") if is_component or "content" in body else None
        kind = kind if isinstance(kind, int) else _ATTACHMENT if "filename" in body else None
        return {name: self._field(kind, name, value) for name, value in body.items()}

    def _field(self, kind: int | None, name: str, value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, str):
            return self.in_english(value)
        longest = _LONGEST.get((kind, name)) or _LONGEST.get((None, name))
        if name == "placeholder" and kind != _TEXT_INPUT:
            longest = _LONGEST_PLACEHOLDER_OF_LIST
        if longest is not None or name == _LINE:
            if longest is not None and len(re.sub("[⟪⟫]", "", value)) > longest:
                self.problems.append(f"{name} of more than {longest}: {value!r}")
            self._texts.append(value)
        return english(value)

    def finish(self) -> list[str]:
        """Returns the problems, with the texts that are neither of the catalogue nor typed."""
        self._read_stores()
        known = self.typed | self.names | _PHRASES
        for text in self._texts:
            left, values, before = text, list[str](), ""
            while left != before:
                before = left
                values += _VALUE.findall(left)
                left = _SENTENCE.sub("", _VALUE.sub("", left))
            if set("⟦⟧⟪⟫") & set(left):
                self.problems.append(f"a sentence that is cut: {text!r}")
                continue
            if len(text) == _LONGEST[None, "name"]:
                left = _LAST_WORD.sub("", left)  # a choice of typed text alone is cut there
            values = [value for value in values if not _ERROR_NUMBER.fullmatch(value)]
            outside = _MARKUP.sub(" ", " ".join((left, *values)))
            words = {word.casefold() for word in _WORD.findall(outside)}
            if unknown := words - known:
                self.problems.append(f"past the catalogue: {sorted(unknown)} in {text!r}")
        return self.problems


def _entered(data: Any) -> list[Any]:  # noqa: ANN401  any JSON
    """Returns what a person typed into an interaction's options and fields, and people's names."""
    if isinstance(data, list):
        return [one for part in data for one in _entered(part)]
    if not isinstance(data, dict):
        return []
    entered = [value for key, value in data.items() if key in _ENTERED and value not in _CHOICES]
    return entered + [one for value in data.values() for one in _entered(value)]


def _words_in(values: Any) -> set[str]:  # noqa: ANN401  any JSON
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list):
        return {word for value in values for word in _words_in(value)}
    return {word.casefold() for word in _WORD.findall(values)} if isinstance(values, str) else set()


def speak_pseudo() -> Checks:
    """Makes the bot speak the pseudo-language in this process from now on, and checks it."""
    checks = Checks()
    language.BY_LOCALE[language.ENGLISH] = PSEUDO
    dispatch = simcord.http.router.dispatch
    parse, found = ConnectionState.parse_interaction_create, ConnectionState.parse_guild_create
    open_store = Database.open

    def dispatch_in_english(backend: Any, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401
        if not path.endswith("/commands"):
            request["json"] = checks.in_english(request.get("json"))
        for file in request.get("files") or ():
            _read(file, checks)
        try:
            return dispatch(backend, method, path, **request)
        except BackendError as error:
            checks.note_typed(str(error))  # the bot may quote what Discord says
            raise

    def parse_and_note(state: ConnectionState[Any], data: Any) -> None:  # noqa: ANN401
        checks.note_typed(_entered([data.get(key) for key in ("data", "member")]))
        parse(state, data)

    def found_and_note(state: ConnectionState[Any], data: Any) -> None:  # noqa: ANN401
        checks.names |= _words_in([data.get(key) for key in ("members", "channels", "roles")])
        checks.names |= _words_in([data.get("name"), state.user.name if state.user else ""])
        found(state, data)

    async def open_and_note(file: Path, **options: Any) -> Database:  # noqa: ANN401
        checks.note_store(file)
        return await open_store(file, **options)

    simcord.http.router.dispatch = dispatch_in_english
    for name, patch in (
        ("parse_interaction_create", parse_and_note),
        ("parse_guild_create", found_and_note),
    ):
        setattr(ConnectionState, name, patch)
    setattr(Database, "open", staticmethod(open_and_note))  # noqa: B010  as the others
    return checks


def _read(file: discord.File, checks: Checks) -> None:
    """Puts a file of text into English; a picture, or what programs read, stays as it is."""
    if file.filename.endswith(".json"):
        return
    content = file.fp.read()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        file.fp.seek(0)
        return
    for line in text.splitlines():
        checks.in_english({_LINE: line})
    file.fp = io.BytesIO(english(text).encode())
