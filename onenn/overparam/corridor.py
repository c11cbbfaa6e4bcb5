"""Is a run in float64 inside the corridor that its certificate promises to exact arithmetic, at every step?

upper edge:  |r_t| <= |r_0| - slope path_t + bend path_t^2,  |r_t| <= rate^t |r_0|,  path_t <= radius;
lower edge:  |r_t| >= |r_0| - ||J_0|| |W_t - W_0| - L |W_t - W_0|^2/2, which holds for any method.

Chapter: moderate-overparameterization (cor-certificate).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict

from .bounds import slope_bound
from .certificate import Certificate
from .data import host, inputs
from .run import Run

SMALLEST = 1e-10
"""The corridor is checked until the misfit has fallen to this part of the first one."""


def rounding_allowance(net: OneHiddenLayer, X: Any, certificate: Certificate) -> float:
    """By how much |r_t| in float64 may leave the corridor by rounding alone, for a certificate that holds.

    With u = 2^-53: the residuals are computed up to u sum_l |v_l| ((k + 8) |phi(z_l)| + (d + 1) B |w_l| |x|) each, and
    a step adds at most u beta (|W_0| + R) + u (n + k + d) |r_0| to the misfit, of which the contraction by the rate q
    leaves 1/(1 - q) times as much in the end.
    Raises: ValueError when the certificate does not hold; on X as `jacobian`.
    """
    if certificate.verdict != Verdict.PROVED:
        raise ValueError(f"certificate is {certificate.verdict}; there is no corridor to stay in")
    X = host(inputs(X, d=net.d)[0])
    n, u = len(X), 2.0**-53
    B = slope_bound(net.phi)
    Z = X @ net.W.T
    slopes = np.abs(net.phi.derivative(Z)) + 1 if B is None else FLOATS.number(B)
    sizes = np.linalg.norm(net.W, axis=1) * np.linalg.norm(X, axis=1)[:, None]
    of_one = ((net.k + 8) * np.abs(net.phi(Z)) + (net.d + 1) * slopes * sizes) @ np.abs(net.v)
    c = certificate
    beta, radius, misfit, rate = (_upper(x) for x in (c.beta, c.radius, c.misfit, c.rate))
    step = beta * (np.linalg.norm(net.W) + radius) + (n + net.k + net.d) * misfit
    return float(u * (np.linalg.norm(of_one) + step / (1 - rate)))


def stays_inside(run: Run, certificate: Certificate, allowance: float) -> Verdict:
    """Whether every recorded step of `run` satisfies both edges, until the misfit is 1e-10 of the first.

    REFUTED names the step and the inequality. UNDECIDED when the certificate does not hold, or for another step.
    """
    if certificate.verdict != Verdict.PROVED:
        return certificate.verdict
    c = certificate
    eta = float(c.step) if isinstance(c.step, float) else float(c.step.mid())
    if abs(run.step - eta) > 1e-12 * eta or run.method != "gd":
        return Verdict.UNDECIDED.because(
            f"the run is {run.method} with step {run.step}, the certificate for gd with {eta}"
        )
    first = int(np.argmax(run.misfit <= SMALLEST * run.misfit[0])) if run.relative_misfit <= SMALLEST else len(run.at)
    t, misfit, path, distance = (a[: first + 1] for a in (run.at, run.misfit, run.path, run.distance))
    misfit_0, slope, bend, radius, rate, norm = (
        _upper(x) for x in (c.misfit, c.slope, c.bend, c.radius, c.rate, c.norm)
    )
    L = _upper(c.lipschitz) if c.form != "flips" else 0.0
    tests = {
        "the upper edge": misfit - (misfit_0 - slope * path + bend * path**2),
        "the rate": misfit - rate**t * misfit_0,
        "the radius": path - radius * (1 + 1e-9),
    }
    if c.form != "flips":
        tests["the lower edge"] = misfit_0 - norm * distance - L * distance**2 / 2 - misfit
    for name, excess in tests.items():
        if not np.isfinite(excess).all() or excess.max() > allowance:
            worst = int(np.argmax(np.where(np.isfinite(excess), excess, np.inf)))
            return Verdict.REFUTED.because(f"step {t[worst]} leaves {name} by {excess[worst]:.3g}")
    return Verdict.PROVED.because(f"all {len(t)} records")


def _upper(x: Any) -> float:
    return float(x) if isinstance(x, (int, float, np.floating)) else float(x.upper())
