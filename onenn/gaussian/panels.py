"""Gaussian expectations by Gauss-Legendre rules on panels that follow the function:  E[f(z)] = sum_i w_i f(z_i).

Panels start geometrically around 0, at the scale 1/sigma on which f(z) = phi(sigma z) varies, with an edge at every
kink, and are halved until the Legendre coefficients of f have died out on each.   Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..activations import Activation, Growth
from ..contexts import FLOATS

NODES = 20
ROUNDS = 60
"""Halvings at most: a jump that was not declared as a kink is then located to the last bit."""

Function = Callable[[np.ndarray], np.ndarray]


@cache
def _legendre() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes and weights on [-1, 1], and the matrix from values there to the last two Legendre coefficients."""
    t, w = np.polynomial.legendre.leggauss(NODES)
    basis = np.polynomial.legendre.legvander(t, NODES - 1)[:, -2:]
    return t, w, basis * w[:, None] * (2 * np.arange(NODES - 2, NODES) + 1) / 2


def nodes_between(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and Lebesgue weights between neighbouring edges.  *Shapes*: (..., m) -> (..., m - 1, NODES)."""
    t, w, _ = _legendre()
    low, high = edges[..., :-1, None], edges[..., 1:, None]
    half = (high - low) / 2
    return (low + high) / 2 + half * t, half * w


def density(z: np.ndarray) -> np.ndarray:
    """The standard normal density."""
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Rule:
    """Nodes, weights (the normal density included) and the values of f there.  *Shapes*: (m,), (m,), (..., m)."""

    z: np.ndarray
    w: np.ndarray
    values: np.ndarray


def resolve(f: Function, edges: Iterable[float], *, tolerance: float = 1e-14) -> tuple[Rule, np.ndarray]:
    """A rule on panels fine enough for f, and their edges.

    f maps nodes (m, NODES) to values (..., m, NODES). A panel is halved while its last Legendre coefficients, times
    its mass, exceed `tolerance` E|f|.
    """
    last = _legendre()[2]
    panels = np.unique(np.asarray(list(edges), dtype=float))
    pending = np.stack([panels[:-1], panels[1:]], axis=-1)
    done_edges: list[np.ndarray] = []
    done: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    size = None
    for round_ in range(ROUNDS):
        z, w = nodes_between(pending)
        z, w = z[:, 0], w[:, 0]
        w = w * density(z)
        values = f(z)
        if size is None:
            size = np.sum(np.abs(values) * w, axis=(-2, -1))[..., None]
        rest = np.sum(np.abs(values @ last), axis=-1) * np.sum(w, axis=-1)
        with np.errstate(invalid="ignore"):
            coarse = np.any((rest > tolerance * size).reshape(-1, len(pending)), axis=0)
        if round_ == ROUNDS - 1:
            coarse[:] = False
        fine = ~coarse
        done.append((z[fine], w[fine], values[..., fine, :]))
        done_edges.append(pending[fine])
        if not coarse.any():
            break
        low, high = pending[coarse].T
        middle = (low + high) / 2
        pending = np.concatenate([np.stack([low, middle], axis=-1), np.stack([middle, high], axis=-1)])
    z, w = (np.concatenate([part[i] for part in done]).ravel() for i in (0, 1))
    values = np.concatenate([part[2] for part in done], axis=-2)
    return Rule(z, w, values.reshape(*values.shape[:-2], -1)), np.unique(np.concatenate(done_edges))


def scale_edges(scale: float, reach: float, width: float) -> np.ndarray:
    """Edges on [0, reach]: 0, scale, 2 scale, 4 scale, ... and multiples of `width`."""
    doublings = int(np.ceil(np.log2(max(reach / scale, 1))))
    edges = np.concatenate([[0.0], scale * 2.0 ** np.arange(doublings), np.arange(0, reach, width), [reach]])
    return np.unique(edges[edges <= reach])


def kink_positions(phi: Activation, sigma: float) -> np.ndarray:
    """Where phi(sigma z) has its kinks."""
    return np.array([FLOATS.number(k) for k in phi.kinks], dtype=float) / sigma


def reach_of(f: Function, growth: Growth | None, sigma: float, *, start: float) -> float:
    """How far out f(sigma z)^2 still matters against the normal density.

    Raises: OverflowError naming sigma when it matters everywhere in the range of a double.
    """
    if growth is not None:
        return start + 2 * sigma * FLOATS.number(growth.rate)
    reach = start
    while True:  # nothing is known of the growth: look at the ends
        z = np.array([1.0, reach])
        with np.errstate(over="ignore", invalid="ignore"):
            middle, end = (np.abs(f(sigma * z)) ** 2 + np.abs(f(-sigma * z)) ** 2) * density(z)
        if end <= 1e-20 * middle or end < 1e-40:
            return reach
        reach += 3
        if not np.isfinite(end) or reach > 37:  # the density underflows
            raise OverflowError(f"sigma is {sigma:g}: phi grows too fast for double precision; lower sigma")


def half_line_rule(phi: Activation, f: Function, sigma: float, *, power: int = 0) -> Rule:
    """A rule on z > 0 for moments of degree up to `power`; its values are f(sigma z), f(-sigma z).  *Shapes*: (2, m).

    Pairing z with -z keeps odd moments of a nearly even function accurate, and those of an even one exactly 0.
    """
    reach = reach_of(f, phi.growth, sigma, start=14 + np.sqrt(power))
    edges = np.concatenate([scale_edges(1 / sigma, reach, 1.0), np.abs(kink_positions(phi, sigma))])
    return resolve(lambda z: np.stack([f(sigma * z), f(-sigma * z)]), edges[edges <= reach])[0]
