"""The docstrings of the package on the API pages: plain text with `code`, formulas and doctests, as they are written.

Sphinx would read them as reStructuredText, where |x|, x_ and *args mean other things. So every paragraph is passed on
with these signs taken literally; a paragraph with an inner indentation (a displayed formula, a table) stays as it is.
The words that open a part of the contract (Raises, Law, Source, ...) are set bold, and phi' keeps its prime.
Labels of the book's statements and equations and names of its chapters become links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


PARTS = "Accuracy|Contains|Domain|Effort|Laws?|Raises|Returns|Shapes?|Source|Sources|Tight|Units|Warns"
_PART = re.compile(rf"\*?\b({PARTS})\b\*?( \([^)]*\))?:")


def connect(app: Sphinx) -> None:
    """Collect what can be referred to; translate each docstring before Sphinx reads it."""
    app.connect("builder-inited", _collect)
    app.connect("autodoc-process-docstring", _translate)


def _collect(app: Sphinx) -> None:
    vars(app)["onenn_targets"] = targets(Path(app.srcdir))


def targets(folder: Path) -> dict[str, str]:
    """The role that refers to each label, to each chapter with a hyphen in its name and to each source."""
    found: dict[str, str] = {}
    for path in sorted((folder / "chapters").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found |= {
            label: f":prf:ref:`{label}`" for label in re.findall(r"(?m)^:{3,}\{prf:\w+\}.*\n:label: (\S+)$", text)
        }
        found |= {label: f":eq:`{label}`" for label in re.findall(r"(?m)^.*\$\$ \((eq-[a-z0-9-]+)\)", text)}
        if "-" in path.stem:
            found[path.stem] = f":doc:`/chapters/{path.stem}`"
    for path in sorted((folder / "chapters").glob("*.bib")):
        keys = re.findall(r"(?m)^@\w+\{([^,\s]+),", path.read_text(encoding="utf-8"))
        found |= {key: f":cite:t:`{key}`" for key in keys}
    return found


def _translate(app: Sphinx, *event: Any) -> None:
    lines = event[-1]  # after the kind of object, its name, itself and the options
    lines[:] = translated(lines, vars(app).get("onenn_targets", {}))


def translated(lines: list[str], roles: Mapping[str, str] = {}) -> list[str]:
    """reStructuredText that shows `lines` as they stand, with links for the keys of `roles`.

    >>> translated(["The norm |x| of `x`."])
    ['The norm \\\\|x\\\\| of ``x``.', '']
    >>> translated(["Source: thm-a."], {"thm-a": ":prf:ref:`thm-a`"})
    ['**Source:** :prf:ref:`thm-a`.', '']
    """
    made: list[str] = []
    for block in _blocks(lines):
        if block[0].lstrip().startswith(">>>"):
            made += [line.strip() if not line.startswith(">>>") else line for line in block]
        elif len({len(line) - len(line.lstrip()) for line in block}) > 1 or block[0].startswith(" "):
            made += ["::", "", *(f"    {line}" for line in block)]
        else:
            made += [_linked(_literal(line), roles) for line in block]
        made.append("")
    return made


def _linked(line: str, roles: Mapping[str, str]) -> str:
    """`line` with a role for each label in it that stands alone."""
    alone = r"(?<![\w./`-])[a-z]\w*(?:-[a-z0-9]+)*(?![\w/`-]|\.\w)"
    return re.sub(alone, lambda label: roles.get(label[0], label[0]), line)


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
    made = [_escaped(texts[0])]
    for place in range(1, len(texts), 3):
        word, remark, text = texts[place : place + 3]
        made += [f"**{word}{remark or ''}:**", _escaped(text)]
    return "".join(made)


def _escaped(text: str) -> str:
    """`text` without markup, but for *Words* of a contract that stand in a row, or that are not among PARTS."""
    text = re.sub(r"([\\*|_`])", r"\\\1", text)
    return re.sub(r"\\\*([A-Z][a-z]+)\\\*(:?)", r"**\1\2**", text)
