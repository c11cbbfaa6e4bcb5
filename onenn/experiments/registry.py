"""The experiments of the book whose results are stored, found in the modules beside this one."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import pkgutil
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cells import axes_of, cells_of, seeds_of
from .grids import sweep
from .store import check_name

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Experiment:
    """A sweep of the book: `function` on `grid` with `seeds`, shown in `chapter` as the stored result `name`.

    small: axes that are shorter in a trial, with `small_seeds`; paired: as for `sweep`.
    unsteady: variables that are not the same in another run, such as times; `verify` does not compare them.
    data: what file the function needs as its keyword `data` (a path), or None.
    Raises: TypeError, ValueError as `sweep`.
    """

    name: str
    chapter: str
    description: str
    function: Callable[..., Any]
    grid: Mapping[str, Iterable[Any]]
    seeds: int | Sequence[int]
    small: Mapping[str, Iterable[Any]] = field(default_factory=dict)
    small_seeds: int | Sequence[int] = 2
    paired: Sequence[str] = ()
    unsteady: Sequence[str] = ()
    data: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        axes = axes_of(self.grid)
        if not set(self.small) <= set(axes):
            raise ValueError(f"small of {self.name} has {sorted(set(self.small) - set(axes))}, no axes of its grid")
        cells_of(axes, seeds_of(self.seeds), self.paired)

    def size(self, *, small: bool = False) -> int:
        """The number of cells."""
        grid, seeds = self.chosen(small=small)
        return len(cells_of(axes_of(grid), seeds_of(seeds), self.paired))

    def chosen(self, *, small: bool) -> tuple[dict[str, Iterable[Any]], int | Sequence[int]]:
        """The grid and the seeds, of full size or of a trial."""
        return ({**self.grid, **self.small}, self.small_seeds) if small else (dict(self.grid), self.seeds)


def experiments() -> dict[str, Experiment]:
    """The stored experiments by name: all values of EXPERIMENTS in the modules of this package."""
    found: dict[str, Experiment] = {}
    package = importlib.import_module(__package__ or "onenn.experiments")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.ispkg):
        if module == "__main__":
            continue
        for experiment in getattr(importlib.import_module(f"{package.__name__}.{module}"), "EXPERIMENTS", ()):
            if experiment.name in found:
                raise ValueError(f"two experiments are called {experiment.name!r}; rename that of {module}.py")
            found[experiment.name] = experiment
    return found


def find(name: str) -> Experiment:
    """The experiment of that name.  Raises: ValueError, with the nearest name."""
    known = experiments()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the names are {', '.join(known) or '(none)'}"
        raise ValueError(f"no experiment is called {name!r}; {hint}")
    return known[name]


def with_data(experiment: Experiment, data: Path | None) -> tuple[Callable[..., Any], dict[str, str]]:
    """The function of the axes alone, and the attributes that say which file it reads.

    Raises: ValueError when a file is needed and none is given, or one is given and none is needed; FileNotFoundError.
    """
    if (experiment.data is None) != (data is None):
        needs = "needs no file" if experiment.data is None else f"needs a file, {experiment.data}"
        raise ValueError(f"{experiment.name} {needs}; {'leave out --data' if data else 'give it with --data FILE'}")
    if data is None:
        return experiment.function, {}
    if not data.is_file():
        raise FileNotFoundError(f"there is no file {data}; expected {experiment.data}")
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    return functools.partial(experiment.function, data=str(data)), {"data": f"{data.name}, SHA-256 {digest}"}


def run(
    experiment: Experiment,
    *,
    cache: Path,
    executor: Any = None,
    small: bool = False,
    retry: bool = False,
    data: Path | None = None,
) -> xarray.Dataset:
    """The experiment at full size or as a trial, with the command that makes it among its attributes.

    Raises: as `with_data` and `sweep`.
    """
    function, extra = with_data(experiment, data)
    grid, seeds = experiment.chosen(small=small)
    result = sweep(function, grid, seeds=seeds, cache=cache, executor=executor, paired=experiment.paired, retry=retry)
    options = ["--small"] * small + ["--data", "FILE"] * (data is not None)
    command = shlex.join(["python", "-m", "onenn.experiments", experiment.name, *options])
    result.attrs = {
        **{"experiment": experiment.name, "description": experiment.description, "chapter": experiment.chapter},
        **result.attrs,
        **{"grid": json.dumps({name: list(axis) for name, axis in axes_of(grid).items()}), "command": command},
        **extra,
    }
    return result
