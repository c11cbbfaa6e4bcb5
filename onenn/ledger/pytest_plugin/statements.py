"""The statements of a chapter, read from the source with a Markdown parser, included files among it.

A statement is a sphinx-proof directive, `prf:theorem` and its kin, between back-ticks or colons of any number, with its
options in either of MyST's two spellings and in any order.   Chapter: ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

NEEDS_EVIDENCE = frozenset({"theorem", "lemma", "proposition", "corollary", "property", "criterion", "observation"})
"""The kinds that assert something; a test keeps the list equal to the book's."""

_DIRECTIVE = re.compile(r"\{(?P<name>[^\s}]+)\}")
_OPTION = re.compile(r"\s*:?(?P<key>[\w-]+):\s*(?P<quote>[\"']?)(?P<value>.*?)(?P=quote)\s*$")
_VERBATIM = frozenset({"code-cell", "code", "code-block", "literalinclude", "math", "raw", "raw-cell", "eval-rst"})


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A labelled statement: its kind (the directive's name without `prf:`), its classes and its line, from 0."""

    label: str
    kind: str
    classes: tuple[str, ...]
    line: int

    @property
    def needs_evidence(self) -> bool:
        """Whether a run must certify it: it asserts something and is declared neither cited nor open."""
        return self.kind in NEEDS_EVIDENCE and not {"cited", "open"} & set(self.classes)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").use(front_matter_plugin).use(colon_fence_plugin)


def statements(source: str, first_line: int = 0, *, path: Path | None = None) -> Iterator[Statement]:
    """The labelled statements of a chapter's source in order, also those nested in other directives.

    `path` is the file of the source; with it, files that the source includes are read too.

    >>> source = "::::{prf:lemma} Small\\n:class: cited\\n:label: lem-small\\nText.\\n::::"
    >>> list(statements(source))
    [Statement(label='lem-small', kind='lemma', classes=('cited',), line=0)]
    """
    for token in _markdown().parse(source):
        directive = _DIRECTIVE.match(token.info.strip()) if token.type in ("fence", "colon_fence") else None
        if directive is None or directive["name"] in _VERBATIM:
            continue
        line = first_line + (token.map[0] if token.map else 0)
        options = _options(token.content)
        if directive["name"].startswith("prf:") and options.get("label"):
            classes = tuple(options.get("class", "").lower().split())
            yield Statement(
                label=options["label"], kind=directive["name"].removeprefix("prf:"), classes=classes, line=line
            )
        if directive["name"] == "include" and path is not None and not {"literal", "code"} & set(options):
            yield from _included(path, token.info.strip()[directive.end() :].strip(), line)
        yield from statements(token.content, line + 1, path=path)


def _included(path: Path, name: str, line: int) -> Iterator[Statement]:
    """The statements of a file that `path` includes, at the line of the directive; none when it cannot be read."""
    included = path.parent / name
    if included.is_file() and included != path:  # the book's build says what is wrong with the others
        found = statements(included.read_text(encoding="utf-8"), path=included)
        yield from (replace(statement, line=line) for statement in found)


def _options(content: str) -> dict[str, str]:
    """The options at the head of a directive: lines `:key: value`, or a block between two lines of hyphens."""
    lines = content.splitlines()
    if lines and lines[0].startswith("---"):
        end = next((n for n, line in enumerate(lines) if n and line.startswith("---")), len(lines))
        head = lines[1:end]
    else:
        end = next((n for n, line in enumerate(lines) if not line.lstrip().startswith(":")), len(lines))
        head = lines[:end]
    found = (_OPTION.match(line) for line in head)
    return {option["key"]: option["value"] for option in found if option}
