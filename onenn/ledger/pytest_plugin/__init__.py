"""The pytest plugin that runs the chapters: `pytest -p onenn.ledger.pytest_plugin --nbval-lax --nbval-current-env`.

A chapter is a MyST Markdown notebook in a folder named `chapters`. It is collected as it stands when nbval is on;
onenn.ledger.pytest_plugin.chapter says what its items are.   Chapter: ledger.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_HEADER = re.compile(r"\A---[^\S\n]*\n(?P<yaml>.*?)^---", re.DOTALL | re.MULTILINE)
_NOTEBOOK = re.compile(r"^\s*(format_name:\s*myst|file_format:\s*mystnb)\b", re.MULTILINE)
_NBVAL_TIMEOUT = 2000  # nbval's own default, which marks that the command line asked for nothing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "chapter_cell_timeout", "longest run of one cell of a chapter, in seconds; 0: no limit", default="1800"
    )


def pytest_configure(config: pytest.Config) -> None:
    asked = getattr(config.option, "nbval_cell_timeout", None)
    if asked == _NBVAL_TIMEOUT:
        config.option.nbval_cell_timeout = float(config.getini("chapter_cell_timeout")) or None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """A built book holds copies of its chapters; they are not collected a second time."""
    return True if collection_path.name in ("_build", ".jupyter_cache") else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    option = parent.config.option
    nbval_is_on = getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)
    if not nbval_is_on or file_path.suffix != ".md" or file_path.parent.name != "chapters":
        return None
    if not is_notebook(file_path.read_text(encoding="utf-8")):
        return None
    from onenn.ledger.pytest_plugin.chapter import Chapter  # jupytext, IPython: only where a chapter is run

    return Chapter.from_parent(parent, path=file_path)


def is_notebook(source: str) -> bool:
    """Whether a Markdown source says in its header that it is a MyST notebook, as the book itself decides it.

    >>> is_notebook("---\\njupytext:\\n  text_representation:\\n    format_name: myst\\n---\\n# Title")
    True
    >>> is_notebook("# Title\\n\\nformat_name: myst")
    False
    """
    header = _HEADER.match(source)
    return header is not None and _NOTEBOOK.search(header["yaml"]) is not None
