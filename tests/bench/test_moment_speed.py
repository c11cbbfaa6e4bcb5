"""The pass for M_1, M_2 and the covariance beside X^T X on the same blocks, in one run; its memory; its executors.

Two ratios are printed. In time: X^T X over the pass; at most 1/2 where both run at one speed, as the pass holds two
symmetric products, the covariance and E[y x x^T]. In arithmetic per second: twice that.

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


def block_times(blocks, run):
    """Seconds that run(source) takes for each block: from one call for a block to the next."""
    starts = []

    def source():
        for block in blocks:
            starts.append(time.perf_counter())
            yield block

    run(source)
    return np.diff(starts)[2:]  # the first block is asked for beforehand as well


@pytest.mark.parametrize(("dtype", "share", "reached"), [("float32", 0.4, 0.2), ("float64", 0.5, 0.25)])
def test_the_low_moments_run_at_a_share_of_the_speed_of_the_covariance_alone(record_property, dtype, share, reached):
    """n = 10^7 samples of dimension 50 in blocks that repeat, by turns a hundred blocks each.

    The lower decile of the times of a block, so that what else runs on the machine counts little. `share` is asked of
    the arithmetic per second; `reached` is a guard for the ratio of times, well below what is measured.
    """
    stored = stored_blocks(dtype)
    some = [stored[i % STORED] for i in range(100)]

    def covariance(source):
        total = np.zeros((D, D))
        for x, _ in source():
            total += x.T @ x

    times = {f: [] for f in (covariance, lambda source: low_moments(samples(source, dtype=dtype)))}
    for _ in range(-(-BLOCKS // len(some))):
        for f, found in times.items():
            found.extend(block_times(some, f))
    of_covariance, of_pass = (float(np.percentile(found, 10)) for found in times.values())
    report = {
        "X^T X over the pass, in time": round(of_covariance / of_pass, 3),
        "in arithmetic per second": round(2 * of_covariance / of_pass, 3),
        "medians, in time": round(float(np.divide(*(np.median(found) for found in times.values()))), 3),
        "nanoseconds per sample": round(of_pass / BLOCK * 1e9),
        "threads": os.environ.get("OMP_NUM_THREADS", str(os.cpu_count())),
    }
    for name, value in report.items():
        record_property(name, value)
    print(dtype, report)
    assert report["in arithmetic per second"] >= share
    assert report["X^T X over the pass, in time"] >= reached


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
