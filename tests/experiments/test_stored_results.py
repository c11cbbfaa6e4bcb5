"""Results as text: exact, whole or not at all, found where a reader has them; and the experiments that make them."""

import dataclasses
import json
import math
import re

import numpy as np
import pytest
import xarray

from onenn.experiments import Experiment, NotStored, experiments, load, registry, run, save, store, stored, sweep
from onenn.experiments.cells import axes_of, seeds_of


def odd(a, b, rng):
    """Numbers that a careless format changes."""
    if a == 2 and b == "y":
        raise ValueError('a "quoted" näme')
    return {"x": rng.random() / 3, "y": [math.nan, math.inf, -0.0, 5e-324][a]}


@pytest.fixture(scope="module")
def result():
    """A sweep with a failing cell."""
    with pytest.warns(UserWarning, match="1 of"):
        return sweep(odd, {"a": [0, 1, 2, 3], "b": ["x", "y"]}, seeds=1, executor=1)


def test_what_is_saved_is_loaded_to_the_last_bit(result, tmp_path):
    """Numbers are written with the digits that give them back; the texts of errors too."""
    again = load(save(result, tmp_path / "deep" / "result.json"))
    assert again.identical(result)
    assert np.signbit(again.y.sel(a=2, b="x")).all()
    assert again.failure.sel(a=2, b="y").item() == 'ValueError: a "quoted" näme'


def test_seven_digits_would_not_do(result, tmp_path):
    """The mutant: numbers rounded as a table prints them."""
    path = save(result, tmp_path / "result.json")
    data = json.loads(path.read_text())
    rows = data["variables"]["x"]["values"]
    data["variables"]["x"]["values"] = [[float(f"{x:.7g}") for x in row] for row in rows]
    path.write_text(json.dumps(data))
    assert not load(path).identical(result)


def test_a_file_has_a_line_for_each_row(tmp_path):
    """A number that changes changes one line of a comparison."""
    data = xarray.Dataset({"v": (("n", "seed"), np.arange(6.0).reshape(3, 2))}, coords={"n": [1, 2, 3], "seed": [0, 1]})
    before = save(data, tmp_path / "a.json").read_text().split("\n")
    data["v"][1, 1] = 7
    after = save(data, tmp_path / "b.json").read_text().split("\n")
    assert [line for line in after if line not in before] == ["   [2.0, 7.0],"]


def test_results_of_any_shape_and_type_are_kept(tmp_path):
    """No dimension, three, integers, booleans, texts on an axis."""
    data = xarray.Dataset(
        {
            "zero": ((), 2.5),
            "three": (("a", "b", "c"), np.arange(8).reshape(2, 2, 2)),
            "flag": ("a", [True, False]),
            "text": ("b", np.array(["", "é"], dtype=object)),
        },
        coords={"a": ["p", "q"], "b": [1, 2], "c": [0.5, 1.5]},
    )
    again = load(save(data, tmp_path / "a.json"))
    assert again.identical(data)
    assert {name: v.dtype.kind for name, v in again.items()} == {name: v.dtype.kind for name, v in data.items()}


def test_a_write_that_fails_leaves_the_old_result(result, tmp_path, monkeypatch):
    """The new text takes the place of the old one when it is whole."""
    path = save(result, tmp_path / "result.json")
    before = path.read_text()
    monkeypatch.setattr(store, "_text", lambda result: "x" + chr(0xD800))  # cannot be encoded
    with pytest.raises(UnicodeEncodeError):
        save(result, path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_only_json_is_written(result, tmp_path):
    """The name says what is inside."""
    with pytest.raises(ValueError, match=r"ends in \.json"):
        save(result, tmp_path / "result.nc")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "another"}', "not json"])
def test_a_file_of_another_format_is_refused(tmp_path, text):
    """By name, with what was expected."""
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match="written by save"):
        load(tmp_path / "a.json")


@pytest.mark.parametrize("folder", ["_data", "chapters/_data", "../_data", "../../_data"])
def test_a_stored_result_is_found_beside_the_notebook_and_above(result, tmp_path, monkeypatch, folder):
    """A downloaded notebook with its data in a folder beside it runs anywhere."""
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    save(result, here / folder / "mine.json")
    monkeypatch.chdir(here)
    assert stored("mine").identical(result)


def test_a_stored_result_is_found_in_the_book_and_among_the_installed_files(result, tmp_path, monkeypatch):
    """The working folder may be any."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store.sysconfig, "get_path", lambda name: str(tmp_path / "prefix"))
    save(result, tmp_path / "prefix" / "share" / "onenn" / "_data" / "installed.json")
    assert stored("installed").identical(result)
    monkeypatch.setattr(store, "book_data", lambda: tmp_path / "book")
    save(result, tmp_path / "book" / "booked.json")
    assert stored("booked").identical(result)


def test_a_result_that_is_nowhere_is_explained(tmp_path, monkeypatch):
    """Where it was looked for, where to get it, how to make it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotStored) as caught:
        stored("absent")
    said = str(caught.value)
    assert str(store.book_data()) in said
    assert "beside the notebook" in said
    assert "python -m onenn.experiments absent" in said


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "a.json"])
def test_a_name_is_no_path(name):
    """It is the name of an experiment."""
    with pytest.raises(ValueError, match="name is"):
        stored(name)


# The experiments of the book


def double(n, rng, data=None):
    """Twice n."""
    return 2 * n


EXPERIMENT = Experiment(
    name="double",
    chapter="index",
    description="twice n",
    function=double,
    grid={"n": [1, 2, 3]},
    seeds=2,
    small={"n": [1]},
    small_seeds=1,
)


def test_a_run_says_what_it_was(tmp_path):
    """Name, chapter, grid, seeds, versions, and the command that makes it again."""
    found = run(EXPERIMENT, cache=tmp_path / "cache", executor=1)
    assert found.value.sel(n=3).values.tolist() == [6.0, 6.0]
    assert found.attrs["command"] == "python -m onenn.experiments double"
    assert json.loads(found.attrs["grid"]) == {"n": [1, 2, 3]}
    assert (found.attrs["experiment"], found.attrs["chapter"]) == ("double", "index")
    assert json.loads(found.attrs["seeds"]) == [0, 1]


def test_a_trial_is_smaller_and_says_so(tmp_path):
    """Its cache is another, so its cells are not those of the result."""
    assert (EXPERIMENT.size(), EXPERIMENT.size(small=True)) == (6, 1)
    found = run(EXPERIMENT, cache=tmp_path / "cache", executor=1, small=True)
    assert found.attrs["command"] == "python -m onenn.experiments double --small"
    assert dict(found.sizes) == {"n": 1, "seed": 1}


def test_a_file_is_given_to_those_that_need_one_and_named_by_its_content(tmp_path):
    """The path is this machine's; the digest is the file's."""
    needy = dataclasses.replace(EXPERIMENT, data="a file of numbers")
    file = tmp_path / "numbers.txt"
    file.write_text("1 2 3")
    found = run(needy, cache=tmp_path / "cache", executor=1, data=file)
    assert found.attrs["data"].startswith("numbers.txt, SHA-256 ")
    assert found.attrs["command"] == "python -m onenn.experiments double --data FILE"
    assert str(tmp_path) not in json.dumps(found.attrs)
    with pytest.raises(ValueError, match="needs a file, a file of numbers; give it with --data FILE"):
        run(needy, cache=tmp_path / "cache")
    with pytest.raises(FileNotFoundError, match="expected a file of numbers"):
        run(needy, cache=tmp_path / "cache", data=tmp_path / "none")
    with pytest.raises(ValueError, match="needs no file; leave out --data"):
        run(EXPERIMENT, cache=tmp_path / "cache", data=file)


def test_an_experiment_is_checked_when_it_is_written_down():
    """Axes of the trial, of the pairs, names, seeds."""
    for change in ({"small": {"m": [1]}}, {"paired": ["m"]}, {"seeds": 0}, {"grid": {"n": []}}, {"name": "a b"}):
        with pytest.raises(ValueError, match=r"m'|seeds is|empty|name is"):
            dataclasses.replace(EXPERIMENT, **change)


def test_two_experiments_of_one_name_are_refused(monkeypatch):
    """The second would overwrite the result of the first."""
    monkeypatch.setattr(registry, "EXPERIMENTS", (EXPERIMENT, EXPERIMENT), raising=False)
    with pytest.raises(ValueError, match="two experiments are called 'double'"):
        experiments()


BOOK = store.book_data()
FILES = sorted(BOOK.glob("*.json")) if BOOK else []
RESULTS = [path for path in FILES if json.loads(path.read_text()).get("format") == store.FORMAT]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_each_stored_result_is_the_one_its_experiment_makes(path):
    """Grid, seeds, function and command are those of the registry, and the versions are there."""
    found, experiment = load(path), experiments()[path.stem]
    assert {name: found[name].values.tolist() for name in found.dims if name != "seed"} == axes_of(experiment.grid)
    assert found.seed.values.tolist() == seeds_of(experiment.seeds)
    assert found.attrs["function"] == f"{experiment.function.__module__}.{experiment.function.__qualname__}"
    assert found.attrs["command"].startswith(f"python -m onenn.experiments {experiment.name}")
    assert "numpy" in json.loads(found.attrs["versions"])
    assert found.attrs["chapter"] == experiment.chapter


def test_what_a_page_shows_is_stored_and_registered():
    """Each stored("name") in a chapter or in its figures has its file, and one command that makes it again."""
    root = BOOK.parents[1]
    pages = [*(root / "chapters").glob("*.md"), *(root / "onenn" / "plots").glob("*.py")]
    shown = {name for page in pages for name in re.findall(r"\bstored\([\"']([^\"']+)", page.read_text())}
    assert shown <= {path.stem for path in RESULTS} & set(experiments())
