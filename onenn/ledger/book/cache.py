"""The guard of the notebook cache: a changed package must not keep its old outputs alive.

jupyter-cache compares the cells alone; it would answer an unchanged cell with the output of code that is gone. So the
cache folder carries a stamp of everything a cell can import or read, and another stamp empties it.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from sphinx.application import Sphinx

import onenn
from onenn.ledger.digest import digest, version

STAMP = "onenn.stamp"
NOT_FOR_CELLS = ("ledger/book/", "ledger/pytest_plugin/", "ledger/__main__.py", "reader/")
"""Parts of the package that no cell imports: a change of the book's looks runs nothing again."""

LIBRARIES = ("ipython", "matplotlib", "scikit-learn", "torch")
"""Libraries that cells use beside those of the digest; what is not installed is absent."""

STORED = "chapters/_data"


def stamp(book: Path) -> str:
    """Sixteen hexadecimal digits that change with the package (cards and figures included) and the stored results."""
    whole = hashlib.sha256(" ".join([digest(), *map(version, LIBRARIES)]).encode())
    package = Path(onenn.__file__).resolve().parent
    for root in (package, book / STORED):
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and path.suffix != ".pyc" and not (root == package and name.startswith(NOT_FOR_CELLS)):
                content = path.read_bytes()
                whole.update(f"{name} {len(content)}".encode() + b"\0" + content)
    return whole.hexdigest()[:16]


def guard(app: Sphinx) -> None:
    """Empty the notebook cache when its stamp is not today's; then make its tables.

    The tables are made here because parallel readers of a fresh cache would race to make them.
    """
    folder = Path(app.config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")
    mark, today = folder / STAMP, stamp(Path(app.srcdir))
    if (folder / "global.db").exists() and not (mark.exists() and mark.read_text() == today):
        shutil.rmtree(folder)  # only a folder that holds the cache's own database
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(today)
    get_cache(str(folder)).list_cache_records()
