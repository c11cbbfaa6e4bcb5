"""What a page can ask for: the directives of the ledger page, and the role that speaks of a statement without using it.

    {ledger-table}   {ledger-graph}   {ledger-summary}   {errata}   with :chapter: name     and     {mention}`label`

A directive leaves a placeholder, filled when all pages are known.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective
from sphinx_proof.domain import ProofXRefRole


class ledger_view(nodes.General, nodes.Element):
    """The place of a table, graph, summary or list of errata; attributes `view` and `chapter`."""


class LedgerDirective(SphinxDirective):
    """A view of the whole book, or of one chapter (its page's name, with or without its folder)."""

    option_spec: ClassVar = {"chapter": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The placeholder."""
        node = ledger_view(view=self.name.removeprefix("ledger-"), chapter=self.options.get("chapter", ""))
        self.set_source_info(node)
        return [node]


class MentionRole(ProofXRefRole):
    """A link that looks like {prf:ref} and is no dependency: reftype `mention` keeps it out of the edges."""
