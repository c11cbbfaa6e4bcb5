"""python -m onenn.experiments: lists, runs, goes on, says where the result goes, and fails with a reason."""

import subprocess
import sys

import pytest

from onenn.experiments import Experiment, __main__, load, registry


def double(n, rng):
    """Twice n, or an error at n = 3 while the file `broken` is there."""
    if n == 3 and BROKEN:
        raise ArithmeticError("three is too much")
    return 2 * n


BROKEN: list[int] = []


@pytest.fixture(autouse=True)
def one_experiment(monkeypatch, tmp_path):
    """A registry of one, in a working folder of its own, and no book to write into."""
    experiment = Experiment(
        name="double", chapter="index", description="twice n", function=double, grid={"n": [1, 2, 3]}, seeds=2
    )
    monkeypatch.setattr(__main__, "experiments", lambda: {"double": experiment})
    monkeypatch.setattr(registry, "experiments", lambda: {"double": experiment})
    monkeypatch.setattr(__main__, "book_data", lambda: None)
    monkeypatch.chdir(tmp_path)
    BROKEN.clear()


def command(*arguments: str) -> int:
    """One worker: this process."""
    return __main__.main([*arguments, "--workers", "1"] if arguments else [])


def test_without_a_name_they_are_listed(capsys):
    """Name, size, chapter, whether it is stored, what it is."""
    assert command() == 0
    assert capsys.readouterr().out.split() == ["double", "6", "cells", "index", "not", "stored", "twice", "n"]


def test_a_name_runs_it_and_says_where_the_result_goes(capsys, tmp_path):
    """Before it starts, and the path alone on standard output at the end."""
    assert command("double") == 0
    said = capsys.readouterr()
    assert "6 cells; the result goes to _data/double.json" in said.err
    assert said.out == "_data/double.json\n"
    assert load("_data/double.json").value.sel(n=2, seed=1).item() == 4
    assert (tmp_path / ".experiments" / ".gitignore").read_text() == "*\n"


def test_a_second_run_computes_nothing_unless_it_is_to_begin_anew():
    """--resume is the default; --fresh forgets."""
    cache = __main__.CACHE / "double.jsonl"
    command("double")
    text = cache.read_text()
    command("double", "--resume")
    assert cache.read_text() == text
    command("double", "--fresh")
    assert cache.read_text() == text
    cache.write_text(text.replace('"n": 1', '"n": 7'))  # as if a cell were missing
    command("double")
    assert cache.read_text().count('"cell"') == 8


def test_a_trial_leaves_the_result_alone(capsys):
    """It has a cache and a result of its own."""
    assert command("double", "--small") == 0
    assert capsys.readouterr().out == ".experiments/double-small.json\n"


def test_the_result_goes_where_it_is_asked_for(capsys):
    """--output."""
    assert command("double", "--output", "elsewhere/a.json") == 0
    assert load("elsewhere/a.json").sizes == {"n": 3, "seed": 2}
    assert command("double", "--output", "a.txt") == 2
    assert "ends in .json" in capsys.readouterr().err


def test_failed_cells_are_told_kept_and_tried_again_on_request(capsys):
    """The status is 1 while there are any."""
    BROKEN.append(1)
    assert command("double") == 1
    assert "2 of 6 cells failed; the first, n=3, seed=0: ArithmeticError" in capsys.readouterr().err
    BROKEN.clear()
    assert command("double") == 1
    assert "--retry" in capsys.readouterr().err
    assert command("double", "--retry") == 0


def test_a_wrong_request_is_status_two_with_a_reason(capsys):
    """A name that is not there, a file that is not needed, a number of workers that is none."""
    assert command("doubel") == 2
    assert "did you mean 'double'" in capsys.readouterr().err
    assert command("double", "--data", "file") == 2
    assert "needs no file" in capsys.readouterr().err
    assert __main__.main(["double", "--workers", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err


def test_an_interrupt_keeps_what_is_finished(capsys, monkeypatch):
    """Ctrl-C: the finished cells are in the cache, and the message says how to go on."""

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "run", interrupted)
    assert command("double") == 130
    assert "same command" in capsys.readouterr().err


@pytest.mark.slow
def test_listing_is_quick_and_loads_no_mathematics():
    """The sweep knows none, and the stored experiments import theirs when they run."""
    code = (
        "import sys; from onenn.experiments import __main__, stored, sweep; __main__.main([]);"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stderr.split()
    assert [name for name in loaded if name.startswith("onenn.") and not name.startswith("onenn.experiments")] == []
    assert not {"torch", "sklearn", "scipy", "distributed", "matplotlib", "xarray"} & set(loaded)
