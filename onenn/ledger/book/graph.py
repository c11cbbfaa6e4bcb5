"""The places of the whole graph: each connected piece in layers, the pieces on shelves, single boxes at the end.

pieces in the order of the book  ->  side by side while they fit into the text column  ->  the next shelf below
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import networkx as nx

from onenn.ledger.book.layers import BOX, GAP, RISE, WIDEST_ROW, Layout, Point, layered

SHELF = WIDEST_ROW * (BOX[0] + GAP)


def layout(labels: Sequence[str], edges: Collection[tuple[str, str]]) -> Layout:
    """Places for `labels`; an edge (source, target) puts the source in a lower row than its target.

    Law: boxes do not overlap, and the result depends on nothing but the arguments.
    Raises: networkx.NetworkXUnfeasible when the edges have a loop.

    >>> found = layout(["a", "b"], {("b", "a")})
    >>> found.centres["a"][1] < found.centres["b"][1]
    True
    """
    arcs = sorted((target, source) for source, target in edges)
    graph = nx.DiGraph()
    graph.add_nodes_from(labels)
    graph.add_edges_from(arcs)
    groups = [[label for label in labels if label in part] for part in nx.weakly_connected_components(graph)]
    groups.sort(key=lambda group: (len(group) == 1, labels.index(group[0])))
    shelves: list[list[Layout]] = []
    for group in groups:
        part = nx.DiGraph()  # not graph.subgraph: that is iterated in the order of a set, which differs between runs
        part.add_nodes_from(group)
        part.add_edges_from(arc for arc in arcs if arc[0] in group)
        piece = layered(part, group)
        # A shelf of single boxes is kept apart from the pieces with edges, whose rows it would seem to continue.
        fits = shelves and _length([*shelves[-1], piece]) <= SHELF
        if fits and bool(piece.paths) == bool(shelves[-1][0].paths):
            shelves[-1].append(piece)
        else:
            shelves.append([piece])
    width = max(map(_length, shelves), default=0.0)
    centres: dict[str, Point] = {}
    paths: dict[tuple[str, str], tuple[Point, ...]] = {}
    top = 0.0
    for shelf in shelves:
        left = (width - _length(shelf)) / 2
        for piece in shelf:
            centres |= {label: _moved(point, left, top) for label, point in piece.centres.items()}
            for edge, path in piece.paths.items():
                paths[edge] = tuple(_moved(point, left, top) for point in path)
            left += piece.width + 2 * GAP
        top += max(piece.height for piece in shelf) + RISE - BOX[1]
    return Layout(centres=centres, paths=paths, width=round(width, 1), height=max(top - RISE + BOX[1], 0.0))


def _length(shelf: Sequence[Layout]) -> float:
    return sum(piece.width for piece in shelf) + 2 * GAP * (len(shelf) - 1)


def _moved(point: Point, right: float, down: float) -> Point:
    return round(point[0] + right, 1), round(point[1] + down, 1)
