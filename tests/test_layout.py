"""The shape of the repository: its tree, the one way of imports, the rules of a chapter, names that pages promise."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(
    path for path in (ROOT / "chapters").glob("*.md") if "format_name: myst" in path.read_text(encoding="utf-8")[:300]
)
PAGES = sorted((ROOT / "chapters").rglob("*.md"))
MODULES = sorted((ROOT / "onenn").rglob("*.py"))
PACKAGES = [path for path in MODULES if path.name == "__init__.py" and "__all__" in path.read_text(encoding="utf-8")]

TREE = {"_config.yml", "_toc.yml", "README.md", "requirements.txt", "chapters", "onenn", "tests"}
BESIDE = {"pyproject.toml", "LICENSE", "CITATION.cff"}
MADE = {"_build", "build", "dist", "__pycache__"}  # by the build, by pip; ignored by git

LONGEST_CELL = 20  # lines
LONGEST_FUNCTION = 5  # lines of a def in a chapter
LONGEST_MODULE = 300  # lines
LOOKED_UP = {"errata.md"}  # a list to consult, without exercises
FORBIDDEN_TAGS = {
    "raises-exception",
    "skip-execution",
    "remove-output",
    "remove-cell",
    "nbval-skip",
    "nbval-ignore-output",
}


def name_of(path: Path) -> str:
    """The path below the root, for the name of a test."""
    return path.relative_to(ROOT).as_posix()


def code_cells(path: Path) -> list[tuple[str, list[str]]]:
    """(source, tags) of each code cell of a chapter."""
    return [
        (cell.source, cell.metadata.get("tags", [])) for cell in jupytext.read(path).cells if cell.cell_type == "code"
    ]


def test_the_top_level_is_the_tree_of_the_design():
    """Nothing else lies beside the book, the package and the tests, save files that begin with a dot."""
    found = {
        path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not path.name.endswith(".egg-info")
    }
    assert found - MADE == TREE | BESIDE


@pytest.mark.slow
def test_imports_go_one_way():
    """The contracts of pyproject.toml, checked by import-linter."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.slow
def test_importing_the_package_is_quick():
    """None of the heavy libraries is loaded before it is needed."""
    code = "import sys, onenn; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"torch", "matplotlib", "sphinx", "docutils", "sympy", "sklearn", "scipy", "flint", "xarray", "networkx"}
    assert "onenn" in loaded
    assert not heavy & set(loaded)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_about_and_is_short(path):
    """It opens with a docstring; beyond three hundred lines it is two modules."""
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_MODULE
    assert not source.strip() or ast.get_docstring(ast.parse(source))


def test_half_of_the_modules_are_under_150_lines():
    """One mathematical object per file."""
    lengths = sorted(path.read_text(encoding="utf-8").count("\n") for path in MODULES)
    assert lengths[len(lengths) // 2] < 150


# Chapters


def test_every_chapter_is_in_the_table_of_contents():
    """A page that nobody can reach is not in the book."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def files(entry) -> set[str]:
        if isinstance(entry, dict):
            own = {value for key, value in entry.items() if key in ("file", "root")}
            return own.union(*(files(value) for value in entry.values()))
        return set().union(*map(files, entry)) if isinstance(entry, list) else set()

    assert files(toc) == {name_of(path).removesuffix(".md") for path in PAGES}


def test_no_notebook_with_outputs_is_kept():
    """Chapters are text; what they print is made by running them."""
    assert not [path for folder in ("chapters", "onenn", "tests") for path in (ROOT / folder).rglob("*.ipynb")]


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_chapter_has_the_minimal_header(path):
    """Jupytext's versions in the header would change with every editor."""
    header = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
    assert header == {
        "jupytext": {"text_representation": {"extension": ".md", "format_name": "myst"}},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    }


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_cells_are_short_and_functions_live_in_the_package(path):
    """A cell is a few calls; a longer function is library code, with tests of its own."""
    for source, _ in code_cells(path):
        assert len(source.strip().split("\n")) <= LONGEST_CELL, source
        for node in ast.walk(ast.parse(re.sub(r"^[%!].*", "", source, flags=re.MULTILINE))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, source


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_formula_without_a_number_stands_between_blank_lines(path):
    """Glued to the line before it, `$$` without a label is set as text, and no warning says so."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for found in re.finditer(r"^(?P<before>.*)\n\$\$(?:[^$]*)\$\$(?P<after>.*)$", text, flags=re.MULTILINE):
        before = found["before"].strip()
        assert not before or before.startswith(":") or re.match(r" \(eq-", found["after"]), found[0]


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_no_cell_is_excused(path):
    """A cell that may fail, is not run, or hides its outcome from the ledger would be a check that cannot fail."""
    for source, tags in code_cells(path):
        assert not FORBIDDEN_TAGS & set(tags), source


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_every_claim_has_a_control(path):
    """For each hypothesis there is an experiment that drops it; a counterexample is its own."""
    for source, _ in code_cells(path):
        for claim in re.split(r"^with claim\(", source, flags=re.MULTILINE)[1:]:
            assert re.search(r"\.(control|counterexample)\b", claim), source


@pytest.mark.parametrize("path", [path for path in CHAPTERS if path.name not in LOOKED_UP], ids=name_of)
def test_a_chapter_ends_with_exercises_that_are_solved(path):
    """At least three, each with a folded solution that holds an executed cell."""
    text = path.read_text(encoding="utf-8")
    exercises = re.findall(r"^(?:```|:::)\{exercise(?:-start)?\}.*\n:label: (\S+)", text, re.MULTILINE)
    solutions = re.findall(r"^```\{solution-start\} (\S+)\n(.*?)^```\{solution-end\}", text, re.MULTILINE | re.DOTALL)
    assert len(exercises) >= 3
    assert [label for label, _ in solutions] == exercises
    for label, solution in solutions:
        assert ":class: dropdown" in solution, label
        assert "```{code-cell}" in solution, label


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_chapter_opens_with_its_card(path):
    """Proves, assumes, source, minutes: in the first screen."""
    card = re.search(r":class: card-chapter\n(.*?)\n:::", path.read_text(encoding="utf-8"), re.DOTALL)
    assert card is not None
    assert [word for word in ("Proves", "Assumes", "Source", "Minutes") if f"**{word}" not in card[1]] == []


# Promises of pages


def test_the_names_of_the_notation_exist():
    """Each onenn.… in the table of letters is there when a reader types it."""
    text = (ROOT / "chapters" / "notation.md").read_text(encoding="utf-8")
    names = re.findall(r"`(onenn(?:\.\w+)+)`", text)
    assert len(names) > 10
    for name in names:
        _, *parts = name.split(".")
        thing = importlib.import_module("onenn")
        for part in parts:
            thing = getattr(thing, part)


def test_the_example_on_the_page_of_the_package_comes_out_as_printed():
    """What a newcomer types first; nothing runs it when the book is built."""
    found = doctest.testfile(str(ROOT / "chapters" / "api.md"), module_relative=False)
    assert found.attempted >= 8
    assert found.failed == 0


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_every_public_name_is_on_a_page_of_the_package(path):
    """A package that says what is public is documented whole; plots and the tools of the book are not for readers."""
    package = ".".join(path.parent.relative_to(ROOT).parts)
    if package.startswith(("onenn.plots", "onenn.ledger.", "onenn.reader")):
        return
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "chapters" / "api").glob("*.md"))
    assert f".. automodule:: {package}\n" in pages
    module = importlib.import_module(package)
    unseen = {*getattr(module, "__all__", ())} - {*vars(module)}  # loaded on first use: automodule passes it over
    for name in {*getattr(module, "_LATER", ())} | unseen:
        assert re.search(rf"\.\. auto(function|class):: {package}\.{name}\n", pages), name


def test_requirements_pin_every_direct_dependency():
    """One list of exact pins covers all ranges of pyproject.toml."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    pins = dict(line.split("==") for line in lines if "==" in line)
    assert all(line.startswith(("#", "-e .")) or not line.strip() or "==" in line for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    ranges = [*project["dependencies"], *(entry for extra in extras for entry in extra)]
    assert {re.split(r"[<>=\[ ]", entry)[0] for entry in ranges} - set(pins) == set()
    assert pins["torch"] == "2.13.0"


def test_the_readme_and_the_checks_have_the_same_two_commands():
    """What a newcomer types is what runs on every change."""
    commands = (
        "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
        " && .venv/bin/jupyter-book build . -W --keep-going",
        ".venv/bin/python -m pytest",
    )
    for path in (ROOT / "README.md", ROOT / ".ci" / "run"):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
        for command in commands:
            assert any(line == command or line.startswith(f"{command} --") for line in lines), (path.name, command)
