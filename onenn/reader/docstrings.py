"""The docstrings of the package on the API pages: plain text with `code`, formulas and doctests, as they are written.

Sphinx would read them as reStructuredText, where |x|, x_ and *args mean other things. So every paragraph is passed on
with these signs taken literally; a paragraph with an inner indentation (a displayed formula, a table) stays as it is.
The words that open a part of the contract (Raises, Law, Source, ...) are set bold, and phi' keeps its prime.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


PARTS = "Accuracy|Contains|Domain|Effort|Laws?|Raises|Returns|Shapes?|Source|Sources|Tight|Units|Warns"
_PART = re.compile(rf"\*?\b({PARTS})\b\*?( \([^)]*\))?:")


def connect(app: Sphinx) -> None:
    """Translate each docstring before Sphinx reads it."""
    app.connect("autodoc-process-docstring", _translate)


def _translate(*event: Any) -> None:
    lines = event[-1]  # after the application, the kind of object, its name, itself and the options
    lines[:] = translated(lines)


def translated(lines: list[str]) -> list[str]:
    """reStructuredText that shows `lines` as they stand.

    >>> translated(["The norm |x| of `x`."])
    ['The norm \\\\|x\\\\| of ``x``.', '']
    """
    made: list[str] = []
    for block in _blocks(lines):
        if block[0].lstrip().startswith(">>>"):
            made += [line.strip() if not line.startswith(">>>") else line for line in block]
        elif len({len(line) - len(line.lstrip()) for line in block}) > 1 or block[0].startswith(" "):
            made += ["::", "", *(f"    {line}" for line in block)]
        else:
            made += [_literal(line) for line in block]
        made.append("")
    return made


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _literal(line: str) -> str:
    """`line` with its signs taken literally.

    >>> _literal("phi'(z). *Raises*: ValueError.")
    'phi′(z). **Raises:** ValueError.'
    """
    return "".join(_piece(part) for part in re.split(r"(`+[^`]+`+)", line))


def _piece(part: str) -> str:
    if part.startswith("`"):
        return f"``{part.strip('`')}``"
    part = re.sub(r"(?<=[\w'])'(?![A-Za-z])", "′", part)  # else typographic quotes would make it an apostrophe
    texts = re.split(_PART, part)  # text, word, remark, text, word, remark, ..., text
    made = [re.sub(r"([\\*|_`])", r"\\\1", texts[0])]
    for place in range(1, len(texts), 3):
        word, remark, text = texts[place : place + 3]
        made += [f"**{word}{remark or ''}:**", re.sub(r"([\\*|_`])", r"\\\1", text)]
    return "".join(made)
