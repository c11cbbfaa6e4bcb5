"""The cache of a sweep: a file of lines, each written whole by one call, so that a kill costs at most the last line.

Line 0 names the function and its code; every other line is one finished cell: its key, and its values or its error.
A record begins with a line feed, not ends with one: what follows a torn line is whole again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .fingerprint import Fingerprint

Record = dict[str, Any]
FORMAT = "onenn.experiments.sweep 1"


class CacheMismatch(ValueError):
    """The cache holds results of another function, of other code, or is no cache; the text says what to do."""


def append(path: Path, record: Record) -> None:
    """Adds one finished cell, by one write at the end of the file, whichever process does so."""
    line = ("\n" + json.dumps({**record, "cell": json.loads(record["cell"])})).encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def records(path: Path) -> dict[str, Record]:
    """The finished cells by key, the last one where a cell was done again; torn lines are no cells."""
    found: dict[str, Record] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        next(lines, None)
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and isinstance(record.get("cell"), dict):
                key = json.dumps(record["cell"], sort_keys=True)
                found[key] = {**record, "cell": key}
    return found


@contextmanager
def journal(path: Path, owner: Fingerprint, paired: list[str]) -> Iterator[Path]:
    """The file of the cells of `owner`, made when absent, and held against a second sweep while the block runs.

    A folder stands for a file in it that is named after the function and its code.
    Raises: CacheMismatch, OSError.
    """
    header = {"format": FORMAT, "function": owner.function, "code": owner.code, "paired": sorted(paired)}
    path = path.resolve()  # worker processes may have another working folder
    if path.is_dir():
        path = path / f"{owner.function}-{owner.code}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _lock(file.fileno(), path)
        _check(file, path, header, owner.versions)
        yield path
        os.fsync(file.fileno())


def _check(file: Any, path: Path, header: Record, versions: Mapping[str, str]) -> None:
    """Writes the first line of a new file; refuses a file that is not a cache of this function and code."""
    line = json.dumps({**header, "versions": dict(versions)}).encode()
    file.seek(0)
    first = file.readline().removesuffix(b"\n")
    if len(first) < len(line) and line.startswith(first) and not file.read(1):  # empty, or killed at its birth
        file.truncate(0)
        file.write(line)
        file.flush()
        return
    remedy = f"give another cache, or delete {path} to compute its cells again"
    try:
        found = json.loads(first)
        if found["format"] != FORMAT:
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise CacheMismatch(f"{path} is not a cache written by sweep; give another cache") from None
    if found["function"] != header["function"]:
        raise CacheMismatch(f"{path} holds results of {found['function']}, not of {header['function']}; {remedy}")
    if found["code"] != header["code"]:
        raise CacheMismatch(
            f"{path} holds results of other code of {header['function']} (or of what it imports): "
            f"digest {found['code']}, now {header['code']}; {remedy}"
        )
    if found["paired"] != header["paired"]:
        raise CacheMismatch(f"{path} was made with paired = {found['paired']}, now {header['paired']}; {remedy}")
    changed = {name: (old, versions.get(name)) for name, old in found["versions"].items() if versions.get(name) != old}
    if changed:
        said = ", ".join(f"{name} {old}, now {new}" for name, (old, new) in changed.items())
        raise CacheMismatch(f"{path} was computed with {said}; {remedy}")


def _lock(handle: int, path: Path) -> None:
    """Holds the file until the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no advisory locks; two sweeps at once would do each cell twice, no worse
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(
            f"{path} is in use by a sweep that is running; wait for it, or give another cache"
        ) from None
