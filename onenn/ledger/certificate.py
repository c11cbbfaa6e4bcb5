"""A certificate: what one run of a claim found, as plain data whose verdict is computed from its items.

    proved   =  evidence, all of it PROVED;  controls, all of them REFUTED;  a scope in words
    refuted  =  the same with counterexamples that are PROVED: the statement is refuted as printed
    failed   =  anything else, with the problems in sentences

It holds no time, path or random number: the same run on the same code gives the same bytes. This is the only place
that knows the MIME type, so no status can be typed elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from onenn.ledger.digest import digest

MIME_TYPE = "application/vnd.onenn.certificate+json"
SCHEMA = 1

GRADES = ("exact", "enclosed", "tested", "measured")
"""The four grades of evidence, strongest first; `measured` supports no statement by itself."""

_LABEL = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def checked_label(label: str, argument: str = "label") -> str:
    """The label itself, when it is lowercase words joined by hyphens.

    Raises: TypeError unless it is a str; ValueError for another spelling (docutils would silently change it).

    >>> checked_label("thm-rho-residual")
    'thm-rho-residual'
    """
    if not isinstance(label, str):
        raise TypeError(f"{argument} is a {type(label).__name__}; expected a str such as 'thm-rho-residual'")
    if not _LABEL.fullmatch(label):
        raise ValueError(
            f"{argument} is {label!r}; use lowercase letters, digits and hyphens, as in 'thm-rho-residual'"
        )
    return label


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a claim: evidence, a control, a counterexample or a note, with the verdict's name and reason."""

    role: str
    text: str
    grade: str | None = None
    verdict: str | None = None
    reason: str = ""
    scope: str | None = None
    note: str = ""
    failure_probability: float | None = None
    samples: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data; the two statistical keys are present exactly for items of grade `tested`."""
        row = asdict(self)
        if self.grade != "tested":
            del row["failure_probability"], row["samples"]
        return row

    @property
    def problem(self) -> str | None:
        """The sentence saying why this item spoils its claim; None when it does not."""
        wanted = {"evidence": "PROVED", "counterexample": "PROVED", "control": "REFUTED"}.get(self.role)
        if wanted in (None, self.verdict):
            return None
        found = f"{self.verdict} ({self.reason})" if self.reason else self.verdict
        return f"{self.role.capitalize()} “{self.text}” came out {found}; it must come out {wanted}."


def weakest(grades: Iterable[str | None]) -> str | None:
    """The weakest of the grades; None when there is none.

    >>> weakest(["exact", "tested", "enclosed"])
    'tested'
    """
    return max((grade for grade in grades if grade is not None), key=GRADES.index, default=None)


def _problems(items: Sequence[Item], scope: str) -> list[str]:
    roles = {item.role for item in items}
    found = []
    if not scope.strip():
        found.append("The scope is empty; say in words on which set the cell checks the statement.")
    if not roles & {"evidence", "counterexample"}:
        found.append("There is no evidence; attach a verdict with exact, enclosed, tested, measured or counterexample.")
    if "control" not in roles:
        found.append("There is no control; add a case in which the same check comes out REFUTED.")
    return found + [item.problem for item in items if item.problem is not None]


def certificate(
    label: str, *, scope: str, uses: Sequence[str] = (), items: Sequence[Item] = (), code: str | None = None
) -> dict[str, Any]:
    """The certificate of a claim as plain data: verdict, problems and grade are computed from the items.

    The grade is the weakest among the evidence; among the counterexamples when there are any. `code` is the digest of
    the mathematical modules, taken from the installed package when it is None.

    >>> claimed = certificate("thm-x", scope="all d", items=[Item(role="note", text="a picture")], code="0" * 16)
    >>> claimed["verdict"], len(claimed["problems"])
    ('failed', 2)
    """
    problems = _problems(items, scope)
    deciding = "counterexample" if any(item.role == "counterexample" for item in items) else "evidence"
    return {
        "schema": SCHEMA,
        "label": label,
        "verdict": "failed" if problems else {"counterexample": "refuted", "evidence": "proved"}[deciding],
        "problems": problems,
        "grade": weakest(item.grade for item in items if item.role == deciding),
        "scope": scope,
        "uses": list(uses),
        "items": [item.as_dict() for item in items],
        "code": digest() if code is None else code,
    }


def is_consistent(data: Mapping[str, Any]) -> bool:
    """Whether verdict, problems and grade are those that the items give: False for a certificate edited by hand.

    >>> claimed = certificate("thm-x", scope="all d", code="0" * 16)
    >>> is_consistent(claimed), is_consistent({**claimed, "verdict": "proved", "problems": []})
    (True, False)
    """
    try:
        items = [Item(**row) for row in data["items"]]
        return data == certificate(
            data["label"], scope=data["scope"], uses=data["uses"], items=items, code=data["code"]
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def certificates(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The certificates among a cell's outputs (nbformat), in order."""
    return [output["data"][MIME_TYPE] for output in outputs if MIME_TYPE in output.get("data", {})]
