"""The loop of gradient descent, on many networks at once: steps, records, tests for stopping, checkpoints.

Chapter: moderate-overparameterization.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from onenn.activations import Activation
from onenn.arrays import Array, value_and_derivative

from . import checkpoint as checkpoints
from .batch import Batch
from .data import host
from .run import BUDGET, CONVERGED, DIVERGED

_RUNNING = ""
_GROWTH = 1e4
"""A misfit of this many times the first one, or |y|, has diverged."""
_BUFFER = 1024
"""Numbers that NumPy takes at once where it repeats an operand: its own 8192 leave the nearest cache, which costs half
the time of such a product."""
_ROUNDING = 1e-5
"""Relative to |y|: with the default tolerance the misfit of a start that meets its labels up to 1e-15 is 0."""


@dataclass(kw_only=True)
class Descent:
    """B networks on their way; X (n, d) or (B, n, d), y (B, n), W (B, k, d), v (B, k), steps (B,)."""

    phi: Activation
    X: Array
    y: Array
    W: Array
    v: Array
    steps: np.ndarray
    generator: np.random.Generator | None
    every: int
    tolerance: float
    iteration: int = 0
    at: list[int] = field(default_factory=list)
    records: list[np.ndarray] = field(default_factory=list)
    """One array (3, B) per entry of `at`: misfit, distance, path; nan for a network that has left."""

    def __post_init__(self) -> None:
        self.xp: Any = array_namespace(self.X)
        self.W0 = self.W
        self.W = self.xp.asarray(self.W, copy=True)
        B = self.W.shape[0]
        self.reasons = [_RUNNING] * B
        self.path = np.zeros(B)

    def go(self, last: int, file: tuple[Any, str, int] | None, progress: bool) -> None:
        """Run until every network has stopped or `last` iterations are done; file: path, digest, interval."""
        from tqdm import tqdm

        if file is not None:
            self._restore(checkpoints.load(file[0], file[1], self.generator))
        if all(self.reasons):
            return
        saved = self.iteration
        with (
            tqdm(total=last, initial=self.iteration, disable=None if progress else True, mininterval=1.0) as bar,
            np.errstate(over="ignore", invalid="ignore"),
        ):
            np.setbufsize(_BUFFER)  # left with the errors' state
            self._activate()
            while True:
                norms, G = self._look()
                if self.at[-1:] != [self.iteration]:
                    self._record(norms)
                running = len(self.active)
                if self._stop(norms[0], last):
                    break
                if len(self.active) < running:
                    norms, G = self._look()
                done = min(self.every, last - self.iteration)
                self._descend(G, norms[2], done) if self.generator is None else self._sample(done)
                self.iteration += done
                bar.update(done)
                if file is not None and self.iteration - saved >= file[2]:
                    saved = self.iteration
                    self._save(file)
        self._put_back()
        if file is not None:
            self._save(file)

    def histories(self) -> list[dict[str, Any]]:
        """The history of each network, up to where it stopped."""
        at, together = np.array(self.at), np.array(self.records).transpose(2, 1, 0)
        found = []
        for table in together:
            kept = ~np.isnan(table[2])  # the path of a network that has left is nan; a misfit may have overflowed
            misfit, distance, path = table[:, kept]
            here = at[kept]
            found.append(
                {"at": here, "misfit": misfit, "distance": distance, "path": path, "iterations": int(here[-1])}
            )
        return found

    def _activate(self) -> None:
        """Gather the networks that are still running."""
        self.active = np.flatnonzero([reason == _RUNNING for reason in self.reasons])
        index = self.xp.asarray(self.active)
        X = self.X if self.X.ndim == 2 else self.X[index]
        eta = self.xp.asarray(self.steps[self.active], dtype=self.W.dtype)
        self.batch = Batch(self.phi, self.v[index], X, self.y[index], eta)
        self.w, self.w0, self.length = self.W[index], self.W0[index], self.path[self.active]
        if self.batch.on_numpy:
            self.w, self.w0 = self.batch.room.copy(self.w), self.batch.room.copy(self.w0)
        if self.records:
            self._bounds()

    def _bounds(self) -> None:
        """The misfits at which a run has converged, and has diverged."""
        first, size = self.records[0][0, self.active], np.linalg.norm(host(self.batch.y), axis=1)
        # labels that are met at the start up to rounding are met
        self.low = self.tolerance * np.maximum(first, _ROUNDING * size)
        self.high = _GROWTH * np.maximum(first, size)

    def _put_back(self) -> None:
        self.W[self.xp.asarray(self.active)] = self.w
        self.path[self.active] = self.length

    def _look(self) -> tuple[np.ndarray, Array]:
        """Misfit, distance from the start and length of the next step (3, B), and that step (B, k, d)."""
        r, G = self.batch.residuals_and_steps(self.w)
        squares = np.empty((3, len(self.active)))
        if self.batch.on_numpy:
            np.subtract(self.w, self.w0, out=self.batch.moved)
            np.vecdot(r, r, out=squares[0])
            np.vecdot(self.batch.rows, self.batch.rows, out=squares[1:])
        else:
            squares[:] = [_squares(a) for a in (r, self.w - self.w0, G)]
        return np.sqrt(squares, out=squares), G

    def _record(self, norms: np.ndarray) -> None:
        """Misfit, distance and path so far."""
        record = norms.copy()
        record[2] = self.length
        if len(self.active) < len(self.reasons):
            together, record = record, np.full((3, len(self.reasons)), np.nan)
            record[:, self.active] = together
        self.at.append(self.iteration)
        self.records.append(record)
        if len(self.at) == 1:
            self._bounds()

    def _stop(self, misfit: np.ndarray, last: int) -> bool:
        """Mark the networks that are finished; whether all are."""
        if self.iteration < last and np.count_nonzero((misfit > self.low) & (misfit <= self.high)) == len(misfit):
            return False
        small, large = misfit <= self.low, ~(misfit <= self.high)
        self._put_back()
        for b, converged, diverged in zip(self.active, small, large, strict=True):
            if converged or diverged or self.iteration >= last:
                self.reasons[b] = CONVERGED if converged else DIVERGED if diverged else BUDGET
        if all(self.reasons):
            return True
        self._activate()
        return False

    def _descend(self, G: Array, length: np.ndarray, done: int) -> None:
        """`done` steps, the first of them G, this long."""
        for i in range(done):
            if i:
                _, G = self.batch.residuals_and_steps(self.w)
                length = np.sqrt(_squares(G))
            self.w -= G
            self.length += length

    def _sample(self, done: int) -> None:
        """`done` steps with one sample each; the samples of all are drawn first, whoever still runs."""
        assert self.generator is not None
        n = self.batch.y.shape[1]
        drawn = self.generator.integers(n, size=(done, len(self.reasons)))[:, self.active]
        rows = np.arange(len(self.active))
        X, y, v, back = self.batch.X, self.batch.y, self.batch.v, self.batch.back
        for i in drawn:
            x = X[self.xp.asarray(i)] if X.ndim == 2 else X[self.xp.asarray(rows), self.xp.asarray(i)]
            z = (self.w @ x[:, :, None])[:, :, 0]
            value, slopes = value_and_derivative(self.phi, z)
            r = self.xp.sum(value * v, axis=1) - y[self.xp.asarray(rows), self.xp.asarray(i)]
            G = (slopes * r[:, None])[:, :, None] * back * x[:, None, :]
            self.w -= G
            self.length += np.sqrt(_squares(G))

    def _save(self, file: tuple[Any, str, int]) -> None:
        self._put_back()
        arrays = {
            "W": host(self.W),
            "path": self.path,
            "iteration": np.array(self.iteration),
            "at": np.array(self.at),
            "records": np.array(self.records),
            "reasons": np.array(self.reasons),
        }
        checkpoints.save(file[0], file[1], arrays, self.generator)

    def _restore(self, arrays: dict[str, np.ndarray] | None) -> None:
        if arrays is None:
            return
        self.W = self.xp.asarray(arrays["W"], dtype=self.W.dtype, device=getattr(self.W, "device", None))
        self.path, self.iteration = arrays["path"].copy(), int(arrays["iteration"])
        self.at, self.records = arrays["at"].tolist(), list(arrays["records"])
        # the budget may have grown since
        self.reasons = [_RUNNING if reason == BUDGET else str(reason) for reason in arrays["reasons"]]


def _squares(a: Array) -> np.ndarray:
    """The sum of squares of each network's entries, in memory."""
    if isinstance(a, np.ndarray):
        flat = a if a.ndim == 2 else a.reshape(len(a), -1)
        return np.vecdot(flat, flat)
    return host((a * a).reshape(a.shape[0], -1).sum(1)).astype(float)
