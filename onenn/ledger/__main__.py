"""The listing of a built book's ledger: `python -m onenn.ledger --status failing`, `--since old.json`, ...

Exit status: 0; 1 when a listed statement fails, or the listing is of the whole book and its build had something to
say; 2 when there is no ledger to list, or no such label in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from onenn.ledger.card import text_card

STATUSES = ("failing", "refuted", "proved", "cited", "open", "definition")
DEFAULT_PATH = Path("_build/html/ledger.json")
SCHEMA = 1


class NoLedger(Exception):
    """There is nothing to list; the text says what to do."""


def read(path: Path) -> dict[str, Any]:
    """The ledger that the build wrote to `path`. Raises: NoLedger when it is absent or was written by other code."""
    build = "build the book first: jupyter-book build . -W --keep-going"
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoLedger(f"there is no {path}; {build}") from None
    except (OSError, ValueError) as error:
        raise NoLedger(f"{path} cannot be read as a ledger ({error}); {build}") from None
    schema = ledger.get("schema") if isinstance(ledger, dict) else None
    if schema != SCHEMA:
        raise NoLedger(f"{path} has schema {schema}, and this version reads {SCHEMA}; {build}")
    return ledger


def select(ledger: Mapping[str, Any], *, status: str = "all", label: str | None = None) -> list[dict[str, Any]]:
    """The statements of that status and label, in book order. Raises: NoLedger for a label that is not there."""
    rows = ledger["statements"]
    if label is not None:
        known = [row["label"] for row in rows]
        if label not in known:
            near = get_close_matches(label, known, n=1)
            raise NoLedger(f"no statement has the label {label!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        rows = [row for row in rows if row["label"] == label]
    return [row for row in rows if status in ("all", row["status"])]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One aligned line per statement (status, grade, name, label, scope) and a line that counts them."""
    cells = [
        [row["status"], row["grade"] or "-", row["name"], row["label"], _one_line(row["scope"] or row["title"] or "")]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    counts = Counter(row["status"] for row in rows)
    counted = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    total = f"{len(rows)} statement{'' if len(rows) == 1 else 's'}"
    return "\n".join([*lines, f"{total}: {counted}" if counted else total])


def errata(ledger: Mapping[str, Any]) -> list[str]:
    """One line per erratum: source, place, kind with the provenance of what it judges, what is wrong, who shows it."""
    return [
        f"{found['source']}, {found['place']}: {found['kind']} ({found['provenance']}): {found['wrong']} "
        f"[{found['by']}, {found['grade']}; repaired by {found['repair']}]"
        for found in ledger.get("errata", ())  # absent from one that was written before there were any
    ]


def problems(ledger: Mapping[str, Any], label: str | None = None) -> list[str]:
    """What the build said, with the page; only what concerns `label` when it is given."""
    found = [problem for problem in ledger["problems"] if label is None or label in problem["labels"]]
    return [f"! {problem['docname']}: {problem['text']} [{problem['rule']}]" for problem in found]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What a reviewer of `after` must look at: statements that came, went, changed their standing, or changed their
    words while their evidence stayed (a check that was written for other words)."""
    old, new = ({row["label"]: row for row in ledger["statements"]} for ledger in (before, after))
    said = [f"{label}: is gone" for label in old if label not in new]
    for label, row in new.items():
        if label not in old:
            said.append(f"{label}: is new, {_standing(row)}")
            continue
        if _standing(old[label]) != _standing(row):
            said.append(f"{label}: was {_standing(old[label])}, is {_standing(row)}")
        if old[label]["fingerprint"] != row["fingerprint"]:
            kept = row["certificate"] is not None and _evidence(old[label]) == _evidence(row)
            said.append(f"{label}: has other words" + (", and the same evidence as before" if kept else ""))
    return said


def _standing(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (row["status"], row["grade"])))


def _evidence(row: Mapping[str, Any]) -> Any:
    """The certificate without the digest, which changes with every change of the package."""
    return row["certificate"] and {key: value for key, value in row["certificate"].items() if key != "code"}


def details(row: Mapping[str, Any], ledger: Mapping[str, Any]) -> str:
    """Everything the ledger knows of one statement: its neighbours in the graph, its certificate, what is wrong."""
    weakest, edges = row["weakest"], ledger["edges"]
    known = {
        "status": row["status"],
        "provenance": row["provenance"],
        "source": ", ".join(row["sources"]),
        "proof": "on the page" if row["proof"] else "none on the page",
        "controls": row["controls"],
        "uses": ", ".join(edge["target"] for edge in edges if edge["source"] == row["label"]),
        "used by": ", ".join(edge["source"] for edge in edges if edge["target"] == row["label"]),
        "weakest ancestor": f"{weakest['name']} ({weakest['label']}, {weakest['grade']})" if weakest else "",
        "page": row["url"],
    }
    head = f"{row['name']} {row['label']}" + (f": {_one_line(row['title'])}" if row["title"] else "")
    lines = [f"  {key}: {value}" for key, value in known.items() if value not in (None, "")]
    card = [text_card(row["certificate"])] if row["certificate"] else []
    return "\n".join([head, *lines, *card, *problems(ledger, row["label"])])


def main(arguments: Sequence[str] | None = None) -> int:
    """List a ledger on standard output; the exit status is the module's."""
    parser = argparse.ArgumentParser(prog="python -m onenn.ledger", description="List the statements of a built book.")
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT_PATH, help="ledger.json (default: %(default)s)")
    parser.add_argument("--status", choices=("all", *STATUSES), default="all", help="only statements of this status")
    parser.add_argument("--label", help="one statement, with everything known of it")
    parser.add_argument(
        "--errata", action="store_true", help="what is wrong in the sources, with certificate and repair"
    )
    parser.add_argument("--json", action="store_true", help="the rows as JSON")
    parser.add_argument("--since", type=Path, metavar="OLD", help="what changed since that other ledger.json")
    asked = parser.parse_args(arguments)
    try:
        ledger = read(asked.path)
        rows = select(ledger, status=asked.status, label=asked.label)
        changed = changes(read(asked.since), ledger) if asked.since else []
    except NoLedger as error:
        print(error, file=sys.stderr)
        return 2
    whole = asked.label is None and asked.status in ("all", "failing")
    if asked.since:
        print("\n".join(changed) or f"nothing changed since {asked.since}")
    elif asked.errata:
        print("\n".join(errata(ledger)) or "no erratum")
    elif asked.json:
        print(json.dumps(rows, indent=2, sort_keys=True, ensure_ascii=False))
    elif asked.label is not None:
        print("\n\n".join(details(row, ledger) for row in rows) or f"{asked.label} is not {asked.status}")
    else:
        print("\n".join([table(rows), *(problems(ledger) if whole else [])]))
    return int(any(row["status"] == "failing" for row in rows) or (whole and bool(ledger["problems"])))


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
