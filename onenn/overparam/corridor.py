"""Is a run in float64 inside the corridor that its certificate promises to exact arithmetic, at every step?

upper edge:  |r_t| <= |r_0| - slope path_t + bend path_t^2,  |r_t| <= rate^t |r_0|,  path_t <= radius;
lower edge:  |r_t| >= |r_0| - ||J_0|| |W_t - W_0| - L |W_t - W_0|^2/2, which holds for any method.

Chapter: moderate-overparameterization (cor-certificate).
"""

from __future__ import annotations

import numpy as np

from onenn.verdict import Verdict

from .record import Certificate
from .rounding import SMALLEST, Allowance, upper
from .run import Run


def stays_inside(run: Run, certificate: Certificate, allowance: Allowance | float) -> Verdict:
    """Whether every recorded step of `run` satisfies both edges, until the misfit is 1e-10 of the first.

    allowance: that of `rounding_allowance`, or a number for the misfit; over the first slope, for the path.
    REFUTED names the step and the inequality. UNDECIDED when the certificate does not hold, for another step, and for
    more steps than the allowance is for.
    """
    if certificate.verdict != Verdict.PROVED:
        return certificate.verdict
    c = certificate
    eta = float(c.step) if isinstance(c.step, float) else float(c.step.mid())
    if abs(run.step - eta) > 4 * 2.0**-53 * eta or run.method != "gd":
        return Verdict.UNDECIDED.because(
            f"the run is {run.method} with step {run.step}, the certificate for gd with {eta}"
        )
    if not isinstance(allowance, Allowance):
        along = allowance / upper(c.slope)
        kept = {"slower": 0.0, "step": 0.0, "residual": 0.0, "steps": 10**9}
        allowance = Allowance(misfit=allowance, rate=allowance, path=along, **kept)
    first = int(np.argmax(run.misfit <= SMALLEST * run.misfit[0])) if run.relative_misfit <= SMALLEST else len(run.at)
    if run.at[min(first, len(run.at) - 1)] > allowance.steps:
        return Verdict.UNDECIDED.because(f"the run took more than the {allowance.steps} steps of the allowance")
    t, misfit, path, distance = (a[: first + 1] for a in (run.at, run.misfit, run.path, run.distance))
    misfit_0, slope, bend, radius, rate, norm = (
        upper(x) for x in (c.misfit, c.slope, c.bend, c.radius, c.rate, c.norm)
    )
    L = upper(c.lipschitz) if c.form != "flips" else 0.0
    tests = {
        "the upper edge": misfit - (misfit_0 - slope * path + bend * path**2),
        "the rate": misfit - (rate + allowance.slower) ** t * misfit_0,
        "the radius": path - radius,
    }
    if c.form != "flips":
        tests["the lower edge"] = misfit_0 - norm * distance - L * distance**2 / 2 - misfit
    for name, excess in tests.items():
        most = {"the radius": allowance.path, "the rate": allowance.rate}.get(name, allowance.misfit)
        if not np.isfinite(excess).all() or excess.max() > most:
            worst = int(np.argmax(np.where(np.isfinite(excess), excess, np.inf)))
            return Verdict.REFUTED.because(f"step {t[worst]} leaves {name} by {excess[worst]:.3g}")
    return Verdict.PROVED.because(f"all {len(t)} records")
