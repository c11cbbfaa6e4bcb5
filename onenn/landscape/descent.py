"""Gradient descent, Gauss-Newton and L-BFGS on the population risk or on samples, v held fixed.

W <- W - eta grad f(W),      W <- W - (G(W) + mu I)^(-1) grad f(W),   G = E J J^T, J the derivatives of f(x; W, v) in W.

Near the teacher the error shrinks by 1 - eta lambda_min(H) in each step of gradient descent, if eta < 2/lambda_max(H),
and Gauss-Newton squares it.   Chapter: local-convergence.
"""

from __future__ import annotations

import numpy as np

from onenn.network import OneHiddenLayer

from .bounds import smoothness_bound_by_units
from .objectives import FreshSamples, Objective
from .trace import CONVERGED, DIVERGED, STALLED, Descent, Trace, moved

_SINGULAR = 1e-13
"""A pivot this small beside the largest is taken for zero."""

_TRIES = 40
"""Tenfold dampings: from a thousandth of the mean eigenvalue to far beyond the largest."""


def safe_step(network: OneHiddenLayer) -> float:
    """1/sum_i v_i^2 max(beta_0, beta_2)(|w_i|) <= 1/lambda_max of the population Hessian at the network as a teacher.

    Gradient descent is stable around a teacher for steps below 2/lambda_max, so this one is safe in a neighbourhood.
    Raises: ValueError on a zero row, or when all v_i = 0.  Source: thm-lsc-upper, cor-descent-explicit.

    >>> safe_step(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "squared_relu")) == 1 / 12
    True
    """
    largest = smoothness_bound_by_units(network)
    if not largest > 0:
        raise ValueError("network has v = 0 or a constant phi: its risk is flat, and every step is safe; pass step=")
    return 1 / largest


def gradient_descent(
    student: OneHiddenLayer,
    objective: Objective,
    *,
    step: float | None = None,
    max_steps: int = 10_000,
    tolerance: float = 1e-10,
    teacher: OneHiddenLayer | None = None,
) -> Descent:
    """Gradient descent from the student until |grad| <= tolerance, max_steps steps, or divergence.

    objective: PopulationRisk(teacher), EmpiricalRisk(X, y), or FreshSamples(source) for a new sample in every step.
    step: eta, by default safe_step(student). teacher: whose distance to note in the history. A progress bar appears on
    a terminal after two seconds.
    Raises: ValueError on a step that is not positive, and as the objective does.  Source: thm-descent-linear.

    >>> from onenn.landscape import PopulationRisk
    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "linear")
    >>> run = gradient_descent(OneHiddenLayer([[3.0, 4.0]], [1.0], "linear"), PopulationRisk(teacher), step=0.5)
    >>> run.reason, run.steps, (run.history.risk[1] / run.history.risk[0]).round(12)
    ('converged', 36, np.float64(0.25))
    """
    if step is None:
        step = safe_step(student)
    if not (np.isfinite(step) and step > 0):
        raise ValueError(f"step is {step}; expected a number > 0, such as safe_step(student)")
    trace = Trace(
        student,
        objective,
        max_steps=max_steps,
        tolerance=tolerance,
        teacher=teacher,
        advice="raise max_steps, or take a longer step, up to 2/lambda_max of the Hessian",
    )
    reason = trace.visit(student)
    while reason is None:
        with np.errstate(over="ignore", invalid="ignore"):
            W = student.W - step * trace.gradient
        if not np.isfinite(W).all():
            return trace.end(DIVERGED)
        student = moved(student, W)
        reason = trace.visit(student)
    return trace.end(reason)


def gauss_newton(
    student: OneHiddenLayer,
    objective: Objective,
    *,
    max_steps: int = 100,
    tolerance: float = 1e-10,
    teacher: OneHiddenLayer | None = None,
) -> Descent:
    """Gauss-Newton: full steps, damped (Levenberg-Marquardt) only where a full one raises the risk or G is singular.

    history.damping says which mu led to each iterate: 0 for a full step. Each step costs a system of k d equations.
    Raises: ValueError on FreshSamples, and as the objective does.  Source: prp-gauss-newton.

    >>> from onenn.landscape import PopulationRisk
    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "erf")
    >>> run = gauss_newton(OneHiddenLayer([[1.2, 0.1]], [1.0], "erf"), PopulationRisk(teacher), teacher=teacher)
    >>> run.reason, run.steps, bool((run.history.damping == 0).all())
    ('converged', 4, True)
    """
    _refuse_fresh(objective)
    trace = Trace(
        student, objective, max_steps=max_steps, tolerance=tolerance, teacher=teacher, advice="raise max_steps"
    )
    reason = trace.visit(student)
    mu = 0.0
    while reason is None:
        G = objective.gauss_newton(student)
        for _ in range(_TRIES):
            delta = _solve(G, mu, trace.gradient)
            if delta is not None:
                trial = moved(student, student.W - delta)
                risk, g = trace.evaluate(trial)
                if risk <= trace.risk + objective.resolution:
                    student, reason = trial, trace.note(trial, risk, g, mu)
                    mu = mu / 10 if mu > 1e-6 * np.trace(G) / len(G) else 0.0
                    break
            mu = max(10 * mu, 1e-3 * float(np.trace(G)) / len(G), np.finfo(float).tiny)
        else:
            reason = STALLED
    return trace.end(reason, damped=True)


def _solve(G: np.ndarray, mu: float, g: np.ndarray) -> np.ndarray | None:
    """(G + mu I)^(-1) g, shaped like g; None where Cholesky's factorisation finds it not positive definite."""
    from scipy.linalg import cho_factor, cho_solve

    try:
        factor = cho_factor(G + mu * np.eye(len(G)))
    except np.linalg.LinAlgError:
        return None
    pivots = np.diag(factor[0]) ** 2
    if not pivots.min() > _SINGULAR * pivots.max():
        return None  # along the kernel the step would be rounding over rounding
    delta = cho_solve(factor, g.ravel()).reshape(g.shape)
    return delta if np.isfinite(delta).all() else None


def lbfgs(
    student: OneHiddenLayer,
    objective: Objective,
    *,
    memory: int = 10,
    max_steps: int = 1000,
    tolerance: float = 1e-10,
    teacher: OneHiddenLayer | None = None,
) -> Descent:
    """L-BFGS of SciPy with `memory` pairs of differences; a step is an accepted iterate of its line search.

    On a population risk it stalls at gradients of about 1e-8: its line search compares risks, which are rounded there.
    Raises: ValueError on FreshSamples, memory < 1, and as the objective does.

    >>> from onenn.landscape import EmpiricalRisk
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "erf")
    >>> lbfgs(OneHiddenLayer([[1.2, 0.1]], [1.0], "erf"), EmpiricalRisk(X, teacher.predict(X))).reason
    'converged'
    """
    from scipy.optimize import OptimizeResult, minimize

    _refuse_fresh(objective)
    if isinstance(memory, bool) or not isinstance(memory, (int, np.integer)) or memory < 1:
        raise ValueError(f"memory is {memory!r}; expected an int >= 1, the pairs that are kept")
    trace = Trace(
        student, objective, max_steps=max_steps, tolerance=tolerance, teacher=teacher, advice="raise max_steps"
    )
    reason = trace.visit(student)
    if reason is not None:
        return trace.end(reason)
    known = {student.W.tobytes(): (trace.risk, trace.gradient)}

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        found = known.get(x.tobytes())
        if found is None:
            found = known[x.tobytes()] = trace.evaluate(moved(student, x))
        risk, g = found
        return (risk, g.ravel()) if np.isfinite(risk) else (np.finfo(float).max, np.zeros(g.size))

    def accepted(intermediate_result: OptimizeResult) -> None:
        nonlocal reason
        x = np.asarray(intermediate_result.x)
        found = known[x.tobytes()] if x.tobytes() in known else trace.evaluate(moved(student, x))
        known.clear()
        known[x.tobytes()] = found
        reason = trace.note(moved(student, x), *found)
        if reason is not None:
            raise StopIteration

    options = {
        "maxcor": int(memory),
        "maxiter": max_steps + 1,
        "maxfun": 50 * (max_steps + 1),
        "ftol": 0.0,
        "gtol": 0.0,
    }
    minimize(value, student.W.ravel(), jac=True, method="L-BFGS-B", callback=accepted, options=options)
    if reason is None:
        reason = CONVERGED if np.linalg.norm(trace.gradient) <= tolerance else STALLED
    return trace.end(reason)


def _refuse_fresh(objective: Objective) -> None:
    if isinstance(objective, FreshSamples):
        raise ValueError(
            "objective is FreshSamples, another function in every step; use gradient_descent, or EmpiricalRisk"
        )
