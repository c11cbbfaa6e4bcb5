"""Expectations over the plane of two independent normals:  E[f(p z_1) z_1^i g(q z_1 + r z_2) z_2^j],  p, r >= 0.

Nested Gauss-Legendre rules: over z_2 on panels that move with the features of g, over z_1 on panels that resolve what
is left. Error: at most 1e-10 times the root of E[f(p z)^2 z^(2i)] E[g(s z)^2] E[z^(2j)], s^2 = q^2 + r^2; r, p and s
may vanish.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..activations import Activation
from ..activations.half_line import normal_moment
from .panels import Rule, density, kink_positions, nodes_between, reach_of, resolve, scale_edges

Function = Callable[[np.ndarray], np.ndarray]

TOLERANCE = 1e-13


class Term(NamedTuple):
    """E[f(p z_1) z_1^i g(q z_1 + r z_2) z_2^j]."""

    f: Function
    g: Function
    i: int = 0
    j: int = 0


def plane_expectations(phi: Activation, p: float, q: float, r: float, terms: Sequence[Term]) -> list[float]:
    """The expectation of each term; f and g are phi or derivatives of phi, analytic between the kinks of phi.

    *Domain*: p, r >= 0.  Raises: OverflowError when f or g grows too fast for doubles.

    >>> from onenn import activation
    >>> square = activation("quadratic")
    >>> round(plane_expectations(square, 1.0, 2.0, 3.0, [Term(square, square)])[0], 10)       # a c + 2 b^2
    21.0
    """
    plane = _Plane(phi, p, q, r, terms)
    edges = [plane.left.edges]
    if abs(q) * plane.reach > 1e-3:
        edges.append(_Line(phi, plane.right.functions, abs(q), plane.reach).edges * np.sign(q))
        kinks = kink_positions(phi, q)
        edges.append(_cluster(kinks[np.abs(kinks) < 2 * plane.reach], r / abs(q), plane.reach))
    # a panel is fine enough beside the size of its term, which a term that vanishes by symmetry does not have of itself
    sizes = np.array([plane.size(term) for term in terms])[:, None, None]
    outer = resolve(lambda x: plane.integrands(x) + sizes, np.concatenate(edges), tolerance=TOLERANCE)[0]
    return [float(np.sum(outer.w * values)) for values in outer.values - sizes[..., 0]]


class _Line:
    """Functions of sd z: panels on [-reach, reach] that resolve them all, and their second moments."""

    def __init__(self, phi: Activation, functions: Sequence[Function], sd: float, reach: float) -> None:
        self.functions = functions
        half = scale_edges(1 / sd if sd else np.inf, reach, 2.0)
        kinks = kink_positions(phi, sd) if sd else np.empty(0)
        edges = [*-half, *half, *kinks[np.abs(kinks) < reach]]
        self.rule: Rule
        self.rule, self.edges = resolve(
            lambda z: np.stack([np.broadcast_to(f(sd * z), z.shape) for f in functions]), edges, tolerance=TOLERANCE
        )

    def second_moment(self, f: Function, power: int) -> float:
        """E[f(sd z)^2 z^(2 power)]."""
        values = self.rule.values[self.functions.index(f)]
        return float(np.sum(self.rule.w * values**2 * self.rule.z ** (2 * power)))


class _Plane:
    """The terms at one p, q, r: their sizes, and the integrands in z_1 after the integral over z_2."""

    def __init__(self, phi: Activation, p: float, q: float, r: float, terms: Sequence[Term]) -> None:
        self.p, self.q, self.r, self.terms = p, q, r, terms
        s = float(np.hypot(q, r))
        left, right = list(dict.fromkeys(t.f for t in terms)), list(dict.fromkeys(t.g for t in terms))
        self.reach = max(reach_of(f, phi.growth, sd, start=10.0) for sd, side in ((p, left), (s, right)) for f in side)
        self.left, self.right = _Line(phi, left, p, self.reach), _Line(phi, right, s, self.reach)
        self.features = self.right.edges[1:-1] * s
        self.fixed = np.append(np.arange(-self.reach, self.reach, 2.0), self.reach)

    def size(self, term: Term) -> float:
        """The root of E[f(p z)^2 z^(2i)] E[g(s z)^2] E[z^(2j)]: a bound on the term for j = 0."""
        second = self.left.second_moment(term.f, term.i) * self.right.second_moment(term.g, 0)
        return float(np.sqrt(second * normal_moment(2 * term.j)))

    def integrands(self, x: np.ndarray) -> np.ndarray:
        """f(p x) x^i E[g(q x + r y) y^j] for each term.  *Shapes*: (m, n) -> (terms, m, n)."""
        outside = {f: f(self.p * x) for f in self.left.functions}
        inside = self._inner(x)
        return np.stack([outside[t.f] * x**t.i * inside[t.g, t.j] for t in self.terms])

    def _inner(self, x: np.ndarray) -> dict[tuple[Function, int], np.ndarray]:
        """E[g(q x + r y) y^j] over y, on panels that follow the features of g."""
        wanted = {(t.g, t.j) for t in self.terms}
        if self.r == 0:
            values = {g: g(self.q * x) for g, _ in wanted}
            return {(g, j): values[g] * normal_moment(j) for g, j in wanted}
        moving = np.clip((self.features - self.q * x[..., None]) / self.r, -self.reach, self.reach)
        fixed = np.broadcast_to(self.fixed, (*x.shape, len(self.fixed)))
        y, w = nodes_between(np.sort(np.concatenate([moving, fixed], axis=-1), axis=-1))
        w = w * density(y)
        v = self.q * x[..., None, None] + self.r * y
        weighted = {g: w * g(v) for g, _ in wanted}
        return {(g, j): np.sum(weighted[g] * y**j, axis=(-2, -1)) for g, j in wanted}


def _cluster(centres: np.ndarray, scale: float, reach: float) -> np.ndarray:
    """Edges that double their distance from each centre, from `scale` on, cut to [-reach, reach]."""
    offsets = scale_edges(scale, 2 * reach, 2 * reach) if scale > 0 else np.zeros(1)
    edges = (centres[:, None] + np.concatenate([-offsets, offsets])).ravel()
    return edges[np.abs(edges) <= reach]
