"""The Pair of two units by quadrature, for activations without closed duals: tanh, sigmoid, softplus, gelu, the user's.

For w = p e_1 and u = q e_1 + r e_2, a function h of w.x = p z_1 and u.x = q z_1 + r z_2 has
E[h x x^T] = h_0 I + (h_11 - h_0) e_1 e_1^T + h_12 (e_1 e_2^T + e_2 e_1^T) + (h_22 - h_0) e_2 e_2^T,
h_0 = E h,  h_ij = E[h z_i z_j].
Error: that of onenn.gaussian.plane for each expectation.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..activations import Activation
from ..activations.pair import NOTHING, Pair, Tensor
from ..contexts import FLOATS
from .panels import density, kink_positions, reach_of, resolve, scale_edges
from .plane import TOLERANCE, Term, plane_expectations

MONOMIALS = ((0, 0), (2, 0), (1, 1), (0, 2))


def quadrature_pair(phi: Activation, a: float, b: float, c: float, r: float) -> Pair:
    """The Pair of w and u with a = |w|^2, b = w.u, c = |u|^2 and r the length of the part of u across w.

    Without a second derivative the point masses of phi'' are not told apart: they are in `curvature`, if phi has kinks.
    *Domain*: any; for w = 0 phi needs a second derivative, and no kinks.
    Raises: ValueError outside the domain; OverflowError when phi grows too fast for doubles.
    """
    p = float(np.sqrt(a))
    q = b / p if p else 0.0
    f, g = phi, phi.derivative
    terms = [Term(f, f), *(Term(g, g, i, j) for i, j in MONOMIALS)]
    if has_second_derivative(phi):
        h = phi.second_derivative
        K, *rest = plane_expectations(phi, p, q, r, [*terms, *(Term(h, f, i, j) for i, j in MONOMIALS)])
        slopes, curvature = rest[:4], rest[4:]
    elif p == 0:
        raise ValueError(
            f"a row of W is zero, where the Hessian needs phi''; pass second_derivative= when {phi.name} is registered"
        )
    else:
        K, slopes, curvature = _by_parts(phi, p, q, r, terms)
    jumps = _jumps(phi, p, q, r) if has_second_derivative(phi) else NOTHING
    return Pair(
        K=K,
        D=slopes[0],
        slopes=_tensor(slopes, p, r),
        curvature=_tensor(curvature, p, r),
        jumps=jumps,
        across=True,
    )


def has_second_derivative(phi: Activation) -> bool:
    """Whether phi was given one."""
    return all(piece.second_derivative is not None for piece in phi.pieces)


def _tensor(moments: list[float], p: float, r: float) -> Tensor:
    """From (h_0, h_11, h_12, h_22): the coefficients, which multiply vectors of lengths p and r."""
    zero, along, mixed, across = moments
    return Tensor(
        I=zero,
        ww=(along - zero) / (p * p) if p else 0.0,
        wr=mixed / (p * r) if p * r else 0.0,
        ray=(across - zero) / r if r else 0.0,
    )


def _by_parts(
    phi: Activation, p: float, q: float, r: float, terms: list[Term]
) -> tuple[float, list[float], list[float]]:
    """E[phi''(p z_1) F] = E[phi'(p z_1) (z_1 F - dF/dz_1)]/p  for F = phi(q z_1 + r z_2) z_1^i z_2^j."""
    f, g = phi, phi.derivative
    raised = [Term(g, f, i + 1, j) for i, j in MONOMIALS]
    lowered = [Term(g, f, max(i - 1, 0), j) for i, j in MONOMIALS]
    K, *rest = plane_expectations(phi, p, q, r, [*terms, *raised, *lowered])
    slopes, up, down = rest[:4], rest[4:8], rest[8:]
    moments = [(u - q * s - i * d) / p for (i, _), s, u, d in zip(MONOMIALS, slopes, up, down, strict=True)]
    return K, slopes, moments


def _jumps(phi: Activation, p: float, q: float, r: float) -> Tensor:
    """The sum over the kinks k of j_k E[delta(p z_1 - k) phi(q z_1 + r z_2) x x^T], j_k the jump of phi' there."""
    total = np.zeros(4)
    slopes = [piece.derivative for piece in phi.pieces]
    for position, (left, right) in zip(phi.kinks, pairwise(slopes), strict=True):
        k = FLOATS.number(position)
        jump = float(right(FLOATS, np.float64(k)) - left(FLOATS, np.float64(k)))
        if jump == 0:
            continue
        z = k / p
        zero, first, second = _shifted_moments(phi, q * z, r)
        total += jump * density(np.array(z)) / p * np.array([zero, z * z * zero, z * first, second])
    return _tensor(total.tolist(), p, r)


def _shifted_moments(phi: Activation, mean: float, sd: float) -> np.ndarray:
    """E[phi(mean + sd z) z^j] for j = 0, 1, 2."""
    if sd == 0:
        return float(phi(mean)) * np.array([1.0, 0.0, 1.0])

    def f(z: np.ndarray) -> np.ndarray:
        return phi(mean + z)

    reach = reach_of(f, phi.growth, sd, start=10.0)
    offsets = scale_edges(1 / sd, 2 * reach, 2.0)
    edges = np.concatenate([-offsets, offsets]) - mean / sd
    kinks = kink_positions(phi, sd) - mean / sd
    inside = np.concatenate([np.clip(edges, -reach, reach), kinks[np.abs(kinks) < reach]])
    rule = resolve(lambda z: f(sd * z), inside, tolerance=TOLERANCE)[0]
    return np.array([np.sum(rule.w * rule.values * rule.z**j) for j in range(3)])
