"""Sweeps in this process and in others: labels, numbers, failures, caches that go on and caches that are refused."""

import functools
import importlib
import json
import math
import os
import sys
import warnings

import numpy as np
import pytest

from onenn.experiments import CacheMismatch, CellFailure, grids, journal, sweep, workers
from onenn.experiments.fingerprint import Fingerprint

CALLS: list[tuple] = []


def mean(n, scale, rng):
    """A number that depends on both axes and on the stream."""
    CALLS.append((n, scale))
    return scale * rng.standard_normal(n).mean()


def other(n, scale, rng):
    """Another function of the same axes."""
    return n + scale


def two(n, rng):
    """Two numbers, one of them missing where n is 3."""
    found = {"square": n * n, "draw": rng.random()}
    return found if n != 3 else {"square": 9}


def failing(n, rng, limit=3):
    """Fails beyond the limit."""
    CALLS.append((n,))
    if n > limit:
        raise ArithmeticError(f"n = {n} is too much")
    return rng.random()


def dying(n, rng):
    """Takes its process with it at n = 2."""
    if n == 2:
        os._exit(1)
    return rng.random()


def threads(n):
    """How many threads the linear algebra of this process may use, as libraries and as the environment say."""
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    return {"blas": max(i["num_threads"] for i in threadpool_info()), "openmp": int(os.environ["OMP_NUM_THREADS"])}


GRID = {"n": [10, 20, 30], "scale": [1.0, 2.5]}


@pytest.fixture(autouse=True)
def no_calls():
    """Each test counts its own."""
    CALLS.clear()


def here(function, grid, **options):
    """A sweep in this process."""
    return sweep(function, grid, executor=1, **options)


def test_the_result_is_labelled_by_axes_and_seed():
    """Each number stands at its coordinates: recomputed from the stream that the cell documents."""
    result = here(mean, GRID, seeds=[4, 7])
    assert dict(result.sizes) == {"n": 3, "scale": 2, "seed": 2}
    assert result.value.dims == ("n", "scale", "seed")
    for n in GRID["n"]:
        for scale in GRID["scale"]:
            for seed in (4, 7):
                (cell,) = grids.cells_of({"n": [n], "scale": [scale]}, [seed], [])
                expected = mean(n, scale, np.random.default_rng(cell.stream()))
                assert result.value.sel(n=n, scale=scale, seed=seed) == expected
    assert (result.failure == "").all()


def test_the_attributes_say_what_was_run():
    """Function, digest of its code, seeds, pairs, versions, command: texts, which any format of files can hold."""
    attributes = here(mean, GRID, seeds=2, paired=["scale"]).attrs
    assert attributes["function"] == "test_sweep.mean"
    assert json.loads(attributes["seeds"]) == [0, 1]
    assert json.loads(attributes["paired"]) == ["scale"]
    assert json.loads(attributes["versions"])["numpy"] == np.__version__
    assert len(attributes["code"]) == 16
    assert all(isinstance(value, str) for value in attributes.values())
    assert "/" not in attributes["command"].split("pytest")[0]  # no folder of this machine


def test_a_dictionary_gives_a_variable_for_each_name():
    """A name that a cell leaves out is nan there; integers and booleans are floats."""
    result = here(two, {"n": [2, 3]})
    assert result.square.values.ravel().tolist() == [4.0, 9.0]
    assert np.isfinite(result.draw.sel(n=2)).all()
    assert np.isnan(result.draw.sel(n=3)).all()
    assert set(result.data_vars) == {"square", "draw", "failure"}


@pytest.mark.parametrize("returned", [3, 2.5, True, np.float32(1), np.bool_(True), np.array(4.0), np.int64(2)])
def test_any_real_number_may_be_returned(returned):
    """NumPy's scalars as well as Python's."""
    result = here(lambda n: returned, {"n": [1]})
    assert result.value.dtype == np.float64
    assert result.value.item() == float(returned)


@pytest.mark.parametrize("returned", [None, "text", [1, 2], np.ones(2), 1j, {"a": "b"}, {"seed": 1}, {3: 1}])
def test_what_is_no_number_is_a_failing_cell(returned):
    """The text says what was expected."""
    with pytest.warns(CellFailure, match="expected"):
        result = here(lambda n: returned, {"n": [1]})
    assert "TypeError" in result.failure.item()


def test_nothing_is_swept_over_an_empty_grid_but_seeds():
    """The product of no axes is one cell."""
    assert here(lambda rng: rng.random(), {}, seeds=3).value.dims == ("seed",)


@pytest.mark.slow
def test_the_numbers_are_the_same_for_any_number_of_processes_and_any_order():
    """A stream belongs to its cell, and every worker has one thread."""
    alone = here(mean, GRID, seeds=3)
    backwards = {name: values[::-1] for name, values in reversed(GRID.items())}
    together = sweep(mean, backwards, seeds=[2, 1, 0], executor=2)
    assert together.transpose(*alone.dims).sortby(list(alone.dims)).value.identical(alone.value)


@pytest.mark.slow
def test_workers_use_one_thread_and_this_process_gets_its_own_back():
    """Bit for bit the same needs the same number of threads, and more than one per core is slower."""
    before = dict(os.environ)
    for executor in (1, 2):
        result = sweep(threads, {"n": [1, 2, 3]}, executor=executor)
        assert (result.blas == 1).all()
        assert (result.openmp == 1).all()
    assert dict(os.environ) == before


@pytest.mark.slow
def test_workers_run_the_code_as_it_is_now_and_not_as_it_was(tmp_path, monkeypatch):
    """A module that was edited and reloaded: processes left from the sweep before still have the old one."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for factor in (2, 30):
        (tmp_path / "edited_module.py").write_text(f"def f(n):\n    return n * {factor}\n")
        importlib.invalidate_caches()
        module = importlib.reload(importlib.import_module("edited_module"))
        values = sweep(module.f, {"n": [1, 2, 3]}, executor=2).value.values.ravel()
        assert values.tolist() == [factor, 2 * factor, 3 * factor]


@pytest.mark.slow
def test_workers_write_into_the_cache_wherever_they_stand(tmp_path, monkeypatch):
    """A relative path is that of this process when the sweep begins."""
    monkeypatch.chdir(tmp_path)
    sweep(mean, GRID, executor=2, cache="cache")
    assert (tmp_path / "cache").read_text().count('"cell"') == 6


@pytest.mark.slow
def test_a_cell_that_kills_its_process_is_a_failing_cell():
    """The others are computed; those under way beside it are done again, alone."""
    with pytest.warns(CellFailure, match="1 of 5 cells failed.*n=2"):
        result = sweep(dying, {"n": [0, 1, 2, 3, 4]}, executor=2)
    assert "died" in result.failure.sel(n=2).item()
    assert np.isfinite(result.value.sel(n=[0, 1, 3, 4])).all()


def test_a_failing_cell_is_recorded_and_does_not_stop_the_rest(tmp_path):
    """Its number is nan and its error is beside it; the next run does not try again unless asked to."""
    for _ in range(2):
        with pytest.warns(CellFailure, match="2 of 4 cells failed; the first, n=4, seed=0: ArithmeticError: n = 4"):
            result = here(failing, {"n": [1, 4, 2, 5]}, cache=tmp_path / "cache")
        assert np.isnan(result.value.squeeze()).values.tolist() == [False, True, False, True]
        assert result.failure.sel(n=5).item() == "ArithmeticError: n = 5 is too much"
    assert len(CALLS) == 4


def test_failed_cells_are_computed_again_on_request(tmp_path):
    """The cause may have been outside the code: memory, a disk."""
    with pytest.warns(CellFailure):
        here(failing, {"n": [1, 4]}, cache=tmp_path / "cache")
    with pytest.warns(CellFailure):
        here(failing, {"n": [1, 4]}, cache=tmp_path / "cache", retry=True)
    assert [n for (n,) in CALLS] == [1, 4, 4]


def test_a_failing_cell_of_another_grid_is_not_counted(tmp_path):
    """The cache may hold more than is asked for."""
    with pytest.warns(CellFailure):
        here(failing, {"n": [1, 4]}, cache=tmp_path / "cache")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        here(failing, {"n": [1, 2]}, cache=tmp_path / "cache")


def test_a_larger_grid_computes_only_what_is_new(tmp_path):
    """And the old numbers stay as they are."""
    small = here(mean, GRID, seeds=2, cache=tmp_path / "cache")
    assert len(CALLS) == 12
    large = here(mean, {"scale": [2.5, 7.0, 1.0], "n": [5, 10, 20, 30]}, seeds=3, cache=tmp_path / "cache")
    assert len(CALLS) == 36
    assert large.value.sel(small.coords).transpose(*small.dims).identical(small.value)


def test_a_cache_gives_back_exactly_what_was_computed(tmp_path):
    """Numbers are written with all their digits, nan and infinities by name."""

    def odd(n, rng):
        return {"a": rng.random() / 3, "b": math.nan, "c": math.inf, "d": -0.0, "e": 5e-324}

    first = here(odd, {"n": [1, 2]}, cache=tmp_path / "cache")
    again = here(odd, {"n": [1, 2]}, cache=tmp_path / "cache")
    assert again.identical(first)
    assert (np.signbit(again.d)).all()


def test_a_torn_last_line_costs_one_cell(tmp_path):
    """What a kill in the middle of a write leaves behind is no cell, and the next line is whole again."""
    cache = tmp_path / "cache"
    complete = here(mean, GRID, cache=cache)
    text = cache.read_bytes()
    for cut in (1, 20, len(text.split(b"\n")[-1]) - 1):
        CALLS.clear()
        cache.write_bytes(text[:-cut])
        assert here(mean, GRID, cache=cache).identical(complete)
        assert len(CALLS) == 1
        CALLS.clear()
        assert here(mean, GRID, cache=cache).identical(complete)
        assert not CALLS


def test_records_that_end_with_a_line_feed_would_lose_a_second_cell(tmp_path, monkeypatch):
    """The mutant: the record that follows a torn line is glued to it."""

    def glued(path, record):
        with path.open("a") as file:
            file.write(json.dumps({**record, "cell": json.loads(record["cell"])}) + "\n")

    cache = tmp_path / "cache"
    here(mean, GRID, cache=cache)
    cache.write_bytes(cache.read_bytes()[:-5])
    monkeypatch.setattr(workers, "append", glued)
    here(mean, GRID, cache=cache)
    CALLS.clear()
    here(mean, GRID, cache=cache)
    assert len(CALLS) == 1


@pytest.mark.parametrize("length", [0, 1, 60])
def test_a_cache_that_was_killed_at_its_birth_begins_anew(tmp_path, length):
    """Its first line is torn, and nothing follows."""
    cache = tmp_path / "cache"
    expected = here(mean, GRID, cache=cache)
    cache.write_bytes(cache.read_bytes()[:length])
    assert here(mean, GRID, cache=cache).identical(expected)
    assert cache.read_text().count('"cell"') == 6


@pytest.mark.parametrize("content", ["hello", "n,value\n1,2\n", '{"a": 1}\n{"b": 2}', "[1]", "\n\n"])
def test_a_file_that_is_no_cache_is_left_alone(tmp_path, content):
    """A table of somebody's is not overwritten."""
    cache = tmp_path / "cache"
    cache.write_text(content)
    with pytest.raises(CacheMismatch, match="not a cache"):
        here(mean, GRID, cache=cache)
    assert cache.read_text() == content


def test_a_cache_of_another_function_is_refused(tmp_path):
    """The text names both, and what to do."""
    here(mean, GRID, cache=tmp_path / "cache")
    with pytest.raises(CacheMismatch, match=r"test_sweep\.mean, not of test_sweep\.other.*delete"):
        here(other, GRID, cache=tmp_path / "cache")


def test_a_cache_of_other_code_is_refused(tmp_path):
    """The same name and other numbers: a mixture of both would be the result of no program."""
    sources = {}
    for constant in (1, 2):
        path = tmp_path / "changing.py"
        path.write_text(f"def f(n):\n    return n * {constant}\n")
        namespace = {"__name__": "changing"}
        exec(compile(path.read_text(), str(path), "exec"), namespace)
        import linecache

        linecache.clearcache()
        sources[constant] = namespace["f"]
        if constant == 1:
            here(sources[1], {"n": [1]}, cache=tmp_path / "cache")
            here(sources[1], {"n": [2]}, cache=tmp_path / "cache")
    with pytest.raises(CacheMismatch, match=r"other code of changing\.f.*digest"):
        here(sources[2], {"n": [1]}, cache=tmp_path / "cache")


def test_a_cache_with_other_pairs_or_versions_is_refused(tmp_path, monkeypatch):
    """Other pairs are other draws; other libraries may give other digits."""
    here(mean, GRID, cache=tmp_path / "cache")
    with pytest.raises(CacheMismatch, match=r"paired = \[\], now \['scale'\]"):
        here(mean, GRID, cache=tmp_path / "cache", paired=["scale"])
    same = grids.fingerprint(mean)
    later = Fingerprint(same.function, same.code, {**same.versions, "numpy": "99"})
    monkeypatch.setattr(grids, "fingerprint", lambda function: later)
    with pytest.raises(CacheMismatch, match=r"numpy .*now 99"):
        here(mean, GRID, cache=tmp_path / "cache")


def test_a_folder_holds_one_cache_for_each_function(tmp_path):
    """Named after the function and its code."""
    here(mean, GRID, cache=tmp_path)
    here(other, GRID, cache=tmp_path)
    here(mean, GRID, cache=tmp_path)
    assert len(CALLS) == 6
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["test_sweep.mean", "test_sweep.other"]


def test_a_cache_in_use_is_refused(tmp_path):
    """Two sweeps at once would compute every cell twice."""
    with journal.journal(tmp_path / "cache", grids.fingerprint(mean), []), pytest.raises(OSError, match="in use"):
        here(mean, GRID, cache=tmp_path / "cache")
    here(mean, GRID, cache=tmp_path / "cache")


def test_paired_axes_get_the_same_data():
    """The difference between two methods is then not a difference of data."""
    result = here(lambda method, n, rng: rng.random(), {"method": ["a", "b"], "n": [1, 2]}, seeds=3, paired=["method"])
    assert (result.value.sel(method="a") == result.value.sel(method="b")).all()
    assert (result.value.sel(n=1) != result.value.sel(n=2)).all()


def test_a_function_may_ask_for_an_integer_seed():
    """For torch and scikit-learn, whose seeds are at most 2^32 - 1; another one in each cell."""
    seeds = here(lambda n, seed: seed, {"n": [1, 2]}, seeds=3).value.values.ravel()
    assert len(set(seeds)) == 6
    assert (seeds >= 0).all()
    assert (seeds < 2**32).all()


def test_a_function_without_a_stream_is_not_repeated_silently():
    """Three seeds of a computation without chance are one observation."""
    with pytest.warns(UserWarning, match="repeat one computation"):
        here(lambda n: n, {"n": [1]}, seeds=3)


def test_bound_values_are_part_of_the_code(tmp_path):
    """functools.partial(f, limit=3) and limit=4 are two functions."""
    here(functools.partial(failing, limit=3), {"n": [1]}, cache=tmp_path / "cache")
    here(functools.partial(failing, limit=3), {"n": [2]}, cache=tmp_path / "cache")
    with pytest.raises(CacheMismatch):
        here(functools.partial(failing, limit=4), {"n": [1]}, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda m, rng: m, "no parameter 'n'"),
        (lambda n, m, rng: m, "needs 'm'"),
        (lambda n, /, rng=None: n, "no parameter 'n'"),
    ],
)
def test_a_function_of_other_axes_is_refused_before_anything_runs(function, says):
    """Otherwise every cell would fail, one after another."""
    with pytest.raises(ValueError, match=says):
        here(function, {"n": [1]})


def test_keywords_of_any_name_are_taken_too():
    """**parameters takes the axes, and the generator."""
    assert here(lambda **given: given["n"] + given["rng"].random() * 0, {"n": [1]}).value.item() == 1


@pytest.mark.parametrize("executor", [0, -2])
def test_there_is_at_least_one_process(executor):
    """-1 is not "all": None is."""
    with pytest.raises(ValueError, match="at least 1, or None for all cores"):
        sweep(mean, GRID, executor=executor)


@pytest.mark.parametrize("executor", ["local", 1.5, True, object()])
def test_what_is_no_executor_is_refused(executor):
    """The text lists what is one."""
    with pytest.raises(TypeError, match="dask"):
        sweep(mean, GRID, executor=executor)


def test_other_arguments_that_are_not_as_said_are_refused():
    """By name, with what to write."""
    with pytest.raises(TypeError, match=r"\['scale'\]"):
        here(mean, GRID, paired="scale")
    with pytest.raises(TypeError, match="function is a int"):
        here(3, GRID)
    with pytest.warns(CellFailure, match="axis of the grid; rename"):
        here(lambda value: value, {"value": [1]})
