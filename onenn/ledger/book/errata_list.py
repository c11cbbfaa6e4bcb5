"""The list of errata, by source: the place, what is wrong there, the check that shows it, and what holds instead.

A list and not a table: an entry is a few sentences, and they have to be read on a phone as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from docutils import nodes

from onenn.ledger.book.links import SHAPES as STANDINGS
from onenn.ledger.book.links import View, joined, with_mathematics
from onenn.ledger.book.records import CertifiedErratum, Row

SHAPES = {"refuted": STANDINGS["refuted"], "empty": "∅", "imprecise": "≈", "extraction": "≟"}
"""One shape per kind."""

IN_PRINT = {"read": "as printed", "quoted": "as quoted", "reconstructed": "as reconstructed"}
"""What is judged, by the provenance of the statement: the source itself only where it was read."""

Entry = tuple[Row, CertifiedErratum]


def errata_list(rows: Sequence[Row], view: View) -> list[nodes.Node]:
    """Every erratum of the statements, grouped by source in the order in which the book comes to them."""
    entries = [(row, found) for row in rows for found in row.errata]
    if not entries:
        return [nodes.paragraph("", "There is no erratum to show.")]
    listed: list[nodes.Node] = [_summary(entries)]
    for key in dict.fromkeys(found.erratum.source for _, found in entries):
        listed.append(nodes.rubric("", "", _source(key, view), classes=["errata-source"]))
        entry = nodes.definition_list(classes=["errata", "simple"])  # the theme indents what is not simple
        entry += [_entry(row, found, view) for row, found in entries if found.erratum.source == key]
        listed.append(entry)
    return listed


def shown_elsewhere(row: Row, view: View) -> list[list[nodes.Node]]:
    """What another statement shows to be wrong with this one, one list of nodes per kind and statement."""
    pairs = dict.fromkeys((found.erratum.kind, found.by) for found in row.errata if found.by != row.label)
    return [[nodes.Text(f"{SHAPES[kind]} {kind}, says "), *view.statement(label)] for kind, label in pairs]


def words(row: Row, found: CertifiedErratum) -> str:
    """Shape and words of an erratum, such as "⊘ refuted as printed"."""
    kind = found.erratum.kind
    said = (
        "false as extracted, perhaps not in the source"
        if kind == "extraction"
        else f"{kind} {IN_PRINT[row.provenance]}"
    )
    return f"{SHAPES[kind]} {said}"


def _entry(row: Row, found: CertifiedErratum, view: View) -> nodes.definition_list_item:
    erratum, by = found.erratum, view.ledger.rows[found.by]
    place = nodes.inline("", "", *with_mathematics(erratum.place), classes=["errata-place"])
    kind = nodes.inline("", words(row, found), classes=["ledger-count", f"erratum-{erratum.kind}"])
    wrong = nodes.paragraph("", "", *with_mathematics(erratum.wrong))
    certificate = view.link(
        f"{STANDINGS[found.grade]} {found.grade}", by.docname, f"evidence-{by.label}", title="The evidence"
    )
    shown = nodes.inline("", "", certificate, classes=["ledger-standing", f"ledger-{found.grade}"])
    check = [
        nodes.Text("Certificate: "),
        shown,
        nodes.Text(", “"),
        *with_mathematics(found.check),
        nodes.Text("”, in "),
    ]
    check += view.statement(by.label)
    said = [check]
    if erratum.repair == by.label:
        check.append(nodes.Text(", which says what holds instead"))
    else:
        said.append([nodes.Text("repaired by "), *view.statement(erratum.repair, ranked=True)])
    if row.label != by.label:
        said.append([nodes.Text("printed in "), *view.statement(row.label)])
    proof = nodes.paragraph("", "", *joined(said, "; "), classes=["errata-proof"])
    term = nodes.term("", "", place, nodes.Text(" "), kind)
    return nodes.definition_list_item("", term, nodes.definition("", wrong, proof))


def _source(key: str, view: View) -> nodes.Node:
    """The author and the year, with a link to the bibliography."""
    said, docname, anchor = view.sources.get(key, (key, "", ""))
    return view.link(said, docname, anchor) if docname else nodes.Text(said)


def _summary(entries: Sequence[Entry]) -> nodes.paragraph:
    """How many there are of each kind, and whether they are errors of a source or of what is known of it."""
    counts = Counter(words(row, found) for row, found in entries)
    order = {word: position for position, word in enumerate(SHAPES.values())}
    kinds = {words(row, found): found.erratum.kind for row, found in entries}
    node = nodes.paragraph(classes=["ledger-summary"])
    node += nodes.strong("", f"{len(entries)} errat{'um' if len(entries) == 1 else 'a'}")
    for said in sorted(counts, key=lambda said: (order[said[0]], said)):
        node += nodes.Text(" ")
        shape, text = said.split(" ", 1)
        node += nodes.inline("", f"{shape} {counts[said]} {text}", classes=["ledger-count", f"erratum-{kinds[said]}"])
    return node
