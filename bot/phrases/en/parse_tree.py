"""Inspects the parsed phrase: the tokens of a part, and its position in the text."""

from __future__ import annotations

from lark import Token, Tree

from bot.phrases.en.vocabulary import weekday_number

Node = Token | Tree[Token]


def branches(tree: Tree[Token]) -> list[Tree[Token]]:
    """Returns the direct subtrees, in the order typed."""
    return [child for child in tree.children if isinstance(child, Tree)]


def own_token(tree: Tree[Token], kind: str) -> Token | None:
    """Returns the first token of a kind that is a direct child; None if there is none."""
    for child in tree.children:
        if isinstance(child, Token) and child.type == kind:
            return child
    return None


def tokens(node: Node, kind: str | None = None) -> list[Token]:
    """Returns every token of a kind (or of all kinds) at any depth, in the order typed."""
    if isinstance(node, Token):
        return [node]
    found = node.scan_values(lambda value: isinstance(value, Token))
    return [token for token in found if kind is None or token.type == kind]


def weekdays_in(node: Node) -> list[int]:
    """Returns the weekdays named below, Monday 0, in the order typed."""
    named = [token for token in tokens(node) if token.type in ("WEEKDAY", "WEEKDAYS")]
    return [weekday_number(token) for token in named]


def first_token(tree: Tree[Token]) -> Token:
    """Returns the token with which a part begins."""
    return tokens(tree)[0]


def place_of(node: Node) -> tuple[int, int]:
    """Returns the start and end position of a token or part in the text."""
    if isinstance(node, Token):
        return node.start_pos or 0, node.end_pos or 0
    return node.meta.start_pos, node.meta.end_pos


def words_of(node: Node) -> str:
    """Returns the words of a token or part, with single spaces, without commas and "and"."""
    return " ".join(" ".join(token.replace(",", " ").split()) for token in tokens(node))
