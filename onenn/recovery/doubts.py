"""What speaks against a recovered network: too few samples, inputs that are not N(0, I), units that are not needed.

Each doubt is a sentence that says what was seen and what to do.   Chapter: global-recovery.
"""

from __future__ import annotations

import numpy as np

from onenn.arrays import Array
from onenn.network import OneHiddenLayer

from .data import host
from .fisher import StandardErrors, jacobian, jacobian_rank
from .input_moments import InputMoments
from .normal_form import flippable

PARALLEL = 1e-6
"""Units with 1 - |cosine| below this, or smaller than this times the largest, are suspected not to exist."""

SPARE = 4
"""Units shorter than so many standard errors may be noise: spare ones had about two of them, and at most 3.1."""


def data_doubts(n: int, d: int, k: int, moments: InputMoments, rank: int, *, distinct: int | None = None) -> list[str]:
    """Doubts about n samples in dimension d for k units, with inputs of these moments and this rank.

    distinct: how many of them differ in x; None for k(d + 1) or more. What is said twice is one equation.

    >>> from onenn.recovery.input_moments import input_moments
    >>> X = np.random.default_rng(0).standard_normal((10, 4))
    >>> data_doubts(10, 4, 3, input_moments(X), 4)
    ['n = 10 is below the information limit k(d + 1) = 15: many networks fit; take more samples']
    """
    doubts = []
    if n < k * (d + 1):
        limit = k * (d + 1)
        doubts.append(
            f"n = {n} is below the information limit k(d + 1) = {limit}: many networks fit; take more samples"
        )
    elif distinct is not None and distinct < k * (d + 1):
        doubts.append(
            f"only {distinct} of the rows of X differ, below the information limit k(d + 1) = {k * (d + 1)}: many "
            "networks fit; take other samples"
        )
    if complaints := moments.complaints():
        doubts.append(
            f"X is not N(0, I): {', '.join(complaints)}; the initialiser assumes N(0, I), least squares do not, so "
            "judge by the residual"
        )
    if rank < d:
        doubts.append(f"X has rank {rank} < d = {d}: W is determined on the span of the rows of X only; drop columns")
    return doubts


def network_doubts(network: OneHiddenLayer, X: Array, *, train_v: bool) -> list[str]:
    """Doubts about the units: zero, parallel, or not determined by the inputs X (n, d).

    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> network_doubts(OneHiddenLayer([[1.0, 2.0], [0.0, 0.0]], [1.0, 1.0], "relu"), X, train_v=False)[0]
    '1 of 2 units are zero: k may be too large'
    """
    doubts = []
    lengths = np.linalg.norm(network.W, axis=1)
    sizes = np.abs(network.v) * lengths ** (network.phi.homogeneity or 1)
    if zero := int(np.sum(sizes < PARALLEL * sizes.max())):
        doubts.append(f"{zero} of {network.k} units are zero: k may be too large")
    unit = network.W / np.maximum(lengths, np.finfo(float).tiny)[:, None]
    cosines = np.abs(unit @ unit.T) - np.eye(network.k)
    if network.k > 1 and cosines.max() > 1 - PARALLEL:
        i, j = sorted(int(a) for a in np.unravel_index(np.argmax(cosines), cosines.shape))
        doubts.append(f"units {i} and {j} are parallel: they may be one unit, and k too large")
    if turned := flippable(network):
        doubts.append(f"units {turned} can be replaced by -w, -v all at once, as their v sum to 0: both networks fit")
    p = network.k * (network.d + train_v)
    rank = jacobian_rank(network, X, train_v=train_v)
    if rank < p:
        doubts.append(f"the samples determine {rank} of {p} parameters at this network: others fit as well")
    elif (alone := _unchecked(network, X, train_v=train_v)) > 0:
        doubts.append(
            f"{alone} samples are all that determines some weights, and no other checks them: a second network may fit "
            "as well; take more samples"
        )
    return doubts


def _unchecked(network: OneHiddenLayer, X: Array, *, train_v: bool) -> int:
    """The samples of leverage 1: without one of them the rank of J falls, so that any value of it can be fitted.

    Of samples at one x, which share their leverage, one; 0 where there are more than six for each parameter.
    """
    rows = distinct_rows(host(X), 6 * network.k * (network.d + train_v))
    if rows is None:
        return 0
    J = host(jacobian(network, rows, train_v=train_v))
    Q, _ = np.linalg.qr(J / np.maximum(np.linalg.norm(J, axis=0), np.finfo(float).tiny))
    return int(np.sum(np.sum(Q * Q, axis=1) > 1 - 1e-9))


def distinct_rows(X: np.ndarray, most: int) -> np.ndarray | None:
    """The distinct rows of X (n, d), or None where there are more than `most`.

    Samples mostly differ in their first coordinate already, and a column is sorted a hundred times as fast as rows.

    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    >>> distinct_rows(X, 2).tolist(), distinct_rows(X, 1)
    ([[1.0, 2.0], [3.0, 4.0]], None)
    """
    if len(np.unique(X[:, 0])) > most:
        return None
    rows = np.unique(X, axis=0)
    return rows if len(rows) <= most else None


def error_doubts(network: OneHiddenLayer, errors: StandardErrors) -> list[str]:
    """Doubts about units that noise alone could have made, as those of a fit to pure noise.

    >>> from onenn.recovery.fisher import standard_errors
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> network = OneHiddenLayer([[1.0, 2.0], [0.1, 0.0]], [1.0, 1.0], "relu")
    >>> error_doubts(network, standard_errors(network, X, 0.5))
    ['unit 1 has the length 0.1 and the standard error 0.33: it may be noise, and k too large']
    """
    lengths, spreads = np.linalg.norm(network.W, axis=1), np.linalg.norm(errors.W, axis=1)
    return [
        f"unit {i} has the length {lengths[i]:.2g} and the standard error {spreads[i]:.2g}: it may be noise, "
        "and k too large"
        for i in np.flatnonzero(spreads > lengths / SPARE)
    ]
