"""Errata: what checks show to be wrong in the sources, each with its check, the statement in print and its repair.

    certified  =  a claim that is good  +  a statement read, quoted or reconstructed  +  a repair that holds

Only what was read is called an error of its source; the rest is one of what we know of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from onenn.ledger.book.edges import Certificates, Places, repairs_of
from onenn.ledger.book.records import CertifiedErratum, Edge, Message, Row
from onenn.ledger.book.rules import ASSERTIONS, SECOND_HAND, is_open, provenance
from onenn.ledger.certificate import Erratum

FALSE = ("refuted", "extraction")
"""The kinds that say that the text is false."""


def declared(label: str, certificates: Certificates) -> list[CertifiedErratum]:
    """The errata that the claim of `label` shows, in its order."""
    return [
        CertifiedErratum(erratum=Erratum(**item["erratum"]), by=label, check=item["text"], grade=item["grade"])
        for item in certificates.get(label, {}).get("items", ())
        if item.get("erratum")
    ]


def messages(places: Places, edges: set[Edge], certificates: Certificates) -> Iterator[Message]:
    """What is wrong with an erratum itself, where its claim stands."""
    for label, (docname, statement) in places.items():
        for found in declared(label, certificates):
            for fault in (*_of_source(found, places, certificates), *_of_repair(found, places, edges, certificates)):
                text = f"the erratum “{found.erratum.wrong}” in the claim of {label} {fault}"
                yield Message(docname=docname, line=statement.line, rule="erratum", text=text, labels=(label,))


def _of_source(found: CertifiedErratum, places: Places, certificates: Certificates) -> Iterator[str]:
    """Whether somebody else said what is called wrong, there, and whether it is."""
    erratum, label = found.erratum, found.erratum.of
    if label not in places:
        yield f"speaks of {label!r}, but no statement has this label"
        return
    printed = places[label][1]
    origin = provenance(printed)
    if origin not in SECOND_HAND:
        yield (
            f"speaks of {label}, which is {origin or 'of no provenance'}; print what the source says in a statement "
            f"that is {' or '.join(SECOND_HAND)}, and name it with `of`"
        )
    elif erratum.kind == "extraction" and origin != "read":
        yield f"is one of extraction, but {label} is {origin}; only what was read can be a fault of its extraction"
    if erratum.source not in printed.sources:
        yield f"names the source {erratum.source!r}, but {label} cites {', '.join(printed.sources) or 'none'}"
    if erratum.kind in FALSE and certificates.get(label, {}).get("verdict") == "proved":
        yield f"calls {label} false, but the evidence for it holds; refute it with `counterexample`, or say imprecise"


def _of_repair(found: CertifiedErratum, places: Places, edges: set[Edge], certificates: Certificates) -> Iterator[str]:
    """Whether what is to hold instead can be read, and holds."""
    label = found.erratum.repair
    if label not in places:
        yield f"names the repair {label!r}, but no statement has this label"
        return
    repair = places[label][1]
    refuted = [other for other in (label, found.by) if certificates.get(other, {}).get("verdict") == "refuted"]
    if repair.kind not in ASSERTIONS or is_open(repair) or label in refuted:
        standing = "refuted itself" if label in refuted else "open" if is_open(repair) else f"a {repair.kind}"
        yield f"names the repair {label}, which is {standing}; a repair asserts something that holds"
    elif found.by in refuted and label not in repairs_of(found.by, places, edges, certificates):
        yield f"names the repair {label}, to which the refuted statement does not refer; its text must link the same"


def with_errata(rows: Mapping[str, Row], certificates: Certificates) -> dict[str, Row]:
    """Each row with the errata of its statement whose claims are good, in the order of the book."""
    good = [found for label, row in rows.items() if row.status != "failing" for found in declared(label, certificates)]
    return {
        label: replace(row, errata=tuple(found for found in good if found.erratum.of == label))
        for label, row in rows.items()
    }
