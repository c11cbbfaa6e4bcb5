"""The ledger as a table and as a line of counts; on a narrow screen the table scrolls inside its own frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from docutils import nodes

from onenn.ledger.book.errata_list import shown_elsewhere
from onenn.ledger.book.links import SHAPES, WORDS, View, joined, standing, with_mathematics
from onenn.ledger.book.records import Ledger, Row

COLUMNS = {"Statement": 23, "Provenance": 15, "Grade and scope": 26, "Controls": 9, "Rests on": 27}
"""The headings with their widths in percent."""


def selected(ledger: Ledger, chapter: str) -> list[Row]:
    """The rows of a chapter (its page's name, with or without its folder), or all of them when it is empty."""
    return [row for row in ledger.rows.values() if chapter in ("", row.docname, row.docname.rpartition("/")[2])]


def table(rows: Sequence[Row], view: View) -> nodes.container:
    """One line per statement, in the order of the book."""
    return framed("Every statement of the ledger", COLUMNS, [_cells(row, view) for row in rows], "ledger-table")


def edge_table(rows: Sequence[Row], view: View) -> nodes.container:
    """What the graph draws, in words: every statement with what it rests on, and how the text says so."""
    lines = []
    for row in rows:
        uses = [
            [*view.statement(target, ranked=True), nodes.Text(f", {_origin(view.ledger, row, target)}")]
            for target in view.ledger.used_by(row.label)
        ]
        if uses:
            lines.append([view.statement(row.label, ranked=True), joined(uses, "; ")])
    return framed("What rests on what", {"Statement": 35, "Rests on": 65}, lines, "ledger-edges")


def summary(rows: Sequence[Row]) -> nodes.paragraph:
    """How many statements of each standing there are, strongest first."""
    counts = Counter(row.standing for row in rows)
    node = nodes.paragraph(classes=["ledger-summary"])
    node += nodes.strong("", f"{len(rows)} statement{'s' * (len(rows) != 1)}")
    for word, shape in SHAPES.items():
        if counts[word]:
            node += nodes.Text(" ")
            words = f"{counts[word]} {'without a check' if word == 'definition' else WORDS.get(word, word)}"
            node += nodes.inline("", f"{shape} {words}", classes=["ledger-count", f"ledger-{word}"])
    return node


def framed(
    title: str, columns: dict[str, int], lines: Sequence[Sequence[Sequence[nodes.Node]]], name: str
) -> nodes.container:
    """A table inside a frame that scrolls; each cell is a list of inline nodes."""
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=width) for width in columns.values()]
    head, body = nodes.thead(), nodes.tbody()
    head += _line([[nodes.Text(heading)] for heading in columns])
    body += [_line(cells) for cells in lines]
    group += [head, body]
    inner = nodes.table(classes=["colwidths-given", name])
    inner += group
    frame = nodes.container(classes=["ledger-frame"])
    frame["aria-label"] = title
    frame += inner
    return frame


def _cells(row: Row, view: View) -> list[list[nodes.Node]]:
    statement = view.statement(row.label)
    if row.title:
        statement += [nodes.Text(" "), nodes.inline("", "", *with_mathematics(row.title), classes=["ledger-title"])]
    grade: list[nodes.Node] = [nodes.inline("", standing(row), classes=["ledger-standing"])]
    if row.status in ("cited", "open") and row.grade:
        grade.append(nodes.Text(f", checked: {row.grade}"))
    if row.scope:
        grade += [nodes.Text(": "), *with_mathematics(row.scope)]
    rests: list[list[nodes.Node]] = []
    if row.proof:
        rests.append([view.proof(row)])
    if row.repaired_by:
        rests.append([nodes.Text("repaired by "), *joined([view.statement(label) for label in row.repaired_by], ", ")])
    rests += shown_elsewhere(row, view)
    uses = [view.statement(label) for label in view.ledger.used_by(row.label) if label not in row.repaired_by]
    if uses:
        rests.append(joined(uses, ", "))
    if row.weakest is not None:
        rests.append([nodes.Text("weakest: "), *view.statement(row.weakest, ranked=True)])
    shown = nodes.inline("", "", *grade, classes=[f"ledger-{row.standing}"])
    return [statement, view.provenance(row), [shown], [nodes.Text(str(row.controls or "–"))], joined(rests, "; ")]


def _origin(ledger: Ledger, row: Row, target: str) -> str:
    if target in row.repaired_by:
        return "its repair"
    found = [edge.origin for edge in ledger.edges if (edge.source, edge.target) == (row.label, target)]
    words = {"statement": "in the statement", "proof": "in the proof", "declared": "declared by the claim"}
    return " and ".join(words[origin] for origin in words if origin in found)


def _line(cells: Sequence[Sequence[nodes.Node]]) -> nodes.row:
    line = nodes.row()
    for cell in cells:
        entry = nodes.entry()
        entry += nodes.paragraph("", "", *cell)
        line += entry
    return line
