"""The stored experiments of the book: `python -m onenn.experiments` lists them, with a NAME it runs one.

A run that was stopped, even killed, goes on where it was. Exit status: 0; 1 when cells failed, or came out otherwise
than stored; 2 on a wrong request.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from .grids import CellFailure
from .registry import Experiment, experiments, find, run
from .store import book_data, save
from .verify import verify

CACHE = Path(".experiments")


def listing() -> str:
    """One line for each experiment: name, cells, chapter, whether its result is stored, what it is."""
    folder = book_data()
    rows = [[e.name, f"{e.size()} cells", e.chapter, _state(e, folder), e.description] for e in experiments().values()]
    if not rows:
        return "no experiments are registered"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _state(experiment: Experiment, folder: Path | None) -> str:
    if experiment.data is not None and not (folder and (folder / f"{experiment.name}.json").is_file()):
        return "needs --data"
    return "stored" if folder and (folder / f"{experiment.name}.json").is_file() else "not stored"


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m onenn.experiments", description="Run a stored experiment of the book, or list them all."
    )
    made.add_argument("name", nargs="?", help="the experiment; without it they are listed")
    made.add_argument("--workers", type=int, default=None, metavar="N", help="local processes (default: one per core)")
    made.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:port, in place of --workers")
    made.add_argument("--small", action="store_true", help="a trial on a small grid; the stored result stays as it is")
    made.add_argument("--verify", type=int, metavar="N", help="compute N cells of the stored result again, and compare")
    made.add_argument("--seed", type=int, default=0, help="of the choice of these cells (default: %(default)s)")
    made.add_argument("--data", type=Path, metavar="FILE", help="the file that the experiment needs")
    made.add_argument(
        "--output", type=Path, metavar="FILE.json", help="where the result goes (default: chapters/_data)"
    )
    made.add_argument(
        "--cache", type=Path, default=CACHE, metavar="FOLDER", help="finished cells (default: %(default)s)"
    )
    resume = made.add_mutually_exclusive_group()
    resume.add_argument("--resume", action="store_true", default=True, help="go on from the finished cells (default)")
    resume.add_argument("--fresh", action="store_true", help="forget the finished cells, and compute all")
    made.add_argument("--retry", action="store_true", help="compute failed cells again")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """List, or run one; the exit status is the module's."""
    asked = parser().parse_args(arguments)
    try:
        if asked.name is None:
            print(listing())
            return 0
        return (_run if asked.verify is None else _verify)(find(asked.name), asked)
    except (ValueError, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the finished cells are kept, and the same command goes on from them", file=sys.stderr)
        return 130


def _run(experiment: Experiment, asked: argparse.Namespace) -> int:
    stem = f"{experiment.name}-small" if asked.small else experiment.name
    asked.cache.mkdir(parents=True, exist_ok=True)
    (asked.cache / ".gitignore").write_text("*\n", encoding="utf-8")
    cache = asked.cache / f"{stem}.jsonl"
    if asked.fresh:
        cache.unlink(missing_ok=True)
    output = asked.output or ((asked.cache if asked.small else book_data() or Path("_data")) / f"{stem}.json")
    print(
        f"{experiment.name}: {experiment.size(small=asked.small)} cells; the result goes to {output}", file=sys.stderr
    )
    print(f"finished cells are kept in {cache}", file=sys.stderr)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CellFailure)
        result = run(
            experiment, cache=cache, executor=_executor(asked), small=asked.small, retry=asked.retry, data=asked.data
        )
    failures = [warning for warning in caught if issubclass(warning.category, CellFailure)]
    print(save(result, output))
    for warning in failures:
        print(f"{warning.message}\nwith --retry they are computed again", file=sys.stderr)
    return int(bool(failures))


def _verify(experiment: Experiment, asked: argparse.Namespace) -> int:
    found = verify(experiment, cells=asked.verify, seed=asked.seed, data=asked.data)
    print("\n".join(map(str, found)))
    return int(any(again.differences for again in found))


def _executor(asked: argparse.Namespace) -> object:
    if asked.scheduler is None:
        return asked.workers
    from distributed import Client

    return Client(asked.scheduler)


if __name__ == "__main__":
    sys.exit(main())
