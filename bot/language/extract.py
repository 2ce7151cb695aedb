"""Collects every sentence of the program into ``messages.pot``: ``make messages``.

The source is read as a syntax tree. Babel's own reader goes by the tokens, and takes ``words[...]``
for a call.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "cogs", "data")
TEMPLATES = Path(__file__).with_name("messages.pot")
ONE_FORM = ("words", "N_", "Refusal", "Sentence", "Refused")
TWO_FORMS = ("ngettext", "counted")
"""The names of what is called with a template, or with those for one and for many, in front."""


def calls() -> Iterator[tuple[Path, ast.Call, list[ast.expr]]]:
    """Yields each call that says or keeps a sentence, with its file and its templates."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                    forms = 2 if name in TWO_FORMS else 1 if name in ONE_FORM else 0
                    if forms and node.args:
                        yield file.relative_to(ROOT), node, node.args[:forms]


def catalogue() -> Catalog:
    """Returns the templates in the source, each with the files that it stands in."""
    found = Catalog(charset="utf-8")
    for file, _, templates in calls():
        texts = [one.value for one in templates if isinstance(one, ast.Constant)]
        if len(texts) == len(templates) and all(isinstance(text, str) for text in texts):
            message = str(texts[0]) if len(texts) == 1 else tuple(map(str, texts))
            found.add(message, locations=[(file.as_posix(), 0)])
    return found


def as_text(templates: Catalog) -> str:
    """Returns a catalogue as a file, without dates and line numbers, which change too often."""
    file = io.BytesIO()
    write_po(file, templates, width=100, omit_header=True, include_lineno=False)
    return file.getvalue().decode()


if __name__ == "__main__":
    TEMPLATES.write_text(as_text(catalogue()), "utf-8")
