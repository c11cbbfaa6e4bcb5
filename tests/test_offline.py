"""The built book, read without a network and by any reader: addresses, ids, words of pictures, notebooks to download.

The book is built first; where it is built already, nothing is run again.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
CHAPTERS = sorted(
    path for path in (ROOT / "chapters").glob("*.md") if "format_name: myst" in path.read_text(encoding="utf-8")[:300]
)
LOADED = {
    "script": ["src"], "link": ["href"], "img": ["src", "srcset"], "iframe": ["src"], "source": ["src", "srcset"],
    "video": ["src", "poster"], "audio": ["src"], "object": ["data"], "embed": ["src"], "image": ["href", "xlink:href"],
    "use": ["href", "xlink:href"], "base": ["href"], "form": ["action"],
}  # fmt: skip
FOREIGN = re.compile(r"\s*(https?:)?//")


@pytest.fixture(scope="module")
def pages():
    """Every page of the book, parsed: path below the HTML folder -> soup."""
    command = "import sys; from jupyter_book.cli.main import main; sys.argv[0] = 'jupyter-book'; main()"
    ran = subprocess.run(
        [sys.executable, "-c", command, "build", ".", "-W", "--keep-going"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:]
    paths = [path for path in sorted(HTML.rglob("*.html")) if "_static" not in path.parts]
    return {
        path.relative_to(HTML).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in paths
    }


def loads(soup: BeautifulSoup) -> Iterator[str]:
    """The addresses that a page loads by itself; links that a reader may follow are none."""
    for tag, attributes in LOADED.items():
        for element in soup.find_all(tag):
            if tag == "link" and set(element.get("rel", [])) & {
                "next",
                "prev",
                "index",
                "search",
                "canonical",
                "author",
            }:
                continue
            yield from (element[name] for name in attributes if element.get(name))
    for style in soup.find_all("style"):
        yield from re.findall(r"(?:url\(['\"]?|@import ['\"])([^)'\"]+)", style.text)


def test_no_page_loads_anything_from_another_host(pages):
    """Scripts, styles, pictures, frames: all addresses are relative."""
    assert len(pages) > 5
    foreign = [(name, address) for name, soup in pages.items() for address in loads(soup) if FOREIGN.match(address)]
    assert foreign == []


def test_foreign_addresses_would_be_noticed():
    """The control of the test above, one for each way of loading."""
    for html in (
        '<script src="https://cdn.example/x.js"></script>', '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<img src="http://example/x.png">', "<style>@import 'https://example/x.css';</style>",
        '<style>a { background: url("https://example/x.png") }</style>', '<iframe src="https://example"></iframe>',
    ):  # fmt: skip
        assert any(FOREIGN.match(address) for address in loads(BeautifulSoup(html, "html.parser"))), html


def test_no_style_sheet_or_inline_script_names_a_content_network(pages):
    """Fonts and icons are files of the book; the theme's optional loaders are gone."""
    for path in (HTML / "_static").rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?\s*(https?:)?//", path.read_text(encoding="utf-8")), path.name
    for name, soup in pages.items():
        for script in soup.find_all("script"):
            assert not re.search(r"unpkg|jsdelivr|cdnjs|googleapis", script.text), name


def test_everything_that_a_page_loads_is_in_the_book(pages):
    """An address that leads nowhere is a missing font, script or picture."""
    for name, soup in pages.items():
        for address in loads(soup):
            file = address.partition("?")[0].partition("#")[0]
            if file and not file.startswith("data:"):
                assert (HTML / name).parent.joinpath(file).resolve().exists(), (name, address)


def test_mathematics_is_set_by_the_book_itself(pages):
    """Each page loads the copy of MathJax beside it."""
    for name, soup in pages.items():
        if soup.select_one("article"):
            assert soup.select_one("script[src*='mathjax/tex-svg-full.js']"), name


def test_every_picture_has_words(pages):
    """A drawing is named, or declares itself a decoration; that of the ledger is a group of links with a name."""
    for name, soup in pages.items():
        for drawing in soup.select("article svg, article img"):
            words = drawing.get("aria-label") or drawing.get("alt") or drawing.get("aria-hidden")
            assert words, (name, str(drawing)[:200])


def test_ids_are_unique_on_every_page(pages):
    """Labels, links and the parts of drawings are found by id."""
    for name, soup in pages.items():
        ids = [tag["id"] for tag in soup.select("article [id]")]
        assert sorted({one for one in ids if ids.count(one) > 1}) == [], name


def test_links_inside_the_book_lead_somewhere(pages):
    """Page and label of each link exist, those of the ledger's table and graph included."""
    known = {name: {tag["id"] for tag in soup.find_all(id=True)} for name, soup in pages.items()}
    for name, soup in pages.items():
        for link in soup.select("article a[href]"):
            if re.match(r"[a-z]+:", link["href"]):
                continue
            file, _, label = link["href"].partition("#")
            target = (HTML / name).parent.joinpath(file).resolve() if file else HTML.resolve() / name
            assert target.exists(), (name, link["href"])
            page = target.relative_to(HTML.resolve()).as_posix()
            assert not label or page not in known or label in known[page], (name, link["href"])


# Notebooks to download


def offered(chapter: Path) -> nbformat.NotebookNode:
    """The notebook that a chapter's page offers."""
    return nbformat.read(HTML / "_sources" / "chapters" / f"{chapter.stem}.ipynb", as_version=4)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_chapter_offers_a_plain_executed_notebook(pages, chapter):
    """Valid, linked from the page, free of directives and roles; its code cells are the chapter's, all of them run."""
    assert pages[f"chapters/{chapter.stem}.html"].select_one(f"a[href$='_sources/chapters/{chapter.stem}.ipynb']")
    notebook = offered(chapter)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.search(r":::|```\{|\{(prf:|cite|term|eq|ref|numref|doc|code-cell|exercise|solution|mention)", text)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == cells_of(chapter)
    assert all(cell.execution_count for cell in code)


def cells_of(chapter: Path) -> list[str]:
    """The sources of the code cells of a chapter."""
    return [cell.source for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_what_a_notebook_imports_is_there_with_the_package_alone(pages, chapter, tmp_path):
    """Its code is the chapter's, which pytest runs; its imports work where the tools of the book cannot be imported."""
    imports = [
        ast.unparse(node)
        for cell in offered(chapter).cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports
    cells = [{"cell_type": "code", "source": line} for line in imports]
    path = tmp_path / "imports.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "reader" / "bare.py", path], check=False, capture_output=True
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
