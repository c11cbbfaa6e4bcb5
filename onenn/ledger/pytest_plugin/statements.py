"""The statements of a chapter and the labels its cells claim, read from the source with a Markdown parser.

A statement is a sphinx-proof directive, `prf:theorem` and its kin, between back-ticks or colons of any number, with its
options in either of MyST's two spellings and in any order.   Chapter: ledger.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from IPython.core.inputtransformer2 import TransformerManager
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


def statements(source: str, first_line: int = 0) -> Iterator[Statement]:
    """The labelled statements of a chapter's source in order, also those nested in other directives.

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
        yield from statements(token.content, line + 1)


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


def claimed_labels(code: str) -> list[str]:
    """The labels that the calls `claim("label", ...)` of a cell name, in order; none when it is not valid Python.

    >>> claimed_labels('%matplotlib inline\\nwith claim("thm-a", scope="all") as c: pass  # claim("thm-b")')
    ['thm-a']
    """
    try:
        tree = ast.parse(TransformerManager().transform_cell(code))
    except SyntaxError:
        return []  # the cell itself fails and says so
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_claim(node.func)]
    named = [
        argument.value
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
        for argument in [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "label")]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    return list(dict.fromkeys(named))


def _is_claim(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id == "claim") or (
        isinstance(function, ast.Attribute) and function.attr == "claim"
    )
