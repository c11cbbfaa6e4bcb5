"""The badge below a statement: what the run of its checks found, in words and shape; colour only repeats it.

◆ enclosed · every sigma in [0.1, 10] · 2 controls failed as they must · proof in the text · new · weakest link ...
"""

from __future__ import annotations

from docutils import nodes

from onenn.ledger.book.errata_list import shown_elsewhere
from onenn.ledger.book.links import View, joined, standing, with_mathematics
from onenn.ledger.book.records import Row


def badge(row: Row, view: View) -> nodes.paragraph:
    """The badge of one statement as a paragraph."""
    node = nodes.paragraph(classes=["ledger-badge", f"ledger-{row.standing}"])
    node += joined([_grouped(segment) for segment in segments(row, view)], " · ")
    return node


def segments(row: Row, view: View) -> list[list[nodes.Node]]:
    """What the badge says, one list of nodes per point; the first is the standing."""
    first = nodes.inline(classes=["ledger-standing"])
    if row.certificate is not None and row.status != "failing":
        first += view.link(standing(row), row.docname, f"evidence-{row.label}", title="The evidence")
    else:
        first += nodes.Text(standing(row))
    if row.status == "failing":
        return [[first, nodes.Text(": the build says why")]]
    said: list[list[nodes.Node]] = [[first], *checked(row)]
    if row.proof:
        said.append([view.proof(row)])
    if row.repaired_by:
        repairs = [view.statement(label) for label in row.repaired_by]
        said.append([nodes.Text("repaired by "), *joined(repairs, ", ")])
    if row.repairs:
        repaired = [view.statement(label) for label in row.repairs]
        said.append([nodes.Text("repairs "), *joined(repaired, ", "), nodes.Text(", refuted as printed")])
    said += shown_elsewhere(row, view)
    said.append(view.provenance(row))
    if row.weakest is not None:
        said.append([nodes.Text("weakest link below: "), *view.statement(row.weakest, ranked=True)])
    return said


def checked(row: Row) -> list[list[nodes.Node]]:
    """What the cells checked: the grade where the standing does not say it, the scope, the controls."""
    said: list[list[nodes.Node]] = []
    if row.status in ("cited", "open") and row.grade:
        said.append([nodes.Text(f"checked: {row.grade}")])
    if row.scope:
        said.append(with_mathematics(row.scope))
    if row.controls:
        said.append([nodes.Text(controls(row.controls))])
    return said


def controls(number: int) -> str:
    """The number of controls, which all failed (otherwise there were no badge).

    >>> controls(2)
    '2 controls failed as they must'
    """
    return "1 control failed as it must" if number == 1 else f"{number} controls failed as they must"


def _grouped(segment: list[nodes.Node]) -> list[nodes.Node]:
    group = nodes.inline(classes=["ledger-point"])
    group += segment
    return [group]
