"""A miniature book, built with the settings of the real one: folds, previews, the notebook to download, no network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from minibook import MiniBook, cell, claim_cell, copy_package, statement

from onenn.ledger.certificate import MIME_TYPE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FIGURE = """import matplotlib.pyplot as plt
from onenn import figures
with figures.style():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], "o-")
figures.show(fig, alt="A straight line that rises from the origin to one.")"""

CHAPTER = (
    "The name `onenn.figures.show` and `onenn.nowhere`.",
    "The word {term}`teacher` and {cite:t}`euclid`; {prf:ref}`thm-a`, {eq}`eq-a`, {ref}`ex-a`.",
    statement("thm-a", "It holds that\n\n$$\na = b\n$$ (eq-a)", title=r"What $\rho$ is"),
    ":::{prf:proof}\n:class: dropdown\n\nBecause of {eq}`eq-a`.\n:::",
    ":::{prf:lemma} Easy\n:label: lem-b\n:class: new\n\nTwo is two.\n:::",
    ":::{prf:proof}\nIt is clear.\n:::",
    claim_cell("thm-a"),
    claim_cell("lem-b"),
    cell(FIGURE, tags=["hide-input"]),
    cell("6 * 7"),
    "```{exercise-start} Sign\n:label: ex-a\n```\n\nWhich sign has $a$?\n\n```{exercise-end}\n```",
    "```{solution-start} ex-a\n:label: sol-a\n:class: dropdown\n```\n\nAs computed:",
    cell("print('minus', -1)"),
    "```{solution-end}\n```",
    "```{exercise} Another\n:label: ex-b\n\nAnd $b$?\n```\n\n````{solution} ex-b\n:class: dropdown\n\nThe same.\n````",
    ":::{admonition} A card\n:class: card-chapter\n- **Proves:** {prf:ref}`thm-a`.\n:::",
)
GLOSSARY = ":::{glossary}\nteacher\n  The network that made the data.\n:::"


def book_in(folder: Path) -> MiniBook:
    """An empty book with the real settings and a copy of the package that nobody changes meanwhile."""
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    book = MiniBook(folder / "book", config=config, package=copy_package(folder))
    shutil.copytree(ROOT / "chapters" / "_static", book.folder / "chapters" / "_static")
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A good book, built once."""
    book = book_in(tmp_path_factory.mktemp("reader"))
    book.write("demo", *CHAPTER)
    book.write("glossary", GLOSSARY, plain=True)
    book.write("figures", "```{eval-rst}\n.. automodule:: onenn.figures\n   :members:\n```", plain=True)
    built = book.build()
    assert built.passed, built.output
    return book


@pytest.fixture(scope="module")
def page(book):
    """The built chapter."""
    return BeautifulSoup(book.page("demo"), "html.parser")


@pytest.fixture(scope="module")
def notebook(book):
    """The notebook that the chapter offers."""
    return nbformat.read(book.html / "_sources" / "chapters" / "demo.ipynb", as_version=4)


def test_a_long_proof_is_folded_without_a_script(page):
    """<details> works with the keyboard, in a search and when no script runs; the summary says what is inside."""
    fold = page.select_one("details.fold-proof")
    assert fold.summary.text == "Proof"
    assert "Because of (1.1)." in fold.text
    assert "Proof. Because" not in page.text


def test_a_short_proof_stays_open(page):
    """It begins with its word in bold, and its box has no id that another proof has too."""
    proof = page.select_one("div.proof-text")
    assert proof.strong.text == "Proof."
    assert not page.select("[id=proof]")


def test_a_solution_holds_its_executed_cell(page):
    """Text, code and output of the solution are inside the fold, and a link to it leads there."""
    fold = page.select_one("details#sol-a")
    assert fold.summary.text == "Solution"
    assert "minus -1" in fold.select_one("div.cell_output").text


def test_a_sign_after_a_formula_stays_on_its_line(page):
    """The question mark of "Which sign has a?" is in one element with the formula, which no line break parts."""
    exercise = page.select_one("div.exercise#ex-a")
    assert [tag.text for tag in exercise.select("span.unbroken:has(> span.math)")] == [r"\(a\)?"]
    assert "Which sign has" in exercise.text


def test_names_of_the_package_lead_to_their_documentation(page, notebook):
    """A documented name is a link that may break after a dot; another one is code, and in the notebook both are."""
    (link,) = page.select("article a:has(> code)")
    assert link["href"] == "figures.html#onenn.figures.show"
    assert link.code.text == "onenn.figures.show"
    assert len(link.select("wbr")) == 2
    assert [code.text for code in page.select("article p > code.literal")] == ["onenn.nowhere"]
    text = "".join(cell.source for cell in notebook.cells)
    assert "The name `onenn.figures.show` and `onenn.nowhere`." in text


def test_ids_of_a_page_are_unique(page):
    """Two elements with one id break links, and the labels of figures."""
    ids = [tag["id"] for tag in page.select("article [id]")]
    assert [name for name in ids if ids.count(name) > 1] == []


def test_previews_hold_every_target(book):
    """Statement, equation, exercise, term and citation; without ids, for they would be on a page twice."""
    script = (book.html / "_static" / "previews.js").read_text(encoding="utf-8")
    table = json.loads(script.removeprefix("window.onennPreviews = ").removesuffix(";\n"))
    chapter, glossary = "chapters/demo.html#", "chapters/glossary.html#"
    for key in ("thm-a", "lem-b", "equation-eq-a", "ex-a"):
        assert chapter + key in table
    assert "made the data" in table[glossary + "term-teacher"]
    assert any("Elements" in html for html in table.values())
    assert not any(" id=" in html or "headerlink" in html for html in table.values())
    assert "exact" in table[chapter + "thm-a"]  # the badge comes along


def test_the_page_loads_nothing_from_elsewhere(book):
    """No script, style, image or font of a page names another host, nor does an inline script."""
    for path in book.html.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        for tag in BeautifulSoup(html, "html.parser").select("script[src], link[href], img[src], iframe"):
            assert not re.match(r"(https?:)?//", tag.get("src") or tag.get("href") or ""), f"{path.name}: {tag}"
        assert "unpkg" not in html
        assert "jsdelivr" not in html


def test_mathjax_is_in_the_book_and_on_pages_without_formulas(book):
    """A preview on such a page brings the first formula."""
    assert (book.html / "_static" / "mathjax" / "tex-svg-full.js").stat().st_size > 10**6
    assert "mathjax/tex-svg-full.js" in book.page("glossary")


def test_the_index_is_among_the_pages(page):
    """Sphinx writes it; the list of pages has to name it."""
    assert page.select_one("nav a[href$='genindex.html']")


def test_the_notebook_is_offered_and_valid(page, notebook):
    """The theme's download menu links it."""
    assert page.select_one("a[href$='_sources/chapters/demo.ipynb']")
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_the_notebook_speaks_plain_markdown(notebook):
    """No directive, no role; numbers, terms and citations are words; mathematics is between dollar signs."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.search(r":::|\{(prf|cite|term|eq|ref|code-cell|exercise|solution)", text)
    for words in (
        "# 1 Page demo", "> **Theorem 1.1 (What $\\rho$ is)**", "> $$ a = b \\tag{1.1} $$", "> **Proof.**", "(1.1)",
        "> **Lemma 1.2 (Easy)**", "> **Exercise 1.1 (Sign)**", "**Solution.**", "teacher", "● exact",
        "> - **Proves:** Theorem 1.1.", "## Sources", "Elements",
    ):  # fmt: skip
        assert words in text


def test_the_notebook_says_at_once_how_to_run_it(notebook):
    """Below the title, before anything else: whoever finds the file alone learns what to install."""
    title, how, *_ = notebook.cells[0].source.split("\n\n")
    assert title == "# 1 Page demo"
    assert "pip install" in how
    assert "`onenn`" in how


def test_the_notebook_has_every_cell_with_its_output(book, notebook):
    """The code is the chapter's, in order; tags, certificates, cards and pictures are kept, pictures as PNG."""
    import jupytext

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    source = [cell for cell in jupytext.read(book.path("demo")).cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == [cell.source for cell in source]
    data = [output.get("data", {}) for cell in code for output in cell.outputs]
    assert sum(MIME_TYPE in one and "text/html" in one for one in data) == 2
    assert [sorted(one) for one in data if "image/png" in one] == [["image/png", "text/plain"]]
    assert [cell.metadata.get("tags") for cell in code if cell.metadata.get("tags")] == [["hide-input"]]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_notebook_runs_where_only_the_package_is_installed(book):
    """The tools of the book are made unimportable, and every cell runs."""
    path = book.html / "_sources" / "chapters" / "demo.ipynb"
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "reader" / "bare.py", path], check=False, capture_output=True
    )
    assert ran.returncode == 0, ran.stdout[-2000:]


def test_the_bare_run_fails_where_a_cell_fails(tmp_path):
    """The control of the test above: a missing tool and an error are both noticed."""
    for name, code in (("tool", "import sphinx"), ("error", "1 / 0")):
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": code}]}))
        ran = subprocess.run([sys.executable, ROOT / "tests" / "reader" / "bare.py", path], check=False)
        assert ran.returncode == 1


def test_a_picture_without_words_fails_the_build_each_time(tmp_path):
    """A drawing of a cell and an image of the text: named with their page, and again when nothing has changed."""
    book = book_in(tmp_path)
    shutil.copy(ROOT / "chapters" / "_static" / "logo.svg", book.folder / "chapters" / "logo.svg")
    book.write("bare", cell("from IPython.display import SVG, HTML\nHTML('<svg></svg>')"))
    book.write("text", "![](logo.svg)", plain=True)
    for _ in range(2):
        built = book.build()
        assert not built.passed
        assert [line for line in built.warnings if "bare.md" in line and "picture without words" in line]
        assert [line for line in built.warnings if "text.md" in line and "alt text" in line]
