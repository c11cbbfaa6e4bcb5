"""Reading a page: its statements, proofs, certificates, links and figures, in the order of the text.

Nothing is judged here. A warning given while a page is read is not repeated by the next build, which leaves the page
alone; so reading only collects, and every check runs on all pages in every build (see environment.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from docutils import nodes
from sphinx import addnodes

from onenn.ledger.book.mime import certificate_node
from onenn.ledger.book.records import Evidence, Page, Reference, Statement
from onenn.ledger.book.views import ledger_view

_INVENTED_LABEL = re.compile(r"[a-z]+-\d+")  # what sphinx-proof gives to a statement without a label


def read_page(doctree: nodes.document, title_format: str) -> Page:
    """What the ledger keeps of a page that has just been read; `title_format` is sphinx-proof's."""
    statements: list[Statement] = []
    evidence, loose_proofs = [], []
    for node in doctree.findall(nodes.Element):
        if is_statement(node):
            statements.append(_statement(node, title_format, doctree))
        elif node.tagname == "proof_node":
            position = _proved_by(node, statements)
            if isinstance(position, str):
                loose_proofs.append((_line(node), position))
                continue
            owner = statements[position]
            mark_proof(node, owner.label, first=not owner.has_proof)
            statements[position] = replace(
                owner,
                has_proof=True,
                proof_references=(*owner.proof_references, *_references(node, doctree)),
                equations=(*owner.equations, *_equations(node)),
            )
        elif isinstance(node, certificate_node) and _is_output(node):
            evidence.append(Evidence(certificate=node["certificate"], line=_line(node)))
    return Page(
        statements=tuple(statements),
        evidence=tuple(evidence),
        loose_proofs=tuple(loose_proofs),
        links=tuple(
            Reference(target=link["reftarget"], line=_line(link))
            for link in doctree.findall(addnodes.pending_xref)
            if link.get("refdomain") == "prf"
        ),
        bare_figures=tuple(_line(image) for image in doctree.findall(nodes.image) if _is_bare(image)),
        views=tuple(Reference(target=view["chapter"], line=_line(view)) for view in doctree.findall(ledger_view)),
    )


def is_statement(node: nodes.Node) -> bool:
    """Whether the node is the box of a sphinx-proof statement, numbered or not."""
    return isinstance(node, nodes.Element) and "realtype" in node and "label" in node


def mark_proof(node: nodes.Element, label: str, *, first: bool) -> None:
    """Give the proof a place to link to and a class for its looks: sphinx-proof calls every proof of a page `proof`.

    The place is inside the text, for a browser opens a fold when a link leads into it, and not when it leads to it.
    """
    box: Any = node.children[0]
    box["ids"] = []
    box["classes"].append("ledger-proof")
    if first:
        anchor = nodes.target("", "", ids=[f"proof-of-{label}"])
        box.children[0].insert(1, anchor)  # after the words "Proof. ...", by which others find the beginning


def mark_ids(doctree: nodes.document) -> None:
    """Make the ids of a page unique, and give each certificate's card one that badges can link to.

    sphinx-proof calls every content `proof-content`. The list must not become empty: the numbering reads its first id.
    """
    for node in list(doctree.findall(nodes.Element)):
        if is_statement(node):
            content: Any = node.children[-1]
            content["ids"] = [f"{node['label']}-content"]
        elif isinstance(node, certificate_node) and _is_output(node):
            bundle = node.parent.parent
            anchor = nodes.target("", "", ids=[f"evidence-{node['certificate'].get('label')}"])
            bundle.parent.insert(bundle.parent.index(bundle), anchor)


def _statement(node: nodes.Element, title_format: str, doctree: nodes.document) -> Statement:
    label, kind = node["label"], node["realtype"]
    before, _, after = title_format.partition("%t")
    title = node["title"].removeprefix(before).removesuffix(after) if node["title"] else ""
    cited = [link for link in node.findall(addnodes.pending_xref) if link.get("refdomain") == "cite"]
    keys = [key.strip() for link in cited for key in re.sub(r"\{[^}]*\}", "", link["reftarget"]).split(",")]
    return Statement(
        label=label,
        kind=kind,
        counter=node["countertype"],
        line=_line(node),
        title=" ".join(re.sub(r"\{[\w:]+\}`[^`]*`", "", title).split()),
        classes=tuple(node["classes"][2:]),  # after "proof" and the kind, which sphinx-proof puts first
        sources=tuple(dict.fromkeys(keys)),
        references=tuple(_references(node, doctree)),
        equations=tuple(_equations(node)),
        fingerprint=_fingerprint(node),
        is_labelled=not (_INVENTED_LABEL.fullmatch(label) and label.startswith(f"{kind}-")),
    )


def _references(node: nodes.Element, doctree: nodes.document, *, footnotes: bool = True) -> Iterator[str]:
    """What the text below the node refers to: labels of statements and equations, in its footnotes too.

    A citation is a source, and a mention is no dependency; a statement inside a proof is a part of it.
    """
    for link in node.findall(addnodes.pending_xref):
        if link.get("refdomain") != "cite" and link.get("reftype") != "mention":
            yield link["reftarget"]
    yield from (inner["label"] for inner in node.findall(is_statement) if isinstance(inner, nodes.Element))
    for mark in node.findall(nodes.footnote_reference) if footnotes else ():
        note = doctree.ids.get(mark.get("refid", ""))
        if isinstance(note, nodes.footnote):
            yield from _references(note, doctree, footnotes=False)


def _equations(node: nodes.Element) -> Iterator[str]:
    """The labels of the numbered equations below the node."""
    return (formula["label"] for formula in node.findall(nodes.math_block) if formula.get("label"))


def _fingerprint(node: nodes.Element) -> str:
    """Sixteen hexadecimal digits that change with the words and formulas of a statement, not with its line breaks."""
    words = " ".join([node["realtype"], node["title"], *node.astext().split()])
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _proved_by(node: nodes.Element, statements: list[Statement]) -> int | str:
    """The position of the statement that the proof belongs to, or the sentence saying why there is none."""
    box: Any = node.children[0]
    named = [word[3:] for word in box["classes"] if word.startswith("of-")]
    if not statements:
        return "there is a proof before any statement of the page; write it after its statement"
    if not named:
        return len(statements) - 1
    positions = [position for position, statement in enumerate(statements) if statement.label == named[0]]
    return positions[0] if positions else f"a proof names {named[0]!r}, but no statement before it has this label"


def _is_output(node: nodes.Node) -> bool:
    """Whether the node is in the output of a cell; what is glued into the text elsewhere is no evidence."""
    place: Any = node.parent
    while place is not None and place.get("nb_element") != "cell_code_output":
        place = place.parent
    return place is not None


def _is_bare(image: nodes.image) -> bool:
    """Whether the picture reaches the reader without alt text (a bundle with HTML shows that instead)."""
    if str(image.get("alt", "")).strip():
        return False
    place: Any = image.parent
    while place is not None and place.get("nb_element") != "mime_bundle":
        place = place.parent
    return place is None or all(form.get("mime_type") != "text/html" for form in place.children)


def _line(node: nodes.Node | None) -> int:
    """The line of the source, or of the nearest surrounding node that knows one."""
    while node is not None and not node.line:
        node = node.parent
    return node.line or 1 if node is not None else 1
