"""What is read from the pages, and what is computed from it: plain frozen records, kept in the build's environment.

page  =  statements, evidence, proofs, links        ->        ledger  =  rows, edges, messages
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onenn.ledger.certificate import Erratum


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A link in the text to the label `target`."""

    target: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A sphinx-proof directive as its author wrote it, with what its proofs in the text refer to.

    `equations` are the labels of the equations in it and in its proofs; `fingerprint` changes with its words.
    """

    label: str
    kind: str
    line: int
    title: str = ""
    counter: str = ""
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    has_proof: bool = False
    proof_references: tuple[str, ...] = ()
    equations: tuple[str, ...] = ()
    fingerprint: str = ""
    is_labelled: bool = True


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A certificate found among the outputs of a cell."""

    certificate: Mapping[str, Any]
    line: int

    @property
    def label(self) -> str:
        """The label that the claim names."""
        return str(self.certificate.get("label", ""))


@dataclass(frozen=True, kw_only=True)
class BadCell:
    """Why the cell at `line` must not pass; `label` is the statement that loses its evidence with it, if any."""

    line: int
    reason: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that the ledger keeps of one page.

    `loose_proofs` are (line, reason); `bare_figures` the lines of figures without alt text; the target of a view is the
    chapter that it shows, empty for the whole book.
    """

    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    loose_proofs: tuple[tuple[int, str], ...] = ()
    bad_cells: tuple[BadCell, ...] = ()
    links: tuple[Reference, ...] = ()
    bare_figures: tuple[int, ...] = ()
    views: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Message:
    """Why the build fails, where, by which rule, and which statements fail with it."""

    docname: str
    line: int
    rule: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Edge:
    """`source` rests on `target`; the origin is the source's "statement", its "proof", or "declared" by its claim."""

    source: str
    target: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class CertifiedErratum:
    """An erratum with the line of the claim `by` that shows it: the words of the check and its grade."""

    erratum: Erratum
    by: str
    check: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One statement as the ledger shows it; everything but label, kind, title and provenance is computed.

    `errata` are those of its own text, whoever shows them.
    """

    label: str
    kind: str
    name: str
    title: str
    docname: str
    status: str
    provenance: str
    sources: tuple[str, ...]
    grade: str | None
    scope: str
    controls: int
    proof: bool
    fingerprint: str = field(default="", compare=False)  # it is shown on no page
    weakest: str | None = None
    repaired_by: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    errata: tuple[CertifiedErratum, ...] = ()
    certificate: Mapping[str, Any] | None = None

    @property
    def standing(self) -> str:
        """The one word by which the statement is ranked: its grade when proved, otherwise its status."""
        return self.grade if self.status == "proved" and self.grade else self.status


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Rows by label in the order of the book, the edges without loops, and the messages in the order of the book."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()
    messages: tuple[Message, ...] = ()

    def used_by(self, label: str) -> list[str]:
        """What `label` rests on directly, in the order of the book."""
        targets = {edge.target for edge in self.edges if edge.source == label}
        return [other for other in self.rows if other in targets]
