"""Looking into the parsed phrase: which tokens a part has, and where it stands in the text."""

from __future__ import annotations

from lark import Token, Tree

from bot.phrases.en.vocabulary import weekday_number

Node = Token | Tree[Token]


def branches(tree: Tree[Token]) -> list[Tree[Token]]:
    """The parts below, in the order typed."""
    return [child for child in tree.children if isinstance(child, Tree)]


def own_token(tree: Tree[Token], kind: str) -> Token | None:
    """The first token of a kind that stands directly below."""
    for child in tree.children:
        if isinstance(child, Token) and child.type == kind:
            return child
    return None


def tokens(node: Node, kind: str | None = None) -> list[Token]:
    """Every token of a kind (or all) at any depth, in the order typed."""
    if isinstance(node, Token):
        return [node]
    found = node.scan_values(lambda value: isinstance(value, Token))
    return [token for token in found if kind is None or token.type == kind]


def weekdays_in(node: Node) -> list[int]:
    """The weekdays named below, Monday 0, in the order typed."""
    named = [token for token in tokens(node) if token.type in ("WEEKDAY", "WEEKDAYS")]
    return [weekday_number(token) for token in named]


def first_token(tree: Tree[Token]) -> Token:
    """The token with which a part begins."""
    return tokens(tree)[0]


def place_of(node: Node) -> tuple[int, int]:
    """Where a token or part stands in the text: from, and up to."""
    if isinstance(node, Token):
        return node.start_pos or 0, node.end_pos or 0
    return node.meta.start_pos, node.meta.end_pos


def words_of(node: Node) -> str:
    """The words of a token or part with single spaces and without commas; "and" is left out."""
    return " ".join(" ".join(token.replace(",", " ").split()) for token in tokens(node))
