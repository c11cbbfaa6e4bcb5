"""What a certificate promises: a bound on |r_t| by the length of the path, a rate, a ball.

|r_t| <= |r_0| - slope path_t + bend path_t^2.   Chapter: moderate-overparameterization (cor-certificate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from onenn.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is promised for gradient descent with `step` from (net, X, y): floats, or balls from `certificate_ball`.

    `verdict` is PROVED when convergence is, otherwise UNDECIDED, with what is missing in the reason; `ratio` >= 1 is
    the condition, 1/ratio the missing factor. `rate` bounds |r_{t+1}|/|r_t|, `radius` the path and so |W_t - W_0|.
    `misfit` is |r_0|, in floats with what rounding may have taken from it.
    `least` and `norm` are the extreme singular values of J_0, `slope` the factor of -path in the corridor at path 0.
    """

    verdict: Verdict
    form: str
    ratio: Any
    least: Any
    norm: Any
    lipschitz: Any
    misfit: Any
    alpha: Any
    radius: Any
    beta: Any
    step: Any
    step_limit: Any
    rate: Any
    slope: Any
    bend: Any

    def corridor(self, path: Any) -> Any:
        """The bound on |r_t| once the path has this length: |r_0| - slope path + bend path^2."""
        return self.misfit - self.slope * path + self.bend * path * path
