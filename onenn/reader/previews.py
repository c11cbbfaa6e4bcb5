"""Previews: resting on a reference shows the statement, the equation or the term it leads to.

At the end of a build each target is cut out of the written pages into one script, `_static/previews.js`: a table
"page#label" -> HTML. Scripts may be loaded by a page opened from disk; fetching a page may not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import Tag
    from sphinx.application import Sphinx

TARGETS = "div.proof[id], div.exercise[id], div.math[id], dl.glossary dt[id], div.citation[id]"


def connect(app: Sphinx) -> None:
    """Load the two scripts on every page; collect the targets when the pages are written."""
    app.add_js_file("previews.js", loading_method="defer", priority=800)
    app.add_js_file("show-previews.js", loading_method="defer", priority=801)
    app.connect("build-finished", _write)


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    found = dict(sorted(entry for page in sorted(app.env.found_docs) for entry in targets(out / f"{page}.html", page)))
    table = json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True)
    (out / "_static" / "previews.js").write_text(f"window.onennPreviews = {table};\n", encoding="utf-8")


def targets(path: Path, page: str) -> Iterator[tuple[str, str]]:
    """("page.html#label", HTML) for each statement, exercise, equation, term and citation of a written page."""
    from bs4 import BeautifulSoup

    if not path.exists():
        return
    for tag in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(TARGETS):
        label = str(tag["id"])
        yield f"{page}.html#{label}", _cut(tag)


def _cut(tag: Tag) -> str:
    """The HTML of a target without its ids (they would be doubled on the page that shows it) and its permalinks."""
    from bs4 import BeautifulSoup

    html = str(tag)
    if tag.name == "dt" and (meaning := tag.find_next_sibling("dd")) is not None:
        html = f'<dl class="glossary">{tag}{meaning}</dl>'
    copy = BeautifulSoup(html, "html.parser")
    for link in copy.select("a.headerlink, span.backrefs"):
        link.decompose()
    for inner in copy.find_all(id=True):
        del inner["id"]
    return copy.decode().strip()
