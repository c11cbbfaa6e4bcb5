"""A chapter as pytest sees it: one item per code cell and one per statement that a run must certify.

    chapters/kernel.md::Cell 3        passes when the cell, and every cell before it, ran without an error
    chapters/kernel.md::thm-kernel    passes when a cell published a good certificate for that label

Each cell runs once, in order, in one kernel of the chapter; an item selected alone runs what it needs first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbval.cover import setup_coverage
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, nocolors

from onenn.ledger.cells import claimed_labels, errors, tag_faults, unclaimed
from onenn.ledger.certificate import certificates, is_consistent
from onenn.ledger.pytest_plugin.statements import Statement, statements

_ESCAPE_CODE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_HEARTBEAT = 1.0  # seconds between two looks at whether the kernel still lives


class ItemFailed(Exception):
    """An item fails for the reason given in one line; pytest shows that line alone."""


class ChapterKernel(RunningKernel):
    """nbval's kernel, but one that dies in mid-cell is noticed at once, and its own word on an error is kept."""

    reported_error = False

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        waited = 0.0
        while True:
            step = _HEARTBEAT if timeout is None else min(_HEARTBEAT, timeout - waited)
            try:
                reply = self.get_message(stream="shell", timeout=step)
            except Empty:
                waited += step
                if not self.is_alive():
                    raise ItemFailed("the kernel died while the cell ran") from None
                if timeout is not None and waited >= timeout:
                    raise
                continue
            if reply["parent_header"].get("msg_id") == msg_id:
                self.reported_error = reply["content"]["status"] != "ok"
                return


class Cell(IPyNbCell):
    """A code cell. Its certificates' labels, grades and verdicts go to the report, good or not."""

    parent: Chapter

    def setup(self) -> None:
        """Nothing: nbval would mark what follows a timeout as expected to fail, which is not a failure."""

    def runtest(self) -> None:
        try:
            self.parent.run_up_to(self.cell_num + 1)
        finally:
            for found in self.parent.published.get(self.cell_num, ()):
                self.user_properties += _properties(found)

    def execute(self) -> None:
        """Run the cell in the chapter's kernel; raises NbCellError or ItemFailed when it must not pass."""
        _fail_on(tag_faults(self.cell.source, self.cell.metadata.get("tags", ())))
        if self.parent.kernel is None or not self.parent.kernel.is_alive():
            raise ItemFailed("the kernel is not alive")
        try:
            super().runtest()
        finally:
            outputs = self.test_outputs or ()
            forged = dict(unclaimed(self.cell.source, outputs))
            accepted = [found for found in certificates(outputs) if str(found.get("label", "")) not in forged]
            self.parent.published[self.cell_num] = accepted
        # A cell that catches the interrupt hides the timeout; one that changes IPython's handlers hides an error.
        if self.parent.timed_out:
            raise ItemFailed("the cell did not finish in time (pytest option --nbval-cell-timeout)")
        if self.parent.kernel.reported_error:
            raise ItemFailed("the cell raised an error and shows no traceback")
        _fail_on((*errors(outputs), *forged.values()))
        _fail_on(_problem(found, self.parent.statements) for found in self.parent.published[self.cell_num])

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: Any = None) -> str:
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return str(error)
        # The kernel colours its tracebacks; a report file must not hold that. The summary shows the first line only.
        shown = _ESCAPE_CODE.sub("", super().repr_failure(excinfo))
        reason = _ESCAPE_CODE.sub("", error.inner_traceback or str(error)).strip().splitlines()[-1]
        return f"{reason}\n{shown}"

    def reportinfo(self) -> tuple[Any, Any, str]:
        return self.path, 0, self.name


class Label(pytest.Item):
    """A statement that needs evidence, or that a cell claims; it runs the whole chapter unless that was done."""

    parent: Chapter

    def runtest(self) -> None:
        interrupted: Exception | None = None
        try:
            self.parent.run_up_to(len(self.parent.cells))
        except (NbCellError, ItemFailed) as error:
            interrupted = error  # evidence published before the failure still counts
        found = [row for rows in self.parent.published.values() for row in rows if row.get("label") == self.name]
        for row in found:
            self.user_properties += _properties(row)
        if sum(statement.label == self.name for statement in self.parent.statements) > 1:
            raise ItemFailed(f"{self.name} is the label of two statements of this chapter; rename one")
        _fail_on(_problem(row, self.parent.statements) for row in found)
        if len(found) > 1:
            raise ItemFailed(f"{self.name} is claimed {len(found)} times; put all its evidence in one claim")
        if not found:
            reason = f" (the chapter stopped at Cell {self.parent.first_failure})" if interrupted else ""
            raise ItemFailed(f"{self.name} has no evidence: no cell that ran claims it{reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, ItemFailed) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        line = next((statement.line for statement in self.parent.statements if statement.label == self.name), 0)
        return self.path, line, self.name


class Chapter(IPyNbFile):
    """A MyST Markdown notebook, read as it stands: nothing is converted on disk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells: list[Cell] = []
        self.statements: list[Statement] = []
        self.published: dict[int, list[dict[str, Any]]] = {}
        self._failures: dict[int, Exception] = {}
        self._finished = 0

    def setup(self) -> None:
        """Start the kernel, in the chapter's own folder, so that relative paths work as in Jupyter."""
        option = self.config.option
        named = option.nbval_kernel_name or self.nb.metadata.get("kernelspec", {}).get("name", "python")
        self.kernel = ChapterKernel(
            CURRENT_ENV_KERNEL_NAME if option.nbval_current_env else named,
            cwd=str(self.path.parent),
            startup_timeout=option.nbval_kernel_startup_timeout,
        )
        self.setup_sanitize_files()
        if getattr(option, "cov_source", None):
            setup_coverage(self.config, self.kernel, str(self.path))

    def collect(self) -> Generator[Any, None, None]:
        import jupytext  # here, because most runs of pytest collect no chapter

        source = self.path.read_text(encoding="utf-8-sig")
        self.nb = jupytext.reads(source, fmt="md:myst")
        self.statements = list(statements(source, path=self.path))
        code_cells = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        self.cells = [
            Cell.from_parent(self, name=f"Cell {n}", cell_num=n, cell=cell, options=defaultdict(bool))
            for n, cell in enumerate(code_cells)
        ]
        for cell in self.cells:
            cell.colors = nocolors
        yield from self.cells
        needed = [statement.label for statement in self.statements if statement.needs_evidence]
        claimed = [label for cell in code_cells for label in claimed_labels(cell.source)]
        for label in dict.fromkeys(needed + claimed):
            yield Label.from_parent(self, name=label)

    @property
    def first_failure(self) -> int | None:
        """The number of the first cell that failed, None when none has."""
        return min(self._failures, default=None)

    def run_up_to(self, end: int) -> None:
        """Run the cells before number `end` that have not run; each runs once.

        Raises: what the last of them raised, or ItemFailed "blocked" when an earlier one failed.
        """
        while self._finished < end and not self._failures:
            cell = self.cells[self._finished]
            self._finished += 1
            try:
                cell.execute()
            except Exception as error:  # anything: whatever went wrong, what follows must not pass
                self._failures[cell.cell_num] = error
        if end - 1 in self._failures:
            raise self._failures[end - 1]
        failed = self.first_failure
        if failed is not None and failed < end:
            raise ItemFailed(f"blocked: Cell {failed} failed before it")


def _fail_on(sentences: Iterable[str | None]) -> None:
    """Raise ItemFailed with the first sentence, if there is any."""
    for sentence in filter(None, sentences):
        raise ItemFailed(sentence)


def _problem(found: dict[str, Any], known: list[Statement]) -> str | None:
    """Why a published certificate supports nothing, in one line; None when it does."""
    label = found.get("label")
    if label not in [statement.label for statement in known]:
        return f"{label} is claimed, but no statement of this chapter has that label"
    if not is_consistent(found):
        return f"the certificate of {label} does not follow from its items; let `claim` write it"
    if found["verdict"] not in ("proved", "refuted"):
        return f"{label} failed: {' '.join(found['problems'])}"
    return None


def _properties(found: dict[str, Any]) -> list[tuple[str, object]]:
    return [(key, str(found.get(key) or "none")) for key in ("label", "grade", "verdict", "scope")]
