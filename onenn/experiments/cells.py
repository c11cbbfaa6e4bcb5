"""The cells of a grid and their streams of random numbers, which depend on the coordinates and never on the position.

stream(cell) = SeedSequence(seed, spawn_key = words of BLAKE2b(coordinates)).   Chapter: global-recovery.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Coordinate = int | float | str | bool
RESERVED = ("seed", "rng", "failure")
_KEY_BYTES = 16


@dataclass(frozen=True, eq=False)
class Cell:
    """One call of the function: its coordinates, its seed, and the coordinates that its stream depends on."""

    coordinates: Mapping[str, Coordinate]
    seed: int
    streamed: Mapping[str, Coordinate]

    @property
    def key(self) -> str:
        """The name of the cell in a cache: the same for 1 and 1.0, whatever the order of the axes."""
        return canonical({**self.coordinates, "seed": self.seed})

    def stream(self) -> np.random.SeedSequence:
        """The cell's own source of random numbers."""
        digest = hashlib.blake2b(canonical(self.streamed).encode(), digest_size=_KEY_BYTES).digest()
        words = np.frombuffer(digest, dtype="<u4")  # one order of bytes, whatever the machine's
        return np.random.SeedSequence(self.seed, spawn_key=tuple(int(word) for word in words))

    def __str__(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in {**self.coordinates, "seed": self.seed}.items())


def canonical(coordinates: Mapping[str, Coordinate]) -> str:
    """The coordinates as one line of JSON, names sorted; a float that is an integer is written as one.

    >>> canonical({"n": 100.0, "d": 5}) == canonical({"d": 5, "n": 100})
    True
    """
    return json.dumps({name: _plain(value) for name, value in coordinates.items()}, sort_keys=True)


def _plain(value: Coordinate) -> Coordinate:
    # an axis given as an array of floats must name the same cells as the list of integers that it was before
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value


def axes_of(grid: Mapping[str, Iterable[Any]]) -> dict[str, list[Coordinate]]:
    """The axes as lists of numbers, strings and booleans.  Raises: TypeError, ValueError, naming the axis."""
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid is a {type(grid).__name__}; expected a mapping such as {{'n': [100, 200]}}")
    return {_axis_name(name): _axis(name, values) for name, values in grid.items()}


def _axis_name(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"grid has the axis {name!r}; expected the name of a parameter of the function")
    if name in RESERVED:
        raise ValueError(f"grid has the axis {name!r}, a name that sweep uses itself; rename the parameter")
    return name


def _axis(name: str, values: Any) -> list[Coordinate]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"grid[{name!r}] is {values!r}; expected the list of its values: [{values!r}]")
    axis = [_coordinate(name, value) for value in values]
    if not axis:
        raise ValueError(f"grid[{name!r}] is empty; expected at least one value")
    kinds = {str if isinstance(value, str) else bool if isinstance(value, bool) else float for value in axis}
    if len(kinds) > 1:
        raise TypeError(f"grid[{name!r}] mixes {sorted(kind.__name__ for kind in kinds)}; expected one kind of value")
    keys = [canonical({name: value}) for value in axis]
    for first, second in itertools.combinations(range(len(keys)), 2) if len(set(keys)) < len(keys) else ():
        if keys[first] == keys[second]:
            raise ValueError(f"grid[{name!r}] has {axis[first]!r} twice; each value names one cell")
    return axis


def _coordinate(name: str, value: Any) -> Coordinate:
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, (int, float, str)):
        raise TypeError(
            f"grid[{name!r}] has {value!r}, a {type(value).__name__}; expected numbers, strings or booleans, so that a "
            "cell has a name: pass a string and look the object up in the function"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"grid[{name!r}] has {value!r}; expected finite numbers")
    return value


def seeds_of(seeds: int | Iterable[int]) -> list[int]:
    """0, ..., seeds - 1, or the given seeds.  Raises: TypeError, ValueError.

    >>> seeds_of(3), seeds_of([7, 11])
    ([0, 1, 2], [7, 11])
    """
    try:
        found = [operator.index(s) for s in (seeds if isinstance(seeds, Iterable) else range(operator.index(seeds)))]
    except TypeError:
        raise TypeError(f"seeds is {seeds!r}; expected how many, or a list of integers >= 0") from None
    if not found or min(found) < 0 or len(set(found)) < len(found):
        raise ValueError(f"seeds is {seeds!r}; expected at least one seed, integers >= 0, none twice")
    return found


def cells_of(axes: Mapping[str, Sequence[Coordinate]], seeds: Sequence[int], paired: Sequence[str]) -> list[Cell]:
    """All cells in the order of the array of results.  Raises: ValueError when `paired` names no axis."""
    for name in paired:
        if name not in axes:
            raise ValueError(f"paired has {name!r}, which is no axis of the grid; its axes are {list(axes)}")
    cells = []
    for values, seed in itertools.product(itertools.product(*axes.values()), seeds):
        coordinates = dict(zip(axes, values, strict=True))
        streamed = {name: value for name, value in coordinates.items() if name not in paired}
        cells.append(Cell(coordinates, seed, streamed))
    return cells
