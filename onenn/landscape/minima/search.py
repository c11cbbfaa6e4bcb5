"""Critical points and minima from random starts, in doubles: what there is to certify.

With one odd unit by Newton's method, which finds saddles too; without any symmetry by steps within a trust region,
which go down at each step and so end at minima, or nowhere.   Chapter: spurious-minima."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer

from ..population import gradient, hessian
from ..risk import risk
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Search:
    """What a search for minima found: starts that ended at the teacher, at other minima W (found, k, k), at none."""

    recovered: int
    minima: np.ndarray
    losses: np.ndarray
    lost: int


def search_minima(
    k: int,
    phi: Activation | str,
    *,
    starts: int,
    rng: np.random.Generator | int,
    scale: float = 1.0,
    steps: int = 200,
) -> Search:
    """Minima of the risk of k units at the teacher e_1, ..., e_k, v = 1, from W ~ N(0, scale^2/k) entries.

    Newton's steps within a trust region (scipy's "trust-exact"), at most `steps`. Recovered: a risk below 1e-7. A
    minimum: a gradient below 1e-7 there and a Hessian without eigenvalue below -1e-9.
    Raises: ValueError for k < 1, starts < 1 or scale <= 0.

    >>> found = search_minima(3, "erf", starts=3, rng=0)
    >>> found.recovered, len(found.minima), found.lost
    (3, 0, 0)
    """
    from scipy.optimize import minimize

    if k < 1 or starts < 1 or not scale > 0:
        raise ValueError(f"k is {k}, starts is {starts} and scale is {scale}; expected k, starts >= 1 and scale > 0")
    phi, rng, ends = activation(phi), np.random.default_rng(rng), []
    teacher = OneHiddenLayer(np.eye(k), np.ones(k), phi)

    def student(w: np.ndarray) -> OneHiddenLayer:
        return OneHiddenLayer(w.reshape(k, k), np.ones(k), phi)

    def slopes(w: np.ndarray) -> np.ndarray:
        return gradient(student(w), teacher).ravel()

    for _ in range(starts):
        end = minimize(
            lambda w: risk(student(w), teacher),
            scale * rng.normal(size=k * k) / np.sqrt(k),
            jac=slopes,
            hess=lambda w: hessian(student(w), teacher),
            method="trust-exact",
            options={"gtol": 1e-9, "maxiter": steps},
        )
        ends.append(end.x)
    losses = np.array([risk(student(w), teacher) for w in ends])
    minimal = np.array([loss > 1e-7 and _is_minimal(student(w), teacher) for w, loss in zip(ends, losses, strict=True)])
    W = np.array(ends).reshape(starts, k, k)[minimal]
    recovered = int(np.sum(losses <= 1e-7))
    return Search(recovered=recovered, minima=W, losses=losses[minimal], lost=starts - recovered - len(W))


def _is_minimal(student: OneHiddenLayer, teacher: OneHiddenLayer) -> bool:
    if np.linalg.norm(gradient(student, teacher)) > 1e-7:
        return False
    return bool(np.linalg.eigvalsh(hessian(student, teacher))[0] > -1e-9)
