"""A function on every cell of a grid, with every seed: labelled, resumable, the same for any number of workers.

result[i_1, ..., i_m, s] = function(axis_1[i_1], ..., axis_m[i_m], rng(i, s)).   Chapter: global-recovery.
"""

from __future__ import annotations

import json
import math
import shlex
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from inspect import Parameter, signature
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .cells import Cell, Coordinate, axes_of, cells_of, seeds_of
from .fingerprint import Fingerprint, fingerprint
from .journal import CacheMismatch, Record, journal, records
from .workers import chosen

if TYPE_CHECKING:
    import xarray

__all__ = ["CacheMismatch", "CellFailure", "sweep"]


class CellFailure(UserWarning):
    """Warned when cells of a sweep failed; their numbers are nan and their errors are in the variable `failure`."""


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]],
    *,
    seeds: int | Iterable[int] = 1,
    cache: str | PathLike[str] | None = None,
    executor: Any = None,
    paired: Sequence[str] = (),
    retry: bool = False,
) -> xarray.Dataset:
    """function(**cell, rng=...) on the grid times the seeds, as a Dataset with a dimension for each axis and "seed".

    function: takes the names of the axes as keywords and, where it draws, `rng`, a numpy Generator, or `seed`, an
    integer in [0, 2^32) for libraries that want one; it returns a number (the variable "value") or a dictionary of
    numbers (a variable each, nan where a cell leaves one out; all are stored as float64).
    grid: lists of numbers, strings or booleans by name. seeds: how many (0, 1, ...), or a list of integers >= 0.
    The stream of a cell is made from its coordinates and its seed: it is the same for any number of workers, any order
    and any larger grid with the same axes. `paired` names axes that leave it as it is, so that the cells along them
    get the same draws: methods to be compared on the same data.
    cache: a file, or a folder for one. A sweep that was killed and is run again computes what is missing, no more; the
    file is refused when function, code, versions or `paired` have changed. retry: compute failed cells again.
    executor: None, one local process per core; an integer, so many (1: this one); or a dask.distributed Client.
    Workers use one thread. A cell that raises (or whose process dies) is nan, with the text in the variable `failure`.

    *Returns*: variables of shape (axes..., seed); attributes function, code, seeds, paired, versions, command, as text.
    Raises: TypeError, ValueError on arguments that are not as said; CacheMismatch; BlockingIOError when the cache is in
    use. Warns: CellFailure.

    >>> result = sweep(lambda n, rng: rng.standard_normal(n).mean(), {"n": [10, 1000]}, seeds=20, executor=1)
    >>> dict(result.sizes), bool(result.value.std("seed")[0] > result.value.std("seed")[1])
    ({'n': 2, 'seed': 20}, True)
    """
    axes, seed_list = axes_of(grid), seeds_of(seeds)
    if isinstance(paired, str):
        raise TypeError(f"paired is {paired!r}; expected a list of axes: [{paired!r}]")
    cells = cells_of(axes, seed_list, paired)
    _check_parameters(function, axes, seed_list)
    compute = chosen(executor)
    owner = fingerprint(function) if cache is not None else _anonymous(function)
    with ExitStack() as stack:
        if cache is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="onenn-"))
            cache = Path(folder) / "cells.jsonl"
        path = stack.enter_context(journal(Path(cache), owner, list(paired)))
        found = records(path)
        if retry:
            found = {key: record for key, record in found.items() if "values" in record}
        missing = [cell for cell in cells if cell.key not in found]
        wanted = {cell.key for cell in cells}
        failed = sum("error" in record for key, record in found.items() if key in wanted)
        with _bar(owner.function, len(cells), len(cells) - len(missing)) as bar:
            for record in compute(function, missing, path) if missing else ():
                found[record["cell"]] = record
                failed += "error" in record
                bar.set_postfix({"failed": failed} if failed else {}, refresh=False)
                bar.update()
    result = _dataset(axes, seed_list, cells, found)
    result.attrs = _attributes(owner, seed_list, paired)
    if failed:
        first = next(cell for cell in cells if "error" in found[cell.key])
        warnings.warn(
            f"{failed} of {len(cells)} cells failed; the first, {first}: {found[first.key]['error']}",
            CellFailure,
            stacklevel=2,
        )
    return result


def _check_parameters(function: Any, axes: Mapping[str, Any], seeds: Sequence[int]) -> None:
    if not callable(function):
        raise TypeError(f"function is a {type(function).__name__}; expected a function of the axes of the grid")
    takes = signature(function).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in takes.values()):
        return
    by_name = {
        name
        for name, parameter in takes.items()
        if parameter.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    }
    needed = {
        name
        for name, parameter in takes.items()
        if parameter.default is Parameter.empty and parameter.kind is not Parameter.VAR_POSITIONAL
    }
    unknown, absent = set(axes) - by_name, needed - set(axes) - ({"rng", "seed"} & by_name)
    if unknown or absent:
        said = [f"has no parameter {name!r}, an axis of the grid" for name in sorted(unknown)]
        said += [f"needs {name!r}, which is no axis of the grid" for name in sorted(absent)]
        raise ValueError(f"function {'; '.join(said)}; the axes are {list(axes)}, and rng or seed are given")
    if len(seeds) > 1 and not {"rng", "seed"} & by_name:
        warnings.warn(
            f"function takes neither rng nor seed, so its {len(seeds)} seeds repeat one computation",
            UserWarning,
            stacklevel=3,
        )


def _anonymous(function: Any) -> Fingerprint:
    """The fingerprint, or the name alone of what has no source: without a cache nothing depends on it."""
    try:
        return fingerprint(function)
    except TypeError:
        return Fingerprint(getattr(function, "__qualname__", type(function).__qualname__), "", {})


def _bar(name: str, total: int, done: int) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, initial=done, desc=name.rpartition(".")[2], unit="cell", disable=None, smoothing=0)


def _dataset(
    axes: Mapping[str, list[Coordinate]], seeds: list[int], cells: list[Cell], found: Mapping[str, Record]
) -> xarray.Dataset:
    import xarray

    dims = (*axes, "seed")
    shape = [len(axis) for axis in (*axes.values(), seeds)]
    rows = [found[cell.key] for cell in cells]
    names = dict.fromkeys(name for row in rows for name in row.get("values", {}))  # in the order of the function
    variables = {
        name: (dims, np.reshape([row.get("values", {}).get(name, math.nan) for row in rows], shape)) for name in names
    }
    variables["failure"] = (dims, np.reshape(np.array([row.get("error", "") for row in rows], dtype=object), shape))
    return xarray.Dataset(variables, coords={**axes, "seed": seeds})


def _attributes(owner: Fingerprint, seeds: list[int], paired: Sequence[str]) -> dict[str, str]:
    """Texts, which every format of files can hold."""
    return {
        "function": owner.function,
        "code": owner.code,
        "seeds": json.dumps(seeds),
        "paired": json.dumps(sorted(paired)),
        "versions": json.dumps(owner.versions),
        "command": _command(),
    }


def _command() -> str:
    """How this program was started, without the folders of this machine; empty in a notebook."""
    main = sys.modules.get("__main__")
    if not hasattr(main, "__file__") or "ipykernel" in sys.modules:
        return ""
    spec = getattr(main, "__spec__", None)
    start = ["-m", spec.name.removesuffix(".__main__")] if spec else [Path(sys.argv[0]).name]
    return shlex.join(["python", *start, *sys.argv[1:]])
