"""Stored results computed again: what is the same is confirmed, what is not is found, in the book as well."""

import math

import numpy as np
import pytest

from onenn.experiments import Experiment, Recomputed, __main__, experiments, registry, save, sweep, verify


def draw(n, rng):
    """A number of its own for each cell, one that ends at rounding, a time, and an error at n = 3."""
    if n == 3:
        raise ArithmeticError("three is too much")
    return {"x": rng.random(), "error": 1e-15 * rng.random(), "nothing": math.nan, "end": math.inf, "seconds": 1.0}


DRAW = Experiment(
    name="draw",
    chapter="index",
    description="numbers",
    function=draw,
    grid={"n": [1, 2, 3]},
    seeds=4,
    unsteady=["seconds"],
)


@pytest.fixture
def result():
    """The sweep at full size."""
    with pytest.warns(UserWarning, match="4 of 12 cells failed"):
        return sweep(draw, DRAW.grid, seeds=DRAW.seeds, executor=1)


def test_each_cell_comes_out_as_it_was(result):
    """All twelve, each once, in an order that the seed decides; failures have the same text."""
    found = verify(DRAW, cells=99, result=result)
    assert not any(again.differences for again in found)
    assert len({str(again) for again in found}) == 12
    assert {str(again) for again in verify(DRAW, cells=99, seed=1, result=result)} == {str(again) for again in found}
    assert str(found[0]).startswith("same       n=")


CHANGES = {
    "a digit": ("x", lambda values: values * (1 + 1e-5), 8),
    "a last digit": ("x", lambda values: values * (1 + 1e-9), 0),
    "an error at rounding": ("error", lambda values: values * 7 + 1e-14, 0),
    "an error that is none": ("error", lambda values: values + 1e-4, 8),
    "a number for none": ("nothing", lambda values: np.nan_to_num(values, nan=1.0), 12),
    "an end of the other sign": ("end", lambda values: -values, 8),
    "a time": ("seconds", lambda values: 9 * values, 0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_stored_number_that_is_not_that_of_the_code_is_found(name, result):
    """In every cell that has one; last digits, numbers below 1e-8 and times may differ."""
    variable, change, cells = CHANGES[name]
    result[variable][:] = change(result[variable].values)
    different = [again for again in verify(DRAW, cells=12, result=result) if again.differences]
    assert len(different) == cells
    assert all(set(again.differences) == {variable} for again in different)
    assert all(str(again).startswith("different  n=") and " -> " in str(again) for again in different)


def test_failures_and_variables_are_compared(result):
    """Another error, an error that is gone, a variable that is new."""
    result.failure[2, :2] = ["ArithmeticError: another", ""]
    found = {(again.cell["n"], again.cell["seed"]): again for again in verify(DRAW, cells=12, result=result)}
    assert found[3, 0].differences == {"failure": ("ArithmeticError: another", "ArithmeticError: three is too much")}
    assert set(found[3, 1].differences) == {"failure"} and not found[3, 2].differences
    without = verify(DRAW, result=result.drop_vars("end"), cells=12)
    assert all(("end" in again.differences) == (again.cell["n"] != 3) for again in without)


def test_the_streams_are_those_of_the_sweep_at_full_size():
    """Axes that leave the stream as it is do so for one cell alone too."""
    paired = Experiment(
        name="pair", chapter="index", description="", function=lambda a, n, rng: a * rng.random(),
        grid={"a": [1, 2], "n": [1, 2]}, seeds=2, paired=["a"],
    )  # fmt: skip
    whole = sweep(paired.function, paired.grid, seeds=2, paired=["a"], executor=1)
    assert not any(again.differences for again in verify(paired, cells=8, result=whole))
    apart = sweep(paired.function, paired.grid, seeds=2, executor=1)
    assert all(again.differences for again in verify(paired, cells=8, result=apart))


def test_no_cells_are_refused(result):
    """With what was expected."""
    with pytest.raises(ValueError, match="cells is 0; expected at least 1"):
        verify(DRAW, cells=0, result=result)


def test_the_command_says_which_cells_differ(result, monkeypatch, tmp_path, capsys):
    """Exit status 0 where all is the same, 1 where it is not, 2 where nothing is stored."""
    monkeypatch.setattr(registry, "experiments", lambda: {"draw": DRAW})
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["draw", "--verify", "2"]) == 2
    assert "there is no stored result 'draw'" in capsys.readouterr().err
    save(result, tmp_path / "_data" / "draw.json")
    assert __main__.main(["draw", "--verify", "12"]) == 0
    assert capsys.readouterr().out.count("same       n=") == 12
    result.x[0, 0] = 9.0
    save(result, tmp_path / "_data" / "draw.json")
    assert __main__.main(["draw", "--verify", "12", "--seed", "5"]) == 1
    assert "different  n=1, seed=0: x 9.0 -> " in capsys.readouterr().out


QUICK = ("recovery-rate", "phase-transition", "minima-with-one-unit-more", "ends-of-descents", "noise")


@pytest.mark.parametrize("name", QUICK)
def test_the_stored_results_of_the_book_are_those_of_this_code(name):
    """Two cells each of experiments whose cells take a second and end at solutions; the others by the command."""
    found = verify(experiments()[name], cells=2, seed=1)
    assert len(found) == 2 and all(isinstance(again, Recomputed) for again in found)
    assert not any(again.differences for again in found), "\n".join(map(str, found))
