"""One connected piece of the graph in layers: foundations on top, and below them what rests on them.

layer(x) = 1 + max layer of what x rests on;   wide layers are cut into rows;   edges that skip rows pass joints;
eight barycentre sweeps order each row, and then boxes move towards their neighbours as far as the order lets them
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

BOX = (130.0, 40.0)
GAP, JOINT, RISE = 12.0, 4.0, 74.0
WIDEST_ROW = 6
"""Boxes in a row; more would be too small to read in the text column."""

SWEEPS = 8

Point = tuple[float, float]
Node = Hashable


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Centres of the boxes and, for every (lower, upper) edge, the points it passes from the upper box to the lower.

    Every second stretch of a path, from the second on, runs upright beside the boxes of a row that it skips.
    """

    centres: Mapping[str, Point]
    paths: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def layered(graph: nx.DiGraph, labels: Sequence[str]) -> Layout:
    """Places for the nodes of a connected graph, whose arcs run from the upper node to the lower; in book order.

    Raises: networkx.NetworkXUnfeasible when the arcs have a loop.
    """
    rows = _rows(graph, labels)
    places = {label: number for number, row in enumerate(rows) for label in row}
    full: list[list[Node]] = [list(row) for row in rows]
    above: dict[Node, list[Node]] = defaultdict(list)
    below: dict[Node, list[Node]] = defaultdict(list)
    chains: dict[tuple[str, str], list[Node]] = {}
    for upper, lower in graph.edges:
        chain: list[Node] = [upper]
        for number in range(places[upper] + 1, places[lower]):
            joint = (upper, number)  # without joints an edge would run behind the boxes of the rows it skips
            if joint not in full[number]:  # the edges from one box share them: sixty boxes would need a wall of lines
                full[number].append(joint)
            chain.append(joint)
        chain.append(lower)
        chains[lower, upper] = chain
        for first, second in pairwise(chain):
            if second not in below[first]:
                below[first].append(second)
                above[second].append(first)
    _order(full, above, below)
    x = _spread(full, above, below)
    left = min(x[node] - _width(node) / 2 for row in full for node in row)
    width = max(x[node] + _width(node) / 2 for row in full for node in row) - left
    y = {node: BOX[1] / 2 + RISE * number for number, row in enumerate(full) for node in row}
    points = {node: (round(x[node] - left, 1), round(y[node], 1)) for node in y}
    return Layout(
        centres={label: points[label] for label in labels},
        paths={edge: _path([points[node] for node in chain]) for edge, chain in chains.items()},
        width=round(width, 1),
        height=BOX[1] + RISE * (len(full) - 1),
    )


def _path(points: Sequence[Point]) -> tuple[Point, ...]:
    """From the upper box's foot to the lower box's head, upright past the whole height of the rows between."""
    half = BOX[1] / 2
    return tuple((x, y + side) for x, y in points for side in (-half, half))[1:-1]


def _rows(graph: nx.DiGraph, labels: Sequence[str]) -> list[list[str]]:
    """Layers by the longest path, foundations pulled down to their first user, wide layers cut."""
    order = {label: position for position, label in enumerate(labels)}
    layer = {label: depth for depth, layer in enumerate(nx.topological_generations(graph)) for label in layer}
    for label in labels:
        if graph.out_degree(label) and not graph.in_degree(label):
            layer[label] = min(layer[lower] for lower in graph.successors(label)) - 1
    groups: dict[int, list[str]] = defaultdict(list)
    for label in labels:
        groups[layer[label]].append(label)
    rows = []
    for _, group in sorted(groups.items()):
        pieces = -(-len(group) // WIDEST_ROW)
        for piece in range(pieces):  # pieces of nearly equal size; nodes of one layer do not rest on each other
            start, stop = piece * len(group) // pieces, (piece + 1) * len(group) // pieces
            rows.append(sorted(group[start:stop], key=order.__getitem__))
    return rows


def _order(rows: list[list[Node]], above: Mapping[Node, list[Node]], below: Mapping[Node, list[Node]]) -> None:
    """Sort each row by the mean position of its neighbours, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        numbers = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for number in numbers:
            fixed, neighbours = (rows[number - 1], above) if sweep % 2 == 0 else (rows[number + 1], below)
            place = {node: (position + 0.5) / len(fixed) for position, node in enumerate(fixed)}
            own = {node: (position + 0.5) / len(rows[number]) for position, node in enumerate(rows[number])}
            rows[number].sort(key=_mean(neighbours, place, own))  # stable, so ties keep the order of the book


def _mean(
    neighbours: Mapping[Node, list[Node]], place: Mapping[Node, float], own: Mapping[Node, float]
) -> Callable[[Node], float]:
    def mean(node: Node) -> float:
        found = [place[other] for other in neighbours.get(node, ()) if other in place]
        return sum(found) / len(found) if found else own[node]

    return mean


def _spread(
    rows: list[list[Node]], above: Mapping[Node, list[Node]], below: Mapping[Node, list[Node]]
) -> dict[Node, float]:
    """Abscissas of all nodes: each row keeps its order and its gaps, and moves towards the neighbours of its nodes."""
    x: dict[Node, float] = {}
    for row in rows:
        wanted, start = [], 0.0
        for node in row:
            wanted.append(start + _width(node) / 2)
            start += _width(node) + GAP
        x.update({node: place - start / 2 for node, place in zip(row, wanted, strict=True)})
    for _ in range(SWEEPS):
        for row in rows:
            near = {node: [x[other] for other in (*above.get(node, ()), *below.get(node, ()))] for node in row}
            wanted = [sum(near[node]) / len(near[node]) if near[node] else x[node] for node in row]
            x.update(zip(row, _apart(row, wanted), strict=True))
    return x


def _apart(row: Sequence[Node], wanted: Sequence[float]) -> list[float]:
    """The wanted places, moved apart: the mean of pushing everything right and everything left keeps the gaps."""
    steps = [(_width(a) + _width(b)) / 2 + GAP for a, b in pairwise(row)]
    right, left = list(wanted), list(wanted)
    for position, step in enumerate(steps):
        right[position + 1] = max(right[position + 1], right[position] + step)
    for position in range(len(steps) - 1, -1, -1):
        left[position] = min(left[position], left[position + 1] - steps[position])
    return [(a + b) / 2 for a, b in zip(right, left, strict=True)]


def _width(node: Node) -> float:
    return BOX[0] if isinstance(node, str) else JOINT
