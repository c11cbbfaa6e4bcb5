"""The graph as one inline SVG: boxes that link to their statements, in a shape and a line of their own per standing.

Colours come from ledger.css, so the drawing follows the theme. It is a group and not an image for screen readers, which
would otherwise not offer its links; the table after it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from onenn.ledger.book.graph import layout
from onenn.ledger.book.layers import BOX, Layout, Point
from onenn.ledger.book.links import SHAPES, View, plain, standing
from onenn.ledger.book.records import Row

MARGIN, HEAD = 8.0, 7.0
SMALLEST = 0.8
"""The scale below which the drawing scrolls in its frame instead of shrinking further."""


def svg(rows: Sequence[Row], view: View) -> str:
    """The drawing of `rows` and of the edges between them; empty when there is no row."""
    if not rows:
        return ""
    shown = {row.label for row in rows}
    arcs = {(edge.source, edge.target) for edge in view.ledger.edges} & {(a, b) for a in shown for b in shown}
    found = layout([row.label for row in rows], arcs)
    lines = "".join(_arc(edge, found, view) for edge in sorted(found.paths))
    boxes = "".join(_box(row, found.centres[row.label], view) for row in rows)
    width, height = found.width + 2 * MARGIN, found.height + 2 * MARGIN
    return (
        f'<div class="ledger-frame" tabindex="0" role="group" aria-label="Graph of {len(rows)} statements">'
        f'<svg class="ledger-graph" role="group" aria-label="What rests on what: {len(rows)} statements, '
        f'{len(arcs)} edges" xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN:g} {-MARGIN:g} {width:g} {height:g}" '
        f'style="width:{width:g}px;min-width:{SMALLEST * width:g}px">{lines}{boxes}</svg></div>'
    )


def _arc(edge: tuple[str, str], found: Layout, view: View) -> str:
    """A smooth line through the joints, with a small head at the statement that the other rests on."""
    (x, y), *others = found.paths[edge]
    points = [(x, y + HEAD), *others]
    curve = f"M{_at(points[0])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        curve += f"C{_at((x0, middle))} {_at((x1, middle))} {_at((x1, y1))}"
    head = f"M{_at((x - HEAD / 2, y + HEAD))}L{_at((x, y))}L{_at((x + HEAD / 2, y + HEAD))}z"
    source, target = (view.ledger.rows[label] for label in edge)
    repair = target.label in source.repaired_by
    words = f"{source.name} {'is repaired by' if repair else 'rests on'} {target.name}"
    return (
        f'<g class="ledger-arc{" ledger-repair" * repair}"><title>{escape(words)}</title>'
        f'<path d="{curve}"/><path class="ledger-head" d="{head}"/></g>'
    )


def _box(row: Row, centre: Point, view: View) -> str:
    x, y = centre
    words = f"{row.name}: {standing(row)}" + (f". {plain(row.title)}" if row.title else "")
    return (
        f'<a class="ledger-node ledger-{row.standing}" href="{escape(view.address(row.docname, row.label))}">'
        f"<title>{escape(words)}</title>{_outline(row.standing, x, y)}"
        f'<text x="{x:g}" y="{y - 3:g}">{escape(row.name)}</text>'
        f'<text class="ledger-small" x="{x:g}" y="{y + 12:g}">{escape(_short(row))}</text></a>'
    )


def _short(row: Row) -> str:
    """Shape and one word: what fits into a box."""
    return f"{SHAPES[row.standing]} {row.kind if row.standing == 'definition' else row.standing}"


def _outline(word: str, x: float, y: float) -> str:
    """Round for exact and measured, pointed for enclosed, sloped for tested, cut for refuted, square for cited."""
    w, h = BOX[0] / 2, BOX[1] / 2
    cuts = {"enclosed": (9.0, h), "tested": (9.0, 2 * h), "refuted": (9.0, 9.0), "failing": (9.0, 9.0)}
    if word not in cuts:
        radius = {"exact": h, "measured": h, "definition": 6.0}.get(word, 0.0)
        return f'<rect x="{x - w:g}" y="{y - h:g}" width="{2 * w:g}" height="{2 * h:g}" rx="{radius:g}"/>'
    across, down = cuts[word]
    if word == "tested":
        corners = [(x - w + across, y - h), (x + w - across, y - h), (x + w, y + h), (x - w, y + h)]
    else:
        right = [(x + w - across, y - h), (x + w, y - h + down), (x + w, y + h - down), (x + w - across, y + h)]
        corners = [*right, *((2 * x - a, b) for a, b in reversed(right))]
    return f'<polygon points="{" ".join(_at(corner) for corner in corners)}"/>'


def _at(point: Point) -> str:
    return f"{round(point[0], 1):g},{round(point[1], 1):g}"
