"""From the pages of the book to its ledger: a pure function, so that every rule can be tried without a build.

join statements, proofs and certificates  ->  edges  ->  loops out  ->  status  ->  weakest ancestor
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from onenn.ledger.book import edges, errata, rules
from onenn.ledger.book.edges import Certificates, Places
from onenn.ledger.book.records import Evidence, Ledger, Message, Page, Row, Statement
from onenn.ledger.certificate import is_consistent


def assemble(
    pages: Mapping[str, Page],
    *,
    code: str,
    bibliography: Collection[str] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Ledger:
    """The ledger of `pages`, which come in the order of the book.

    `code` is the digest that every certificate must carry; `bibliography` holds the citation keys that exist (None:
    not checked); `numbers` maps labels to printed numbers such as "2.1".
    """
    places: dict[str, tuple[str, Statement]] = {}
    for docname, page in pages.items():
        for statement in page.statements:
            if statement.is_labelled:
                places.setdefault(statement.label, (docname, statement))  # of two with one label the first is kept
    certificates, messages = _accepted_evidence(pages, places, code)
    messages += _statement_messages(pages, places, certificates, bibliography)
    messages += _page_messages(pages, places)

    inferred = edges.inferred(places, certificates)
    messages += edges.refuted_messages(places, inferred, certificates)
    messages += errata.messages(places, inferred, certificates)
    kept, loops = edges.without_loops(places, inferred)
    messages += loops

    failing = {label for message in messages for label in message.labels}
    rows = {
        label: _row(docname, statement, certificates.get(label), label in failing, (numbers or {}).get(label, ""))
        for label, (docname, statement) in places.items()
    }
    rows = edges.with_weakest(edges.with_repairs(rows, kept), kept)
    rows = errata.with_errata(rows, certificates)
    order = {docname: position for position, docname in enumerate(pages)}
    messages.sort(key=lambda message: (order[message.docname], message.line, message.rule, message.text))
    return Ledger(rows=rows, edges=tuple(sorted(kept)), messages=tuple(messages))


def _accepted_evidence(
    pages: Mapping[str, Page], places: Places, code: str
) -> tuple[dict[str, Mapping[str, Any]], list[Message]]:
    """The first certificate of each label on the page of its statement; the others are messages."""
    accepted: dict[str, Mapping[str, Any]] = {}
    messages = []
    for docname, page in pages.items():
        for evidence in page.evidence:
            label = evidence.label
            for rule, text in _joining(evidence, docname, places, accepted):
                messages.append(Message(docname=docname, line=evidence.line, rule=rule, text=text, labels=(label,)))
            if label in places and label not in accepted and is_consistent(evidence.certificate):
                accepted[label] = evidence.certificate
            for rule, text in rules.certification(evidence.certificate, code):
                messages.append(Message(docname=docname, line=evidence.line, rule=rule, text=text, labels=(label,)))
    return accepted, messages


def _joining(evidence: Evidence, docname: str, places: Places, accepted: Collection[str]) -> Iterator[tuple[str, str]]:
    label = evidence.label
    if label not in places:
        yield "unknown", f"there is evidence for {label!r}, but no statement has this label"
    elif places[label][0] != docname:
        yield "page", f"the evidence for {label} is not on the page of its statement, {places[label][0]}; move it there"
    elif label in accepted:
        yield "second", f"there is a second claim for {label}; a statement has one claim, with all its evidence"
    for used in evidence.certificate.get("uses", ()):
        if used not in places:
            yield "uses", f"the claim of {label} uses {used!r}, but no statement has this label"


def _statement_messages(
    pages: Mapping[str, Page], places: Places, certificates: Certificates, bibliography: Collection[str] | None
) -> list[Message]:
    messages = []
    for docname, page in pages.items():
        for statement in page.statements:
            label = statement.label
            if not statement.is_labelled:
                findings, labels = list(rules.unlabelled(statement)), ()
            elif places[label][1] is not statement:
                where = f"{places[label][0]}, line {places[label][1].line}"
                findings = [("duplicate", f"the label {label} stands twice, first in {where}; rename one")]
                labels = (label,)
            else:
                findings = list(rules.declarations(statement, bibliography))
                findings += rules.support(statement, certificates.get(label))
                labels = (label,)
            messages += [
                Message(docname=docname, line=statement.line, rule=rule, text=text, labels=labels)
                for rule, text in findings
            ]
    return messages


def _page_messages(pages: Mapping[str, Page], places: Places) -> Iterator[Message]:
    """What concerns no statement: proofs of nothing, bad cells, links and views to nothing, bare figures."""
    chapters = {name for docname in pages for name in ("", docname, docname.rpartition("/")[2])}
    for docname, page in pages.items():
        for line, reason in page.loose_proofs:
            yield Message(docname=docname, line=line, rule="proof", text=reason)
        for cell in page.bad_cells:
            labels = (cell.label,) if cell.label in places else ()
            yield Message(docname=docname, line=cell.line, rule="cell", text=cell.reason, labels=labels)
        for link in page.links:
            if link.target not in places:
                text = f"there is a reference to {link.target!r}, but no statement has this label"
                yield Message(docname=docname, line=link.line, rule="reference", text=text)
        for view in page.views:
            if view.target not in chapters:
                text = f"there is no chapter {view.target!r} to show; `:chapter:` takes the name of a page"
                yield Message(docname=docname, line=view.line, rule="chapter", text=text)
        for line in page.bare_figures:
            text = "a figure has no alt text; say in a sentence what it shows (`:alt:`, or onenn.figures.show)"
            yield Message(docname=docname, line=line, rule="figure", text=text)


def _row(docname: str, statement: Statement, certificate: Mapping[str, Any] | None, failing: bool, number: str) -> Row:
    status = "definition"
    if failing:
        status = "failing"
    elif certificate is not None and certificate["verdict"] == "refuted":
        status = "refuted"
    elif "cited" in statement.classes:
        status = "cited"
    elif rules.is_open(statement):
        status = "open"
    elif certificate is not None:
        status = "proved"
    checked = certificate if certificate is not None and not failing else {}
    return Row(
        label=statement.label,
        kind=statement.kind,
        name=f"{statement.kind.title()} {number}".strip(),
        title=statement.title,
        docname=docname,
        status=status,
        provenance=rules.provenance(statement),
        sources=statement.sources,
        grade=checked.get("grade"),
        scope=checked.get("scope", ""),
        controls=sum(item["role"] == "control" for item in checked.get("items", ())),
        proof=statement.has_proof,
        fingerprint=statement.fingerprint,
        certificate=certificate,
    )
