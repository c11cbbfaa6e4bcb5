"""Run the code cells of a notebook where only `onenn` is installed: python bare.py notebook.ipynb

The tools of the book and of its tests are made unimportable first. Exits with 1 at the first cell that fails.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

TOOLS = {
    "sphinx", "docutils", "jupyter_book", "myst_nb", "myst_parser", "sphinx_proof", "sphinx_exercise", "jupytext",
    "bs4", "networkx", "nbval", "pytest", "hypothesis", "nbformat", "jupyter_cache", "sphinx_book_theme",
}  # fmt: skip


class Absent(MetaPathFinder):
    """Says of each tool that it is not installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse the names in TOOLS and leave the others to the next finder."""
        if fullname.partition(".")[0] in TOOLS:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def run(path: Path) -> int:
    """0 when every cell ran, else 1."""
    os.environ["MPLBACKEND"] = "agg"
    from IPython.core.interactiveshell import InteractiveShell

    sys.meta_path.insert(0, Absent())
    shell = InteractiveShell.instance()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and not shell.run_cell("".join(cell["source"])).success:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
