"""Certificates of the spurious minima with one odd unit:  python -m onenn.landscape.minima FILE [FIRST LAST].

Nothing in it is drawn, so there is no seed. The file is read, and everything in it proved again, by check_minima.py
beside the stored one, which knows nothing of this package.   Chapter: spurious-minima.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .symmetric import certify_one_odd_unit


def certificates(first: int, last: int) -> dict[str, Any]:
    """The file's contents for k = first, ..., last, and the digest of their JSON with sorted keys."""
    points = [certify_one_odd_unit(k) for k in tqdm(range(first, last + 1), disable=None)]
    contents = {
        "format": "spurious minima 2",
        "activation": "relu",
        "command": f"python -m onenn.landscape.minima chapters/_data/spurious-minima.json {first} {last}",
        "seed": "none: nothing is drawn",
        "versions": {"python": platform.python_version()} | {n: version(n) for n in ("onenn", "numpy", "python-flint")},
        "minima": [point.certificate() for point in points],
    }
    canonical = json.dumps(contents, sort_keys=True).encode()
    return contents | {"sha256": hashlib.sha256(canonical).hexdigest()}


def main(arguments: list[str] | None = None) -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m onenn.landscape.minima", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("first", type=int, nargs="?", default=6)
    parser.add_argument("last", type=int, nargs="?", default=20)
    chosen = parser.parse_args(arguments)
    text = json.dumps(certificates(chosen.first, chosen.last), indent=1)
    chosen.file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
