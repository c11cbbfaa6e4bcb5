"""Property P3:  (a) |phi''(z)| <= L2 for every z,  or  (b) phi'' = 0 except at finitely many points.

In (a) phi' is Lipschitz with the constant L2: phi' has no jump, and phi'' is bounded almost everywhere.
Chapter: activation-properties.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from onenn.activations import Activation, activation
from onenn.contexts import SYMBOLS, Constant
from onenn.rigorous import Ball, ball
from onenn.verdict import Verdict

from .segments import segments
from .suprema import exceeds_every_bound, largest, supremum


@dataclass(frozen=True, kw_only=True)
class P3:
    """The decision; `branches` holds "a" (the enclosed least L2 is `constant`) and "b" (with the number of `kinks`).

    `stated` is the exact L2 that the activation carries, `witness` what breaks the property.
    """

    verdict: Verdict
    branches: tuple[str, ...] = ()
    constant: Ball | None = None
    kinks: int | None = None
    stated: Constant | None = None
    witness: str = ""

    @property
    def evidence(self) -> str:
        """The decision in words."""
        return self.verdict.reason


def p3(phi: str | Activation) -> P3:
    """P3 decided for an activation: the branch with its constant enclosed, or a witness.

    UNDECIDED, with what to supply in the reason, when phi' or phi'' does not run on balls or its tails are not known.
    Source: def-p3; zhong2017slides, slide 14.

    >>> p3("relu").branches, p3("relu").kinks
    (('b',), 1)
    >>> p3("exp").witness
    "|phi''(z)| > L at z = 1 + L, for every L >= 0"
    """
    phi = activation(phi)
    try:
        parts = segments(phi)
    except ValueError as error:
        return P3(verdict=Verdict.UNDECIDED.because(str(error)))
    jumps = _jumps(phi)
    if all(part.curvature == 0 for part in parts):
        reason = f"phi'' = 0 except at {len(jumps)} point{'s' * (len(jumps) != 1)}"
        branches = ("b",) if jumps else ("a", "b")
        return P3(
            verdict=Verdict.PROVED.because(f"({' and '.join(branches)}) {reason}"),
            branches=branches,
            constant=None if jumps else ball(0),
            kinks=len(jumps),
            stated=phi.bounds.second,
        )
    curved = next(part for part in parts if part.curvature != 0)
    not_b = f"(b) fails, as phi'' is not 0 for {curved}"
    unbounded = next((w for part in parts if (w := exceeds_every_bound(part, part.curvature)) is not None), None)
    if unbounded is not None or jumps:
        broken = [f"|phi''(z)| > L at z = {unbounded}, for every L >= 0"] if unbounded else []
        broken += [f"phi' jumps by {size} at {kink}" for kink, size in jumps]
        return P3(
            verdict=Verdict.REFUTED.because(f"{not_b}; (a) fails: {'; '.join(broken)}"), witness="; ".join(broken)
        )
    if "second_derivative" in phi.numpy_only:
        lacking = "pass second_derivative= to register_activation as a function (C, z) on a number context"
        return P3(verdict=Verdict.UNDECIDED.because(lacking))
    return _bounded(phi)


def _bounded(phi: Activation) -> P3:
    above, below = supremum(phi, "second_derivative"), supremum(phi, "second_derivative", -1)
    if isinstance(above, str) or isinstance(below, str):
        return P3(verdict=Verdict.UNDECIDED.because(f"no bound on phi'': {above if isinstance(above, str) else below}"))
    bound = largest([above, below])
    if not bound.is_finite():
        return P3(verdict=Verdict.UNDECIDED.because("the supremum of |phi''| was not enclosed"))
    reason = f"(a) phi' has no jump and |phi''| <= L2, least L2 = {bound.str(8)}"
    return P3(verdict=Verdict.PROVED.because(reason), branches=("a",), constant=bound, stated=phi.bounds.second)


def _jumps(phi: Activation) -> list[tuple[Constant, Any]]:
    """(kink, phi'(kink + 0) - phi'(kink - 0)) where that is not 0."""
    import sympy

    jumps = []
    for kink, (left, right) in zip(phi.kinks, pairwise(phi.pieces), strict=True):
        at = SYMBOLS.number(kink)
        jump = sympy.simplify(right.derivative(SYMBOLS, at) - left.derivative(SYMBOLS, at))
        if jump != 0:
            jumps.append((kink, jump))
    return jumps
