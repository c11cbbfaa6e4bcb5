"""The drawing of the ledger: boxes that do not overlap, edges that run downwards past them, links and words."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest

from onenn.ledger.book.assemble import assemble
from onenn.ledger.book.drawing import svg
from onenn.ledger.book.graph import layout
from onenn.ledger.book.layers import BOX, WIDEST_ROW
from onenn.ledger.book.links import View
from onenn.ledger.book.records import Page, Statement

CODE = "0123456789abcdef"


def random_edges(count, density, seed):
    """Labels and loopless edges: each statement rests on earlier ones."""
    generator = random.Random(seed)
    labels = [f"thm-{position}" for position in range(count)]
    chance = density / count
    return labels, {(b, a) for a, b in combinations(labels, 2) if generator.random() < chance}


@pytest.fixture(params=[(1, 0.0, 0), (9, 2.0, 1), (30, 3.0, 2), (60, 3.5, 3)], ids=str)
def drawn(request):
    """A random graph with its layout; the seed is in the test's name."""
    labels, edges = random_edges(*request.param)
    return labels, edges, layout(labels, edges)


def test_boxes_do_not_overlap_and_lie_inside_the_drawing(drawn):
    """Boxes of one row are a gap apart, and rows are further apart than boxes are high."""
    labels, _, found = drawn
    width, height = BOX
    for a, b in combinations(labels, 2):
        (xa, ya), (xb, yb) = found.centres[a], found.centres[b]
        assert abs(xa - xb) >= width or abs(ya - yb) >= height, (a, b)
    for x, y in found.centres.values():
        assert width / 2 - 0.1 <= x <= found.width - width / 2 + 0.1
        assert height / 2 <= y <= found.height - height / 2


def test_every_edge_runs_downwards_from_the_statement_that_is_used(drawn):
    """A path begins at the foot of the upper box, ends at the head of the lower one and never turns up."""
    _, edges, found = drawn
    assert set(found.paths) == edges
    for (source, target), path in found.paths.items():
        (xs, ys), (xt, yt) = found.centres[source], found.centres[target]
        assert path[0] == (xt, yt + BOX[1] / 2)
        assert path[-1] == (xs, ys - BOX[1] / 2)
        assert all(upper[1] < lower[1] for upper, lower in pairwise(path))


def test_an_edge_that_skips_rows_passes_beside_their_boxes(drawn):
    """On the height of a row it stands upright at its joint, and the joint keeps its distance from the boxes."""
    _, _, found = drawn
    for path in found.paths.values():
        for (x0, y0), (x1, y1) in zip(path[1:-1:2], path[2:-1:2], strict=True):
            assert x0 == x1
            row = [x for x, y in found.centres.values() if y0 < y < y1]
            assert all(abs(x - x0) > BOX[0] / 2 for x in row)


def test_wide_layers_are_cut_into_rows_that_can_be_read():
    """Twenty foundations of one theorem need four rows of at most six boxes."""
    labels = [f"def-{position}" for position in range(20)] + ["thm-top"]
    found = layout(labels, {("thm-top", label) for label in labels[:-1]})
    heights = [y for _, y in found.centres.values()]
    assert max(heights.count(y) for y in heights) <= WIDEST_ROW
    assert len(set(heights)) == 5


def test_the_layout_depends_on_its_arguments_alone():
    """A set of edges has no order that could leak into the page."""
    labels, edges = random_edges(30, 3.0, 5)
    assert layout(labels, sorted(edges)) == layout(labels, sorted(edges, reverse=True))


def test_the_layout_is_the_same_in_every_process():
    """Sets of words are iterated in an order that changes with the process; none of it may reach the page."""
    program = (
        "from onenn.ledger.book.graph import layout\n"
        "labels = [f'thm-{i}' for i in range(24)]\n"
        "pairs = [(j, i) for i in range(24) for j in range(i + 1, 24) if i // 8 == j // 8 and (7 * i + 5 * j) % 3]\n"
        "edges = {(labels[j], labels[i]) for j, i in pairs}\n"
        "print(layout(labels, edges))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_unconnected_pieces_stand_side_by_side_and_single_boxes_below():
    """Two pairs share a shelf; a statement that rests on nothing and is used by nothing comes after them."""
    found = layout(["single", "a", "b", "c", "d"], {("b", "a"), ("d", "c")})
    heights = {label: y for label, (_, y) in found.centres.items()}
    assert heights["a"] == heights["c"] < heights["b"] == heights["d"] < heights["single"]
    assert found.centres["a"][0] < found.centres["c"][0]
    assert abs(found.centres["single"][0] - found.width / 2) < 0.1


def test_sweeps_leave_few_crossings():
    """A ladder whose rungs are listed crosswise has a drawing without crossings, and the sweeps find it."""
    labels = ["a1", "a2", "a3", "b1", "b2", "b3"]
    found = layout(labels, {("b1", "a3"), ("b2", "a2"), ("b3", "a1")})
    assert all(found.centres[f"b{i}"][0] == found.centres[f"a{4 - i}"][0] for i in (1, 2, 3))


def test_a_loop_is_refused():
    """Layers exist for loopless edges only; the assembly takes loops out before."""
    with pytest.raises(nx.NetworkXUnfeasible):
        layout(["a", "b"], {("a", "b"), ("b", "a")})


def seen(pages):
    """The ledger of `pages` as seen from page "ledger"."""
    builder: Any = SimpleNamespace(name="html", get_relative_uri=lambda source, target: f"{target}.html")
    return View(builder=builder, docname="ledger", ledger=assemble(pages, code=CODE), sources={})


def test_the_svg_is_well_formed_and_links_every_statement_with_its_words():
    """Titles may hold signs that mean something in XML; each box links to its statement and names its standing."""
    top = Statement(
        label="rem-top",
        kind="remark",
        line=1,
        title="For $x < 1$ & $y > 2$",
        classes=("new",),
        references=("cnj-low",),
    )
    low = Statement(label="cnj-low", kind="conjecture", line=2, classes=("new",))
    view = seen({"a": Page(statements=(top, low))})
    text = svg(list(view.ledger.rows.values()), view)
    root = ElementTree.fromstring(text)
    spaced = "{http://www.w3.org/2000/svg}"
    assert [link.get("href") for link in root.iter(f"{spaced}a")] == ["a.html#rem-top", "a.html#cnj-low"]
    titles = [title.text for title in root.iter(f"{spaced}title")]
    assert titles == ["Remark rests on Conjecture", "Remark: ≔ remark. For x < 1 & y > 2", "Conjecture: ? open"]
    assert root.get("role") == "group"
    assert svg([], view) == ""


def test_only_edges_between_the_shown_statements_are_drawn():
    """The graph of one chapter leaves out what it rests on elsewhere."""
    user = Statement(label="rem-a", kind="remark", line=1, classes=("new",), references=("rem-b",))
    used = Statement(label="rem-b", kind="remark", line=1, classes=("new",))
    view = seen({"a": Page(statements=(user,)), "b": Page(statements=(used,))})
    assert "ledger-arc" not in svg([view.ledger.rows["rem-a"]], view)
