"""The text of a generated program: paragraphs put together, and values from the data as literals, never as code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import indent

MAX_LINE = 100
"""Characters up to which a list or a call stays on one line."""

_DEFINITIONS = ("def ", "class ")


def joined(paragraphs: Iterable[str]) -> str:
    """Return paragraphs as a program: a blank line between two of them, two around a function or a class; empty ones vanish."""
    text = ""
    after_definition = False
    for paragraph in filter(None, paragraphs):
        is_definition = paragraph.startswith(_DEFINITIONS)
        gap = "\n\n\n" if is_definition or after_definition else "\n\n"
        text += (gap if text else "") + paragraph
        after_definition = is_definition
    return text + "\n"


def lines(*candidates: str) -> str:
    """Return a paragraph of these lines, those that are empty left out."""
    return "\n".join(filter(None, candidates))


def text_literal(text: str | None) -> str:
    """Return a text literal, in double quotation marks where these need no escape; "None" for none."""
    written = repr(text)
    return f'"{text}"' if text is not None and written == f"'{text}'" and '"' not in text else written


def list_literal(values: Sequence[object]) -> str:
    """Return a list literal: on one line where it is short, else with a line for each value."""
    return call_text("[", [repr(value) for value in values], "]")


def call_text(opening: str, arguments: Sequence[str], closing: str) -> str:
    """Return a call or a list: on one line where it is short, else with a line for each argument."""
    line = opening + ", ".join(arguments) + closing
    if len(line) <= MAX_LINE and "\n" not in line:
        return line
    return opening + "\n" + "".join(indented(f"{argument},\n") for argument in arguments) + closing


def indented(text: str) -> str:
    """Return text four spaces further to the right."""
    return indent(text, "    ")
