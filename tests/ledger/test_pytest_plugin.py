"""The chapters under pytest: what passes, what fails and with which words, on a miniature book that is run for real."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import yaml
from minibook import MiniBook, cell, claim_cell, proof, statement

from onenn.ledger import pytest_plugin as plugin

pytestmark = pytest.mark.slow

INI = """[pytest]
addopts = -p onenn.ledger.pytest_plugin -p no:cacheprovider -p no:benchmark -p no:hypothesispytest -p no:jaxtyping
  --nbval-lax --nbval-current-env --doctest-modules
testpaths = chapters
junit_family = xunit1
"""
FORGED = """from IPython.display import display
from onenn.ledger.certificate import MIME_TYPE, Item, certificate
items = [Item(role="evidence", text="e", grade="exact", verdict="PROVED"),
         Item(role="control", text="k", verdict="REFUTED")]
display({MIME_TYPE: certificate("thm-x", scope="all", items=items)}, raw=True)"""
EDITED = """import sys
module = sys.modules["onenn.ledger.claim"]
make = module.certificate
module.certificate = lambda *a, **k: make(*a, **k) | {"verdict": "proved", "problems": []}"""
SILENT = "get_ipython().showtraceback = lambda *a, **k: None\n1 / 0"
SWALLOWED = """from onenn.ledger import claim
from onenn.verdict import Verdict
try:
    with claim("thm-x", scope="n = 2") as c:
        c.exact("the sum", Verdict.decided(2 + 2 == 5))
except Exception:
    pass"""
TWO_CLAIMS = """from onenn.ledger import claim
from onenn.verdict import Verdict
for label in ("thm-x", "thm-y"):
    with claim(label, scope="n = 2") as c:
        c.exact("the sum", Verdict.decided(2 + 2 == 4))
        c.control("a wrong sum", Verdict.decided(2 + 2 == 5))"""
X, X_HOLDS, AFTER = statement("thm-x"), claim_cell("thm-x"), cell("1 + 1")

CHAPTERS = {
    "good": [
        cell("from pathlib import Path\nassert Path('references.bib').exists()"),
        X,
        proof(),
        X_HOLDS,
        statement("thm-printed"),
        claim_cell("thm-printed", grade="counterexample"),
        statement("lem-cited", kind="lemma", classes="cited"),
        statement("lem-both", kind="lemma", classes="cited"),
        claim_cell("lem-both", grade="tested"),
        statement("cor-open", kind="corollary", classes="open"),
        statement("def-y", kind="definition"),
        cell("try:\n    {}['x']\nexcept KeyError as error:\n    print(error)"),
    ],
    "false-claim": [X, claim_cell("thm-x", verdict="Verdict.decided(2 + 2 == 5)"), AFTER],
    "undecided": [X, claim_cell("thm-x", grade="enclosed", verdict="Verdict.UNDECIDED.because('0 is inside')"), AFTER],
    "control-holds": [X, claim_cell("thm-x", control="Verdict.decided(2 + 2 == 4)"), AFTER],
    "control-undecided": [X, claim_cell("thm-x", control="Verdict.UNDECIDED"), AFTER],
    "raises": [X, X_HOLDS, statement("thm-y"), cell("\n1 / 0"), AFTER, claim_cell("thm-y")],
    "tagged": [X, claim_cell("thm-x", control="Verdict.UNDECIDED", tags=["raises-exception"]), AFTER],
    "swallowed": [X, cell(SWALLOWED), AFTER],
    "skipped": [X, claim_cell("thm-x", tags=["skip-execution"]), AFTER],
    "noted": [X, claim_cell("thm-x").replace("from onenn", "# NBVAL_SKIP\nfrom onenn", 1), AFTER],
    "silent": [X, cell(SILENT), claim_cell("thm-x")],
    "no-evidence": [X, AFTER],
    "unknown": [X, X_HOLDS, claim_cell("thm-z"), AFTER],
    "computed-label": [X, cell(TWO_CLAIMS), AFTER],
    "claimed-twice": [X, X_HOLDS, claim_cell("thm-x"), AFTER],
    "label-twice": [X, statement("thm-x", kind="lemma"), X_HOLDS],
    "forged": [X, cell(FORGED), AFTER],
    "edited": [X, claim_cell("thm-x", verdict="Verdict.UNDECIDED").replace("with", f"{EDITED}\nwith", 1), AFTER],
    "captured": [X, claim_cell("thm-x").replace("from", "%%capture\nfrom", 1), AFTER],
    "including": ["```{include} parts/x.txt\n```", X_HOLDS],
    "kernel-dies": [X, cell("import os\nos._exit(1)"), X_HOLDS],
}


@dataclass(frozen=True)
class Result:
    """One item of a JUnit file: its outcome, the words of the failure and the properties in order."""

    outcome: str
    words: str
    properties: tuple[tuple[str, str], ...]

    @property
    def first_line(self):
        return self.words.splitlines()[0] if self.words else ""


@dataclass(frozen=True)
class Run:
    """One run of pytest in a process of its own; `items` maps (chapter, item) to its result."""

    status: int
    output: str
    xml: str
    items: dict[tuple[str, str], Result]

    def of(self, chapter):
        return {name: result for (where, name), result in self.items.items() if where == chapter}

    def outcomes(self, chapter):
        return {name: result.outcome for name, result in self.of(chapter).items()}


def run(folder, *arguments):
    """Run pytest in `folder`, without what an outer pytest left in the environment, and read its JUnit file."""
    xml = folder / "junit.xml"
    xml.unlink(missing_ok=True)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", f"--junitxml={xml}", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert xml.exists(), ran.stdout
    items = {}
    for case in ElementTree.parse(xml).iter("testcase"):
        bad = next((case.find(tag) for tag in ("failure", "error", "skipped") if case.find(tag) is not None), None)
        key = (case.get("classname").split(".")[-2], case.get("name"))
        assert key not in items, f"{key} was collected twice"
        items[key] = Result(
            outcome="passed" if bad is None else bad.tag,
            words="" if bad is None else bad.text or "",
            properties=tuple((found.get("name"), found.get("value")) for found in case.iter("property")),
        )
    return Run(ran.returncode, ran.stdout, xml.read_text(), items)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The miniature book, with a copy of a page where a build would leave it and pages that are no chapters."""
    book = MiniBook(tmp_path_factory.mktemp("book"))
    book.write_all(CHAPTERS)
    book.write("plain", X, plain=True)
    (book.folder / "chapters" / "parts").mkdir()
    (book.folder / "chapters" / "parts" / "x.txt").write_text(X)
    deep = book.path("parts/deep")
    deep.write_text("\ufeff" + book.path("no-evidence").read_text().replace("format_name: myst", 'format_name: "myst"'))
    for place in ("_build/html/chapters", "chapters/_build/chapters", "notes"):
        (book.folder / place).mkdir(parents=True)
        (book.folder / place / "good.md").write_text(book.path("good").read_text())
    (book.folder / "pytest.ini").write_text(INI)
    return book.folder


@pytest.fixture(scope="module")
def whole(folder):
    """The book as CI runs it: two workers, each chapter in one of them, colours on, all warnings errors."""
    return run(folder, ".", "-n", "2", "--dist", "loadfile", "--color=yes", "-W", "error")


def test_a_good_chapter_passes_item_by_item(whole):
    """Cells run in the chapter's folder; cited, open and defined statements need nothing; a claimed one is an item."""
    assert whole.outcomes("good") == {
        **{f"Cell {n}": "passed" for n in range(5)},
        **{label: "passed" for label in ("thm-x", "thm-printed", "lem-both")},
    }


def test_only_the_chapters_of_the_source_are_collected(whole):
    """No page without the header, no page of another folder and no copy in a build; but all below the chapters' folder.

    A byte order mark or quotation marks in the header do not hide a chapter.
    """
    assert {chapter for chapter, _ in whole.items} == {*CHAPTERS, "deep"}
    assert whole.outcomes("deep") == whole.outcomes("no-evidence")


def test_included_statements_are_statements_of_the_chapter(whole):
    """The book reads them there."""
    assert whole.outcomes("including") == {"Cell 0": "passed", "thm-x": "passed"}


EVERY = "every cell is run and none may fail (show an error by catching it)"
FAILS = {
    "false-claim": "ClaimFailed: thm-x: Evidence “the sum” came out REFUTED; it must come out PROVED.",
    "undecided": "ClaimFailed: thm-x: Evidence “the sum” came out UNDECIDED (0 is inside); it must come out PROVED.",
    "control-holds": "ClaimFailed: thm-x: Control “a wrong sum” came out PROVED; it must come out REFUTED.",
    "control-undecided": "ClaimFailed: thm-x: Control “a wrong sum” came out UNDECIDED; it must come out REFUTED.",
    "swallowed": "thm-x failed: There is no control; add a case in which the same check comes out REFUTED. "
    "Evidence “the sum” came out REFUTED; it must come out PROVED.",
    "tagged": f"a cell has the tag 'raises-exception'; {EVERY}",
    "skipped": f"a cell has the tag 'skip-execution'; {EVERY}",
    "noted": f"a cell has the tag 'NBVAL_SKIP'; {EVERY}",
    "silent": "the cell raised an error and shows no traceback",
    "forged": "a cell shows a certificate of thm-x that no `with claim(...)` in it made",
    "edited": "the certificate of thm-x does not follow from its items; let `claim` write it",
}


@pytest.mark.parametrize("chapter", FAILS)
def test_bad_evidence_fails_its_cell_and_its_label_and_what_follows(whole, chapter):
    """Also behind a tag, a comment or code that would excuse it; the first line says why, the cell after is blocked."""
    assert whole.outcomes(chapter) == {"Cell 0": "failure", "Cell 1": "failure", "thm-x": "failure"}
    found = whole.of(chapter)
    assert found["Cell 0"].first_line == FAILS[chapter]
    assert found["Cell 1"].words == "blocked: Cell 0 failed before it"
    assert len(found["thm-x"].words.splitlines()) == 1


def test_a_raising_cell_blocks_what_follows_and_spares_what_came_before(whole):
    """The evidence shown before the error stands; the later claim was never run."""
    found = whole.of("raises")
    assert whole.outcomes("raises") == {
        "Cell 0": "passed",
        "thm-x": "passed",
        **dict.fromkeys(["Cell 1", "Cell 2", "Cell 3", "thm-y"], "failure"),
    }
    assert found["Cell 1"].first_line == "ZeroDivisionError: division by zero"
    assert "1 / 0" in found["Cell 1"].words
    assert found["Cell 3"].words == "blocked: Cell 1 failed before it"
    assert found["thm-y"].words.endswith("(the chapter stopped at Cell 1)")


LACKS = {
    "captured": {"Cell 0": "passed", "Cell 1": "passed", "thm-x": "failure"},
    "no-evidence": {"Cell 0": "passed", "thm-x": "failure"},
}


@pytest.mark.parametrize("chapter", LACKS)
def test_a_statement_whose_claim_never_published_fails(whole, chapter):
    """There is no claim, or its card was captured: green cells do not help the statement."""
    assert whole.outcomes(chapter) == LACKS[chapter]
    assert whole.of(chapter)["thm-x"].words == "thm-x has no evidence: no cell that ran claims it"


def test_evidence_for_a_label_the_chapter_lacks_fails(whole):
    """Named in the source it is an item of its own; computed at run time its cell fails all the same."""
    found = whole.of("unknown")
    assert whole.outcomes("unknown") == {
        **dict.fromkeys(["Cell 0", "thm-x"], "passed"),
        **dict.fromkeys(["Cell 1", "Cell 2", "thm-z"], "failure"),
    }
    assert found["thm-z"].words == "thm-z is claimed, but no statement of this chapter has that label"
    computed = whole.of("computed-label")
    assert computed["Cell 0"].words == "thm-y is claimed, but no statement of this chapter has that label"
    assert computed["thm-x"].outcome == "passed"


def test_two_claims_or_two_statements_of_one_label_fail(whole):
    """Which evidence, or which statement, would be anybody's guess."""
    assert whole.of("claimed-twice")["thm-x"].words.startswith("thm-x is claimed 2 times")
    assert whole.of("label-twice")["thm-x"].words.startswith("thm-x is the label of two statements")


def test_a_kernel_that_dies_fails_its_cell_at_once(whole):
    """Without waiting for the cell's timeout, and nothing after it passes."""
    assert whole.outcomes("kernel-dies") == dict.fromkeys(["Cell 0", "Cell 1", "thm-x"], "failure")
    assert whole.of("kernel-dies")["Cell 0"].words == "the kernel died while the cell ran"


def test_labels_grades_and_verdicts_reach_the_report_good_or_bad(whole):
    """Through the workers, for the cell that ran the claim and for the statement's own item."""
    good = (("label", "thm-x"), ("grade", "exact"), ("verdict", "proved"), ("scope", "n = 2"))
    assert whole.of("good")["Cell 1"].properties == whole.of("good")["thm-x"].properties == good
    assert ("verdict", "refuted") in whole.of("good")["thm-printed"].properties
    assert ("grade", "tested") in whole.of("good")["lem-both"].properties
    bad = whole.of("undecided")
    assert bad["Cell 0"].properties == bad["thm-x"].properties
    assert bad["thm-x"].properties[:3] == (("label", "thm-x"), ("grade", "enclosed"), ("verdict", "failed"))
    assert [value for name, value in whole.of("computed-label")["Cell 0"].properties if name == "label"] == [
        "thm-x",
        "thm-y",
    ]


def test_the_report_file_holds_no_escape_codes(whole):
    """The kernel colours its tracebacks and the terminal was told to use colours."""
    assert "\x1b" in whole.output
    assert not re.search(r"\x1b|#x1B|\[0m|\[3\dm", whole.xml)


def test_the_run_fails_exactly_when_an_item_does(whole, folder):
    """Exit status 1 for the whole book, 0 for the good chapter, read from inside the folder of the chapters."""
    assert whole.status == 1
    alone = run(folder / "chapters", "good.md")
    assert alone.status == 0
    assert alone.outcomes("good") == whole.outcomes("good")


def test_an_item_selected_alone_runs_what_it_needs_first(folder):
    """A node id, as an editor or a re-run of last failures gives it."""
    found = run(folder, "chapters/good.md::thm-printed", "chapters/raises.md::Cell 3")
    assert found.outcomes("good") == {"thm-printed": "passed"}
    assert found.of("raises")["Cell 3"].words == "blocked: Cell 1 failed before it"


def test_cells_spread_over_workers_agree_with_cells_in_one(whole, folder):
    """`-n 2` without loadfile: each worker runs the earlier cells itself."""
    chapters = ["good", "raises"]
    found = run(folder, "-n", "2", "--dist", "load", *(f"chapters/{name}.md" for name in chapters))
    for name in chapters:
        assert found.outcomes(name) == whole.outcomes(name)


def test_a_cell_that_takes_too_long_fails_also_when_it_survives_the_interrupt(tmp_path):
    """The limit is the ini option; nbval would expect the cells after a timeout to fail and call that a success."""
    book = MiniBook(tmp_path)
    sleeping = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass"
    book.write("slow", X, cell(sleeping), X_HOLDS)
    (tmp_path / "pytest.ini").write_text(INI + "chapter_cell_timeout = 1\n")
    found = run(tmp_path)
    assert found.outcomes("slow") == dict.fromkeys(["Cell 0", "Cell 1", "thm-x"], "failure")
    assert "did not finish in time" in found.of("slow")["Cell 0"].words


@pytest.mark.parametrize(("asked", "setting", "limit"), [(2000, None, 1800), (2000, "0", None), (30, None, 30)])
def test_a_long_cell_is_cut_by_neither_command(asked, setting, limit):
    """The book sets no limit. pytest's is half an hour, or the setting, or none; the command line comes first."""
    defaults = {}
    plugin.pytest_addoption(SimpleNamespace(addini=lambda name, words, default: defaults.update({name: default})))
    option = SimpleNamespace(nbval_cell_timeout=asked)
    getini = defaults.__getitem__ if setting is None else {"chapter_cell_timeout": setting}.__getitem__
    plugin.pytest_configure(SimpleNamespace(option=option, getini=getini))
    assert option.nbval_cell_timeout == limit
    config = Path(__file__).parents[2] / "_config.yml"
    assert yaml.safe_load(config.read_text(encoding="utf-8"))["execute"]["timeout"] == -1


def test_without_nbval_no_chapter_is_collected(folder):
    """The tests of the package can then run without kernels."""
    found = run(folder, "-c", "/dev/null", "--rootdir", str(folder), "-p", "onenn.ledger.pytest_plugin", "chapters")
    assert found.status == 5
    assert found.items == {}
