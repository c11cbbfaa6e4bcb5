"""Where cells are computed: in this process, in local processes (joblib), or on a Dask cluster. One BLAS thread each.

Every way yields records as cells finish, in any order; the record of a cell does not depend on the way.
"""

from __future__ import annotations

import numbers
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np

from .cells import RESERVED, Cell
from .journal import Record, append, records

Function = Callable[..., Any]
ONE_THREAD: dict[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""For libraries that are loaded by the function itself, after `threadpool_limits` has looked for them."""


def finish(function: Function, cell: Cell, path: Path | None) -> Record:
    """The record of a cell: its values, or the error that it raised; added to the cache at `path` at once."""
    try:
        record: Record = {
            "cell": cell.key,
            "values": _numbers(function(**cell.coordinates, **_random(function, cell)), cell),
        }
    except Exception as error:
        text = "".join(traceback.format_exception_only(error)).strip()
        record = {"cell": cell.key, "error": text, "traceback": traceback.format_exc()}
    if path is not None:
        append(path, record)
    return record


def _random(function: Function, cell: Cell) -> dict[str, Any]:
    """The generator `rng`, or the 32-bit integer `seed` for libraries that want one, as the function asks."""
    asked = signature(function).parameters.values()
    free = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in asked)
    names = {parameter.name for parameter in asked}
    stream = cell.stream()
    given = {"rng": np.random.default_rng(stream)} if free or "rng" in names else {}
    return {**given, "seed": int(stream.generate_state(1)[0])} if "seed" in names else given


def _numbers(result: Any, cell: Cell) -> dict[str, float]:
    """A number under the name "value", or a dictionary of numbers, as floats."""
    values = result if isinstance(result, Mapping) else {"value": result}
    found = {}
    for name, given in values.items():
        if not isinstance(name, str) or name in RESERVED:
            raise TypeError(
                f"the function returned the name {name!r}; expected a string other than {', '.join(RESERVED)}"
            )
        if name in cell.coordinates:
            raise ValueError(
                f"the function returned the name {name!r}, which is an axis of the grid; rename one of them"
            )
        value = given[()] if isinstance(given, np.ndarray) and given.ndim == 0 else given
        if not isinstance(value, (numbers.Real, np.bool_)):
            raise TypeError(f"the function returned {name} = {value!r}; expected a number or a dictionary of numbers")
        found[name] = float(value)
    return found


def in_this_process(function: Function, cells: Sequence[Cell], path: Path) -> Iterator[Record]:
    """One after another; environment and threads are as before when all are done."""
    from threadpoolctl import threadpool_limits

    with _environment(ONE_THREAD), threadpool_limits(1):
        for cell in cells:
            yield finish(function, cell, path)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_limited: dict[str, int] = {}
"""How many modules this worker had when its threads were last limited."""


def _in_worker(function: Function, cell: Cell, path: Path | None, parent: int | None) -> Record:
    from threadpoolctl import threadpool_limits

    if parent is not None and os.getppid() != parent:
        os._exit(1)  # the sweep was killed; what it had queued belongs to the one that resumes it
    os.environ.update(ONE_THREAD)
    if len(sys.modules) != _limited.get("modules"):  # looking for libraries takes a millisecond, so only for new ones
        threadpool_limits(1)
        _limited["modules"] = len(sys.modules)
    return finish(function, cell, path)


def in_local_processes(function: Function, cells: Sequence[Cell], path: Path, workers: int) -> Iterator[Record]:
    """In `workers` processes. When one of them dies, the cells under way are tried again, each alone; a cell that
    kills its process again is a failing cell."""
    waiting = {cell.key: cell for cell in cells}
    while waiting:
        begun: list[Cell] = []
        try:
            for record in _batch(function, list(waiting.values()), path, workers, begun):
                del waiting[record["cell"]]
                yield record
        except BrokenExecutor:
            written = records(path)  # by processes that had no time to report
            for cell in begun:
                if cell.key in waiting:
                    record = written.get(cell.key, {})
                    del waiting[cell.key]
                    yield record if "values" in record else _alone(function, cell, path)


def _batch(function: Function, cells: list[Cell], path: Path, workers: int, begun: list[Cell]) -> Iterator[Record]:
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown()  # processes of an earlier call would run modules as they were then

    def tasks() -> Iterator[Any]:
        for cell in cells:
            begun.append(cell)
            yield delayed(_in_worker)(function, cell, path, os.getpid())

    # batches of one: what is under way when a process dies is then a handful of cells
    options: Any = {"n_jobs": workers, "batch_size": 1, "return_as": "generator_unordered"}
    with parallel_config(backend="loky", inner_max_num_threads=1):
        finished: Any = Parallel(**options)(tasks())
        yield from finished


def _alone(function: Function, cell: Cell, path: Path) -> Record:
    try:
        return next(_batch(function, [cell], path, 2, []))
    except BrokenExecutor:
        text = "the process of this cell died: out of memory, killed, or a crash of compiled code"
        record = {"cell": cell.key, "error": text, "traceback": ""}
        append(path, record)
        return record


def on_cluster(function: Function, cells: Sequence[Cell], path: Path, client: Any) -> Iterator[Record]:
    """On the workers of a Dask client, which need no common disk: the cache is written here.

    Dask gives the cells of a lost worker to another, and blames every cell that was queued there; so a cell that is
    said to have lost several workers is tried again with no other cell beside it, and is a failing cell if it loses
    them again.
    """
    from distributed import CancelledError

    if client.asynchronous:
        raise ValueError("executor is an asynchronous Dask client; expected Client(..., asynchronous=False)")
    suspects: list[Cell] = []
    try:
        for cell, outcome in _submitted(function, cells, client):
            if isinstance(outcome, Exception):
                suspects.append(cell)
            else:
                append(path, outcome)
                yield outcome
        for suspect in suspects:
            for cell, outcome in _submitted(function, [suspect], client):
                lost = isinstance(outcome, Exception)
                text = f"KilledWorker: {outcome}"
                record = {"cell": cell.key, "error": text, "traceback": ""} if lost else outcome
                append(path, record)
                yield record
    except CancelledError as error:
        raise RuntimeError(
            "the Dask cluster is gone; a sweep with a cache goes on from there when run again"
        ) from error


def _submitted(function: Function, cells: Sequence[Cell], client: Any) -> Iterator[tuple[Cell, Any]]:
    """Each cell with its record, or with the `KilledWorker` that Dask answers, as they end."""
    from distributed import KilledWorker, as_completed

    tasks = {client.submit(_in_worker, function, cell, None, None, pure=False): cell for cell in cells}
    try:
        for task in as_completed(tasks):
            try:  # what the function raises is in its record: any other error is the cluster's own
                outcome = task.result()
            except KilledWorker as error:  # also of a finished cell whose record was lost with its worker
                outcome = error
            yield tasks[task], outcome
            task.release()
    finally:
        client.cancel([task for task in tasks if not task.done()])


def chosen(executor: Any) -> Callable[[Function, Sequence[Cell], Path], Iterator[Record]]:
    """The way that `executor` stands for.  Raises: TypeError, ValueError."""
    if executor is None:
        from joblib import cpu_count

        executor = cpu_count()
    if isinstance(executor, numbers.Integral) and not isinstance(executor, bool):
        workers = int(executor)
        if workers < 1:
            raise ValueError(
                f"executor is {workers}; expected a number of processes, at least 1, or None for all cores"
            )
        if workers == 1:
            return in_this_process
        return lambda function, cells, path: in_local_processes(function, cells, path, workers)
    if type(executor).__module__.split(".")[0] == "distributed" and hasattr(executor, "submit"):
        return lambda function, cells, path: on_cluster(function, cells, path, executor)
    raise TypeError(
        f"executor is a {type(executor).__name__}; expected None (all cores), a number of local processes, "
        "or a dask.distributed Client (pip install 'onenn[dask]')"
    )
