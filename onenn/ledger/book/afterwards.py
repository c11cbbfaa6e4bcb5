"""After a build: its ledger.json is written, pages that left the book are removed, and whether it was clean is noted.

    clean: no warning and no error   ->   the mark holds the stamp of the package   ->   the next reads changes only
    otherwise, or broken off         ->   there is no mark                          ->   the next reads every page

Sphinx gives a warning while it reads or writes a page, and leaves a page that has not changed alone: a second build of
the same mistakes would be silent and succeed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onenn.ledger.book import cache, export
from onenn.ledger.book.records import Ledger
from onenn.ledger.digest import digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARK = "onenn.clean"


def take_mark(app: Sphinx) -> bool:
    """Whether the last build was clean and of today's package; its mark is removed, to be earned again."""
    mark, today = Path(app.doctreedir) / MARK, cache.stamp(Path(app.srcdir))
    clean = mark.exists() and mark.read_text() == today
    mark.unlink(missing_ok=True)
    app.env.onenn_stamp = today  # pyright: ignore[reportAttributeAccessIssue]
    return clean


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write ledger.json for the HTML builders; a build that broke off leaves none, it would speak of another book."""
    path = Path(app.outdir) / export.NAME
    if exception is not None:
        path.unlink(missing_ok=True)
        return
    if app.builder.format == "html":
        ledger: Ledger = getattr(app.env, "onenn_ledger", Ledger())
        export.write(path, ledger, code=digest(), address=app.builder.get_target_uri)
        remove_left_pages(app)
    if not app._warncount:
        # The stamp at the beginning: what was changed meanwhile is news to the next build.
        (Path(app.doctreedir) / MARK).write_text(app.env.onenn_stamp)  # pyright: ignore[reportAttributeAccessIssue]


def remove_left_pages(app: Sphinx) -> None:
    """Remove pages with badges that are not in the book any more: Sphinx would leave them, and they be published."""
    written = {Path(app.builder.get_outfilename(docname)) for docname in app.env.all_docs}  # pyright: ignore
    for path in Path(app.outdir).rglob("*.html"):
        if path not in written and 'class="ledger-badge' in path.read_text(encoding="utf-8"):
            path.unlink()
