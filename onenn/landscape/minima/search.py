"""Critical points with one odd unit from random starts, in doubles: what there is to certify.

Chapter: spurious-minima."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS

from .levels import invariant_block, multiplicities, standard_block, two_numbers
from .one_odd_unit import OneOddUnit
from .symmetric import newton_one_odd_unit


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """A critical point of a search: its numbers, how many starts led to it, its risk, its negative eigenvalues."""

    numbers: np.ndarray
    starts: int
    loss: float
    negative: int


def search_one_odd_unit(
    k: int, phi: Activation | str, *, starts: int, rng: np.random.Generator | int, steps: int = 40
) -> tuple[list[Found], int]:
    """The critical points with one odd unit that Newton's method finds, by risk, and the starts that ended at none.

    Starts (A, B, C, D, E) are normal around (1/2, 0, 0, 0, 0); points count as one to six decimals.

    >>> found, lost = search_one_odd_unit(6, "relu", starts=3, rng=0)
    >>> sum(point.starts for point in found) + lost
    3
    """
    phi, rng = activation(phi), np.random.default_rng(rng)
    net, found, lost = OneOddUnit(phi, k, FLOATS), {}, 0
    for _ in range(starts):
        start = rng.normal(size=5) * [1, 0.3, 0.5, 1, 0.5] + [0.5, 0, 0, 0, 0]
        try:
            with np.errstate(all="ignore"):
                p = newton_one_odd_unit(k, phi, start, steps=steps)
                flat = np.abs(net.gradient(p)).max() < 1e-9 and np.abs(p).max() < 10
        except (ValueError, np.linalg.LinAlgError):
            flat, p = False, start
        if not flat:
            lost += 1
            continue
        key = tuple(np.round(p, 6) + 0.0)
        found[key] = (p, found.get(key, (p, 0))[1] + 1)
    points = [
        Found(numbers=p, starts=n, loss=float(net.risk(p)), negative=_negative(net, p)) for p, n in found.values()
    ]
    return sorted(points, key=lambda point: point.loss), lost


def _negative(net: OneOddUnit, p: np.ndarray) -> int:
    h = net.hessian(p)
    once, often, symmetric, antisymmetric = multiplicities(net.k)
    first, second = (np.linalg.eigvalsh(block(net, h).astype(float)) for block in (invariant_block, standard_block))
    values = np.concatenate([first, second, two_numbers(h)])
    counts = np.array([once] * 5 + [often] * 5 + [symmetric, antisymmetric])
    return int(np.sum(counts[values < -1e-9]))
