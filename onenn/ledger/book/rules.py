"""The rules that one statement must keep by itself: what it declares, and what has to stand behind it.

Only where a statement comes from (read, quoted, reconstructed, new) and that it is `cited` or `open` can be declared.
Each rule yields sentences that say what is wrong and what to do; the name of the rule comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from onenn.ledger.book.records import Statement
from onenn.ledger.certificate import checked_label, is_consistent

PROVENANCES = ("read", "quoted", "reconstructed", "new")
SECOND_HAND = ("read", "quoted", "reconstructed")
DECLARATIONS = ("cited", "open")
LAYOUT = ("dropdown", "toggle-shown", "full-width")
"""Classes that change how a statement looks and say nothing about it."""

ASSERTIONS = ("theorem", "lemma", "proposition", "corollary", "property", "criterion", "observation")
"""The kinds that need evidence and a proof; a conjecture is open by its kind, the others assert nothing."""

Finding = tuple[str, str]


def provenance(statement: Statement) -> str:
    """Where the statement is declared to come from; empty when it does not say."""
    return next((word for word in PROVENANCES if word in statement.classes), "")


def is_cited(statement: Statement) -> bool:
    """Whether the proof is declared to be in the source, and a source is named."""
    return "cited" in statement.classes and bool(statement.sources)


def is_open(statement: Statement) -> bool:
    """Whether the statement is declared open, or is a conjecture."""
    return "open" in statement.classes or statement.kind == "conjecture"


def needs_evidence(statement: Statement) -> bool:
    """Whether the build must see a claim for the statement."""
    return statement.kind in ASSERTIONS and not set(DECLARATIONS) & set(statement.classes)


def rests_on_measured_alone(statement: Statement, certificate: Mapping[str, Any]) -> bool:
    """Whether there is no proof in the text, no citation and no evidence above the grade `measured`."""
    grades = {item["grade"] for item in certificate["items"] if item["role"] == "evidence"}
    return grades == {"measured"} and not (statement.has_proof or is_cited(statement) or is_open(statement))


def unlabelled(statement: Statement) -> Iterator[Finding]:
    """An assertion without a label cannot be checked; a remark without one is plain prose."""
    if statement.kind in ASSERTIONS:
        yield "label", f"this {statement.kind} has no label; give it one of words, such as `:label: thm-two-squares`"


def declarations(statement: Statement, bibliography: Collection[str] | None) -> Iterator[Finding]:
    """What the author wrote: the label's spelling, one provenance, no typed status, a source where one is due."""
    label, classes = statement.label, statement.classes
    try:
        checked_label(label)
    except ValueError as error:
        yield "label", str(error)
    given = [word for word in PROVENANCES if word in classes]
    if len(given) != 1:
        found = f"declares {' and '.join(given)}" if given else "does not say where it comes from"
        yield "provenance", f"{label} {found}; write exactly one of {', '.join(PROVENANCES)} into `:class:`"
    for word in classes:
        if word not in (*PROVENANCES, *DECLARATIONS, *LAYOUT):
            yield (
                "class",
                f"{label} has the class {word!r}; a status is computed and never typed: only {', '.join(PROVENANCES)} "
                f"and {' or '.join(DECLARATIONS)} can be declared (and {', '.join(LAYOUT)} for its looks)",
            )
    declared = [word for word in DECLARATIONS if word in classes]
    allowed = DECLARATIONS if statement.kind in ASSERTIONS else ("open",) if statement.kind == "conjecture" else ()
    if len(declared) > 1 or not set(declared) <= set(allowed):
        yield (
            "class",
            f"{label} is a {statement.kind} declared {' and '.join(declared)}; an assertion is cited or open, not "
            "both, a conjecture is open, and other kinds need no proof: leave the word out",
        )
    if not statement.sources:
        if "cited" in classes:
            yield "source", f"{label} is declared cited; name the source with {{cite}}`key` inside it"
        elif any(word in SECOND_HAND for word in given):
            yield "source", f"{label} is declared {given[0]}; name its source with {{cite}}`key` inside it"
    for key in statement.sources:
        if bibliography is not None and key not in bibliography:
            yield "source", f"{label} cites {key!r}, which is in no bibliography file"


def certification(certificate: Mapping[str, Any], code: str) -> Iterator[Finding]:
    """A certificate must be whole, of the installed code, and not failed."""
    label = certificate.get("label")
    if not is_consistent(certificate):
        yield (
            "certificate",
            f"the certificate of {label} does not follow from its items; only onenn.ledger.claim makes one "
            "(after a change of the ledger itself, remove the notebook cache and build again)",
        )
    elif certificate["code"] != code:
        yield (
            "stale",
            f"the certificate of {label} is stale: it was made by code {certificate['code']}, installed is {code}; "
            "remove the notebook cache and build again",
        )
    elif certificate["verdict"] == "failed":
        yield "failed", f"the claim of {label} fails: {' '.join(certificate['problems'])}"


def support(statement: Statement, certificate: Mapping[str, Any] | None) -> Iterator[Finding]:
    """What must stand behind the statement, given its sound certificate (None: it has none)."""
    label = statement.label
    if certificate is None:
        if needs_evidence(statement):
            yield (
                "evidence",
                f"{label} has no evidence; add a cell with `with claim({label!r}, ...)` to this page, or declare the "
                f"{statement.kind} cited or open",
            )
    elif certificate["verdict"] == "refuted":
        return  # its proof would prove what is false; that its repair is linked is checked where all rows are known
    elif rests_on_measured_alone(statement, certificate):
        yield "measured", f"{label} rests on measured evidence alone, which supports nothing; prove it or cite a proof"
    if needs_evidence(statement) and not statement.has_proof:
        yield (
            "proof",
            f"{label} has no proof; write a {{prf:proof}} after it, before the next statement (or with "
            f"`:class: of-{label}` further down), or declare the {statement.kind} cited or open",
        )
