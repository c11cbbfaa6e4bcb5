"""What every descent writes down: the risk, the gradient and the distance at each iterate, and why it stopped.

Chapter: local-convergence.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer

from .objectives import Objective

CONVERGED, BUDGET, DIVERGED, STALLED = "converged", "step budget", "diverged", "stalled"

_GROWTH = 100
"""A risk this many times the largest of the first ten counts as divergence; a stable step lets it grow by no factor."""

_DELAY = 2.0
"""Seconds before a progress bar appears, where the output is a terminal."""


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """One entry for each iterate, the start included: arrays (steps + 1,).

    distance: |W - W*|_F to the given teacher, units in their given order (see onenn.match); None without a teacher.
    seconds: since the start of the run. damping: of the step that led here; None for methods without.
    """

    risk: np.ndarray
    gradient_norm: np.ndarray
    distance: np.ndarray | None
    seconds: np.ndarray
    damping: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Descent:
    """The end of a descent.

    network: the last iterate, the best one for a run that diverged. steps: how many were taken.
    reason: "converged" (gradient norm <= tolerance), "step budget", "diverged" (the risk grew a hundredfold or beyond
    all numbers) or "stalled" (no step lowers the risk further); advice: what to do about it, "" when it converged.
    """

    network: OneHiddenLayer
    reason: str
    advice: str
    history: History
    steps: int

    @property
    def converged(self) -> bool:
        return self.reason == CONVERGED

    def __repr__(self) -> str:
        h = self.history
        far = "" if h.distance is None else f", distance {h.distance[-1]:.3g}"
        text = f"Descent({self.reason} after {self.steps} steps: risk {h.risk[-1]:.3g}"
        return f"{text}, gradient {h.gradient_norm[-1]:.3g}{far})"


class Trace:
    """The notes of a run: `visit` evaluates an iterate and says whether to stop there."""

    def __init__(
        self,
        student: OneHiddenLayer,
        objective: Objective,
        *,
        max_steps: int,
        tolerance: float,
        teacher: OneHiddenLayer | None,
        advice: str,
    ) -> None:
        from tqdm import tqdm

        if isinstance(max_steps, bool) or not isinstance(max_steps, (int, np.integer)) or max_steps < 0:
            raise ValueError(f"max_steps is {max_steps!r}; expected an int >= 0")
        if not (np.isfinite(tolerance) and tolerance >= 0):
            raise ValueError(f"tolerance is {tolerance}; expected a gradient norm >= 0 at which to stop")
        if teacher is not None and teacher.W.shape != student.W.shape:
            raise ValueError(
                f"teacher has W of shape {teacher.W.shape} but student {student.W.shape}; a distance needs one shape: "
                "leave teacher out, or pass the student's counterpart"
            )
        self.objective, self.teacher, self.advice = objective, teacher, advice
        self.max_steps, self.tolerance = int(max_steps), float(tolerance)
        self.rows: list[tuple[float, float, float, float, float]] = []
        self.best = self.last = student
        self.least = np.inf
        self.bar = tqdm(total=self.max_steps, disable=None, delay=_DELAY, leave=False, unit="step")
        self.start = time.perf_counter()
        self.risk, self.gradient = np.inf, np.zeros(student.W.shape)

    def evaluate(self, student: OneHiddenLayer) -> tuple[float, np.ndarray]:
        """Risk and gradient there; an infinite risk where numbers overflow, the start excepted."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return self.objective.risk_and_gradient(student)
        except OverflowError:
            if not self.rows:
                raise
            return np.inf, np.full(student.W.shape, np.inf)

    def visit(self, student: OneHiddenLayer) -> str | None:
        """The reason to stop at this iterate, or None."""
        try:
            return self.note(student, *self.evaluate(student))
        except StopIteration:
            if not self.rows:
                raise ValueError("objective has an empty source; expected at least one sample (X, y)") from None
            self.advice = "the samples are used up: cut them into more parts, or draw more"
            return BUDGET

    def note(self, student: OneHiddenLayer, risk: float, gradient: np.ndarray, damping: float = 0.0) -> str | None:
        """Writes an iterate down, and says why to stop there, or None."""
        self.risk, self.gradient, self.last = risk, gradient, student
        if risk < self.least:
            self.best, self.least = student, risk
        with np.errstate(over="ignore"):
            norm = float(np.linalg.norm(gradient))
            far = np.nan if self.teacher is None else float(np.linalg.norm(student.W - self.teacher.W))
        self.rows.append((risk, norm, far, time.perf_counter() - self.start, damping))
        if len(self.rows) > 1:
            self.bar.update()
        if norm <= self.tolerance:
            return CONVERGED
        limit = _GROWTH * (max(row[0] for row in self.rows[:10]) + self.objective.resolution)
        if not np.isfinite(risk) or (len(self.rows) > 10 and risk > limit) or risk > limit * _GROWTH:
            return DIVERGED
        if len(self.rows) <= self.max_steps:
            return None
        if risk > self.rows[0][0] + self.objective.resolution:
            self.advice = "the risk ended above that of the start: lower the step"
        return BUDGET

    def end(self, reason: str, *, damped: bool = False) -> Descent:
        """The record of the run."""
        self.bar.close()
        risk, norm, far, seconds, damping = (np.array(column) for column in zip(*self.rows, strict=True))
        advice = {
            CONVERGED: "",
            BUDGET: self.advice,
            DIVERGED: "lower the step",
            STALLED: "the risk has reached the accuracy of its sums: raise tolerance",
        }
        return Descent(
            network=self.best if reason == DIVERGED else self.last,
            reason=reason,
            advice=advice[reason],
            history=History(
                risk=risk,
                gradient_norm=norm,
                distance=None if self.teacher is None else far,
                seconds=seconds,
                damping=damping if damped else None,
            ),
            steps=len(self.rows) - 1,
        )


def moved(student: OneHiddenLayer, W: Any) -> OneHiddenLayer:
    """The student with other weights W, (k, d) or in a row."""
    return OneHiddenLayer(np.reshape(W, student.W.shape), student.v, student.phi)
