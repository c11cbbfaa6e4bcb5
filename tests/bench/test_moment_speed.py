"""The pass for M_1, M_2 and the covariance beside X^T X on the same blocks, in one run; its memory; its executors.

Speed is arithmetic per second: the pass holds two products of the size of X^T X, the covariance and E[y x x^T].

pytest -s -m bench -o addopts="" tests/bench/test_moment_speed.py
"""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from onenn.recovery import low_moments, samples

pytestmark = pytest.mark.bench

N, D, BLOCK, STORED = 10**7, 50, 2**12, 16
BLOCKS = -(-N // BLOCK)


def stored_blocks(dtype):
    rng = np.random.default_rng(0)
    return [
        (rng.standard_normal((BLOCK, D)).astype(dtype), rng.standard_normal(BLOCK).astype(dtype)) for _ in range(STORED)
    ]


@pytest.mark.parametrize(("dtype", "share"), [("float32", 0.4), ("float64", 0.5)])
def test_the_low_moments_run_at_a_share_of_the_speed_of_the_covariance_alone(record_property, dtype, share):
    """Medians of three passes each, by turns, over n = 10^7 samples of dimension 50 in blocks that repeat."""
    stored = stored_blocks(dtype)

    def repeated():
        return (stored[i % STORED] for i in range(BLOCKS))

    data = samples(repeated, dtype=dtype)

    def covariance():
        total = np.zeros((D, D))
        for x, _ in repeated():
            total += x.T @ x
        return total

    times = np.empty((3, 2))
    for row in times:
        for i, f in enumerate((covariance, lambda: low_moments(data))):
            start = time.perf_counter()
            f()
            row[i] = time.perf_counter() - start
    of_covariance, of_pass = np.median(times, axis=0)
    found = {
        "speed": round(float(2 * of_covariance / of_pass), 3),
        "time of the pass over that of X^T X": round(float(of_pass / of_covariance), 2),
        "seconds": round(float(of_pass), 2),
        "threads": os.environ.get("OMP_NUM_THREADS", str(os.cpu_count())),
    }
    for name, value in found.items():
        record_property(name, value)
    print(dtype, found)
    assert found["speed"] >= share


MEMORY = """
import sys
import numpy as np
from onenn.recovery import low_moments, projected_moment, samples
import onenn.network

def peak():  # not ru_maxrss, which a new process inherits from the one that started it
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

def blocks(n):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((4096, 50)), rng.standard_normal(4096)
    return lambda: ((x, y) for _ in range(n // 4096))

if sys.argv[1] == "blocks":
    data = samples(blocks(10**7))
else:
    X = np.lib.format.open_memmap(sys.argv[1], mode="r")
    data = samples(X, X[:, 0])
before = peak()
low_moments(data)
if sys.argv[1] != "blocks":
    projected_moment(data, 4, np.eye(50)[:, :5])
print(peak() - before)
"""


@pytest.mark.parametrize("source", ["blocks", "file"])
def test_memory_does_not_grow_with_the_samples(source, tmp_path, record_property):
    """At most 64 MB above the process's own, for 4 GB of samples in blocks and 400 MB in a mapped file."""
    where = "blocks"
    if source == "file":
        where = str(tmp_path / "X.npy")
        X = np.lib.format.open_memmap(where, mode="w+", dtype=np.float64, shape=(10**6, D))
        for start in range(0, 10**6, 10**5):
            X[start : start + 10**5] = np.random.default_rng(start).standard_normal((10**5, D))
        X.flush()
        del X
    found = subprocess.run([sys.executable, "-c", MEMORY, where], capture_output=True, text=True, check=True)
    record_property("megabytes", float(found.stdout))
    print(source, f"{float(found.stdout):.1f} MB")
    assert float(found.stdout) <= 64
