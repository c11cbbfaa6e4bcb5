"""Gradient descent and stochastic gradient descent on |f(W) - y|^2/2 in W, for one network or many at once.

gd:   W+ = W - eta mat(J^T r);      sgd:   W+ = W - eta r_i v phi'(W x_i) x_i^T, one sample i drawn uniformly a step.

A run that is killed goes on from its checkpoint and ends with the bits it would have had (same machine, CPU, one BLAS
thread).   Chapter: moderate-overparameterization.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer

from .bounds import slope_bound, spectral_bound
from .checkpoint import digest
from .data import count, double, host, inputs, labels, like, network
from .descend import Descent
from .jacobian import jacobian_gram
from .run import DIVERGED, Run

METHODS = ("gd", "sgd")


def train(
    net: OneHiddenLayer,
    X: Any,
    y: Any,
    method: str = "gd",
    *,
    step: float | None = None,
    max_iterations: int = 10_000,
    tolerance: float = 1e-10,
    rng: np.random.Generator | int | None = None,
    record_every: int | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 1000,
    progress: bool = True,
) -> Run:
    """The run of `method` ("gd" or "sgd") from `net`; v stays as it is.

    *Shapes*: X (n, d), y (n,), NumPy or torch on any device; computed there.
    step: eta; None: 1/(2 beta^2) for gd, and for sgd alpha^2/(beta^2 b^2), with which the mean square falls.
    tolerance: of the misfit, relative to the first. rng: for sgd. record_every: iterations between two records (gd: 1,
    sgd: n), when the tests for stopping are made too.
    checkpoint: a file, written every checkpoint_every iterations and at the end; where it exists the run goes on from
    it (a longer max_iterations is allowed).
    Raises: ValueError on wrong shapes, unequal lengths, nan, inf, an unknown method, numbers out of range, "sgd"
    without rng, the checkpoint of another task. Warns: UserWarning when step is above the stable limit 2/||J||^2.

    >>> net = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "softplus")
    >>> run = train(net, np.eye(2), [0.3, -0.2], tolerance=1e-6)
    >>> run.reason, run.relative_misfit <= 1e-6
    ('converged', True)
    """
    return train_many(
        [net],
        X,
        y,
        method,
        step=step,
        max_iterations=max_iterations,
        tolerance=tolerance,
        rng=rng,
        record_every=record_every,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        progress=progress,
    )[0]


def train_many(
    nets: Sequence[OneHiddenLayer],
    X: Any,
    y: Any,
    method: str = "gd",
    *,
    step: float | Sequence[float] | None = None,
    max_iterations: int = 10_000,
    tolerance: float = 1e-10,
    rng: np.random.Generator | int | None = None,
    record_every: int | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 1000,
    progress: bool = True,
) -> list[Run]:
    """The runs of several networks of one shape and activation, in batched products; a network that stops leaves.

    *Shapes*: X (n, d) for all, or (B, n, d); y (n,) or (B, n); step one or B of them. Otherwise as `train`.

    >>> nets = [OneHiddenLayer([[1.0, 0.0], [0.0, c]], [1.0, -1.0], "softplus") for c in (1.0, 2.0)]
    >>> [run.reason for run in train_many(nets, np.eye(2), [0.3, -0.2], tolerance=1e-6)]
    ['converged', 'converged']
    """
    nets = _check(nets, method, tolerance, rng)
    data, targets, xp = _data(nets, X, y)
    n = int(data.shape[-2])
    generator = np.random.default_rng(rng) if method == "sgd" else None
    every = count(record_every, "record_every") if record_every is not None else (n if method == "sgd" else 1)
    sizes = _steps(nets, data, method, step)
    W, v = (like(np.stack([getattr(net, name) for net in nets]), data, xp, name) for name in ("W", "v"))
    state = None if generator is None else generator.bit_generator.state
    parts = (host(data), host(targets), host(W), host(v), sizes, nets[0].phi, method, tolerance, every, state)
    descent = Descent(
        phi=nets[0].phi, X=data, y=targets, W=W, v=v, steps=sizes, generator=generator, every=every, tolerance=tolerance
    )
    file = None if checkpoint is None else (checkpoint, digest(*parts), count(checkpoint_every, "checkpoint_every"))
    last = count(max_iterations, "max_iterations")
    descent.go(last, file, progress)
    if descent.iteration > last:
        raise ValueError(
            f"max_iterations is {last}, and checkpoint {checkpoint} is after {descent.iteration}: a run goes on from "
            "its checkpoint, not back; pass as many or more, or another path"
        )
    return [
        Run(
            network=OneHiddenLayer(host(descent.W[b]).astype(float), net.v, net.phi),
            start=net,
            method=method,
            step=float(sizes[b]),
            reason=descent.reasons[b] if np.isfinite(history["misfit"][0]) else DIVERGED,
            **history,
        )
        for b, (net, history) in enumerate(zip(nets, descent.histories(), strict=True))
    ]


def default_step(net: OneHiddenLayer, X: Any, method: str = "gd") -> float:
    """1/(2 beta^2) for "gd", beta = B |v| ||X|| or, where phi' has no bound, 2 ||J_0||; alpha^2/(beta^2 b^2) for "sgd".

    >>> default_step(OneHiddenLayer([[1, 0]], [1], "relu"), np.eye(2))
    0.5
    """
    if method == "gd" and slope_bound(net.phi) is not None:
        beta = spectral_bound(net, X)
        return 1 / (2 * beta**2) if beta else 1.0
    K = host(jacobian_gram(net, double(X)[0]))
    eigenvalues = np.linalg.eigvalsh(K)
    least, largest, row = float(eigenvalues[0]), float(eigenvalues[-1]), float(np.max(np.diag(K)))
    if not largest > 0:
        return 1.0  # J = 0: no step moves anything
    if method == "gd":
        return 1 / (8 * largest)
    # samples fewer than parameters have least > 0; otherwise half the step with which a single sample is fitted
    return least / (largest * row) if least > 1e-9 * largest else 1 / (2 * largest)


def _check(nets: Any, method: str, tolerance: Any, rng: Any) -> list[OneHiddenLayer]:
    if isinstance(nets, OneHiddenLayer):
        raise TypeError("nets is a single network; expected several: pass [net], or call train")
    nets = [network(net) for net in nets]
    if not nets:
        raise ValueError("nets is empty; expected at least one network")
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; expected 'gd' or 'sgd' (gauss_newton is a function of its own)")
    if not (isinstance(tolerance, (int, float)) and 0 <= tolerance < 1):
        raise ValueError(f"tolerance is {tolerance}; expected a number in [0, 1), relative to the first misfit")
    if method == "sgd" and rng is None:
        raise ValueError("rng is None; 'sgd' draws samples: pass a seed or a numpy Generator")
    first = nets[0]
    for net in nets[1:]:
        if (net.k, net.d, net.phi) != (first.k, first.d, first.phi):
            raise ValueError(f"nets holds {net} and {first}; networks trained together share k, d and phi")
    return nets


def _data(nets: Sequence[OneHiddenLayer], X: Any, y: Any) -> tuple[Any, Any, Any]:
    """X (n, d) or (B, n, d), y (B, n)."""
    B, d = len(nets), nets[0].d
    if getattr(X, "ndim", 2) == 3:
        if X.shape[0] != B:
            raise ValueError(f"X has shape {tuple(X.shape)} for {B} networks; expected ({B}, n, {d}) or (n, {d})")
        together = [inputs(x, d=d) for x in X]
        xp = together[0][1]
        data = xp.stack([x for x, _ in together])
    else:
        data, xp = inputs(X, d=d)
    targets = like(y, data, xp, "y")
    if targets.ndim == 2 and targets.shape[0] != B:
        raise ValueError(f"y has shape {tuple(targets.shape)} for {B} networks; expected ({B}, n) or (n,)")
    rows = [labels(t, data if data.ndim == 2 else data[0], xp) for t in (targets if targets.ndim == 2 else [targets])]
    return data, xp.stack(rows if len(rows) == B else rows * B), xp


def _steps(nets: Sequence[OneHiddenLayer], data: Any, method: str, step: Any) -> np.ndarray:
    """The step of each network, with a warning where it is above the stable limit."""
    own = [data if data.ndim == 2 else data[b] for b in range(len(nets))]
    if step is None:
        return np.array([default_step(net, x, method) for net, x in zip(nets, own, strict=True)])
    try:
        sizes = np.array(np.broadcast_to(np.asarray(step, dtype=float), (len(nets),)))
    except (TypeError, ValueError) as error:
        raise ValueError(f"step is {step}; expected positive numbers, one or one for each network") from error
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise ValueError(f"step is {step}; expected positive numbers, one or one for each network")
    for net, x, size in zip(nets, own, sizes, strict=True):
        if _surely_stable(net, x, float(size)):
            continue
        largest = float(np.linalg.eigvalsh(host(jacobian_gram(net, x)))[-1])
        if size * largest > 2:
            warnings.warn(
                f"step is {size:.6g}, above the stable limit 2/||J||^2 = {2 / largest:.6g}; the misfit may grow",
                stacklevel=3,
            )
            break
    return sizes


def _surely_stable(net: OneHiddenLayer, X: Any, step: float) -> bool:
    """step <= 2/||J||^2 by a bound of ||J||: |X| in place of ||X|| first, which costs next to nothing."""
    B = slope_bound(net.phi)
    if B is None:
        return False
    rough = FLOATS.number(B) ** 2 * float(net.v @ net.v) * float((X * X).sum())
    return step * rough <= 2 or step * spectral_bound(net, X) ** 2 <= 2
