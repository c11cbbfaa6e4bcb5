"""What the population risk needs of two units w and u:  K = E[phi(w.x) phi(u.x)], its gradient and its Hessian.

E[phi'(w.x) phi(u.x) x]        = M w + D u,              M = E[phi''(w.x) phi(u.x)],  D = E[phi'(w.x) phi'(u.x)],
E[phi'(w.x) phi'(u.x) x x^T]   = the tensor `slopes`,    the derivative of that gradient in u,
E[phi''(w.x) phi(u.x) x x^T]   = `curvature` + `jumps`,  its derivative in w.

A tensor is given by its coefficients at I, w w^T, w r^T + r w^T, r r^T and r r^T/|r|. For a smooth phi r is u. With a
kink at 0 it is the part of u across w, u - (b/a) w: the coefficients then stay bounded for parallel w and u, where
r r^T/|r| vanishes and the derivatives in a = |w|^2, b = w.u, c = |u|^2 are infinite.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from ..contexts import Constant
from .constants import absolute, power, product
from .wedge import Halves, Quadrant, expectation_terms, half_line_expectation, half_line_moment


class Tensor(NamedTuple):
    """I + ww w w^T + wr (w r^T + r w^T) + rr r r^T + ray r r^T/|r|, the first being a multiple of the identity."""

    I: Any = 0
    ww: Any = 0
    wr: Any = 0
    rr: Any = 0
    ray: Any = 0


NOTHING = Tensor()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """K, D and the tensors of the module's first lines; `across`: r is the part of u across w, otherwise u.

    `jumps` is the part of E[phi''(w.x) phi(u.x) x x^T] on which phi'' is a point mass: a second derivative taken almost
    everywhere does not see it.
    """

    K: Any
    D: Any
    slopes: Tensor
    curvature: Tensor
    jumps: Tensor = NOTHING
    across: bool = False

    @property
    def M(self) -> Any:
        """E[phi''(w.x) phi(u.x)], point masses of phi'' included."""
        return self.curvature.I + self.jumps.I

    def scaled(self, C: Any, output: Constant, input: Constant) -> Pair:
        """The pair of output * phi(input z), when this is the pair of phi at the weights `input` w and `input` u."""
        slope = C.number(power(product(output, input), 2))
        curved, length = slope * C.number(power(input, 2)), C.number(absolute(input))

        def stretched(t: Tensor) -> Tensor:
            return Tensor(slope * t.I, curved * t.ww, curved * t.wr, curved * t.rr, slope * length * t.ray)

        return Pair(
            K=C.number(power(output, 2)) * self.K,
            D=slope * self.D,
            slopes=stretched(self.slopes),
            curvature=stretched(self.curvature),
            jumps=stretched(self.jumps),
            across=self.across,
        )


def linear_pair(slope: Fraction) -> Callable[..., Pair]:
    """Of phi(z) = slope z."""

    def pair(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
        square = C.rational(slope * slope) + 0 * b
        return Pair(K=square * b, D=square, slopes=Tensor(I=square), curvature=Tensor(I=0 * b))

    return pair


def quadratic_pair(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
    """Of phi(z) = z^2:  K = a c + 2 b^2,  E[4 (w.x)(u.x) x x^T]  and  E[2 (u.x)^2 x x^T] by Isserlis' theorem."""
    four = C.rational(Fraction(4)) + 0 * b
    return Pair(K=a * c + 2 * b * b, D=4 * b, slopes=Tensor(I=4 * b, wr=four), curvature=Tensor(I=2 * c, rr=four))


def half_line_pair(halves: Halves, slopes: Halves, curvatures: Halves) -> Callable[..., Pair]:
    """Of phi a polynomial on each half-line, with the coefficients of phi, phi' and phi''.  *Domain*: a, c > 0.

    With P = E[s phi''(s) phi'(t)], Q = E[phi'(s) t phi''(t)], N = E[s (phi'')'(s) phi(t)] for s = w.x, t = u.x, and R +
    j^2/(2 pi root) = E[phi''(s) phi''(t)], where j is the jump of phi' at 0:
      slopes:     D,  (P + (b/c)((b/a) Q + Y))/a,  (Y + (b/a) Q)/c,  (Q - b R)/c,  -(b/c) X,
      curvature:  M,  (N + (b/a) P)/a,  P/a,  R - j E[delta(s) phi''(t)],  0,       without the point mass of phi'',
      jumps:      m,  -m/a,  0,  j E[delta(s) phi''(t)],  X,
    X = j^2/(2 pi sqrt(a)),  Y = y^2 R + y X,  m = j E[delta(s) phi(t)] = j E[phi(y z)]/sqrt(2 pi a),  y = root/sqrt(a).
    Source: eq-pair-half-line.
    """
    jump = _at_zero(slopes[1]) - _at_zero(slopes[0])
    # the sums of fractions once, not for each of the k^2 pairs of units
    of_K, of_D, of_R = (expectation_terms(f, f) for f in (halves, slopes, curvatures))
    of_P, of_Q = expectation_terms(slopes, slopes, 0), expectation_terms(slopes, slopes, 1)
    of_M, of_N = expectation_terms(curvatures, halves), expectation_terms(curvatures, halves, 0)

    def pair(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
        quadrants = {1: Quadrant(C, a, b, c, root), -1: Quadrant(C, a, -b, c, root)}
        mean = partial(half_line_expectation, quadrants)
        D, P, Q = mean(of_D), mean(of_P), mean(of_Q)
        R, Y, X = mean(of_R), C.rational(Fraction(0)), 0
        y, jumps = root / quadrants[1].p, NOTHING
        if jump:
            at_w, at_u = (C.rational(jump) / (C.sqrt(2 * C.pi) * n) for n in (quadrants[1].p, quadrants[1].r))
            m, own = at_w * half_line_moment(C, halves, y), at_w * half_line_moment(C, curvatures, y)
            X = C.rational(jump * jump) / (2 * C.pi * quadrants[1].p)
            R, Y = R + at_u * half_line_moment(C, curvatures, root / quadrants[1].r), y * X
            jumps = Tensor(I=m, ww=-m / a, rr=own, ray=X)
        regular = R
        R = R + jumps.rr
        Y, ratio = Y + C.square(y) * R, b / c
        return Pair(
            K=mean(of_K),
            D=D,
            slopes=Tensor(
                I=D,
                ww=(P + ratio * (b / a * Q + Y)) / a,
                wr=(Y + b / a * Q) / c,
                rr=(Q - b * R) / c,
                ray=-ratio * X if jump else 0,
            ),
            curvature=Tensor(I=mean(of_M), ww=(mean(of_N) + b / a * P) / a, wr=P / a, rr=regular),
            jumps=jumps,
            across=True,
        )

    return pair


def _at_zero(polynomial: Sequence[Fraction]) -> Fraction:
    return polynomial[0] if polynomial else Fraction(0)
