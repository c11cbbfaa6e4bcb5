"""A comma after a formula stays on the formula's line.

A browser sees a formula as a box and may break the line on either side of it, so that a line begins with a comma. What
stands against a formula is put into one element with it, `span.unbroken`, in which the style sheet allows no break.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_AFTER = re.compile(r"\S{1,8}(?!\S)|[^\w\s]+")  # a short rest of the word ("-th", "),"), or else its signs alone
_BEFORE = re.compile(r"[(\[“‘\"']+$")


def stuck(before: str, after: str) -> tuple[str, str]:
    """The end of `before` and the beginning of `after` that belong on the line of the formula between them.

    >>> stuck("with all (", "), and then"), stuck("the ", "-th of"), stuck("in ", "-dimensional"), stuck("of ", " is")
    (('(', '),'), ('', '-th'), ('', '-'), ('', ''))
    """
    opening, closing = _BEFORE.search(before), _AFTER.match(after)
    return (opening[0] if opening else "", closing[0] if closing else "")


class KeepWithFormula(SphinxPostTransform):
    """Put each formula of a line, with what stands against it, into one element."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the formulas of the document in place."""
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            place = parent.index(formula)
            before = parent[place - 1] if place else None
            after = parent[place + 1] if place + 1 < len(parent) else None
            opening, closing = stuck(
                before.astext() if isinstance(before, nodes.Text) else "",
                after.astext() if isinstance(after, nodes.Text) else "",
            )
            if not opening and not closing:
                continue
            pieces: list[nodes.Node] = [nodes.Text(opening), formula, nodes.Text(closing)]
            parent[place] = nodes.inline("", "", *(piece for piece in pieces if piece.astext()), classes=["unbroken"])
            if closing and isinstance(after, nodes.Text):
                parent[place + 1] = nodes.Text(after.astext()[len(closing) :])
            if opening and isinstance(before, nodes.Text):
                parent[place - 1] = nodes.Text(before.astext()[: -len(opening)])


def connect(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(KeepWithFormula)
