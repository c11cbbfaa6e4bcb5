"""The pytest plugin that runs the chapters: `pytest -p onenn.ledger.pytest_plugin --nbval-lax --nbval-current-env`.

A chapter is a MyST Markdown notebook in a folder named `chapters`, or below it. It is collected as it stands when nbval
is on; onenn.ledger.pytest_plugin.chapter says what its items are.   Chapter: ledger.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onenn.ledger.threads import one_thread

_HEADER = re.compile(r"\A---[^\n]*\n(?P<yaml>.*?)^(---|\.\.\.)", re.DOTALL | re.MULTILINE)
_NBVAL_TIMEOUT = 2000  # nbval's own default, which marks that the command line asked for nothing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "chapter_cell_timeout", "longest run of one cell of a chapter, in seconds; 0: no limit", default="1800"
    )


def pytest_configure(config: pytest.Config) -> None:
    one_thread()
    asked = getattr(config.option, "nbval_cell_timeout", None)
    if asked == _NBVAL_TIMEOUT:
        config.option.nbval_cell_timeout = float(config.getini("chapter_cell_timeout")) or None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """A built book holds copies of its chapters; they are not collected a second time."""
    return True if collection_path.name in ("_build", ".jupyter_cache") else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    option = parent.config.option
    nbval_is_on = getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)
    if not nbval_is_on or file_path.suffix != ".md" or "chapters" not in _folders(file_path, parent.config.rootpath):
        return None
    if not is_notebook(file_path.read_text(encoding="utf-8-sig")):
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
    if header is None:
        return False
    import yaml  # which jupytext needs anyhow

    try:
        found = yaml.safe_load(header["yaml"])
        form = found.get("jupytext", {}).get("text_representation", {}).get("format_name")
    except (yaml.YAMLError, AttributeError):
        return False
    return form == "myst" or found.get("file_format") == "mystnb"


def _folders(path: Path, root: Path) -> tuple[str, ...]:
    """The names of the folders between the root of the tests and the file, and of the file's own folder."""
    between = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
    return (*between, path.parent.name)
