"""Property P1:  0 <= phi'(z) <= L1 |z|^p  for every z, with constants L1 > 0 and p >= 0.

At 0 the order of vanishing of phi' bounds p from above, at infinity its growth bounds p from below; L1 is the supremum
of phi'/|z|^p over the line. Chapter: activation-properties.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from onenn.activations import Activation, activation
from onenn.activations.constants import sign
from onenn.contexts import Constant
from onenn.rigorous import Ball, ball, maximum_on
from onenn.rigorous.symbolic import expression_ball
from onenn.verdict import Verdict

from .segments import Segment, segments
from .suprema import exceeds_every_bound, largest, nonnegative, supremum


@dataclass(frozen=True, kw_only=True)
class P1:
    """The decision; where it is PROVED, `constant` is the enclosed least L1 for p = `power`.

    `stated` is the exact L1 that the activation carries, `witness` what breaks the property.
    """

    verdict: Verdict
    constant: Ball | None = None
    power: int | None = None
    stated: Constant | None = None
    witness: str = ""

    @property
    def evidence(self) -> str:
        """The decision in words."""
        return self.verdict.reason


def p1(phi: str | Activation) -> P1:
    """P1 decided for an activation: the least constant enclosed over the whole line, or a witness.

    UNDECIDED, with what to supply in the reason, when phi' does not run on symbols and balls or its tails are unknown.
    Source: def-p1; zhong2017slides, slide 12.

    >>> p1("squared_relu").power, p1("squared_relu").constant
    (1, 2.00000000000000)
    >>> p1("gelu").verdict == Verdict.REFUTED, p1("exp").witness
    (True, "phi'(z) > L at z = 1 + L, for every L >= 0")
    """
    phi = activation(phi)
    try:
        parts = segments(phi)
    except ValueError as error:
        return P1(verdict=Verdict.UNDECIDED.because(str(error)))
    positive = nonnegative(phi)
    if positive == Verdict.REFUTED:
        return P1(verdict=positive, witness=positive.reason)
    order = _order_at_zero(parts)
    if order is not None and (refutation := _grows_faster(parts, order)) is not None:
        return refutation
    if positive != Verdict.PROVED:
        return P1(verdict=positive)
    power = _degree_at_infinity(parts) or 0
    if order is not None and power > order:
        return P1(verdict=Verdict.UNDECIDED.because(f"p <= {order} at 0, p >= {power} at infinity, and no witness"))
    return _bounded(phi, parts, power, positive)


def _bounded(phi: Activation, parts: list[Segment], power: int, positive: Verdict) -> P1:
    bound = largest(_ratio_maximum(part, power) for part in parts) if power else supremum(phi, "derivative")
    if isinstance(bound, str):
        return P1(verdict=Verdict.UNDECIDED.because(f"no bound on phi': {bound}"))
    if not bound.is_finite():
        return P1(verdict=Verdict.UNDECIDED.because("the supremum of phi' was not enclosed"))
    reason = f"0 <= phi' <= L1{_times(power)}, least L1 = {bound.str(10)}; {positive.reason}"
    return P1(verdict=Verdict.PROVED.because(reason), constant=bound, power=power, stated=phi.bounds.first)


def _times(power: int) -> str:
    return {0: "", 1: " |z|"}.get(power, f" |z|^{power}")


def _order_at_zero(parts: list[Segment]) -> int | None:
    """The least m with phi'/|z|^m bounded away from 0 at 0, from one side at least; None when none is known."""
    orders = []
    for part in parts:
        if sign(part.low) != 0:
            continue
        if part.is_polynomial():
            orders += [k for k, c in enumerate(part.coefficients()) if c != 0][:1]
        elif not part.on_balls("derivative")(ball(0)).contains(0):
            orders.append(0)
    return min(orders, default=None)


def _grows_faster(parts: list[Segment], order: int) -> P1 | None:
    """The refutation of P1 by a phi' that grows faster at infinity than its order of vanishing at 0 allows."""
    for part in parts:
        at = exceeds_every_bound(part, part.slope, order)
        if at is not None:
            witness = f"phi'(z) > L{_times(order)} at z = {at}, for every L >= 0"
            forced = "phi' does not tend to 0 at 0, so p = 0"
            if order:
                forced = f"phi'/|z|^{order} does not tend to 0 at 0, so p <= {order}"
            return P1(verdict=Verdict.REFUTED.because(f"{forced}; but {witness}"), witness=witness)
    return None


def _degree_at_infinity(parts: list[Segment]) -> int | None:
    """The largest degree of phi' on an unbounded segment; None when phi' is not a polynomial everywhere."""
    if not all(part.is_polynomial() for part in parts):
        return None
    return max((len(part.coefficients()) - 1 for part in parts if part.high is None and part.coefficients()), default=0)


def _ratio_maximum(part: Segment, power: int) -> Ball:
    """The supremum of phi'/t^p over a segment; phi' is a polynomial in t, of degree <= p where that is unbounded."""
    c = [expression_ball(x) for x in part.coefficients()]
    if all(x.is_zero() for k, x in enumerate(c) if k != power):
        return c[power] if len(c) > power else ball(0)
    low = ball(part.low)
    if part.high is None:  # in 1/t, a polynomial on a bounded interval
        reversed_ = [c[power - j] if 0 <= power - j < len(c) else ball(0) for j in range(power + 1)]
        return maximum_on(lambda u: _polynomial(reversed_, u), 0, 1 / low, "1e-9")
    if sign(part.low) == 0:
        return maximum_on(lambda t: _polynomial(c[power:], t), 0, part.high, "1e-9")
    return maximum_on(lambda t: _polynomial(c, t) / math.prod([t] * power, start=ball(1)), part.low, part.high, "1e-9")


def _polynomial(coefficients: list[Ball], t: Ball) -> Ball:
    value = ball(0)
    for c in reversed(coefficients):
        value = value * t + c
    return value
