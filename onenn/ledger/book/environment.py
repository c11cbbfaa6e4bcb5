"""Where the ledger meets Sphinx: pages are collected as they are read, judged together in every build, then drawn.

doctree-read: collect    env-updated: judge    env-get-updated: which pages to write again    doctree-resolved: draw
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.util import logging

from onenn.ledger.book import afterwards, errata_list, executed, table
from onenn.ledger.book.assemble import assemble
from onenn.ledger.book.badges import badge
from onenn.ledger.book.collect import is_statement, mark_ids, read_page
from onenn.ledger.book.drawing import svg
from onenn.ledger.book.links import View, sources
from onenn.ledger.book.records import Ledger, Page, Row
from onenn.ledger.book.views import ledger_view
from onenn.ledger.digest import digest

LOGGER = logging.getLogger(__name__)


class LedgerCollector(EnvironmentCollector):
    """Keeps one Page per document on the environment, and the Ledger of the last build to compare with."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page that is read again or gone."""
        _pages(env).pop(docname, None)
        executed.forget(env, docname)

    def merge_other(self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
        """Take over the pages that another process has read."""
        _pages(env).update({docname: page for docname, page in _pages(other).items() if docname in docnames})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Collect a page; give its boxes and cards ids of their own."""
        docname = app.env.docname
        page = read_page(doctree, app.config.proof_title_format)
        _pages(app.env)[docname] = replace(page, bad_cells=tuple(executed.bad_cells(app.env, docname, doctree)))
        mark_ids(doctree)

    def get_outdated_docs(
        self, app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
    ) -> list[str]:
        """All pages, when the last build gave a warning, or read them with another package or other results."""
        return [] if afterwards.take_mark(app) else sorted(env.found_docs)

    def get_updated_docs(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """The pages on which something shown has changed since the last build.

        The handler comes after Sphinx's own of the same event, which gives the statements their numbers.
        """
        ledger = _assembled(env)
        before: Ledger = getattr(env, "onenn_ledger", Ledger())
        env.onenn_ledger = ledger  # pyright: ignore[reportAttributeAccessIssue]
        return sorted(changed_pages(before, ledger, _pages(env)))


def forget_labels(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Clear sphinx-proof's list of the pages that are about to be read.

    It forgets a page only when that page's turn comes, and would call a label that moved to an earlier page double.
    """
    found: dict[str, Any] = getattr(env, "proof_list", {})
    for label in [label for label, entry in found.items() if entry["docname"] in docnames]:
        del found[label]


def judge(app: Sphinx, env: BuildEnvironment) -> None:
    """Give every message on the whole book as a warning: in every build, also when no page was read."""
    for message in _assembled(env).messages:
        # Without a type: a typed warning could be silenced in the configuration.
        LOGGER.warning("%s [ledger: %s]", message.text, message.rule, location=(message.docname, message.line))


def changed_pages(before: Ledger, after: Ledger, pages: dict[str, Page]) -> set[str]:
    """The pages whose badges or links differ, and those that draw the ledger when any row or edge differs.

    Sphinx writes a page again when its own numbers change, and not when it links to a statement that has a new one.
    """

    def drawn(ledger: Ledger, row: Row) -> tuple[Any, ...]:
        shown = (row.weakest, *row.repaired_by, *row.repairs, *(found.by for found in row.errata))
        others = [ledger.rows[label] for label in shown if label]
        return row, [(other.name, other.docname, other.standing) for other in others]

    old = {label: drawn(before, row) for label, row in before.rows.items()}
    new = {label: drawn(after, row) for label, row in after.rows.items()}
    changed = {row.docname for label, row in after.rows.items() if old.get(label) != new[label]}
    changed |= {row.docname for label, row in before.rows.items() if label not in new}
    named = {label: (row.name, row.docname) for label, row in before.rows.items()}
    moved = {label for label, row in after.rows.items() if named.get(label) != (row.name, row.docname)}
    changed |= {docname for docname, page in pages.items() if any(link.target in moved for link in page.links)}
    if old != new or before.edges != after.edges:
        changed |= {docname for docname, page in pages.items() if page.views}
    return changed & set(pages)


def draw(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the badges below the statements, and the views in their places."""
    ledger: Ledger = getattr(app.env, "onenn_ledger", Ledger())
    citations = app.env.get_domain("cite").citations if "cite" in app.env.domains else []  # pyright: ignore
    view = View(builder=app.builder, docname=docname, ledger=ledger, sources=sources(citations))
    for node in list(doctree.findall(nodes.Element)):
        if is_statement(node) and node["label"] in ledger.rows:
            content = node.children[-1]  # never the title, which sphinx-proof finds by its text
            assert isinstance(content, nodes.Element)
            content += badge(ledger.rows[node["label"]], view)
        elif isinstance(node, ledger_view):
            node.replace_self(_drawn(node, view))


def _drawn(node: ledger_view, view: View) -> list[nodes.Node]:
    rows = table.selected(view.ledger, node["chapter"])
    if not rows:
        return [nodes.paragraph("", "There is no statement to show.")]
    if node["view"] == "table":
        return [table.table(rows, view)]
    if node["view"] == "summary":
        return [table.summary(rows)]
    if node["view"] == "errata":
        return errata_list.errata_list(rows, view)
    opened = '<details class="ledger-fold"><summary>The same in words</summary>'
    return [
        nodes.raw("", svg(rows, view), format="html"),
        nodes.raw("", opened, format="html"),
        table.edge_table(rows, view),
        nodes.raw("", "</details>", format="html"),
    ]


def _pages(env: BuildEnvironment) -> dict[str, Page]:
    if not hasattr(env, "onenn_pages"):
        env.onenn_pages = {}  # pyright: ignore[reportAttributeAccessIssue]
    return env.onenn_pages  # pyright: ignore[reportAttributeAccessIssue]


def _in_book_order(env: BuildEnvironment) -> list[str]:
    """All pages: those of the table of contents as a reader meets them, then the others by name."""
    found: dict[str, None] = {}

    def walk(docname: str) -> None:
        if docname not in found:
            found[docname] = None
            for child in env.toctree_includes.get(docname, []):
                walk(child)

    walk(env.config.root_doc)
    return [*found, *sorted(set(env.all_docs) - set(found))]


def _bibliography(env: BuildEnvironment) -> frozenset[str] | None:
    domain: Any = env.domains.get("cite")
    return frozenset(domain.bibdata.data.entries) if domain is not None else None


def _assembled(env: BuildEnvironment) -> Ledger:
    pages = {docname: _pages(env)[docname] for docname in _in_book_order(env) if docname in _pages(env)}
    return assemble(pages, code=digest(), bibliography=_bibliography(env), numbers=_numbers(env, pages))


def _numbers(env: BuildEnvironment, pages: dict[str, Page]) -> dict[str, str]:
    """The printed numbers. They are read from Sphinx: sphinx-proof's own list loses entries with duplicate labels."""
    numbers = {}
    for docname, page in pages.items():
        for statement in page.statements:
            number = env.toc_fignumbers.get(docname, {}).get(statement.counter, {}).get(statement.label, ())
            numbers.setdefault(statement.label, ".".join(map(str, number)))
    return numbers
