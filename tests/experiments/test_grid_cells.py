"""The cells of a grid: their names, their streams, and what no grid may hold."""

import numpy as np
import pytest

from onenn.experiments import cells
from onenn.experiments.cells import Cell, axes_of, canonical, cells_of, seeds_of


def draw(cell: Cell) -> float:
    """The first number of the stream of a cell."""
    return float(np.random.default_rng(cell.stream()).random())


def draws(grid: dict, seeds=3, paired=()) -> dict[str, float]:
    """The first number of each cell, by the name of the cell."""
    return {cell.key: draw(cell) for cell in cells_of(axes_of(grid), seeds_of(seeds), paired)}


def larger_grids_agree() -> bool:
    """The law of this module: a cell draws the same on any grid that has it, in any order of axes and values."""
    small = draws({"n": [10, 20], "phi": ["relu", "tanh"]})
    large = draws({"phi": ["tanh", "erf", "relu"], "n": [30, 20, 5, 10]}, seeds=[5, 2, 0, 1])
    return all(large[key] == value for key, value in small.items())


def test_a_cell_draws_the_same_on_any_grid_that_has_it():
    """Its stream is made from its coordinates and seed, and position is neither."""
    assert larger_grids_agree()


def test_streams_made_from_the_position_break_that_law(monkeypatch):
    """The mutant: the usual SeedSequence(seed).spawn(number of cells), which every extension of the grid reshuffles."""
    count = iter(range(10**6))
    monkeypatch.setattr(Cell, "stream", lambda cell: np.random.SeedSequence(cell.seed, spawn_key=(next(count),)))
    assert not larger_grids_agree()


def test_streams_are_different_from_cell_to_cell():
    """Sixty-four bits of BLAKE2b for each of a few hundred cells: two alike would be a defect, not an accident."""
    values = draws({"n": list(range(20)), "rate": [0.1, 0.2], "phi": ["a", "b"]}, seeds=4)
    assert len(set(values.values())) == len(values) == 320


def test_a_stream_is_a_number_of_its_own_for_ever():
    """Stored results are named by their seeds, so the streams may not change with a version; computed once, by hand:
    BLAKE2b-128 of '{"n": 100}' as four little-endian words is the spawn key."""
    import hashlib

    digest = hashlib.blake2b(b'{"n": 100}', digest_size=16).digest()
    key = tuple(int.from_bytes(digest[4 * i : 4 * i + 4], "little") for i in range(4))
    expected = np.random.default_rng(np.random.SeedSequence(7, spawn_key=key)).random()
    assert draws({"n": [100]}, seeds=[7]) == {'{"n": 100, "seed": 7}': expected}


def test_paired_axes_share_their_draws_and_no_others_do():
    """Methods are compared on the same data: the axis of methods does not enter the stream."""
    (cell, other), apart = (
        cells_of({"method": ["a", "b"], "n": [1]}, [0], ["method"]),
        cells_of({"method": ["a", "b"], "n": [1]}, [0], []),
    )
    assert draw(cell) == draw(other)
    assert cell.key != other.key
    assert len({draw(c) for c in apart}) == 2


def test_an_axis_of_floats_names_the_cells_of_the_list_of_integers():
    """numpy.linspace(1, 3, 3) and [1, 2, 3] are one axis, 1.5 is a value of its own, True is not 1."""
    assert list(draws({"n": np.array([1.0, 2.0])})) == list(draws({"n": [1, 2]}))
    assert canonical({"n": 1.5}) != canonical({"n": 1})
    assert canonical({"n": True}) != canonical({"n": 1})
    assert canonical({"n": 2.0**60}) == '{"n": 1.152921504606847e+18}'


@pytest.mark.parametrize(
    ("grid", "error", "says"),
    [
        ([1, 2], TypeError, "mapping"),
        ({"n": 5}, TypeError, r"\[5\]"),
        ({"phi": "relu"}, TypeError, r"\['relu'\]"),
        ({"n": []}, ValueError, "at least one"),
        ({"n": [1, 2, 1.0]}, ValueError, "twice"),
        ({"n": [1, "a"]}, TypeError, "mixes"),
        ({"n": [True, 2]}, TypeError, "mixes"),
        ({"n": [(1, 2)]}, TypeError, "look the object up"),
        ({"n": [None]}, TypeError, "NoneType"),
        ({"n": [1j]}, TypeError, "complex"),
        ({"n": [float("nan")]}, ValueError, "finite"),
        ({"n": [float("inf")]}, ValueError, "finite"),
        ({"seed": [1]}, ValueError, "rename"),
        ({"failure": [1]}, ValueError, "rename"),
        ({"2n": [1]}, ValueError, "parameter"),
        ({3: [1]}, ValueError, "parameter"),
    ],
)
def test_what_names_no_cell_is_refused_with_the_axis(grid, error, says):
    """A cell must have one name that a file can hold."""
    with pytest.raises(error, match=says):
        axes_of(grid)


@pytest.mark.parametrize("seeds", [0, -1, [], [1, 1], [-1, 2]])
def test_seeds_are_different_and_not_negative(seeds):
    """A seed twice would be one observation counted as two."""
    with pytest.raises(ValueError, match="seeds is"):
        seeds_of(seeds)


@pytest.mark.parametrize("seeds", [1.5, "abc", [0.5], None])
def test_seeds_are_integers(seeds):
    """0.5 is the seed of nothing."""
    with pytest.raises(TypeError, match="seeds is"):
        seeds_of(seeds)


def test_a_paired_axis_is_an_axis():
    """A misspelt one would silently pair nothing."""
    with pytest.raises(ValueError, match="no axis"):
        cells_of({"n": [1]}, [0], ["methods"])


def test_numpy_scalars_become_numbers_that_json_knows():
    """np.int64(3) is 3."""
    assert axes_of({"n": np.arange(2), "phi": np.array(["a"])}) == {"n": [0, 1], "phi": ["a"]}
    assert cells.canonical({"n": axes_of({"n": [np.float32(0.5)]})["n"][0]}) == '{"n": 0.5}'
