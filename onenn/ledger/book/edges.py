"""What rests on what: edges inferred from the references, loops, refuted statements, the weakest ancestor.

An edge runs from a statement to what it rests on. Strength falls in the order exact, enclosed, tested, cited, measured,
open, failing; definitions and remarks have no strength of their own and pass on what they rest on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import networkx as nx

from onenn.ledger.book.records import Edge, Message, Row, Statement
from onenn.ledger.book.rules import ASSERTIONS

STRENGTHS = ("exact", "enclosed", "tested", "cited", "measured", "open", "failing")
"""The order in which the weakest ancestor is chosen, strongest first."""

Places = Mapping[str, tuple[str, Statement]]
"""Every label with its page and its statement, in the order of the book."""

Certificates = Mapping[str, Mapping[str, Any]]
"""The accepted certificate of every label that has one."""


def inferred(places: Places, certificates: Certificates) -> set[Edge]:
    """Every reference inside a statement, inside its proofs, and every declared use; never to itself.

    A reference to an equation is one to the statement that holds the equation, in its text or in its proof.
    """
    owners = {equation: label for label, (_, statement) in places.items() for equation in statement.equations}
    edges = set()
    for label, (_, statement) in places.items():
        uses = certificates.get(label, {}).get("uses", ())
        for origin, targets in (
            ("statement", statement.references),
            ("proof", statement.proof_references),
            ("declared", uses),
        ):
            found = (target if target in places else owners.get(target) for target in targets)
            edges |= {Edge(label, target, origin) for target in found if target not in (None, label)}
    return edges


def _is_refuted(label: str, certificates: Certificates) -> bool:
    return certificates.get(label, {}).get("verdict") == "refuted"


def refuted_messages(places: Places, edges: set[Edge], certificates: Certificates) -> Iterator[Message]:
    """A refuted statement links its repair, and nothing that asserts something rests on it."""
    for label, (docname, statement) in places.items():
        refuted = _is_refuted(label, certificates)
        if refuted and not repairs_of(label, places, edges, certificates):
            text = (
                f"{label} is refuted as printed; refer inside it to the statement that repairs it, "
                "with {prf:ref}`its-label`"
            )
            yield Message(docname=docname, line=statement.line, rule="repair", text=text, labels=(label,))
        for edge in sorted(edge for edge in edges if edge.source == label):
            asserted = edge.origin != "statement" or (statement.kind in ASSERTIONS and not refuted)
            path = _path_to_refuted(edge.target, places, edges, certificates) if asserted else []
            if path:
                text = (
                    f"{label} rests on {', and through it on '.join(path)} (origin: {edge.origin}), which is refuted "
                    f"as printed; use its repair, or write {{mention}}`{path[-1]}` where it is only spoken of"
                )
                yield Message(docname=docname, line=statement.line, rule="refuted", text=text, labels=(label,))


def _path_to_refuted(start: str, places: Places, edges: set[Edge], certificates: Certificates) -> list[str]:
    """From `start` over what asserts nothing itself (a remark, say) to a refuted statement; empty when there is none.

    An assertion on the way has its own message when it rests on what is refuted.
    """
    paths, seen = [[start]], {start}
    while paths:
        path = paths.pop(0)
        if _is_refuted(path[-1], certificates):
            return path
        if places[path[-1]][1].kind not in ASSERTIONS:
            further = sorted({edge.target for edge in edges if edge.source == path[-1]} - seen)
            seen.update(further)
            paths += [[*path, label] for label in further]
    return []


def repairs_of(label: str, places: Places, edges: set[Edge], certificates: Certificates) -> list[str]:
    """The assertions, themselves not refuted, that the text of the refuted statement refers to."""
    return [
        other
        for other, (_, statement) in places.items()
        if Edge(label, other, "statement") in edges
        and statement.kind in ASSERTIONS
        and not _is_refuted(other, certificates)
    ]


def without_loops(places: Places, edges: set[Edge]) -> tuple[set[Edge], list[Message]]:
    """The edges without those of any loop, and one message per loop; it starts at the loop's first statement."""
    order = {label: position for position, label in enumerate(places)}
    graph = nx.DiGraph(sorted((edge.source, edge.target) for edge in edges))
    messages = []
    while True:
        try:
            arcs = [(source, target) for source, target, *_ in nx.find_cycle(graph)]
        except nx.NetworkXNoCycle:
            break
        start = min(range(len(arcs)), key=lambda position: order[arcs[position][0]])
        loop = [source for source, _ in arcs[start:] + arcs[:start]]
        docname, statement = places[loop[0]]
        text = f"these statements rest on each other: {' -> '.join([*loop, loop[0]])}; break the loop, or write "
        text += "{mention}`label` where a statement is only spoken of"
        messages.append(
            Message(docname=docname, line=statement.line, rule="cycle", text=text, labels=tuple(sorted(loop)))
        )
        graph.remove_edges_from(arcs)
    return {edge for edge in edges if graph.has_edge(edge.source, edge.target)}, messages


def with_repairs(rows: Mapping[str, Row], edges: set[Edge]) -> dict[str, Row]:
    found = [
        (edge.source, edge.target)
        for edge in sorted(edges)
        if edge.origin == "statement"
        and rows[edge.source].status == "refuted"
        and rows[edge.target].status != "refuted"
        and rows[edge.target].kind in ASSERTIONS
    ]
    return {
        label: replace(
            row,
            repaired_by=tuple(target for source, target in found if source == label),
            repairs=tuple(source for source, target in found if target == label),
        )
        for label, row in rows.items()
    }


def with_weakest(rows: Mapping[str, Row], edges: set[Edge]) -> dict[str, Row]:
    """Each row with its weakest ancestor, where that is strictly weaker than the row itself."""
    graph = nx.DiGraph()
    graph.add_nodes_from(rows)
    graph.add_edges_from((edge.source, edge.target) for edge in edges)
    order = {label: position for position, label in enumerate(rows)}

    def weakness(label: str) -> int:
        return STRENGTHS.index(rows[label].standing) if rows[label].standing in STRENGTHS else -1

    below: dict[str, str | None] = {}
    for label in reversed(list(nx.topological_sort(graph))):
        heirs = {other for target in graph.successors(label) for other in (target, below[target]) if other}
        below[label] = max(heirs, key=lambda other: (weakness(other), -order[other]), default=None)
    result = {}
    for label, row in rows.items():
        other = below[label]
        ranked = row.status in ("proved", "cited", "open")
        result[label] = replace(row, weakest=other) if ranked and other and weakness(other) > weakness(label) else row
    return result
