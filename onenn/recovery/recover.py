"""recover: the network behind samples y = sum_i v_i phi(w_i . x) + noise, with the evidence that it is the one.

Tensor initialisation, then many starts in the k-dimensional subspace, then random ones; each by Levenberg-Marquardt on
a part of the samples, the best by Gauss-Newton on all of them.   Chapter: global-recovery.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from onenn.activations import Activation, activation
from onenn.arrays import Array
from onenn.network import OneHiddenLayer

from .data import check_units, host
from .doubts import data_doubts, distinct_rows, error_doubts, network_doubts
from .entries import check_finite, generator, real_array, real_pair
from .fisher import standard_errors
from .gauss_newton import gauss_newton
from .input_moments import input_moments
from .normal_form import normal_form
from .record import Attempt, Recovery, RecoveryWarning, Stop
from .search import Search

_SIZES = 1e-100, 1e100
"""Of the largest entry of X; beyond them squares leave the range of floats."""

_PER_PARAMETER = 20
"""Samples of the search for each parameter: more do not help a start, and the refinement sees them all."""


def recover(
    X: Array,
    y: Array,
    k: int,
    phi: Activation | str,
    *,
    rng: np.random.Generator | int,
    v: Any = None,
    noise: float | None = None,
    starts: int = 20,
    restarts: int = 60,
) -> Recovery:
    """The network of k units behind the samples, and how sure that is.

    *Shapes*: X (n, d), about N(0, I); y (n,): NumPy arrays, or torch tensors on any device. At most 20 k(d + 1) samples
    (500 where that is more) are copied to the host for the search; the refinement on all of them runs where they are.
    v: None to recover v as well, or its k values, in any order. noise: the standard deviation of y given x; 0 accepts a
    zero residual only; None estimates it, and residuals count as noise when they pass `lack_of_fit`.
    starts: starts in the subspace (0 leaves it out, and the tensor start stays); restarts: starts in all of R^d, the
    last resort. The network is in normal form (`normal_form`) where v is not given.  *Law*: same rng, same result.
    Raises: ValueError on k > d, constant y, nan or inf, an activation that is a polynomial of degree <= 2; TypeError on
    blocks of samples (they are for `tensor_initialize`), complex numbers and strings.
    Warns: `RecoveryWarning` with each doubt: n < k(d + 1), inputs that are not N(0, I), a residual that is neither zero
    nor noise, units that are zero or nearly parallel, parameters that the samples do not determine.
    Source: alg-recover.

    >>> from onenn import match, random_teacher
    >>> teacher = random_teacher(2, 5, "relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((60, 5))
    >>> found = recover(X, teacher.predict(X), 2, "relu", rng=0)
    >>> found.certain, match(found.network, teacher).relative_error < 1e-12
    (True, True)
    """
    phi = activation(phi)
    X, y = _arrays(X, y)
    d = int(X.shape[1])
    k = check_units(k, d)
    _check_activation(phi)
    weights = _check_weights(v, k)
    _check_numbers(noise, starts, restarts)
    zero = max(_resolution(X), _resolution(y)) ** (2 / 3)
    X, y = _floating(X), _floating(y)
    for name, array in (("X", X), ("y", y)):
        check_finite(name, array)
    rng = generator(rng)
    n = int(X.shape[0])
    part = _choose(n, max(_PER_PARAMETER * k * (d + 1), 500), rng)
    x, t = host(_rows(X, part)), host(_rows(y, part))
    largest = float(np.max(np.abs(t)))
    spread = largest * float(np.std(t / largest)) if largest > 0 else 0.0
    if not spread > 1e-13 * largest:
        raise ValueError(f"y is constant, {t[0]:.6g} on {len(t)} sample(s); targets that do not vary determine no W")
    if not _SIZES[0] < (size := float(np.max(np.abs(x)))) < _SIZES[1]:
        raise ValueError(f"the largest entry of X is {size:.3g}; expected inputs about N(0, I): scale X")
    moments = input_moments(x)
    unscale = np.eye(d) if moments.standard else _whitener(x)
    few = distinct_rows(x, k * (d + 1) - 1)
    distinct = None if few is None else len(few)
    doubts = data_doubts(n, d, k, moments, int(np.linalg.matrix_rank(unscale)), distinct=distinct)
    search = Search(
        phi, k, x if moments.standard else x @ unscale, t / spread, zero=zero,
        noise=None if noise is None else noise / spread, rng=rng,
    )  # fmt: skip
    search.run(starts, restarts)
    assert search.W is not None and search.v is not None
    start = normal_form(OneHiddenLayer(search.W @ unscale.T, search.v, phi))
    if weights is not None:
        start = _with_weights(start, weights / spread)
    found = _refined(search, start, X, y, spread=spread, doubts=doubts, weights=weights)
    for doubt in found.doubts:
        warnings.warn(doubt, RecoveryWarning, stacklevel=2)
    return found


def _refined(
    search: Search, start: OneHiddenLayer, X: Array, y: Array, *, spread: float, doubts: list[str], weights: Any
) -> Recovery:
    """The record of the start (for targets of spread 1), refined on all samples; weights: v where it was given."""
    train_v = weights is None and not start.phi.homogeneity
    n, p = int(X.shape[0]), start.k * (start.d + train_v)
    refined = gauss_newton(start, X, y / spread, train_v=train_v, target=(1e-4 * search.zero) ** 2)
    network, residual = refined.network, spread * math.sqrt(refined.mean_square)
    if weights is None:
        network = normal_form(OneHiddenLayer(network.W, network.v * spread, network.phi))
    else:
        network = OneHiddenLayer(network.W, weights, network.phi)
    zero = residual <= search.zero * spread
    stop = Stop.ZERO_RESIDUAL if zero else search.stop
    if stop is Stop.ZERO_RESIDUAL and not zero:
        stop = Stop.EXHAUSTED
    if search.noise is not None:
        sigma = search.noise * spread
    else:
        sigma = 0.0 if zero or n <= p else residual * math.sqrt(n / (n - p))
    floor = sigma * math.sqrt(max(n - p, 0) / n)
    if stop is Stop.EXHAUSTED:
        doubts = [*doubts, search.why_not(residual, spread)]
    few = _rows(X, _choose(n, 4 * len(search.y), search.rng))
    doubts = [*doubts, *network_doubts(network, few, train_v=train_v)]
    last = Attempt(route="all samples", starts=1, steps=refined.steps, residual=residual / spread)
    noisy = sigma > 0 and not zero and n > p
    errors = standard_errors(network, X, sigma, train_v=train_v) if noisy else None
    if errors is not None:
        doubts += error_doubts(network, errors)
    if search.noise is not None and residual < (1 - 4 / math.sqrt(2 * max(n - p, 1))) * floor:
        doubts.append(
            f"the residual {residual:.3g} is far below the noise {sigma:.3g} that was given: is it that large?"
        )
    return Recovery(
        network=network, converged=stop is not Stop.EXHAUSTED, stop=stop, route=search.route, residual=residual,
        spread=spread, noise=sigma, noise_known=search.noise is not None,
        floor_ratio=residual / floor if floor > 0 else math.nan, p_value=search.p_value, parameters=p, samples=n,
        searched=len(search.y), doubts=tuple(doubts),
        standard_errors=errors,
        history=(*search.history, last),
    )  # fmt: skip


def _with_weights(network: OneHiddenLayer, v: np.ndarray) -> OneHiddenLayer:
    """The units given the weights v in the closest order, scaled where phi allows it."""
    from scipy.optimize import linear_sum_assignment

    q = network.phi.homogeneity
    if q:
        cost = (np.sign(network.v)[:, None] * np.sign(v)[None] < 0) * np.linalg.norm(network.W, axis=1)[:, None]
    else:
        cost = np.abs(network.v[:, None] - v[None])
    units, places = linear_sum_assignment(cost)
    W = np.empty_like(network.W)
    W[places] = network.W[units]
    return OneHiddenLayer(W / (np.abs(v) ** (1 / q))[:, None] if q else W, v, network.phi)


def _check_activation(phi: Activation) -> None:
    from onenn.gaussian import T

    if abs(float(T(phi, 1, 1.0))) <= 1e-13:
        raise ValueError(
            f"phi is {phi.name}, a polynomial of degree at most 2: many W give the same function, and no data tell "
            "them apart; choose an activation with T1 > 0 (see onenn.gaussian.T)"
        )


def _check_weights(v: Any, k: int) -> np.ndarray | None:
    if v is None:
        return None
    v = np.asarray(real_array("v", v), dtype=float)
    if v.shape != (k,) or not np.isfinite(v).all() or not np.all(v != 0):
        raise ValueError(f"v is {v.tolist()}; expected {k} finite nonzero weights, or None to recover them")
    return v


def _check_numbers(noise: float | None, starts: int, restarts: int) -> None:
    numbers = (int, float, np.integer, np.floating)
    if noise is not None and (
        isinstance(noise, bool) or not isinstance(noise, numbers) or not (np.isfinite(noise) and noise >= 0)
    ):
        raise ValueError(f"noise is {noise!r}; expected a standard deviation >= 0, or None to estimate it")
    for name, value in (("starts", starts), ("restarts", restarts)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"{name} is {value!r}; expected a number of starts, an int >= 0")
    if starts == 0 and restarts == 0:
        raise ValueError("starts and restarts are both 0; the tensor start alone may not exist, so allow some")


def _arrays(X: Any, y: Any) -> tuple[Any, Any]:
    if y is None:
        raise TypeError(
            "y is None; recover takes arrays X (n, d) and y (n,), which it reads at random: blocks that do not fit in "
            "memory are for tensor_initialize"
        )
    return real_pair(X, y)


def _floating(array: Any) -> Array:
    """An array or tensor as it is in single and double precision; integers and all else as float64."""
    array = array.detach() if hasattr(array, "detach") else array
    xp = array_namespace(array)
    return array if array.dtype in (xp.float32, xp.float64) else xp.astype(array, xp.float64)


def _resolution(array: Any) -> float:
    """The relative spacing of the numbers: float32 targets are no closer to a network than their rounding."""
    coarse = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
    return coarse.get(str(array.dtype).rpartition(".")[2], 2.0**-52)


def _whitener(X: np.ndarray) -> np.ndarray:
    """C^(-1/2), C = X^T X/n: the inputs X C^(-1/2) have second moments I; 0 on directions without inputs."""
    eigenvalues, vectors = np.linalg.eigh(X.T @ X / len(X))
    kept = eigenvalues > 1e-12 * eigenvalues[-1]
    return (vectors * np.where(kept, 1 / np.sqrt(np.where(kept, eigenvalues, 1.0)), 0.0)) @ vectors.T


def _choose(n: int, most: int, rng: np.random.Generator) -> np.ndarray | None:
    return None if n <= most else np.sort(rng.choice(n, most, replace=False))


def _rows(array: Array, rows: np.ndarray | None) -> Array:
    """The rows of an array or tensor, where it is; all of them for None."""
    if rows is None:
        return array
    return array[rows] if isinstance(array, np.ndarray) else array[rows.tolist()]
