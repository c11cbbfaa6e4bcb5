"""Sweeps killed at several moments and run again, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onenn.experiments import load

pytestmark = pytest.mark.slow

SCRIPT = """
import os, sys, time
from onenn.experiments import save, sweep

CACHE, LOG, RESULT, WORKERS = sys.argv[1:]
os.environ["LOG"] = LOG

def cell(a, b, rng):
    import numpy as np
    A = rng.standard_normal((30, 30))
    time.sleep(0.02)
    value = np.linalg.eigvalsh(A @ A.T)[a]
    handle = os.open(os.environ["LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{a} {b}\\n".encode())
    os.close(handle)
    return {"eigenvalue": value, "third": value / 3}

if __name__ == "__main__":
    result = sweep(cell, {"a": list(range(5)), "b": [0.5, 1.5]}, seeds=3, cache=CACHE, executor=int(WORKERS))
    save(result, RESULT)
"""
CELLS = 30


class Runs:
    """The script in a folder, with a log that has a line for each call that came to its end."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self.workers = folder, workers
        (folder / "script.py").write_text(SCRIPT)

    def start(self, name: str) -> subprocess.Popen:
        paths = [str(self.folder / f"{name}.{kind}") for kind in ("cache", "log", "json")]
        command = [sys.executable, str(self.folder / "script.py"), *paths, str(self.workers)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)

    def kill(self, name: str, process: subprocess.Popen) -> None:
        """SIGKILL in the middle of a cell, as a look at the stopped processes shows: no call has ended unwritten."""
        while True:
            os.killpg(process.pid, signal.SIGSTOP)
            time.sleep(0.02)
            if len(self.ended(name)) == self.written(name):
                break
            os.killpg(process.pid, signal.SIGCONT)
            time.sleep(0.003)
        process.kill()
        os.killpg(process.pid, signal.SIGCONT)  # orphaned workers end the cell that they are in, and no other
        process.wait()
        process.stderr.close()

    def written(self, name: str) -> int:
        """The cells in the cache."""
        return (self.folder / f"{name}.cache").read_text().count('"cell"')

    def ended(self, name: str) -> list[str]:
        """The calls that came to their end."""
        log = self.folder / f"{name}.log"
        return log.read_text().split("\n")[:-1] if log.exists() else []

    def result(self, name: str):
        """The result, without the command, which has the name in it."""
        found = load(self.folder / f"{name}.json")
        return found.assign_attrs(command="")

    def complete(self, name: str) -> None:
        """Runs to the end."""
        process = self.start(name)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


@pytest.fixture(params=[1, 2], ids=["this process", "two processes"])
def runs(request, tmp_path):
    """With one worker and with two."""
    return Runs(tmp_path, request.param)


def test_a_killed_sweep_goes_on_and_ends_like_one_left_alone(runs):
    """SIGKILL before the first cell, after the first, in the middle; the bits of the result are the same.

    Every cell ends once: a finished one is not computed again. Only a kill between its last statement and the write
    that follows, some fifty microseconds, could make it end twice; the moments here are others.
    """
    runs.complete("alone")
    for cells in {1: (0, 1, 12), 2: (1, 13)}[runs.workers]:
        process = runs.start("killed")
        while len(runs.ended("killed")) < cells or not (runs.folder / "killed.cache").exists():
            time.sleep(0.002)
            assert process.poll() is None
        runs.kill("killed", process)
        time.sleep(0.1)
    before = runs.ended("killed")
    assert 12 <= len(before) < CELLS
    runs.complete("killed")
    assert runs.result("killed").identical(runs.result("alone"))
    ended = runs.ended("killed")
    assert sorted(ended) == sorted(runs.ended("alone"))
    assert len(ended) == CELLS
    runs.complete("killed")
    assert runs.ended("killed") == ended  # everything was in the cache


def test_what_is_left_of_a_killed_sweep_takes_no_further_cell(tmp_path):
    """Its workers see that it is gone, so that nothing is computed twice, nor for nobody."""
    runs = Runs(tmp_path, 2)
    process = runs.start("killed")
    while len(runs.ended("killed")) < 4:
        time.sleep(0.002)
    runs.kill("killed", process)
    count = len(runs.ended("killed"))
    time.sleep(0.3)
    assert len(runs.ended("killed")) <= count + 2
