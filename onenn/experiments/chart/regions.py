"""What the atlas says: outcomes with their intervals, the best one of each cell, and six regions between the theorems.

An outcome of a cell is decided when Wilson's 95 % interval of its share lies on one side of one half.   Chapter: atlas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from onenn.experiments.atlas import DIMENSION, FITTED, FOUND, UNITS, samples
from onenn.proportion import wilson
from onenn.verdict import Verdict

if TYPE_CHECKING:
    import xarray

LEARNED = 1e-3
"""Learned: the excess risk is at most a thousandth of the risk of the answer zero."""

Condition = Callable[[int, int], bool]
"""A condition on (k, n)."""

OUTCOMES = ("recovered", "learned", "interpolated")
"""From the strongest to the weakest: what is recovered is learned and interpolated."""


def reached(result: xarray.Dataset) -> dict[str, xarray.DataArray]:
    """Each outcome of each run: 1, 0, or nan where there was no start.

    >>> import xarray
    >>> run = xarray.Dataset({"units": 1e-9, "risk": 1e-9, "misfit": 0.1})
    >>> {name: float(value) for name, value in reached(run).items()}
    {'recovered': 1.0, 'learned': 1.0, 'interpolated': 0.0}
    """
    limits = {"recovered": ("units", FOUND), "learned": ("risk", LEARNED), "interpolated": ("misfit", FITTED)}
    return {name: (result[key] <= most).where(result[key].notnull()) * 1.0 for name, (key, most) in limits.items()}


def decided(successes: int, trials: int) -> int:
    """1 when the interval lies above one half, -1 when it lies below, else 0.

    >>> [decided(m, 20) for m in (0, 5, 6, 14, 15, 20)]
    [-1, -1, 0, 0, 1, 1]
    """
    low, high = wilson(successes, trials)
    return 1 if low > 0.5 else -1 if high < 0.5 else 0


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The runs of one method, width and n/P: how many of `trials` reached what, and the median excess risk."""

    method: str
    k: int
    ratio: float
    trials: int
    counts: dict[str, int]
    risk: float

    @property
    def best(self) -> str:
        """The strongest outcome that is decided to happen, or "nothing".

        >>> Cell(method="wide", k=5, ratio=2, trials=20, counts=dict.fromkeys(OUTCOMES, 3), risk=0.1).best
        'nothing'
        """
        found = (name for name in OUTCOMES if decided(self.counts[name], self.trials) > 0)
        return next(found, "nothing")

    @property
    def open(self) -> bool:
        """Whether a stronger outcome than the best is undecided."""
        above = OUTCOMES[: OUTCOMES.index(self.best)] if self.best in OUTCOMES else OUTCOMES
        return any(decided(self.counts[name], self.trials) == 0 for name in above)

    def interval(self, outcome: str) -> tuple[float, float]:
        """Wilson's interval for the share of an outcome."""
        return wilson(self.counts[outcome], self.trials)


def cells(result: xarray.Dataset) -> list[Cell]:
    """One record for each cell that has runs; the dimension "seed" is counted."""
    outcomes, found = reached(result), []
    for method in result["method"].values:
        for k in result["k"].values:
            for ratio in result["ratio"].values:
                at = {"method": method, "k": k, "ratio": ratio}
                risk = result["risk"].sel(at)
                if bool(risk.notnull().all()):
                    counts = {name: int(value.sel(at).sum()) for name, value in outcomes.items()}
                    found.append(
                        Cell(
                            method=str(method), k=int(k), ratio=float(ratio), trials=risk.sizes["seed"], counts=counts,
                            risk=float(risk.median()),
                        )
                    )  # fmt: skip
    return found


@dataclass(frozen=True, kw_only=True)
class Region:
    """A part of the chart that theorems bound: n against k* d and k d, and k against k*."""

    name: str
    what: str
    holds: Condition


INFORMATION = UNITS * DIMENSION
REGIONS = (
    Region(name="A", what="n < k*d, n <= kd", holds=lambda k, n: n < INFORMATION and n <= k * DIMENSION),
    Region(name="B", what="n < k*d, n > kd", holds=lambda k, n: k * DIMENSION < n < INFORMATION),
    Region(name="C", what="n >= k*d, k < k*", holds=lambda k, n: n >= INFORMATION and k < UNITS),
    Region(name="D", what="n >= k*d, k = k*", holds=lambda k, n: n >= INFORMATION and k == UNITS),
    Region(
        name="E", what="n >= k*d, k > k*, n <= kd", holds=lambda k, n: INFORMATION <= n <= k * DIMENSION and k > UNITS
    ),
    Region(name="F", what="n >= k*d, k > k*, n > kd", holds=lambda k, n: n > k * DIMENSION and k > UNITS),
)
"""The six regions: each cell lies in exactly one."""


def region_of(k: int, ratio: float) -> Region:
    """The region of a cell.

    >>> [region_of(k, ratio).name for k, ratio in ((20, 0.5), (3, 0.8), (4, 5), (5, 5), (100, 5), (8, 5))]
    ['A', 'B', 'C', 'D', 'E', 'F']
    """
    return next(region for region in REGIONS if region.holds(k, samples(ratio)))


def runs_where(found: Sequence[Cell], outcome: str, holds: Condition) -> tuple[int, int]:
    """How many runs reached the outcome, and how many there were, in the cells (k, n) where `holds`."""
    chosen = [cell for cell in found if holds(cell.k, samples(cell.ratio))]
    return sum(cell.counts[outcome] for cell in chosen), sum(cell.trials for cell in chosen)


@dataclass(frozen=True, kw_only=True)
class Confronted:
    """A theorem that excludes an outcome in some runs: how many there are, how many do it all the same, and elsewhere.

    `others` are runs where the theorem says nothing, and `elsewhere` those of them with the outcome: if these were none
    too, the count would be no evidence.
    """

    label: str
    excluded: str
    runs: int
    exceptions: int
    others: int
    elsewhere: int

    @property
    def holds(self) -> Verdict:
        """Whether there are runs, none of them an exception, and the outcome does occur elsewhere."""
        fine = self.runs > 0 and self.exceptions == 0 and self.elsewhere > 0
        return Verdict.decided(
            fine, f"{self.exceptions} of {self.runs} runs, elsewhere {self.elsewhere} of {self.others}"
        )


def against_theorems(result: xarray.Dataset) -> list[Confronted]:
    """The three impossibility theorems against all runs of a result.

    "below the floor" compares each run with the floor of its teacher; elsewhere the floor is that of k* - 1 units.
    """
    found = cells(result)
    few: Condition = lambda k, n: n < INFORMATION  # noqa: E731
    narrow: Condition = lambda k, n: k < UNITS and n > k * DIMENSION  # noqa: E731
    counted = []
    for label, outcome, holds in (("thm-atlas-blind", "recovered", few), ("thm-atlas-count", "interpolated", narrow)):
        inside = runs_where(found, outcome, holds)
        outside = runs_where(found, outcome, lambda k, n, holds=holds: not holds(k, n))
        counted.append((label, outcome, inside, outside))
    below, floor = result["risk"] < result["floor"], result["floor"].sel(k=UNITS - 1)
    wide = result["k"] >= UNITS
    there = (result["risk"].where(~wide).count(), result["risk"].where(wide).count())
    hits = (below.where(~wide, False).sum(), (result["risk"] < floor).where(wide, False).sum())
    counted.insert(1, ("thm-atlas-floor", "below the floor", (hits[0], there[0]), (hits[1], there[1])))
    return [
        Confronted(
            label=label, excluded=what, runs=int(inside[1]), exceptions=int(inside[0]), others=int(outside[1]),
            elsewhere=int(outside[0]),
        )
        for label, what, inside, outside in counted
    ]  # fmt: skip


def least_agreement(live: Sequence[Cell], found: Sequence[Cell]) -> tuple[float, int]:
    """The least two-sided p-value of Fisher's exact test over cells and outcomes of both, and the number of tests.

    If both come from one law, the least is below p / (number of tests) with a probability of at most p.
    """
    from scipy.stats import fisher_exact

    kept, values = {(c.method, c.k, c.ratio): c for c in found}, []
    for cell in live:
        other = kept[cell.method, cell.k, cell.ratio]
        for name in OUTCOMES:
            pair = [[c.counts[name], c.trials - c.counts[name]] for c in (cell, other)]
            values.append(float(np.asarray(fisher_exact(pair)[1])))
    return min(values), len(values)
