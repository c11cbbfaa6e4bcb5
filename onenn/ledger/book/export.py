"""ledger.json beside the built pages: the rows and edges for machines, byte for byte the same for the same book."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from onenn.ledger.book.records import CertifiedErratum, Ledger, Row

SCHEMA = 1
NAME = "ledger.json"


def write(path: Path, ledger: Ledger, *, code: str, address: Callable[[str], str]) -> None:
    """Write the ledger to `path`; `address` gives the address of a page."""
    text = json.dumps(as_data(ledger, code=code, address=address), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def as_data(ledger: Ledger, *, code: str, address: Callable[[str], str]) -> dict[str, Any]:
    """The ledger as plain data: no line numbers and no times, rows and problems in the order of the book."""
    return {
        "schema": SCHEMA,
        "code": code,
        "statements": [_row(row, ledger, address) for row in ledger.rows.values()],
        "edges": [{"source": edge.source, "target": edge.target, "origin": edge.origin} for edge in ledger.edges],
        "errata": [_erratum(found, row, ledger, address) for row in ledger.rows.values() for found in row.errata],
        "problems": [
            {"docname": found.docname, "rule": found.rule, "text": found.text, "labels": list(found.labels)}
            for found in ledger.messages
        ],
    }


def _row(row: Row, ledger: Ledger, address: Callable[[str], str]) -> dict[str, Any]:
    weakest = ledger.rows[row.weakest] if row.weakest else None
    return {
        "label": row.label,
        "kind": row.kind,
        "name": row.name,
        "title": row.title,
        "docname": row.docname,
        "url": f"{address(row.docname)}#{row.label}",
        "status": row.status,
        "provenance": row.provenance,
        "sources": list(row.sources),
        "grade": row.grade,
        "scope": row.scope,
        "controls": row.controls,
        "proof": row.proof,
        "fingerprint": row.fingerprint,
        "weakest": weakest and {"label": weakest.label, "name": weakest.name, "grade": weakest.standing},
        "certificate": dict(row.certificate) if row.certificate is not None else None,
    }


def _erratum(found: CertifiedErratum, row: Row, ledger: Ledger, address: Callable[[str], str]) -> dict[str, Any]:
    """One erratum: what was declared, the provenance of the statement that prints it, and its certificate."""
    return {
        **asdict(found.erratum),
        "provenance": row.provenance,
        "by": found.by,
        "check": found.check,
        "grade": found.grade,
        "url": f"{address(ledger.rows[found.by].docname)}#evidence-{found.by}",
    }
