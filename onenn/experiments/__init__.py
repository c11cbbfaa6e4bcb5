"""Grids of experiments: one seed stream per cell, resumable, in local processes or on a Dask cluster.

`sweep` runs a function over a grid; `stored` reads a result of the book; `python -m onenn.experiments` makes one, and
with --verify computes some of its cells again.

To store an experiment, put a module onenn/experiments/<topic>.py beside this file that holds a function of the axes of
the grid (heavy imports inside it, so that listing is quick) and a tuple EXPERIMENTS of `Experiment` values:

    def failures(*, n: int, rng: np.random.Generator) -> dict[str, float]:
        from onenn.recovery import ...
        return {"failed": ..., "error": ...}

    EXPERIMENTS = (
        Experiment(
            name="failures-by-samples", chapter="global-recovery", description="how often ... fails, over n",
            function=failures, grid={"n": [100, 200]}, seeds=60, small={"n": [100]},
        ),
    )

Nothing else is to be registered: `python -m onenn.experiments failures-by-samples` writes
chapters/_data/failures-by-samples.json, and `stored("failures-by-samples")` reads it as an xarray.Dataset.
"""

from .grids import CacheMismatch, CellFailure, sweep
from .registry import Experiment, experiments, run
from .store import NotStored, load, save, stored
from .verify import Recomputed, verify

__all__ = [
    "CacheMismatch",
    "CellFailure",
    "Experiment",
    "NotStored",
    "Recomputed",
    "experiments",
    "load",
    "run",
    "save",
    "stored",
    "sweep",
    "verify",
]
