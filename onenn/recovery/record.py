"""What `recover` found, how sure it is, and why it stopped: a record that prints itself.   Chapter: global-recovery."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from onenn.network import OneHiddenLayer

from .fisher import StandardErrors


class RecoveryWarning(UserWarning):
    """Recovery is not certain; the text says why, and what to do."""


class Stop(Enum):
    """Why the search ended; the value is the explanation, with advice where there is any."""

    ZERO_RESIDUAL = "the residual is zero to rounding"
    NOISE_FLOOR = "the residual is at the noise floor"
    EXHAUSTED = (
        "no start reached a zero residual or the noise floor: (a) k or phi may be wrong, (b) n may be too small, "
        "(c) more `restarts` may help"
    )


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One route tried: its name, the starts, the Levenberg-Marquardt steps, least residual/std(y), a remark."""

    route: str
    starts: int
    steps: int
    residual: float
    remark: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Recovery:
    """The network with the least residual, in normal form, and the evidence for it; made by `recover`.

    `converged`: the residual is zero or at the noise floor. `certain`: and nothing speaks against the network (`doubts`
    is empty). `residual`: the root mean square of f(x) - y on all samples. `noise`: the standard deviation of y
    given x, known or estimated (`noise_known` says which). `floor_ratio`: the residual over what that noise leaves with
    p fitted parameters, sigma sqrt((n - p)/n); 1 by construction where the noise is estimated, nan where it is zero.
    `p_value`: of the hypothesis that the residuals are noise (`lack_of_fit`), nan where it was not needed.
    `standard_errors`: where there is noise; None without. `history`: the routes tried, in order.
    """

    network: OneHiddenLayer
    converged: bool
    stop: Stop
    route: str
    residual: float
    spread: float
    noise: float
    noise_known: bool
    floor_ratio: float
    p_value: float
    parameters: int
    samples: int
    searched: int
    doubts: tuple[str, ...]
    standard_errors: StandardErrors | None
    history: tuple[Attempt, ...]

    @property
    def certain(self) -> bool:
        """Converged, and no doubt is recorded."""
        return self.converged and not self.doubts

    def __repr__(self) -> str:
        net, n, p = self.network, self.samples, self.parameters
        head = "recovered" if self.certain else "recovered, with doubts" if self.converged else "not recovered"
        lines = [
            f"Recovery: {head}",
            f"  network     k = {net.k}, d = {net.d}, phi = {net.phi.name}; v = {_numbers(net.v)}",
            f"  samples     n = {n}, {n / p:.3g} for each of {p} free parameters",
            f"  stopped     {self.stop.value.split(':')[0]}",
            f"  route       {self.route}, searched on {self.searched} samples on the host",
            f"  residual    {self.residual:.3g} root mean square, {self.residual / self.spread:.3g} of the spread of y",
        ]
        if self.noise > 0:
            origin = "given" if self.noise_known else "estimated"
            ratio = f", residual/floor = {self.floor_ratio:.3g}" if self.noise_known else ""
            test = f", p-value of pure noise {self.p_value:.2g}" if self.p_value == self.p_value else ""
            lines.append(f"  noise       {self.noise:.3g} {origin}{ratio}{test}")
        if self.standard_errors is not None:
            lines.append(f"  std. errors {self.standard_errors.total:.3g} in all (Fisher information)")
        for i, attempt in enumerate(self.history):
            remark = f" ({attempt.remark})" if attempt.remark else ""
            lines.append(
                f"  {'history    ' if i == 0 else '           '} {attempt.route}: {attempt.starts} starts, "
                f"{attempt.steps} steps, residual {attempt.residual:.2g} of the spread{remark}"
            )
        lines += [f"  doubt       {doubt}" for doubt in self.doubts]
        return "\n".join(lines)


def _numbers(v: object) -> str:
    return "[" + ", ".join(f"{x:.4g}" for x in v) + "]"  # type: ignore[attr-defined]
