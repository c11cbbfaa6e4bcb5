"""Checkpoints: all that a run needs to go on as if it had never stopped, in one file that is never half written.

The file holds the weights, the path, the histories, the state of the generator, and a digest of the task, so that a
checkpoint of another task is refused.   Chapter: moderate-overparameterization.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]

_UNREADABLE = (OSError, KeyError, ValueError, TypeError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What reading a file raises that is cut off, damaged, or none of ours."""


def digest(*parts: Any) -> str:
    """A digest of arrays and of the printed form of everything else.

    >>> digest(np.zeros(2), "gd") == digest(np.zeros(2), "gd") != digest(np.zeros(2), "sgd")
    True
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            total.update(f"{part.dtype}{part.shape}".encode())
            total.update(np.ascontiguousarray(part).tobytes())
        else:
            total.update(repr(part).encode())
    return total.hexdigest()


def save(path: str | os.PathLike, task: str, arrays: Arrays, generator: np.random.Generator | None) -> None:
    """Write the checkpoint beside its place, then move it there: whoever is killed in between leaves the old one."""
    path = Path(path)
    state = None if generator is None else generator.bit_generator.state
    meta = json.dumps({"task": task, "generator": state}, default=_plain)
    beside = path.with_name(path.name + f".{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, meta=np.array(meta), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: str | os.PathLike, task: str, generator: np.random.Generator | None) -> Arrays | None:
    """The arrays of the checkpoint, with the generator set to its state; None where there is no file.

    Raises: ValueError when the file is no checkpoint, or damaged, or that of another task; when its folder is missing.
    """
    if not Path(path).parent.is_dir():
        raise ValueError(f"checkpoint is {path}, in a folder that does not exist: make it first")
    if not Path(path).exists():
        return None
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        meta = json.loads(str(arrays.pop("meta")))
        owner = meta["task"]
    except _UNREADABLE as error:
        raise ValueError(
            f"checkpoint is {path}, which is no checkpoint of a run, or damaged: delete it, or pass another path"
        ) from error
    if owner != task:
        raise ValueError(
            f"checkpoint is {path}, which belongs to other networks, data, steps or another method: delete it, or pass "
            "another path"
        )
    if generator is not None:
        saved, kind = meta["generator"], generator.bit_generator.state["bit_generator"]
        if saved is None or saved["bit_generator"] != kind:
            raise ValueError(f"checkpoint is {path}, whose generator is of another kind: pass rng= as in the first run")
        generator.bit_generator.state = saved
    return arrays


def _plain(x: Any) -> Any:
    """Generators keep integers of NumPy, some of them arrays."""
    return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else str(x)
