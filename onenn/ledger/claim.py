"""A claim: the evidence a cell attaches to a labelled statement, with controls that must fail.   Chapter: ledger.

    with claim("thm-x", scope="every sigma in [0.1, 10]", uses=("lem-y",)) as c:
        c.enclosed("rho > 0 for tanh", verdict)
        c.control("rho > 0 for a straight line", verdict_of_the_same_check)

On leaving the block the card and the certificate are shown first; then a claim that is not good raises.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral, Real
from types import TracebackType
from typing import Any, Literal, Self

from onenn.ledger.card import html_card, text_card
from onenn.ledger.certificate import MIME_TYPE, Erratum, Item, certificate, checked_label
from onenn.verdict import Verdict

LARGEST_FAILURE_PROBABILITY = 1e-6
"""A statistical test that is wrong more often than this is no evidence of grade `tested`."""


class ClaimFailed(Exception):
    """Raised on leaving a claim that is not good; `.label` and `.problems` (sentences) say which and why."""

    def __init__(self, label: str, problems: Sequence[str]) -> None:
        self.label, self.problems = label, tuple(problems)
        super().__init__(f"{label}: " + " ".join(self.problems))

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows in place of the traceback, which holds only this module's own frames."""
        return [f"{type(self).__name__}: {self}"]


class Claim:
    """The evidence for one statement, collected inside a `with` block. Made by `claim`."""

    def __init__(self, label: str, *, scope: str, uses: Sequence[str] = ()) -> None:
        self.label = checked_label(label)
        if not isinstance(scope, str):
            raise TypeError(f"scope is a {type(scope).__name__}; say in words on which set the cell checks {label}")
        if isinstance(uses, str):
            raise TypeError(f"uses is the str {uses!r}; expected a tuple of labels, such as ({uses!r},)")
        self.scope, self.uses = scope, tuple(checked_label(used, "uses") for used in uses)
        if label in self.uses:
            raise ValueError(f"uses contains {label!r} itself; a statement cannot rest on itself")
        self._items: list[Item] = []
        self._open: bool | None = None  # None before the block, True inside it, False after it

    def exact(self, what: str, verdict: Verdict, *, scope: str | None = None, note: str = "") -> None:
        """Evidence by symbolic or rational arithmetic, for all parameters stated."""
        self._add(role="evidence", grade="exact", text=what, verdict=verdict, scope=scope, note=note)

    def enclosed(self, what: str, verdict: Verdict, *, scope: str | None = None, note: str = "") -> None:
        """Evidence by ball arithmetic on the whole stated set, not on samples of it."""
        self._add(role="evidence", grade="enclosed", text=what, verdict=verdict, scope=scope, note=note)

    def tested(
        self,
        what: str,
        verdict: Verdict,
        *,
        failure_probability: float,
        samples: int,
        scope: str | None = None,
        note: str = "",
    ) -> None:
        """Evidence by a statistical test on `samples` draws that errs with probability <= `failure_probability`.

        Raises: ValueError unless 0 < failure_probability <= 1e-6 and samples >= 1.
        """
        statistics = _statistics(failure_probability, samples)
        self._add(role="evidence", grade="tested", text=what, verdict=verdict, scope=scope, note=note, **statistics)

    def measured(self, what: str, verdict: Verdict, *, scope: str | None = None, note: str = "") -> None:
        """A floating-point agreement, or a number reproduced; alone it supports no statement."""
        self._add(role="evidence", grade="measured", text=what, verdict=verdict, scope=scope, note=note)

    def control(self, what: str, verdict: Verdict, *, note: str = "") -> None:
        """The same check where a hypothesis is dropped; its verdict must be REFUTED."""
        self._add(role="control", text=what, verdict=verdict, note=note)

    def counterexample(
        self,
        what: str,
        verdict: Verdict,
        *,
        grade: Literal["exact", "enclosed", "tested"],
        failure_probability: float | None = None,
        samples: int | None = None,
        scope: str | None = None,
        note: str = "",
    ) -> None:
        """A case that breaks the statement; when PROVED, the statement is "refuted as printed".

        The claim's control is then the same check on the repaired statement, or where the statement is right.
        `failure_probability` and `samples` belong to grade "tested" and to no other.
        Raises: ValueError for another grade, for statistics that are missing, or given to a grade without them.
        """
        if grade not in ("exact", "enclosed", "tested"):
            raise ValueError(f"grade is {grade!r}; a counterexample is 'exact', 'enclosed' or 'tested'")
        statistics: dict[str, Any] = {}
        if grade == "tested":
            statistics = _statistics(failure_probability, samples)
        elif (failure_probability, samples) != (None, None):
            raise ValueError(f"grade is {grade!r}, which has no failure_probability and no samples; leave them out")
        self._add(role="counterexample", grade=grade, text=what, verdict=verdict, scope=scope, note=note, **statistics)

    def erratum(
        self,
        wrong: str,
        *,
        kind: Literal["refuted", "empty", "imprecise", "extraction"],
        source: str,
        place: str,
        repair: str,
        of: str | None = None,
    ) -> None:
        """What is wrong in print, in one line; its certificate is the check attached just before.

        `refuted` is false, `empty` says nothing, `imprecise` holds only with what it leaves out, and of `extraction`
        the text extracted from the source is false, and perhaps not the source. `source` is a citation key, `place`
        where it stands there. `of` is the statement of the book that prints it, the claimed one by default: its
        provenance decides whether the book calls this an error of the source. `repair` is what holds instead.
        Raises: ValueError unless a check of grade exact, enclosed or tested stands before it, with no erratum yet.

        >>> with claim("thm-printed", scope="n = 3") as c:  # doctest: +ELLIPSIS
        ...     c.counterexample("3 is odd", Verdict.decided(3 % 2 == 1), grade="exact")
        ...     c.erratum("not 3", kind="refuted", source="euclid", place="page 5", repair="thm-repaired")
        ...     c.control("4 is odd", Verdict.decided(4 % 2 == 1))
        thm-printed: refuted as printed, exact...
        """
        self._check_open()
        if not self._items:
            raise ValueError(
                f"the erratum {wrong!r} is the first line of the claim; write it after the check that shows it"
            )
        shown = self._items[-1]
        if shown.erratum is not None:
            raise ValueError(f"{shown.text!r} has an erratum already; write each after a check of its own")
        found = Erratum(wrong=wrong, kind=kind, source=source, place=place, of=of or self.label, repair=repair)
        self._items[-1] = replace(shown, erratum=found)

    def note(self, text: str) -> None:
        """A remark on the card: an illustration, a rate that was seen. It lowers no grade and supports nothing."""
        self._add(role="note", text=text)

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError(f"the claim {self.label} is not open; attach evidence inside its `with` block")

    def _add(self, *, text: str, verdict: Verdict | None = None, **fields: Any) -> None:
        self._check_open()
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"the text is {text!r}; say in words what was checked")
        if any(item.text == text for item in self._items):
            raise ValueError(f"{text!r} stands twice in the claim {self.label}; word the two checks differently")
        if fields["role"] != "note":
            if not isinstance(verdict, Verdict):
                raise TypeError(
                    f"the verdict on {text!r} is a {type(verdict).__name__}; expected an onenn.verdict.Verdict "
                    "(Verdict.decided(...) for an exact comparison, onenn.rigorous for balls)"
                )
            fields |= {"verdict": verdict.value, "reason": verdict.reason}
        self._items.append(Item(text=text, **fields))

    def __enter__(self) -> Self:
        if self._open is not None:
            raise RuntimeError(f"the claim {self.label} was opened before; write a new `with claim(...)`")
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open = False
        if kind is not None:
            return  # the body's own error says more than a card of half the evidence
        found = certificate(self.label, scope=self.scope, uses=self.uses, items=self._items)
        _show(found)
        if found["problems"]:
            raise ClaimFailed(self.label, found["problems"])


def claim(label: str, *, scope: str, uses: Sequence[str] = ()) -> Claim:
    """The context manager that attaches a cell's evidence to the statement `label`.

    `scope` says in words what the checks cover; `uses` names statements it rests on without a reference in the text.
    Raises: ClaimFailed on leaving the block, after the card is shown, unless all evidence is PROVED and all controls
    are REFUTED, with at least one of each; an error of the block itself passes through.

    >>> with claim("thm-even", scope="n = 4") as c:  # doctest: +ELLIPSIS
    ...     c.exact("4 is even", Verdict.decided(4 % 2 == 0))
    ...     c.control("3 is even", Verdict.decided(3 % 2 == 0))
    thm-even: evidence holds...
    """
    return Claim(label, scope=scope, uses=uses)


def _statistics(failure_probability: float | None, samples: int | None) -> dict[str, Any]:
    p = failure_probability
    if not isinstance(p, Real) or not 0 < p <= LARGEST_FAILURE_PROBABILITY:
        raise ValueError(f"failure_probability is {p!r}; a test needs 0 < failure_probability <= 1e-6: draw more")
    if not isinstance(samples, Integral) or isinstance(samples, bool) or samples < 1:
        raise ValueError(f"samples is {samples!r}; expected the number of draws, a positive int")
    return {"failure_probability": float(p), "samples": int(samples)}


def _show(found: dict[str, Any]) -> None:
    """One display with all three forms; printed as text where no IPython runs."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(text_card(found))
        return
    from IPython.display import display

    display({MIME_TYPE: found, "text/html": html_card(found), "text/plain": text_card(found)}, raw=True)
