"""The reader's side of the book: pages that need no network, folded proofs, previews, notebooks to download.

A Sphinx extension, listed in `_config.yml`; nothing of it is imported by the mathematics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the parts; called by Sphinx."""
    from onenn.reader import docstrings, folding, names, notebooks, offline, pictures, previews, unbroken

    for part in (offline, folding, unbroken, names, previews, pictures, notebooks, docstrings):
        part.connect(app)
    app.add_css_file("reader.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
