"""The parts of a sweep alone: values in a notebook, surroundings of a worker, caches, listings, judgments of peers."""

import ast
import itertools
import json
import linecache
import math
import os
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.experiments import Experiment, __main__, atlas, comparison, dimension, journal, store, workers
from onenn.experiments.cells import Cell, axes_of
from onenn.experiments.fingerprint import fingerprint
from onenn.experiments.grids import _command
from onenn.experiments.reach import Reached, _imports


@pytest.fixture
def notebook(monkeypatch):
    """Cells that have a source and no file, as IPython keeps them: the functions of a module by name."""

    def made(text, **values):
        module = ModuleType("cells_of_a_notebook")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        vars(module).update(values)
        name = f"<cell of {len(text)}>"
        monkeypatch.setitem(linecache.cache, name, (len(text), None, text.splitlines(keepends=True), name))
        exec(compile(text, name, "exec"), vars(module))
        return module

    return made


CELL = "def run(n):\n    return helper(n) + SIZES['a'][0] + OTHER(n)\n"


def test_in_a_notebook_values_count_as_they_are(notebook):
    """No statement is known that made them: numbers inside mappings and lists, functions, modules of other values."""

    def texts(**values):
        values = {"helper": abs, "SIZES": {"a": [1, 2]}, "OTHER": abs, **values}
        return Reached(notebook(CELL, **values).run)

    plain = texts()
    assert {"1", "2", "'a'"} <= set(plain.texts.values())
    assert texts().texts == plain.texts
    for change in ({"a": [1, 3]}, {"b": [1, 2]}, {"a": [1, 2, 3]}):
        assert texts(SIZES=change).texts != plain.texts
    assert "fractions" in texts(SIZES=__import__("fractions").Fraction(1, 2)).modules
    assert "json" in texts(helper=json).modules
    assert "onenn.experiments.cells" in texts(SIZES=[axes_of]).modules
    assert {"True", "None", "2.5"} <= set(texts(SIZES=(True, None, 2.5)).texts.values())


def test_a_default_that_is_a_statement_is_followed_once(notebook):
    """A function that calls itself by name, and one that is defined in the same notebook."""
    module = notebook("def run(n):\n    return run(n - 1) + helper(n)\n\n\ndef helper(n):\n    return n\n")
    assert set(Reached(module.run).texts) == {"run", "helper"}


def test_relative_imports_start_from_the_package():
    """One dot is the package itself, each further one its parent; a member may be a module."""
    found = {
        text: next(_imports(ast.parse(text), "a.b.c"))
        for text in ("import x.y", "from x import y", "from . import y", "from .x import y", "from ..x import y")
    }
    assert list(found.values()) == ["x.y", "x", "a.b.c", "a.b.c.x", "a.b.x"]
    assert list(_imports(ast.parse("from ... import y, z"), "a.b.c")) == ["a", "a.y", "a.z"]


@pytest.mark.parametrize("there", [None, "7"])
def test_the_environment_is_as_it_was(there, monkeypatch):
    """One thread while the cells are computed; then the old value, or none."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if there:
        monkeypatch.setenv("OMP_NUM_THREADS", there)
    with workers._environment(workers.ONE_THREAD):
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ.get("OMP_NUM_THREADS") == there


def test_an_executor_is_a_number_of_processes_or_a_client(monkeypatch):
    """None: one for each core, here one core; an asynchronous client is refused before anything is sent."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    assert workers.chosen(None) is workers.in_this_process
    assert workers.chosen(1) is workers.in_this_process and workers.chosen(2) is not workers.in_this_process
    for wrong in (True, 1.0, "2", SimpleNamespace(submit=abs)):
        with pytest.raises(TypeError, match="expected None"):
            workers.chosen(wrong)
    with pytest.raises(ValueError, match="executor is 0; expected a number of processes, at least 1"):
        workers.chosen(0)
    with pytest.raises(ValueError, match="asynchronous=False"):
        next(workers.on_cluster(abs, [], None, SimpleNamespace(asynchronous=True)))


def test_a_worker_computes_with_one_thread(monkeypatch):
    """The record of the cell, the variables set for libraries that come later; the modules are looked at when new."""
    for name in workers.ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    limited = []
    monkeypatch.setattr("threadpoolctl.threadpool_limits", limited.append)
    monkeypatch.setattr(workers, "_limited", {})
    cell = Cell({"n": 3}, 0, {"n": 3})
    for _ in range(2):
        record = workers._in_worker(lambda n: {"double": 2 * n}, cell, None, os.getppid())
    assert record == {"cell": cell.key, "values": {"double": 6.0}}
    assert limited == [1] and all(os.environ[name] == "1" for name in workers.ONE_THREAD)


def test_a_worker_whose_sweep_is_gone_ends(monkeypatch):
    """Its parent is another process than the one that sent the cell: what it had queued is not computed."""

    def ended(status):
        raise SystemExit(status)

    monkeypatch.setattr(os, "_exit", ended)
    with pytest.raises(SystemExit, match="1"):
        workers._in_worker(lambda n: n, Cell({"n": 3}, 0, {}), None, os.getppid() + 1)


def test_a_value_that_is_there_twice_is_named():
    """The one that is repeated, not its neighbours."""
    with pytest.raises(ValueError, match=r"grid\['n'\] has 2 twice"):
        axes_of({"n": [1, 2, 3, 2]})
    with pytest.raises(ValueError, match=r"grid\['n'\] has 1.0 twice"):
        axes_of({"n": [4, 1.0, 1, 0]})


def test_a_line_of_json_that_is_no_header_is_no_cache(tmp_path):
    """Another format is refused by the same words as a text."""
    owner = fingerprint(axes_of)
    for text in ('{"format": "another"}', "{}", "[1]", "text"):
        path = tmp_path / "cache.jsonl"
        path.write_text(text + "\n")
        with pytest.raises(journal.CacheMismatch, match="is not a cache"), journal.journal(path, owner, []):
            pass
        assert path.read_text() == text + "\n"


def test_the_listing_says_what_is_missing(monkeypatch, tmp_path):
    """None at all; one that needs a file, which is stored or is not; one that is not stored."""
    monkeypatch.setattr(__main__, "experiments", dict)
    assert __main__.listing() == "no experiments are registered"
    options = {"chapter": "index", "description": "", "function": abs, "grid": {"n": [1]}, "seeds": 1}
    plain, needy = Experiment(name="plain", **options), Experiment(name="needy", data="a file", **options)
    assert [__main__._state(e, tmp_path) for e in (plain, needy)] == ["not stored", "needs --data"]
    assert [__main__._state(e, None) for e in (plain, needy)] == ["not stored", "needs --data"]
    for name in ("plain", "needy"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert [__main__._state(e, tmp_path) for e in (plain, needy)] == ["stored", "stored"]


def test_the_command_names_no_folder(monkeypatch):
    """A module by its name, a script by its own; a notebook has none."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "argv", ["/home/someone/run.py", "--n", "a b"])
    main = SimpleNamespace(__file__="run.py", __spec__=None)
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert _command() == "python run.py --n 'a b'"
    main.__spec__ = SimpleNamespace(name="onenn.experiments.__main__")
    assert _command() == "python -m onenn.experiments --n 'a b'"
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    assert _command() == ""


def test_there_is_always_a_place_for_data(monkeypatch, tmp_path):
    """Without a book, and in a folder that has no _data: that of the installed files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store, "book_data", lambda: None)
    assert [place.name for place in store.places_of_data()] == ["_data"]


@pytest.mark.parametrize("ratio", [0.5, 0.8, 1, 1.3, 2, 3])
def test_the_samples_of_the_atlas_are_rounded_up(ratio):
    """The least n with n >= ratio k*(d + 1), in exact arithmetic of the ratio's decimals."""
    from fractions import Fraction

    exact = Fraction(str(ratio)) * 55
    assert atlas.samples(ratio) - 1 < exact <= atlas.samples(ratio)


def test_the_parts_of_a_start_are_judged_by_angle_and_norm(monkeypatch):
    """A start turned by an angle out of the span: the sine; a tensor that is a tenth too large: a tenth."""
    teacher = OneHiddenLayer(np.eye(2, 3), np.ones(2), "relu")
    turned = OneHiddenLayer([[math.cos(0.3), 0.0, math.sin(0.3)], [0.0, 1.0, 0.0]], np.ones(2), "relu")
    monkeypatch.setattr("onenn.recovery.tensor_initialize", lambda *_, **__: turned)
    from onenn.recovery import network_moment

    monkeypatch.setattr("onenn.recovery.projected_moment", lambda data, j, B, fit: 1.1 * network_moment(teacher, j, B))
    X = np.random.default_rng(0).standard_normal((40, 3))
    found = dimension._errors(teacher, X, teacher.predict(X), np.random.default_rng(0))
    assert found["subspace"] == pytest.approx(math.sin(0.3)) and found["tensor"] == pytest.approx(0.1)
    assert found["start"] == pytest.approx(2 * math.sin(0.15) / math.sqrt(2))


@pytest.mark.parametrize("units", [2, 3])
def test_a_peer_is_judged_by_what_it_found(units, monkeypatch):
    """n = ratio k (d + 1), rounded up; a student whose units are a hundredth longer, and one with a unit more.

    Longer rows have the same directions: covered, not recovered; the error on new inputs is that of 1 %.
    """
    from onenn.experiments import peers

    sizes = []

    def fit(X, y, k, phi, *, rng, starts):
        sizes.append((X.shape, starts))
        teacher = random_teacher(2, 4, "relu", rng=np.random.default_rng(3))
        assert np.allclose(teacher.predict(X), y)
        W = np.vstack([1.01 * teacher.W, np.ones((units - 2, 4))])
        network = OneHiddenLayer(W, np.append(teacher.v, np.zeros(units - 2)), "relu")
        return peers.Fitted.of(network, starts=4, passes=17)

    monkeypatch.setitem(peers.PEERS, "made", (fit, 9))
    monkeypatch.setattr("time.process_time", itertools.count(100.0, 0.25).__next__)
    rng = np.random.default_rng(3)
    found = comparison.compare(peer="made", activation="relu", ratio=1.55, rng=rng, d=4, k=2)
    assert sizes == [((16, 4), 9)]
    assert found["covered"] and (found["starts"], found["passes"]) == (4, 17)
    assert math.isnan(found["recovered"]) if units == 3 else found["recovered"] == 0
    assert found["test_error"] == pytest.approx(0.01, rel=1e-9) and found["seconds"] == 0.25


@pytest.mark.parametrize("start", ["tensor", "random"])
def test_a_descent_is_reached_at_a_thousandth(start, monkeypatch):
    """Of the spread of the values: the residual of the given end decides, and its steps count where it is reached."""
    from onenn.experiments import peers

    seen = {}

    def descended(X, y, phi, W, v, *, rule, target):
        seen.update(X=X, W=W, target=target, y=y)
        residual = seen["share"] * np.std(y) * np.where(np.arange(len(y)) % 2, 1, -1)
        network = OneHiddenLayer(W[0], v[0], phi)
        return peers.Fitted(network=network, predict=lambda _: y + residual, starts=1, passes=321)

    monkeypatch.setattr(peers, "descended", descended)
    for share, reached in ((1.0e-3, True), (1.02e-3, False)):
        seen["share"] = share
        row = comparison.refine(start=start, rule="Adam", activation="relu", rng=np.random.default_rng(0))
        assert row["reached"] == reached and (row["steps"] == 321 if reached else math.isnan(row["steps"]))
    assert seen["X"].shape == (8 * 5 * 21, 20) and seen["W"].shape == (1, 5, 20)
    assert seen["target"] == pytest.approx((1e-3 * np.std(seen["y"])) ** 2)
    assert (row["error"] < 0.4) == (start == "tensor")
