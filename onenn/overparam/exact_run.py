"""Gradient descent enclosed: balls that hold the weights, misfits and paths of the run in exact arithmetic.

W+ = W - eta mat(J^T r),   W_0, X, y, eta exact; each ball grows by rounding alone, at `bits` bits.
Chapter: moderate-overparameterization (thm-meta, thm-meta-sharp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, ball_matrix, is_positive, less, precision, square
from onenn.verdict import Verdict, conjunction

from .certificate import Certificate
from .certificate_ball import certificate_ball, exact_row, exact_rows, on_balls


@dataclass(frozen=True, kw_only=True)
class ExactRun:
    """`misfit` |r_t| and `path` sum |W_{s+1} - W_s| for t = 0, 1, ..., as balls; the certificate of the same start."""

    certificate: Certificate
    misfit: Sequence[Ball]
    path: Sequence[Ball]

    def falls(self, factor: Any = 1) -> Verdict:
        """|r_{t+1}| <= rate |r_t| at every step; factor != 1 sharpens the promise 1 - rate^2 by it."""
        q = 1 - factor * (1 - square(self.certificate.rate))
        pairs = zip(self.misfit[:-1], self.misfit[1:], strict=True)
        return conjunction(at_most(square(b), q * square(a)) for a, b in pairs)

    def inside(self, *, slope: Any = 1, bend: Any = 1) -> Verdict:
        """|r_t| <= |r_0| - slope path_t + bend path_t^2 at every step; the arguments multiply slope and bend."""
        c = self.certificate
        edges = (c.misfit - slope * c.slope * p + bend * c.bend * p * p for p in self.path[1:])
        return conjunction(at_most(r, edge) for r, edge in zip(self.misfit[1:], edges, strict=True))

    def near(self, factor: Any = 1) -> Verdict:
        """path_t <= factor radius at every step."""
        return conjunction(at_most(p, ball(factor) * self.certificate.radius) for p in self.path[1:])


def at_most(x: Ball, y: Ball) -> Verdict:
    """x <= y: PROVED by x < y, the balls of a strict inequality; REFUTED by x > y."""
    answer = less(x, y)
    return Verdict.REFUTED.because(answer.reason) if is_positive(x - y) == Verdict.PROVED else answer


def exact_run(
    net: OneHiddenLayer,
    X: Any,
    y: Any,
    *,
    step: int | str | Fraction | None = None,
    form: str = "half",
    steps: int = 20,
    bits: int = 256,
) -> ExactRun:
    """The first `steps` steps from `net`, enclosed, with its certificate; step None: a rational just below the limit.

    *Shapes*: X (n, d), y (n,), exact numbers, floats as the dyadic numbers they are.  Time: n k d each step.
    Raises: as `certificate_ball`.

    >>> run = exact_run(OneHiddenLayer([[1]], [1], "quadratic"), [[1]], ["9/10"], steps=3)
    >>> run.falls() == run.inside() == run.near() == Verdict.PROVED
    True
    """
    if step is None:
        limit = certificate_ball(net, X, y, form=form).step_limit
        step = Fraction(float(limit.lower())) * Fraction(1023, 1024)
    promised = certificate_ball(net, X, y, step=step, form=form, bits=bits)
    with precision(bits):
        eta, P = ball(step, "step"), ball_matrix(exact_rows(X))
        W, v = ball_matrix(net.exact_W.tolist()), [ball(t) for t in net.exact_v]
        targets = [ball(t) for t in exact_row(y)]
        misfit, path = [], [ball(0)]
        for _ in range(steps + 1):
            Z = (P * W.transpose()).tolist()
            r = [
                sum((a * t for a, t in zip(on_balls(net.phi, "value", z), v, strict=True)), -target)
                for z, target in zip(Z, targets, strict=True)
            ]
            misfit.append(_length(r))
            if len(misfit) > steps:
                break
            rows = [
                [eta * s * slope * t for slope, t in zip(on_balls(net.phi, "derivative", z), v, strict=True)]
                for s, z in zip(r, Z, strict=True)
            ]
            change = ball_matrix(rows).transpose() * P
            path.append(path[-1] + _length(change.entries()))
            W = W - change
        return ExactRun(certificate=promised, misfit=misfit, path=path)


def _length(entries: Sequence[Ball]) -> Ball:
    return BALLS.sqrt_nonnegative(sum(map(square, entries), ball(0)))
