"""Every drawing in the HTML of the book says in words what it shows: the build warns, and under -W fails, otherwise.

Looked at is the HTML that cells print and that pages hold: an inline SVG must have an `aria-label`, an <img> its `alt`.
(`onenn.figures.show` gives both; an image without HTML beside it is a matter of onenn.ledger.book.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class _Drawings(HTMLParser):
    """Collects the start tags of <svg> and <img> that carry no words."""

    def __init__(self) -> None:
        super().__init__()
        self.nameless: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each start tag, with lower-case names."""
        given = dict(attrs)
        words = {"svg": given.get("aria-label"), "img": given.get("alt")}
        if tag in words and not words[tag] and given.get("aria-hidden") != "true":
            self.nameless.append(self.get_starttag_text() or tag)


def connect(app: Sphinx) -> None:
    """Collect while pages are read; complain in `env-updated`, which also runs when no page has changed."""
    app.connect("doctree-read", _collect)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _complain)


def nameless(markup: str) -> list[str]:
    """The drawings in `markup` (HTML) that carry no words.

    >>> nameless('<img src="a.png" alt="A line."><svg viewBox="0 0 1 1"></svg>')
    ['<svg viewBox="0 0 1 1">']
    """
    drawings = _Drawings()
    drawings.feed(markup)
    return drawings.nameless


def pictures_without_words(doctree: nodes.document) -> Iterator[tuple[int, str]]:
    """(line, start tag) for each drawing in the HTML of a page that says nothing."""
    for raw in doctree.findall(nodes.raw):
        for drawing in nameless(raw.astext()):
            yield _line(raw), drawing


def _line(node: nodes.Node) -> int:
    here: nodes.Node | None = node
    while here is not None and here.line is None:
        here = here.parent
    return 0 if here is None or here.line is None else here.line


def _found(env: BuildEnvironment) -> dict[str, list[tuple[int, str]]]:
    return vars(env).setdefault("onenn_pictures", {})  # pickled with the environment


def _collect(app: Sphinx, doctree: nodes.document) -> None:
    _found(app.env)[app.env.docname] = list(pictures_without_words(doctree))


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _found(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    _found(env).update({name: _found(other)[name] for name in docnames if name in _found(other)})


def _complain(app: Sphinx, env: BuildEnvironment) -> list[Any]:
    from sphinx.util import logging

    for docname, pictures in sorted(_found(env).items()):
        for line, what in pictures:
            message = f"a picture without words: give alt text, as figures.show(fig, alt=...) does: {what}"
            logging.getLogger(__name__).warning(message, location=(docname, line), type="reader", subtype="alt")
    return []
