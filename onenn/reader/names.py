"""Names of the package in the chapters lead to their place on the API pages.

`onenn.landscape.risk` in a text is code; where the API documents that name, the code becomes a link. A long name may
break after a dot, so that a column of names leaves room for the words beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_NAME = re.compile(r"(onenn(?:\.\w+)+)(?:\(.*\))?")


def documented_as(code: str, known: Any) -> str | None:
    """The name in `known` that `code` speaks of: itself, or where the package has it from; None when there is none.

    >>> known = {"onenn.network.match", "onenn.landscape.risk"}
    >>> documented_as("onenn.landscape.risk", known), documented_as("onenn.match(student, teacher)", known)
    ('onenn.landscape.risk', 'onenn.network.match')
    >>> documented_as("onenn.unknown", known), documented_as("numpy.linalg", known)
    (None, None)
    """
    import onenn

    found = _NAME.fullmatch(code)
    if found is None:
        return None
    _, first, *rest = found[1].split(".")
    homes = [f"onenn.{onenn._HOMES[first]}"] if first in onenn._HOMES else []
    return next(
        (name for name in (found[1], *(".".join([home, first, *rest]) for home in homes)) if name in known), None
    )


class LinkNames(SphinxPostTransform):
    """Turn the names of the package into references, outside of references and headings."""

    default_priority = 910
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the names of the document in place."""
        objects: dict[str, Any] = vars(self.env.get_domain("py"))["data"]["objects"]
        for code in list(self.document.findall(nodes.literal)):
            if isinstance(code.parent, nodes.reference | nodes.title) or len(code.children) != 1:
                continue
            name = documented_as(code.astext(), objects)
            if name is None:
                continue
            parts = code.astext().split(".")
            code.children = []
            for part in parts[:-1]:
                code.extend([nodes.Text(f"{part}."), nodes.raw("", "<wbr>", format="html")])
            code.append(nodes.Text(parts[-1]))
            place = objects[name]
            address = self.app.builder.get_relative_uri(self.env.docname, place.docname)
            link = nodes.reference("", "", internal=True, refuri=f"{address}#{place.node_id}")
            code.replace_self(link)
            link.append(code)


def connect(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(LinkNames)
