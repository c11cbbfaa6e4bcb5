"""The cells of a page as they were run: which of them did not run, failed, or show a certificate that nobody claimed.

Tags and settings can hide a cell or its error from the page, so the notebook is read and not only what it became.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from docutils import nodes
from jupyter_cache import get_cache

from onenn.ledger.book.records import BadCell
from onenn.ledger.cells import errors, tag_faults, unclaimed

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment


def forget(env: BuildEnvironment, docname: str) -> None:
    """Remove the notebook that an earlier build left, so that a page which is none any more has none."""
    _path(env, docname).unlink(missing_ok=True)


def bad_cells(env: BuildEnvironment, docname: str, doctree: nodes.document) -> Iterator[BadCell]:
    """Every fault of the cells of a page that was just read."""
    path = _path(env, docname)
    if not path.exists():
        return  # it is no notebook
    notebook = nbformat.read(path, as_version=4)
    if not any(cell.get("execution_count") for cell in notebook.cells):
        notebook = _from_cache(env, notebook)
        nbformat.write(notebook, path)
    shown = [part for part in doctree.findall(nodes.container) if part.get("nb_element") == "cell_code"]
    idle = {part["cell_index"] for part in shown if part["exec_count"] is None}
    lines = notebook.metadata.get("source_map", [0] * len(notebook.cells))
    for index, (line, cell) in enumerate(zip(lines, notebook.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        reasons = [*tag_faults(cell.source, cell.metadata.get("tags", ())), *errors(cell.outputs)]
        if cell.source.strip() and (index in idle or cell.execution_count is None):
            reasons.append("a cell was not run; neither the settings nor the page's header may switch that off")
        for reason in reasons:
            yield BadCell(line=line + 1, reason=reason)
        for label, reason in unclaimed(cell.source, cell.outputs):
            yield BadCell(line=line + 1, reason=reason, label=label)


def _from_cache(env: Any, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the outputs that myst-nb shows and leaves out of its file when they come from the cache."""
    with suppress(KeyError):  # it was not run, which the page shows
        notebook = get_cache(env.mystnb_config.execution_cache_path).merge_match_into_notebook(notebook)[1]
    return notebook


def _path(env: Any, docname: str) -> Path:
    return Path(env.mystnb_config.output_folder) / f"{docname}.ipynb"
