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
from dataclasses import asdict, dataclass, fields
from typing import Any

from onenn.ledger.digest import digest

MIME_TYPE = "application/vnd.onenn.certificate+json"
SCHEMA = 1

GRADES = ("exact", "enclosed", "tested", "measured")
"""The four grades of evidence, strongest first; `measured` supports no statement by itself."""

ERRATUM_KINDS = ("refuted", "empty", "imprecise", "extraction")
"""What can be wrong in print: it is false; it says nothing; it holds only with what it leaves out; the text extracted
from the source is false, and perhaps not the source."""

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
class Erratum:
    """What is wrong at a `place` of a `source`: `of` is the statement that prints it here, `repair` what holds instead.

    Raises: ValueError for a kind that is not one of ERRATUM_KINDS, words that are missing, a label's spelling.
    """

    wrong: str
    kind: str
    source: str
    place: str
    of: str
    repair: str

    def __post_init__(self) -> None:
        if self.kind not in ERRATUM_KINDS:
            raise ValueError(f"kind is {self.kind!r}; an erratum is one of {', '.join(ERRATUM_KINDS)}")
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str) or not value.strip():
                raise ValueError(
                    f"{field.name} is {value!r}; an erratum says in words what is wrong, where, and who says it"
                )
        checked_label(self.of, "of")
        checked_label(self.repair, "repair")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a claim: evidence, a control, a counterexample or a note, with the verdict's name and reason.

    Raises: ValueError for an erratum on a line that certifies nothing.
    """

    role: str
    text: str
    grade: str | None = None
    verdict: str | None = None
    reason: str = ""
    scope: str | None = None
    note: str = ""
    failure_probability: float | None = None
    samples: int | None = None
    erratum: Erratum | None = None

    def __post_init__(self) -> None:
        if isinstance(self.erratum, Mapping):  # as it is in plain data
            object.__setattr__(self, "erratum", Erratum(**self.erratum))
        if self.erratum is not None and self.grade not in ("exact", "enclosed", "tested"):
            raise ValueError(
                f"an erratum follows {self.text!r} ({self.grade or self.role}), which certifies none; "
                "it needs evidence or a counterexample of grade exact, enclosed or tested"
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain data; the statistical keys are present exactly for items of grade `tested`, an erratum if there is."""
        row = asdict(self)
        if self.grade != "tested":
            del row["failure_probability"], row["samples"]
        if self.erratum is None:
            del row["erratum"]
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
