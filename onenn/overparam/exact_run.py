"""Gradient descent enclosed: balls that hold the weights, misfits and paths of the run in exact arithmetic.

W+ = W - eta mat(J^T r),   W_0, X, y, eta exact; each ball grows by rounding alone, at `bits` bits.
Chapter: moderate-overparameterization (thm-meta, thm-meta-sharp, prp-rounded-steps, lem-float-step).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from onenn.activations import Activation
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, ball_matrix, is_positive, less, precision, square
from onenn.verdict import Verdict, conjunction

from .certificate_ball import certificate_ball, exact_data, on_balls
from .data import count
from .record import Certificate


@dataclass(frozen=True, kw_only=True)
class ExactRun:
    """`misfit` |r_t| and `path` sum |W_{s+1} - W_s| for t = 0, 1, ..., as balls; the certificate of the same start.

    `error` bounds the rounding of W after each step; the certificate is then that for |r_0| + 2 steps beta error.
    """

    certificate: Certificate
    misfit: Sequence[Ball]
    path: Sequence[Ball]
    error: Ball

    def falls(self, factor: Any = 1, *, rounding: Any = 1) -> Verdict:
        """|r_{t+1}| <= rate |r_t| + rounding beta error at every step; factor sharpens the promise 1 - rate^2."""
        squared = 1 - factor * (1 - square(self.certificate.rate))
        pairs = zip(self.misfit[:-1], self.misfit[1:], strict=True)
        if self.error == 0 or not rounding:  # squares, as `squared` may be negative
            return conjunction(at_most(square(b), squared * square(a)) for a, b in pairs)
        q, more = BALLS.sqrt_nonnegative(squared), rounding * self.certificate.beta * self.error
        return conjunction(at_most(b, q * a + more) for a, b in pairs)

    def inside(self, *, slope: Any = 1, bend: Any = 1) -> Verdict:
        """|r_t| <= |r_0| + 2 t beta error - slope path_t + bend path_t^2 at every step; the arguments multiply slope
        and bend.
        """
        c, more = self.certificate, 2 * self.certificate.beta * self.error
        edges = (
            self.misfit[0] + t * more - slope * c.slope * p + bend * c.bend * p * p
            for t, p in enumerate(self.path[1:], start=1)
        )
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
    grid: int | str | Fraction = 0,
    bits: int = 256,
) -> ExactRun:
    """The first `steps` steps from `net`, enclosed, with its certificate; step None: a rational just below the limit.

    grid > 0: after each step every weight is rounded to the nearest multiple of it; `error` is checked at every step.
    *Shapes*: X (n, d), y (n,), exact numbers, floats as the dyadic numbers they are.  Time: n k d each step.
    Raises: as `certificate_ball`; ValueError for a grid finer than the enclosure.

    >>> run = exact_run(OneHiddenLayer([[1]], [1], "quadratic"), [[1]], ["9/10"], steps=3)
    >>> run.falls() == run.inside() == run.near() == Verdict.PROVED
    True
    """
    rows, targets = exact_data(net, X, y)
    steps = count(steps, "steps")
    if Fraction(grid) < 0:
        raise ValueError(f"grid is {grid}; expected a number >= 0, 0 for exact steps")
    if step is None:
        limit = certificate_ball(net, X, y, form=form).step_limit
        step = Fraction(float(limit.lower())) * Fraction(1023, 1024)
    promised = certificate_ball(net, X, y, step=step, form=form, bits=bits)
    with precision(bits):
        # a thousandth more: the midpoint that is rounded is not quite the weight
        error = ball(grid) * ball("1001/2000") * BALLS.sqrt(ball(net.k * net.d))
        if grid:
            slack = 2 * steps * promised.beta * error
            larger = Fraction(float(slack.upper())) * (1 + Fraction(1, 2**50))
            promised = certificate_ball(net, X, y, step=step, form=form, slack=larger, bits=bits)
        eta, P = ball(step, "step"), ball_matrix(rows)
        W, v = ball_matrix(net.exact_W.tolist()), [ball(t) for t in net.exact_v]
        targets = [ball(t) for t in targets]
        misfit, path = [], [ball(0)]
        for _ in range(steps):
            r, gradient = _step(net.phi, v, P, targets, W)
            misfit.append(length(r))
            after = W - eta * gradient
            if grid:
                exact, after = after, _on_grid(after, Fraction(grid))
                if not length((after - exact).entries()) < error:
                    raise ValueError(f"grid is {grid}, too fine for weights enclosed at {bits} bits; raise bits")
            path.append(path[-1] + length((after - W).entries()))
            W = after
        misfit.append(length(residual(net.phi, v, (P * W.transpose()).tolist(), targets)))
        return ExactRun(certificate=promised, misfit=misfit, path=path, error=error)


def rounded_step_error(
    before: OneHiddenLayer, after: OneHiddenLayer, X: Any, y: Any, *, step: int | str | Fraction, bits: int = 96
) -> Ball:
    """|W' - (W - eta mat(J(W)^T r))|, enclosed, for the weights W, W' of two networks: the error of a computed step.

    >>> one, two = (OneHiddenLayer([[t]], [1], "linear") for t in (1, "1/2"))
    >>> rounded_step_error(one, two, [[1]], [0], step="1/4").overlaps(ball("1/4"))
    True
    """
    rows, targets = exact_data(before, X, y)
    if (after.k, after.d) != (before.k, before.d):
        raise ValueError(f"after is {after}, and before is {before}; expected one shape: a step of `before`")
    with precision(bits):
        P, W = ball_matrix(rows), ball_matrix(before.exact_W.tolist())
        v, targets = [ball(t) for t in before.exact_v], [ball(t) for t in targets]
        _, gradient = _step(before.phi, v, P, targets, W)
        return length((ball_matrix(after.exact_W.tolist()) - W + ball(step, "step") * gradient).entries())


def _step(phi: Activation, v: Sequence[Ball], P: Any, targets: Sequence[Ball], W: Any) -> tuple[Any, Any]:
    """(r, mat(J^T r)) at the ball matrix W; P: the inputs."""
    Z = (P * W.transpose()).tolist()
    r = residual(phi, v, Z, targets)
    rows = [
        [s * slope * t for slope, t in zip(on_balls(phi, "derivative", z), v, strict=True)]
        for s, z in zip(r, Z, strict=True)
    ]
    return r, ball_matrix(rows).transpose() * P


def residual(phi: Activation, v: Sequence[Ball], Z: Sequence[Sequence[Ball]], targets: Sequence[Ball]) -> list[Ball]:
    """f - y from the balls Z of the w_l.x_i, a row for each input."""
    return [
        sum((a * t for a, t in zip(on_balls(phi, "value", z), v, strict=True)), -target)
        for z, target in zip(Z, targets, strict=True)
    ]


def _on_grid(W: Any, grid: Fraction) -> Any:
    """The midpoints rounded to multiples of grid."""
    return ball_matrix([[grid * round(_midpoint(w) / grid) for w in row] for row in W.tolist()])


def _midpoint(x: Ball) -> Fraction:
    """The midpoint, exactly: that of a double would be off by more than a fine grid."""
    mantissa, exponent = x.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def length(entries: Sequence[Ball]) -> Ball:
    """The Euclidean length."""
    return BALLS.sqrt_nonnegative(sum(map(square, entries), ball(0)))
