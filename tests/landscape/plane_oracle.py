"""Expectations of functions of two linear forms by polar coordinates in their plane, which the package does not use.

E h(w.x, u.x) x x^T:  x = (r cos t, r sin t, rest) in an orthonormal frame of span(w, u);  Gauss-Legendre in r on
[0, 14] and in t between the rays where w.x or u.x is 0, so that functions with a kink at 0 are smooth on every panel.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

_rule = cache(np.polynomial.legendre.leggauss)


def _frame(w, u):
    """Orthonormal e_1, e_2 whose span holds w and u."""
    e1 = w / np.linalg.norm(w)
    rest = u - (u @ e1) * e1
    if np.linalg.norm(rest) < 1e-12 * np.linalg.norm(u):
        rest = np.eye(len(w))[np.argmin(np.abs(e1))]
        rest = rest - (rest @ e1) * e1
    return e1, rest / np.linalg.norm(rest)


def _nodes(a, b, n):
    x, weight = _rule(n)
    return (a + b) / 2 + (b - a) / 2 * x, (b - a) / 2 * weight


def plane_moments(h, w, u):
    """E h(w.x, u.x), the vector E h x and the matrix E h x x^T, for w and u in dimension >= 2."""
    e = np.array(_frame(w, u))
    rays = [np.arctan2(e[1] @ x, e[0] @ x) + s * np.pi / 2 for x in (w, u) for s in (1, 3)]
    rays = np.sort(np.mod(rays, 2 * np.pi))
    rays = np.append(rays, rays[0] + 2 * np.pi)
    t, t_weight = (np.concatenate(part) for part in zip(*(_nodes(a, b, 60) for a, b in pairwise(rays)), strict=True))
    r, r_weight = _nodes(0.0, 14.0, 160)
    r_weight = r_weight * r * np.exp(-r * r / 2) / (2 * np.pi)
    direction = np.cos(t)[:, None] * e[0] + np.sin(t)[:, None] * e[1]
    values = h(np.outer(direction @ w, r), np.outer(direction @ u, r)) * np.outer(t_weight, r_weight)
    inside = np.eye(len(w)) - e.T @ e
    second = direction.T @ ((values @ (r * r))[:, None] * direction) + values.sum() * inside
    return values.sum(), (values @ r) @ direction, second
