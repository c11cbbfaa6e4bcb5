"""A miniature book in a temporary folder: pages in, one real build in a process of its own, exit status and pages out.

    book = MiniBook(tmp_path)
    book.write("kernel", statement("thm-even"), proof(), claim_cell("thm-even"))
    assert book.build().passed

The helpers write what an author would write, so each rule is tried on Markdown and not on the ledger's own records.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onenn

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""

CONFIG = """title: A miniature book
author: A. Author
only_build_toc_files: true
exclude_patterns: ["**/_build/**"]
execute:
  execute_notebooks: cache
  timeout: -1
bibtex_bibfiles: [chapters/references.bib]
sphinx:
  extra_extensions: [sphinx_proof, onenn.ledger.book]
  config:
    nb_execution_raise_on_error: true
    mathjax_path: absent.js
"""

REFERENCES = """@inproceedings{euclid,
  author = {Euclid and Theon}, title = {Elements}, booktitle = {Papyri}, year = {1998}
}
"""


@functools.cache
def _builder() -> subprocess.Popen[str]:
    """The process that forks for every build; it ends when this process, and with it the pipe, does."""
    command = [sys.executable, str(Path(__file__).with_name("forks.py"))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def statement(
    label: str,
    text: str = "Twice two is four.",
    *,
    kind: str = "theorem",
    title: str = "",
    classes: str = "new",
) -> str:
    """A labelled sphinx-proof directive; an empty label or empty classes leave their line out."""
    options = [f":label: {label}"] * bool(label) + [f":class: {classes}"] * bool(classes)
    return "\n".join([f":::{{prf:{kind}}} {title}".rstrip(), *options, "", text, ":::"])


def proof(text: str = "Count on two hands.", *, classes: str = "") -> str:
    """A proof, which belongs to the statement before it."""
    return "\n".join([":::{prf:proof}", *[f":class: {classes}"] * bool(classes), "", text, ":::"])


def cell(code: str, *, tags: Sequence[str] = ()) -> str:
    """A code cell."""
    return "\n".join(["```{code-cell} ipython3", *[f":tags: [{', '.join(tags)}]"] * bool(tags), "", code, "```"])


def claim_cell(
    label: str,
    *,
    grade: str = "exact",
    verdict: str = "Verdict.decided(2 + 2 == 4)",
    control: str = "Verdict.decided(2 + 2 == 5)",
    scope: str = "n = 2",
    uses: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> str:
    """A cell whose claim has one piece of evidence and one control; `grade` may be "counterexample" as well."""
    details = {
        "tested": ", failure_probability=1e-9, samples=1000",
        "counterexample": ', grade="exact"',
    }.get(grade, "")
    return cell(
        "from onenn.ledger import claim\n"
        "from onenn.verdict import Verdict\n"
        f"with claim({label!r}, scope={scope!r}, uses={tuple(uses)!r}) as c:\n"
        f'    c.{grade}("the sum", {verdict}{details})\n'
        f'    c.control("a wrong sum", {control})',
        tags=tags,
    )


def copy_package(folder: Path) -> Path:
    """A copy of the package in `folder`, which a test may change; it stays as it is while the original is edited."""
    original = Path(onenn.__file__).resolve().parent
    return Path(shutil.copytree(original, folder / "onenn", ignore=shutil.ignore_patterns("__pycache__")))


@functools.cache
def _own_package() -> Path:
    """The copy of the package that the books of this process use, made once and removed at the end."""
    folder = tempfile.TemporaryDirectory(prefix="onenn-")
    atexit.register(folder.cleanup)
    return copy_package(Path(folder.name))


@dataclass(frozen=True, kw_only=True)
class Build:
    """What one build left behind: exit status, everything it printed, wall time in seconds."""

    status: int
    output: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the build command exited with 0."""
        return self.status == 0

    @property
    def warnings(self) -> list[str]:
        """The lines that carry a Sphinx warning (the kernel prints a "WARNING |" of its own, which is none)."""
        return [line for line in self.output.splitlines() if "WARNING:" in line]

    def pages(self, verb: str) -> set[str]:
        """The pages (names without the folder) of the progress lines of `verb`: "reading" or "writing"."""
        return set(re.findall(rf"^{verb} \w+\.\.\. \[ *\d+%\] chapters/(\S+)", self.output, re.MULTILINE))


def _write(path: Path, text: str) -> None:
    """Write the file unless it says so already: Sphinx reads a page again when its time has changed."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


class MiniBook:
    """Pages below `folder`/chapters, in the order written; the root page is chapters/index.

    `cache` is a notebook cache to start from; `package` is the copy of the package (see copy_package) to build with.
    """

    def __init__(
        self, folder: Path, *, config: str = CONFIG, cache: Path | None = None, package: Path | None = None
    ) -> None:
        self.folder, self.config, self.package = folder, config, package or _own_package()
        self.names: list[str] = []
        (folder / "chapters").mkdir(parents=True)
        (folder / "chapters" / "references.bib").write_text(REFERENCES)
        if cache is not None:
            shutil.copytree(cache, self.cache)
        self.write("index", "The pages follow.", "```{bibliography}\n```", plain=True)

    @property
    def html(self) -> Path:
        """The folder of the built pages."""
        return self.folder / "_build" / "html"

    @property
    def cache(self) -> Path:
        """The folder of the executed notebooks; copy it to a book with the same cells and nothing is run again."""
        return self.folder / "_build" / ".jupyter_cache"

    def path(self, name: str) -> Path:
        """The source of a page."""
        return self.folder / "chapters" / f"{name}.md"

    def write(self, name: str, *blocks: str, plain: bool = False) -> None:
        """Write (or overwrite) a page; `plain` leaves out the notebook header, so that no kernel starts."""
        if name not in self.names:
            self.names.append(name)
        body = "\n\n".join([f"# Page {name}", *blocks])
        _write(self.path(name), ("" if plain else HEADER + "\n") + body + "\n")
        chapters = "".join(f"  - file: chapters/{other}\n" for other in self.names if other != "index")
        toc = "format: jb-book\nroot: chapters/index\ndefaults:\n  numbered: true\nchapters:\n" + chapters
        _write(self.folder / "_toc.yml", toc)
        _write(self.folder / "_config.yml", self.config)

    def write_all(self, pages: Mapping[str, Sequence[str]]) -> None:
        """Write several executed pages."""
        for name, blocks in pages.items():
            self.write(name, *blocks)

    def build(self, *options: str, alone: bool = False) -> Build:
        """Run the README's build command on the book and wait for it.

        `alone` starts a Python for it, with a hash seed of its own, in place of a fork, which is quicker.
        """
        path = [str(self.package.parent)]
        path += [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
        started, log = time.perf_counter(), self.folder / "build.log"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
        request = [str(self.folder), environment, str(log), ["build", ".", "-W", "--keep-going", *options]]
        if alone:
            command = "import json, sys, forks; sys.exit(forks.build(*json.loads(sys.argv[1])))"
            ran = [sys.executable, "-c", command, json.dumps(request)]
            status = subprocess.run(ran, cwd=Path(__file__).parent, check=False).returncode
        else:
            requests, answers = _builder().stdin, _builder().stdout
            assert requests is not None and answers is not None
            print(json.dumps(request), file=requests, flush=True)
            status = int(answers.readline())
        # Sphinx colours its lines wherever it runs
        output = re.sub(r"\x1b\[[0-9;]*[@-~]", "", log.read_text(encoding="utf-8"))
        return Build(status=status, output=output, seconds=time.perf_counter() - started)

    def page(self, name: str) -> str:
        """The built HTML of a page."""
        return (self.html / "chapters" / f"{name}.html").read_text()

    @property
    def ledger(self) -> dict[str, Any]:
        """The built ledger.json."""
        return json.loads((self.html / "ledger.json").read_text())

    def row(self, label: str) -> dict[str, Any]:
        """The row of one statement in ledger.json."""
        return next(row for row in self.ledger["statements"] if row["label"] == label)
