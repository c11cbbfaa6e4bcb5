"""Nodes that the badge, the table and the graph share: links to statements, proofs, cards and sources, and mathematics.

Links to other pages go through the builder's relative addresses, which are right for HTML and LaTeX alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.builders import Builder

from onenn.ledger.book.records import Ledger, Row
from onenn.ledger.card import SHAPES as GRADE_SHAPES

SHAPES = {**GRADE_SHAPES, "cited": "□", "open": "?", "refuted": "⊘", "failing": "✗", "definition": "≔"}
"""One shape per standing; the four grades look as on the cards."""

WORDS = {"refuted": "refuted as printed"}
"""The words for a standing that does not say enough by its name."""


@dataclass(frozen=True, kw_only=True)
class View:
    """The ledger as seen from one page: `sources` maps citation keys to (words, page, id)."""

    builder: Builder
    docname: str
    ledger: Ledger
    sources: Mapping[str, tuple[str, str, str]]

    def address(self, docname: str, anchor: str) -> str:
        """The address of `anchor` on another page, or on this one, as everything is in a single-page book."""
        if docname == self.docname or self.builder.name == "singlehtml":
            return f"#{anchor}"
        return f"{self.builder.get_relative_uri(self.docname, docname)}#{anchor}"

    def link(self, text: str, docname: str, anchor: str, *, title: str = "") -> nodes.reference:
        """A link with the words `text`; `title` is shown on hovering."""
        node = nodes.reference("", text, internal=True, refuri=self.address(docname, anchor))
        if title:
            node["reftitle"] = title
        return node

    def statement(self, label: str, *, ranked: bool = False) -> list[nodes.Node]:
        """A link to a statement by its name; with its standing behind it when `ranked`."""
        row = self.ledger.rows[label]
        link = self.link(row.name, row.docname, label, title=plain(row.title))
        return [link, nodes.Text(f" ({row.standing})")] if ranked else [link]

    def proof(self, row: Row) -> nodes.reference:
        """A link to the proof; what is proved of a refuted statement is that it is wrong."""
        words = "refutation in the text" if row.status == "refuted" else "proof in the text"
        return self.link(words, row.docname, f"proof-of-{row.label}")

    def provenance(self, row: Row) -> list[nodes.Node]:
        """Where the statement comes from, such as "reconstructed [Zhong et al. 2017]", with links."""
        parts: list[nodes.Node] = [nodes.Text(row.provenance)]
        for position, key in enumerate(row.sources):
            words, docname, anchor = self.sources.get(key, (key, "", ""))
            parts.append(nodes.Text("; " if position else " ["))
            parts.append(self.link(words, docname, anchor) if docname else nodes.Text(words))
        return [*parts, nodes.Text("]")] if row.sources else parts


def standing(row: Row) -> str:
    """Shape and words of a row's standing, such as "◆ enclosed".

    A refuted statement shows the grade of its counterexample as well; what asserts nothing shows its kind.
    """
    words = row.kind if row.standing == "definition" else WORDS.get(row.standing, row.standing)
    return f"{SHAPES[row.standing]} {words}" + (f", {row.grade}" if row.status == "refuted" else "")


def joined(groups: Sequence[Sequence[nodes.Node]], separator: str) -> list[nodes.Node]:
    """The groups of nodes one after another, with the separator between them."""
    result: list[nodes.Node] = []
    for group in groups:
        result += [nodes.Text(separator)] if result else []
        result += group
    return result


def with_mathematics(text: str) -> list[nodes.Node]:
    """Text in which `$...$` stands for a formula; a lone dollar sign stays one."""
    pieces = text.split("$")
    if len(pieces) % 2 == 0:
        return [nodes.Text(text)]
    return [
        nodes.math(piece, piece) if position % 2 else nodes.Text(piece)
        for position, piece in enumerate(pieces)
        if piece
    ]


def plain(text: str) -> str:
    """The text for places that can hold no formula: the dollar signs are left out.

    >>> plain("What $T_1$ measures")
    'What T_1 measures'
    """
    return text.replace("$", "")


def sources(citations: Sequence[Any]) -> dict[str, tuple[str, str, str]]:
    """Every citation of a bibliography on a page: (author and year, page, id) by key."""
    return {
        citation.key: (_author_and_year(citation.entry), citation.bibliography_key.docname, citation.citation_id)
        for citation in citations
    }


def _author_and_year(entry: Any) -> str:
    people = [" ".join(person.last_names) for person in entry.persons.get("author", ())]
    names = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
    return f"{names or entry.key} {entry.fields.get('year', '')}".strip()
