"""A sweep on a Dask cluster: the same numbers, and no harm when a worker is killed."""

import asyncio
import functools
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from onenn.experiments import CellFailure, sweep

pytestmark = pytest.mark.slow


def eigenvalue(a, b, rng):
    """A number that would show a difference of one bit."""
    A = rng.standard_normal((20, 20))
    return {"value": b * np.linalg.eigvalsh(A @ A.T)[a], "threads": int(os.environ["OMP_NUM_THREADS"])}


def killed_once(folder, a, rng):
    """Kills its worker the first time that a is 3, as the kernel does when memory ends."""
    time.sleep(0.05)
    if a == 3 and not (Path(folder) / "killed").exists():
        (Path(folder) / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return rng.random()


def failing(a, rng):
    """Fails for a = 1, and kills every worker that gets a = 2."""
    if a == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1 / (a - 1) + rng.random()


SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.worker.daemon": True,
    # on a busy machine a worker may need longer to start anew than the 15 s after which it is given up for good
    "distributed.deploy.lost-worker-timeout": "10 minutes",
}


@pytest.fixture(scope="module")
def client():
    """Two workers on this machine, started anew when they die."""
    import dask
    import distributed

    with (
        dask.config.set(SETTINGS),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_the_numbers_are_those_of_this_process(client, tmp_path):
    """A stream belongs to its cell, and the workers have one thread; what they finish is in the cache."""
    grid = {"a": [0, 1, 2], "b": [0.5, 1.5]}
    alone = sweep(eigenvalue, grid, seeds=2, executor=1)
    together = sweep(eigenvalue, grid, seeds=2, executor=client, cache=tmp_path / "cache")
    assert together.identical(alone)
    assert (together.threads == 1).all()
    assert sweep(eigenvalue, grid, seeds=2, executor=1, cache=tmp_path / "cache").identical(alone)


def test_a_worker_that_is_killed_costs_no_cell(client, tmp_path):
    """Dask gives its cells to another worker."""
    function = functools.partial(killed_once, str(tmp_path))
    result = sweep(function, {"a": list(range(8))}, seeds=2, executor=client)
    assert (tmp_path / "killed").exists()
    assert result.identical(sweep(function, {"a": list(range(8))}, seeds=2, executor=1))
    assert np.isfinite(result.value).all()


def test_cells_that_fail_or_kill_every_worker_do_not_stop_the_rest(client):
    """The error of the function is recorded, and so is the end of the workers."""
    with pytest.warns(CellFailure, match="2 of 5"):
        result = sweep(failing, {"a": [0, 1, 2, 3, 4]}, executor=client)
    assert result.failure.sel(a=1).item() == "ZeroDivisionError: division by zero"
    assert "KilledWorker" in result.failure.sel(a=2).item()
    assert np.isfinite(result.value.sel(a=[0, 3, 4])).all()


def killing(a, rng):
    """Every second cell kills its worker, where others wait beside it."""
    if a % 2:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return rng.random()


def test_a_cell_is_not_blamed_for_what_kills_its_neighbour(client):
    """Dask blames all that was queued on a lost worker: who is blamed is tried again alone."""
    with pytest.warns(CellFailure, match="4 of 8"):
        result = sweep(killing, {"a": list(range(8))}, executor=client)
    assert np.isfinite(result.value.sel(a=[0, 2, 4, 6])).all()
    assert not np.isfinite(result.value.sel(a=[1, 3, 5, 7])).any()


def test_an_asynchronous_client_is_refused(client):
    """Its answers are promises."""
    from distributed import Client

    async def attempt():
        async with Client(client.scheduler.address, asynchronous=True) as other:
            sweep(eigenvalue, {"a": [0], "b": [1.0]}, executor=other)

    with pytest.raises(ValueError, match="asynchronous"):
        asyncio.run(attempt())
