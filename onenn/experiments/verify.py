"""Cells of a stored result, drawn at random, computed again: does the code of today still give what is stored?

A stored number is taken for confirmed by one that agrees to six digits, or where both are below 1e-8, the rounding
that errors end at. Times are not compared. Chapter: global-recovery.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .grids import CellFailure, sweep
from .registry import Experiment, with_data
from .store import stored

if TYPE_CHECKING:
    import xarray

_RELATIVE, _ABSOLUTE = 1e-6, 1e-8


@dataclass(frozen=True)
class Recomputed:
    """A cell, and the variables that came out otherwise: (stored, now) by name. `failure` holds an error's text."""

    cell: dict[str, Any]
    differences: dict[str, tuple[float | str, float | str]]

    def __str__(self) -> str:
        where = ", ".join(f"{name}={value!r}" for name, value in self.cell.items())
        if not self.differences:
            return f"same       {where}"
        return f"different  {where}: " + ", ".join(f"{n} {a!r} -> {b!r}" for n, (a, b) in self.differences.items())


def verify(
    experiment: Experiment,
    *,
    cells: int = 3,
    seed: int = 0,
    result: xarray.Dataset | None = None,
    data: Path | None = None,
) -> list[Recomputed]:
    """Computes `cells` cells of the stored result again, one after the other in this process, and compares.

    seed: of the choice of the cells, without repetition. result: the result to be verified, by default the stored one.
    data: the file of an experiment that needs one.  *Law*: cells have streams of their own, so a few are enough to be
    computed; on another machine last digits differ, and with them where an iteration near an edge ends.
    Raises: ValueError for cells < 1; NotStored; as `run` for data.

    >>> from onenn.experiments import experiments
    >>> [again.differences for again in verify(experiments()["recovery-rate"], cells=1)]
    [{}]
    """
    if cells < 1:
        raise ValueError(f"cells is {cells}; expected at least 1")
    function, _ = with_data(experiment, data)
    result = stored(experiment.name) if result is None else result
    dims = list(result.failure.dims)
    shuffled = np.random.default_rng(seed).permutation(result.failure.size)
    found = []
    for flat in shuffled[:cells]:
        index = dict(zip(dims, np.unravel_index(flat, result.failure.shape), strict=True))
        then = result.isel(index)
        cell = {str(name): then[name].item() for name in dims}
        grid = {name: [value] for name, value in cell.items() if name != "seed"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CellFailure)  # compared, as the numbers are
            now = sweep(function, grid, seeds=[cell["seed"]], paired=experiment.paired, executor=1).squeeze()
        found.append(Recomputed(cell, _differences(then, now, experiment.unsteady)))
    return found


def _differences(then: xarray.Dataset, now: xarray.Dataset, unsteady: Any) -> dict[str, tuple[Any, Any]]:
    names = [str(name) for name in {**then.data_vars, **now.data_vars} if name not in unsteady]
    # a cell that fails has no variables, and is nan beside those that have
    pairs = {name: (_item(then, name), _item(now, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if not _same(*pair)}


def _item(cell: xarray.Dataset, name: str) -> Any:
    return cell[name].item() if name in cell else math.nan


def _same(a: float | str, b: float | str) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    small = abs(a) < _ABSOLUTE and abs(b) < _ABSOLUTE
    return small or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=0)
