"""What a code cell of a chapter must not do, whatever its outcome: the build and pytest ask the same questions.

Every cell is run and none may fail; a certificate is written by `claim`, in the cell that shows it.   Chapter: ledger.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from onenn.ledger.certificate import certificates

FORBIDDEN_TAGS = ("skip-execution", "nbval-skip", "raises-exception", "nbval-raises-exception")
"""Tags with which the build or nbval would pass over a cell or over its error."""

_CELL_MAGIC = re.compile(r"\A(\s*%%.*\n)+")  # what follows `%%time` is code of the cell all the same
_MARKER = re.compile(r"^\s*#+\s*(NBVAL_SKIP|NBVAL_RAISES_EXCEPTION)\s*$", re.MULTILINE)


def tag_faults(source: str, tags: Iterable[str]) -> Iterator[str]:
    """A sentence for each tag, or comment of nbval, that would let the cell be skipped or fail.

    >>> next(tag_faults("1 / 0", ["raises-exception"]))
    "a cell has the tag 'raises-exception'; every cell is run and none may fail (show an error by catching it)"
    """
    for word in [*(tag for tag in tags if tag in FORBIDDEN_TAGS), *_MARKER.findall(source)]:
        yield f"a cell has the tag {word!r}; every cell is run and none may fail (show an error by catching it)"


def errors(outputs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A sentence for each error among the outputs (nbformat) of a run."""
    for output in outputs:
        if output.get("output_type") == "error":
            yield f"a cell raised {output.get('ename')}: {output.get('evalue')}"


def unclaimed(source: str, outputs: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(label, sentence) for each certificate among the outputs of a cell whose label no `claim(...)` in it can name.

    A call whose label is computed, in a loop say, can name any.
    """
    named = [_label(call) for call in _claims(source)]
    labels = [str(certificate.get("label", "")) for certificate in certificates(outputs)]
    return [
        (label, f"a cell shows a certificate of {label} that no `with claim(...)` in it made")
        for label in labels
        if label not in named and None not in named
    ]


def claimed_labels(code: str) -> list[str]:
    """The labels that the calls `claim("label", ...)` of a cell name, in order; none when it is not valid Python.

    >>> claimed_labels('%matplotlib inline\\nwith claim("thm-a", scope="all") as c: pass  # claim("thm-b")')
    ['thm-a']
    """
    return list(dict.fromkeys(label for call in _claims(code) if (label := _label(call)) is not None))


def _claims(code: str) -> list[ast.Call]:
    """The calls of `claim` in a cell, in order."""
    if "claim" not in code:
        return []
    from IPython.core.inputtransformer2 import TransformerManager  # here, because it is slow to import

    try:
        tree = ast.parse(TransformerManager().transform_cell(_CELL_MAGIC.sub("", code)))
    except SyntaxError:
        return []  # the cell itself fails and says so
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_claim(node.func)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _label(call: ast.Call) -> str | None:
    """The label that a call of `claim` spells out; None when it is computed."""
    arguments = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "label")]
    label = arguments[0] if arguments else None
    return label.value if isinstance(label, ast.Constant) and isinstance(label.value, str) else None


def _is_claim(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id == "claim") or (
        isinstance(function, ast.Attribute) and function.attr == "claim"
    )
