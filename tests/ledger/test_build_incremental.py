"""Real builds that follow one another: what is read, run and written again after a change, and what must not survive.

prose -> its page;   evidence -> its page and those that show it;   the package -> everything;   a cache -> no run
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from minibook import CONFIG, MiniBook, cell, claim_cell, copy_package, proof, statement

from onenn.ledger.book import cache
from onenn.ledger.book.afterwards import MARK
from onenn.ledger.book.cache import STAMP, stamp

pytestmark = pytest.mark.slow

LOW = (statement("lem-low", kind="lemma"), proof())
TOP = (statement("thm-top"), proof("By {prf:ref}`lem-low`."))
VIEWS = "```{ledger-summary}\n```\n\n```{ledger-graph}\n```\n\n```{ledger-table}\n```"


def executed(build):
    """The number of notebooks that a kernel ran."""
    return build.output.count("Executed notebook in")


def written(build):
    """The pages written again; Sphinx itself adds the root page, whose contents list the others."""
    return build.pages("writing") - {"index"}


def outputs(book, name):
    """The outputs of each cell in the notebook that the build leaves for other extensions."""
    path = book.folder / "_build" / "jupyter_execute" / "chapters" / f"{name}.ipynb"
    return [cell["outputs"] for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def main_parts(book):
    """What the reader sees of the pages that show the lemma; the heads of rewritten pages stamp their style files."""
    return {name: book.page(name).partition("<main")[2] for name in ("low", "top", "ledger")}


def write(book, *, grade="exact", aside="An aside."):
    """A lemma, a theorem that rests on it, a page that rests on nothing, and the ledger."""
    book.write("low", *LOW, claim_cell("lem-low", grade=grade))
    book.write("top", *TOP, claim_cell("thm-top"))
    book.write("aside", statement("rem-aside", aside, kind="remark"), plain=True)
    book.write("ledger", VIEWS, plain=True)


def test_a_change_of_evidence_rewrites_exactly_what_shows_it(tmp_path):
    """The theorem's badge names its weakest ancestor, so its page is written again without being read or run."""
    book = MiniBook(tmp_path / "book")
    write(book)
    first = book.build()
    assert first.passed, first.output
    assert executed(first) == 2
    assert "weakest link" not in book.page("top")
    shown, first_ledger = main_parts(book), (book.html / "ledger.json").read_bytes()

    unchanged = book.build()
    assert (unchanged.passed, unchanged.pages("reading"), unchanged.pages("writing")) == (True, set(), set())

    write(book, grade="tested")
    weaker = book.build()
    assert weaker.passed, weaker.output
    assert (executed(weaker), weaker.pages("reading")) == (1, {"low"})
    assert written(weaker) == {"low", "top", "ledger"}
    assert "weakest link below: " in book.page("top")
    assert book.row("thm-top")["weakest"] == {"label": "lem-low", "name": "Lemma 1.1", "grade": "tested"}

    write(book, grade="tested", aside="Another aside.")
    prose = book.build()
    assert (executed(prose), prose.pages("reading"), written(prose)) == (0, {"aside"}, {"aside"})

    write(book)
    back = book.build()
    assert executed(back) == 0
    assert main_parts(book) == shown
    assert (book.html / "ledger.json").read_bytes() == first_ledger


ERRING = """from onenn.ledger import claim
from onenn.verdict import Verdict
with claim("thm-odd", scope="n = 2") as c:
    c.enclosed("2 is even", Verdict.decided(2 % 2 == 0))
    told = {"source": "euclid", "place": "page $5$", "of": "rem-old", "repair": "thm-odd"}
    c.erratum("$2$ is left out", kind="imprecise", **told)
    c.control("2 is odd", Verdict.decided(2 % 2 == 1))"""


def write_errata(book, *, provenance="read", first=True, repaired="thm-odd"):
    """A remark that prints what a source says, a theorem that shows what is wrong with it, and the list."""
    printed = statement("rem-old", "Each number, {cite}`euclid`.", kind="remark", classes=provenance)
    book.write("print", printed, plain=True)
    ahead = [statement("thm-first", classes="new open")] * first
    book.write(
        "show",
        *ahead,
        statement("thm-odd"),
        proof(),
        cell(ERRING.replace('"repair": "thm-odd"', f'"repair": "{repaired}"')),
    )
    book.write("errata", "```{errata}\n```\n\n```{errata}\n:chapter: show\n```", plain=True)


def test_the_list_of_errata_follows_what_it_shows(tmp_path):
    """Place, words, certificate and repair with links; a new number, a provenance and a lost repair are not missed."""
    book = MiniBook(tmp_path / "book")
    write_errata(book)
    first = book.build()
    assert first.passed, first.output

    def entry():
        page = BeautifulSoup(book.page("errata"), "html.parser").find("main")
        text = [" ".join(part.get_text().split()) for part in page.select("dl.errata > *")]
        return text, [link["href"] for link in page.select("dl.errata a")], " ".join(page.get_text().split())

    (term, words), links, page = entry()
    assert term == r"page \(5\) ≈ imprecise as printed"
    assert words == (
        r"\(2\) is left out Certificate: ◆ enclosed, “2 is even”, in Theorem 2.2, which says what holds instead; "
        "printed in Remark 1.1"
    )
    assert links == ["show.html#evidence-thm-odd", "show.html#thm-odd", "print.html#rem-old"]
    assert "1 erratum ≈ 1 imprecise as printed Euclid and Theon 1998" in page
    assert "There is no erratum to show." in page
    assert 'id="evidence-thm-odd"' in book.page("show")
    assert "≈ imprecise, says Theorem 2.2" in " ".join(
        BeautifulSoup(book.page("print"), "html.parser").get_text().split()
    )
    (exported,) = book.ledger["errata"]
    assert (exported["by"], exported["provenance"], exported["url"]) == ("thm-odd", "read", f"chapters/{links[0]}")

    write_errata(book, provenance="reconstructed", first=False)
    changed = book.build()
    assert changed.passed, changed.output
    assert "errata" not in changed.pages("reading")
    (term, words), *_ = entry()
    assert term.endswith("≈ imprecise as reconstructed")
    assert "in Theorem 2.1" in words
    write_errata(book, provenance="reconstructed", first=False, repaired="thm-ghost")
    lost = book.build()
    assert lost.status == 1
    assert any("names the repair 'thm-ghost'" in line for line in lost.warnings), lost.output
    assert entry()[0] == []


def test_a_build_from_the_cache_alone_runs_nothing_and_keeps_every_badge(tmp_path):
    """Only the notebook cache is kept, as in a CI run: pages and ledger come out the same, byte for byte."""
    book = MiniBook(tmp_path / "book")
    write(book)
    assert book.build().passed
    shown = outputs(book, "top")
    before = (book.html / "ledger.json").read_bytes(), book.page("top"), book.page("ledger")
    shutil.rmtree(book.html)
    shutil.rmtree(book.folder / "_build" / ".doctrees")
    again = book.build(alone=True)
    assert again.passed, again.output
    assert executed(again) == 0
    assert ((book.html / "ledger.json").read_bytes(), book.page("top"), book.page("ledger")) == before
    assert outputs(book, "top") == shown != [[]]


def test_statements_that_move_between_pages_and_pages_that_change_their_names_are_no_mistakes(tmp_path):
    """The later page gives its lemma to the earlier one, which sphinx-proof would call a duplicate."""
    book = MiniBook(tmp_path / "book")
    lemma = [*LOW, claim_cell("lem-low")]
    book.write("top", *TOP, claim_cell("thm-top"))
    book.write("low", statement("rem-low", kind="remark"), *lemma)
    assert book.build().passed
    book.write("top", *lemma, *TOP, claim_cell("thm-top"))
    book.write("low", statement("rem-low", kind="remark"))
    moved = book.build()
    assert moved.passed, moved.output
    assert book.row("lem-low")["docname"] == "chapters/top"

    book.names.remove("top")
    book.path("top").unlink()
    book.write("first", *lemma, *TOP, claim_cell("thm-top"))
    renamed = book.build()
    assert renamed.passed, renamed.output
    assert executed(renamed) == 0
    assert book.row("lem-low")["docname"] == "chapters/first"


def test_a_build_that_was_broken_off_is_no_base_for_the_next(tmp_path):
    """It may have read pages and not yet told what is wrong with them; only a clean end lets the next rely on it."""
    book = MiniBook(tmp_path / "book")
    book.write("aside", statement("rem-aside", kind="remark"), plain=True)
    assert book.build().passed
    assert book.build().pages("reading") == set()
    (book.folder / "_build" / ".doctrees" / MARK).unlink()
    assert book.build().pages("reading") == set(book.names)
    assert book.build().pages("reading") == set()


def test_a_changed_package_runs_everything_again_and_its_old_certificates_are_noticed(tmp_path):
    """The digest stamps the cache; a cache that carries a false stamp is found out by the certificates themselves."""
    package = copy_package(tmp_path)
    book = MiniBook(tmp_path / "book", package=package)
    write(book)
    assert book.build().passed
    old_code = book.ledger["code"]
    shutil.copytree(book.cache, tmp_path / "old")

    with (package / "verdict.py").open("a") as module:
        module.write("\nCHANGED = True\n")
    changed = book.build()
    assert changed.passed, changed.output
    assert executed(changed) == 2
    assert changed.pages("reading") == set(book.names)
    assert book.ledger["code"] != old_code
    assert {row["certificate"]["code"] for row in book.ledger["statements"] if row["certificate"]} == {
        book.ledger["code"]
    }

    shutil.copy(book.cache / STAMP, tmp_path / "old" / STAMP)
    other = MiniBook(tmp_path / "other", cache=tmp_path / "old", package=package)
    write(other)
    for build in (other.build(), other.build()):
        assert build.status == 1
        assert executed(build) == 0
        assert sum("[ledger: stale]" in warning for warning in build.warnings) == 2, build.output
    assert other.row("thm-top")["status"] == "failing"

    with (package / "ledger" / "book" / "badges.py").open("a") as module:
        module.write("\nCHANGED = True\n")
    looks = book.build()
    assert looks.passed, looks.output
    assert (executed(looks), looks.pages("reading")) == (0, set(book.names))


def test_the_stamp_changes_with_what_a_cell_can_import_or_read_and_with_nothing_else(tmp_path, monkeypatch):
    """Cards and figures are outputs of cells too, and so are stored results; badges are drawn after the cells ran."""
    package = copy_package(tmp_path)
    monkeypatch.setattr(cache.onenn, "__file__", str(package / "__init__.py"))
    book = tmp_path / "book"
    (book / "chapters" / "_data").mkdir(parents=True)
    found = [stamp(book)]
    used = ("ledger/card.py", "figures.py", "gaussian/table.json")
    for path in (*(package / name for name in used), book / "chapters" / "_data" / "runs.json"):
        with path.open("a") as file:
            file.write("\n# changed\n")
        found.append(stamp(book))
    assert len(set(found)) == len(found)
    for path in (
        package / "ledger/book/table.py",
        package / "ledger/pytest_plugin/chapter.py",
        book / "chapters" / "prose.md",
    ):
        with path.open("a") as file:
            file.write("\n# changed\n")
        assert stamp(book) == found[-1]


PARALLEL = """
extensions = ["myst_nb", "sphinx_proof", "onenn.ledger.book"]
root_doc, html_theme, source_suffix = "index", "basic", {".md": "myst-nb"}
myst_enable_extensions = ["colon_fence"]
nb_execution_mode, nb_execution_raise_on_error, numfig = "cache", True, True
"""


def test_parallel_reading_gives_the_same_ledger(tmp_path):
    """Above five pages Sphinx reads them in two processes; the merged pages give the same bytes as one process.

    Written for Sphinx alone: other extensions that Jupyter Book loads forbid parallel reading.
    """
    source = MiniBook(tmp_path / "book")
    write(source)
    ledgers = {}
    for jobs in ("1", "2"):
        folder = tmp_path / f"jobs{jobs}"
        shutil.copytree(source.folder / "chapters", folder)
        for position in range(6):
            text = f"# Page\n\n{statement(f'rem-{position}', 'See {prf:ref}`thm-top`.', kind='remark')}\n"
            (folder / f"page{position}.md").write_text(text)
        names = [name for name in source.names if name != "index"] + [f"page{position}" for position in range(6)]
        (folder / "index.md").write_text("\n".join(["# Root", "", "```{toctree}", *names, "```", ""]))
        (folder / "conf.py").write_text(PARALLEL)
        ran = subprocess.run(
            [sys.executable, "-m", "sphinx", "-j", jobs, "-W", "--keep-going", "-b", "html", ".", "_build/html"],
            cwd=folder,
            env={"PYTHONPATH": str(source.package.parent), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert (" .. page" in ran.stdout) == (jobs == "2")  # a range of pages is the progress line of one process
        ledgers[jobs] = (folder / "_build" / "html" / "ledger.json").read_bytes()
    assert ledgers["1"] == ledgers["2"]
    assert ledgers["1"].count(b'"source": "rem-') == 6


def test_execution_can_be_switched_off_only_at_the_price_of_a_failing_build(tmp_path):
    """Without a run there is no evidence, and a badge is never typed."""
    book = MiniBook(tmp_path / "book", config=CONFIG.replace("execute_notebooks: cache", "execute_notebooks: 'off'"))
    book.write("low", *LOW, claim_cell("lem-low"))
    build = book.build()
    assert build.status == 1
    assert any("lem-low has no evidence" in warning for warning in build.warnings)
