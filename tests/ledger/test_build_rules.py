"""Real builds of miniature books: a good book passes and shows what it found; each bad book fails, again when rebuilt.

Every page below has the same cells, so one run of them serves all books through the copied notebook cache.
"""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from minibook import MiniBook, cell, claim_cell, proof, statement

pytestmark = pytest.mark.slow

CELLS = (
    claim_cell("thm-a", scope="n = 2"),
    claim_cell("thm-b", grade="enclosed", scope="every $x$ in [0.1, 10]"),
    claim_cell("thm-old", grade="counterexample", scope="n = 5"),
)
A = (statement("thm-a", title="The sum $2 + 2$"), proof())
B = (statement("thm-b", "Also {cite}`euclid`.", kind="lemma", classes="reconstructed"), proof("By {prf:ref}`thm-a`."))
OLD = (statement("thm-old", "Printed {cite}`euclid`; see {prf:ref}`thm-b`.", classes="read cited"),)
LOOK_UP = (
    "```{ledger-summary}\n```\n\n```{ledger-graph}\n```\n\n```{ledger-table}\n```",
    "```{ledger-table}\n:chapter: kernel\n```",
)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A good book, built once: the book and its build."""
    book = MiniBook(tmp_path_factory.mktemp("good") / "book")
    remark = statement("rem-said", "Compare {mention}`thm-old`.", kind="remark")
    late = proof("Second half of the proof of {prf:ref}`thm-a`.", classes="of-thm-a")
    book.write("kernel", *A, *B, *OLD, remark, late, *CELLS)
    book.write("ledger", *LOOK_UP, plain=True)
    return book, book.build(alone=True)


@pytest.fixture
def book(tmp_path, good):
    """An empty book that finds the cells' outputs in its cache."""
    assert good[1].passed, good[1].output
    return MiniBook(tmp_path / "book", cache=good[0].cache)


def fails_twice(book, *expected):
    """Build, and build again unchanged: both fail, with the same sentences, and neither runs a cell."""
    first, again = book.build(), book.build()
    assert (first.status, again.status) == (1, 1), first.output
    assert "Executed notebook" not in first.output + again.output
    for words in expected:
        for build in (first, again):
            assert any(words in line for line in build.warnings), (words, build.output)
    assert sorted(first.warnings) == sorted(again.warnings)
    return first


def soup_of(book, name):
    """A built page, parsed."""
    return BeautifulSoup(book.page(name), "html.parser")


def words_of(element):
    """Its text with single spaces."""
    return " ".join(element.get_text().split())


def test_a_good_book_builds_and_its_rows_are_computed(good):
    """Exit 0, and each row holds what the certificate and the text say."""
    book, build = good
    assert build.passed, build.output
    assert [row["label"] for row in book.ledger["statements"]] == ["thm-a", "thm-b", "thm-old", "rem-said"]
    row = book.row("thm-b")
    expected = {"name": "Lemma 1.1", "kind": "lemma", "status": "proved", "grade": "enclosed", "controls": 1}
    expected |= {"provenance": "reconstructed", "sources": ["euclid"], "proof": True, "weakest": None}
    assert {key: row[key] for key in expected} == expected
    assert row["url"] == "chapters/kernel.html#thm-b"
    assert row["certificate"]["code"] == book.ledger["code"]
    assert book.row("thm-old")["status"] == "refuted"
    edges = [(edge["source"], edge["target"], edge["origin"]) for edge in book.ledger["edges"]]
    assert edges == [("thm-b", "thm-a", "proof"), ("thm-old", "thm-b", "statement")]


def defined(label, text="Words.", **options):
    """A definition, which needs no cell."""
    return statement(label, text, kind="definition", **options)


def indented(text):
    """The text inside an item of a list."""
    return "- An item.\n\n" + "\n".join("  " + line for line in text.splitlines())


NAMING = {
    "by-number": "{prf:ref}`def-used`",
    "by-words": "{prf:ref}`as said <def-used>`",
    "by-equation": "{eq}`eq-used`",
    "by-equation-link": "[](#eq-used)",
    "by-substitution": "{{ used }}",
    "in-a-list": "\n\n- one\n- by {prf:ref}`def-used`",
    "in-a-footnote": "[^far]",
    "in-a-quotation": "\n\n> by {prf:ref}`def-used`",
}
SPEAKING = {"mentioned": "{mention}`def-used`", "said": "{prf:ref}`!def-used`", "shown": "`` {prf:ref}`def-used` ``"}


def test_whatever_way_a_statement_is_named_it_is_an_edge_and_no_mistake(tmp_path):
    """Markup that authors use, around statements, in their titles and far from them; speaking of one is no edge."""
    book = MiniBook(tmp_path / "book")
    extensions = "[attrs_block, attrs_inline, colon_fence, deflist, dollarmath, substitution]"
    parse = (
        f"parse:\n  myst_enable_extensions: {extensions}\n  myst_substitutions: {{used: 'by {{prf:ref}}`def-used`'}}\n"
    )
    book.config = book.config.replace("execute:", f"{parse}execute:").replace(
        "config:\n", "config:\n    nitpicky: true\n"
    )
    used = defined("def-used", "Here\n\n$$\na = b\n$$ (eq-used)\n\nholds.", title="Of $x_1$, *one* and `two`")
    boxes = [
        indented(defined("in-item", "By {prf:ref}`def-used`.")),
        f"::::{{admonition}} A box\n{defined('in-box', 'By {prf:ref}`def-used`.')}\n::::",
        f"::::{{dropdown}} More\n{defined('in-fold', 'By {prf:ref}`def-used`.')}\n::::",
        defined("in-title", title="After {prf:ref}`def-used` on $x$"),
    ]
    far = [
        statement("rem-far", kind="remark"),
        "Prose, and a list:\n\n- one\n- two",
        "## A heading",
        indented(proof("By\n\n- {eq}`eq-used`.")),
    ]
    named = [defined(label, text) for label, text in {**NAMING, **SPEAKING}.items()]
    book.write("kernel", *named, *boxes, *far, "[^far]: By {prf:ref}`def-used`.", used, plain=True)
    build = book.build()
    assert build.passed, build.output
    edges = {edge["source"]: edge["origin"] for edge in book.ledger["edges"] if edge["target"] == "def-used"}
    assert edges == {
        **dict.fromkeys([*NAMING, "in-item", "in-box", "in-fold", "in-title"], "statement"),
        "rem-far": "proof",
    }
    assert book.row("def-used")["title"] == "Of $x_1$, *one* and `two`"


def test_the_badge_says_in_words_what_was_found(good):
    """Standing, scope, controls, proof and provenance of a lemma; the repair of a refuted statement."""
    page = soup_of(good[0], "kernel")
    badges = {
        box["id"]: words_of(box.select_one("p.ledger-badge")) for box in page.select("div.proof[id]:has(section)")
    }
    assert badges["thm-b"].startswith(
        "◆ enclosed · every \\(x\\) in [0.1, 10] · 1 control failed as it must · proof in"
    )
    assert badges["thm-b"].endswith("reconstructed [Euclid and Theon 1998]")
    assert badges["thm-old"].startswith("⊘ refuted as printed, exact · n = 5 · 1 control")
    assert "repaired by Lemma 1.1" in badges["thm-old"]
    assert "repairs Theorem 1.2, refuted as printed" in badges["thm-b"]
    assert badges["rem-said"] == "≔ remark · new"


def test_every_link_of_badges_table_and_graph_leads_somewhere_and_no_id_stands_twice(good):
    """Boxes, proofs and cards have ids of their own; sphinx-proof alone would repeat two of them."""
    book, _ = good
    ids = {}
    for name in ("index", "kernel", "ledger"):
        found = [element["id"] for element in soup_of(book, name).select("main [id]")]
        assert len(found) == len(set(found)), sorted(identifier for identifier in found if found.count(identifier) > 1)
        ids[f"{name}.html"] = set(found)
    links = soup_of(book, "kernel").select("p.ledger-badge a")
    links += soup_of(book, "ledger").select(".ledger-frame a")
    assert len(links) > 20
    for link in links:
        page, _, anchor = link["href"].rpartition("#")
        assert anchor in ids[page.rpartition("/")[2] or "kernel.html"], link


def test_the_ledger_page_shows_every_statement_in_table_graph_and_summary(good):
    """Two tables (one of a single chapter), a drawing with words, the same edges in words, and the counts."""
    page = soup_of(good[0], "ledger")
    whole, chapter = page.select("table.ledger-table")
    assert words_of(whole) == words_of(chapter)
    rows = [[words_of(entry) for entry in row.select("td")] for row in whole.select("tbody tr")]
    assert rows[0][:4] == ["Theorem 1.1 The sum \\(2 + 2\\)", "new", "● exact: n = 2", "1"]
    assert rows[1][4] == "proof in the text; Theorem 1.1"
    assert rows[2][2] == "⊘ refuted as printed, exact: n = 5"
    assert "repaired by Lemma 1.1" in rows[2][4]
    titles = [title.get_text() for title in page.select("svg.ledger-graph title")]
    assert "Lemma 1.1 rests on Theorem 1.1" in titles
    assert "Theorem 1.2 is repaired by Lemma 1.1" in titles
    assert "Theorem 1.1 (exact), in the proof" in words_of(page.select_one("details.ledger-fold table"))
    assert words_of(page.select_one("p.ledger-summary")).startswith("4 statements ● 1 exact ◆ 1 enclosed")


@pytest.mark.parametrize(
    ("name", "bad", "expected"),
    [
        ("a false claim", claim_cell("thm-a", verdict="Verdict.decided(2 + 2 == 5)"), "came out REFUTED"),
        ("a control that holds", claim_cell("thm-a", control="Verdict.decided(2 + 2 == 4)"), "came out PROVED"),
        ("an undecided verdict", claim_cell("thm-a", verdict="Verdict.UNDECIDED"), "came out UNDECIDED"),
        ("a cell that raises", cell("1 / 0"), "ZeroDivisionError"),
        ("a kernel that dies", cell("import os\nos._exit(0)"), "DeadKernelError"),
    ],
)
def test_a_cell_that_fails_fails_the_build(tmp_path, name, bad, expected):
    """The claim raises after it has shown its card, an error in a cell ends the build, and it is never cached."""
    book = MiniBook(tmp_path / "book")
    book.write("kernel", *A, bad)
    for build in (book.build(), book.build()):
        assert build.status == 1, build.output
        assert expected in build.output, name
        assert not (book.html / "ledger.json").exists()


FORGED = """from IPython.display import display
from onenn.ledger.certificate import MIME_TYPE, Item, certificate
items = [Item(role=role, text=role, grade=grade, verdict=verdict) for role, grade, verdict in
         (("evidence", "exact", "PROVED"), ("control", None, "REFUTED"))]
display({MIME_TYPE: certificate("thm-forged", scope="n", items=items), "text/plain": "proved"}, raw=True)"""
GLUED = """from myst_nb import glue
class Card:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME_TYPE: certificate("thm-glued", scope="n", items=items), "text/html": "a card"}
glue("card", Card(), display=False)"""
TAGGED = (
    cell("1 / 0  # shown", tags=["raises-exception"]),
    cell("1 / 0  # cut", tags=["remove-cell", "raises-exception"]),
    cell("1 / 0  # skipped", tags=["skip-execution"]),
    cell("# NBVAL_SKIP\n1 + 1"),
)
FAULTS = {
    "header": ["a cell raised ZeroDivisionError: division by zero"],
    "draft": ["a cell was not run"],
    "tags": [
        *["a cell has the tag 'raises-exception'", "a cell raised ZeroDivisionError"] * 2,
        "a cell has the tag 'skip-execution'",
        "a cell was not run",
        "a cell has the tag 'NBVAL_SKIP'",
        "a cell shows a certificate of thm-forged that no `with claim(...)` in it made",
    ],
}


def test_no_header_tag_comment_or_certificate_written_by_hand_excuses_a_cell(tmp_path):
    """Each would let a cell that fails, does not run or claims nothing pass; the cache keeps no leave either."""
    book = MiniBook(tmp_path / "book")
    book.write("header", cell("1 / 0"))
    book.write("draft", cell("1 / 0  # in a draft", tags=["remove-input"]))
    for name, setting in (("header", "execution_allow_errors: true"), ("draft", "execution_mode: 'off'")):
        page = book.path(name)
        page.write_text(page.read_text().replace("jupytext:", f"mystnb:\n  {setting}\njupytext:", 1))
    by_hand = [statement("thm-forged"), proof(), cell(FORGED), statement("thm-glued"), proof(), cell(GLUED)]
    book.write("tags", *TAGGED, *by_hand, "```{glue} card\n```")
    first = book.build()
    book.write("header", cell("1 / 0"), "The header is gone, and the cell is the same.")
    again = book.build()
    assert "Executed notebook" not in again.output
    for build in (first, again):
        assert build.status == 1
        for name, expected in FAULTS.items():
            found = [line for line in build.warnings if f"/{name}.md:" in line and "[ledger: cell]" in line]
            assert len(found) == len(expected), build.output
            assert all(any(words in line for line in found) for words in expected), found
    assert {row["label"]: row["status"] for row in book.ledger["statements"]} == dict.fromkeys(
        ["thm-forged", "thm-glued"], "failing"
    )


def test_what_other_extensions_warn_of_fails_the_next_build_too(book):
    """Sphinx gives such a warning once, while it reads or writes the page, also after another mistake was mended."""
    body = [*A, *B, *OLD, *CELLS]
    book.write("kernel", *body, "See {ref}`nowhere` and {eq}`eq-ghost`.", statement("thm-bare"), proof())
    fails_twice(book, "nowhere", "eq-ghost", "thm-bare has no evidence")
    book.write("kernel", *body, "See {ref}`nowhere`.")
    fails_twice(book, "nowhere")
    book.write("kernel", *body)
    mended, again = book.build(), book.build()
    assert (mended.status, again.status) == (0, 0), mended.output
    assert again.pages("reading") == set()


def test_a_chapter_that_left_the_book_leaves_neither_badge_nor_link(book):
    """Sphinx leaves its page among the built ones; the page that refers to it is not read again and must fail."""
    book.write("kernel", *A, *B, *OLD, *CELLS)
    book.write("other", statement("def-x", kind="definition"), plain=True)
    book.write("linking", statement("rem-y", "See {prf:ref}`def-x`.", kind="remark"), plain=True)
    assert book.build().passed
    assert "ledger-badge" in book.page("other")
    book.names.remove("other")
    book.path("other").unlink()
    book.write("kernel", *A, *B, *OLD, *CELLS)
    left = book.build()
    assert left.status == 1
    assert "linking" not in left.pages("reading")
    assert any("linking.md:" in line and "reference to 'def-x'" in line for line in left.warnings), left.output
    assert not (book.html / "chapters" / "other.html").exists()
    assert (book.html / "search.html").exists()


def test_a_statement_without_evidence_fails(book):
    """The message stands at the statement's line and says which cell to add."""
    book.write("kernel", *A, *B, *OLD, statement("thm-bare"), proof(), *CELLS)
    first = fails_twice(book, "thm-bare has no evidence")
    line = book.path("kernel").read_text()[: book.path("kernel").read_text().index("thm-bare")].count("\n")
    assert any(f"kernel.md:{line}: " in warning and "[ledger: evidence]" in warning for warning in first.warnings)
    assert len(first.warnings) == 1, first.warnings
    assert book.row("thm-bare")["status"] == "failing"
    assert "✗ failing" in book.page("kernel")


def test_evidence_for_an_unknown_label_fails(book):
    """The claims for thm-b and thm-old name statements that the page does not have."""
    book.write("kernel", *A, *CELLS)
    fails_twice(book, "evidence for 'thm-b', but no statement", "evidence for 'thm-old', but no statement")


def test_two_statements_with_one_label_fail(book):
    """On another page, where sphinx-proof's own message is given only while that page is read."""
    book.write("kernel", *A, *B, *OLD, *CELLS)
    book.write("other", statement("thm-a"), proof(), plain=True)
    fails_twice(book, "the label thm-a stands twice, first in chapters/kernel")
    book.write("other", statement("def-a", kind="definition"), plain=True)
    assert book.build().passed


def test_a_cycle_fails_and_the_message_prints_the_loop(book):
    """The ledger page is drawn all the same."""
    book.write("kernel", A[0], proof("By {prf:ref}`thm-b`."), *B, *OLD, *CELLS)
    book.write("ledger", *LOOK_UP, plain=True)
    fails_twice(book, "rest on each other: thm-a -> thm-b -> thm-a")
    assert "svg" in book.page("ledger")


def test_a_refuted_statement_used_in_a_proof_fails(book):
    """Its repair is there to be used instead."""
    equation = OLD[0].replace("Printed", "Printed\n\n$$\na = b\n$$ (eq-old)\n\nin")
    book.write("kernel", A[0], proof("By {prf:ref}`thm-old`."), equation, B[0], proof("By {eq}`eq-old`."), *CELLS)
    fails_twice(
        book,
        "thm-a rests on thm-old (origin: proof), which is refuted as printed",
        "thm-b rests on thm-old (origin: proof), which is refuted as printed",
    )


def test_missing_proof_provenance_source_and_repair_fail(book):
    """Four statements, four messages, told apart by their labels."""
    book.write(
        "kernel",
        statement("thm-a"),
        statement("thm-b", "Also."),
        proof(),
        statement("thm-old", "As printed.", classes="read"),
        statement("def-bare", kind="definition", classes=""),
        *CELLS,
    )
    fails_twice(
        book,
        "thm-a has no proof",
        "thm-old is declared read; name its source",
        "thm-old is refuted as printed; refer inside it",
        "def-bare does not say where it comes from",
    )


OTHER_CODE = """import sys
module = sys.modules["onenn.ledger.claim"]
make = module.certificate
module.certificate = lambda *a, **k: make(*a, **k, code="0" * 16)"""


def test_the_other_rules_fail_in_one_book_of_many_mistakes(tmp_path):
    """Allowed errors and removed outputs hide nothing; loose proofs, dead links, bare figures and typed states fail."""
    book = MiniBook(tmp_path / "book")
    (book.folder / "chapters" / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    book.write(
        "kernel",
        proof("Of nothing."),
        statement("thm-allowed"),
        proof("See {prf:ref}`thm-ghost`."),
        statement("thm-removed", classes="new verified"),
        proof(),
        statement("thm-stale"),
        proof(),
        statement("", kind="lemma"),
        statement("cor-measured", kind="corollary", classes="new"),
        statement("thm-wrong-key", "See {cite}`nobody`.", classes="read cited"),
        claim_cell("thm-allowed", verdict="Verdict.UNDECIDED", uses=("lem-ghost",), tags=["raises-exception"]),
        claim_cell("thm-removed", tags=["remove-output"]),
        claim_cell("cor-measured", grade="measured"),
        claim_cell("thm-stale").replace("with claim", f"{OTHER_CODE}\nwith claim"),
        "![](dot.svg)",
    )
    build = book.build()
    assert build.status == 1
    expected = {
        "proof": "there is a proof before any statement",
        "failed": "the claim of thm-allowed fails",
        "reference": "there is a reference to 'thm-ghost'",
        "uses": "the claim of thm-allowed uses 'lem-ghost'",
        "class": "thm-removed has the class 'verified'",
        "evidence": "thm-removed has no evidence",
        "stale": "the certificate of thm-stale is stale",
        "label": "this lemma has no label",
        "measured": "cor-measured rests on measured evidence alone",
        "source": "thm-wrong-key cites 'nobody'",
        "figure": "a figure has no alt text",
    }
    for rule, words in expected.items():
        assert any(words in line and f"[ledger: {rule}]" in line for line in build.warnings), (rule, build.output)
    statuses = {row["label"]: row["status"] for row in book.ledger["statements"]}
    assert set(statuses.values()) == {"failing"}
    assert len(statuses) == 5


def test_a_typed_status_cannot_be_silenced_in_the_configuration(book):
    """The warnings carry no type, so suppress_warnings has nothing to name."""
    book.config = book.config.replace("  config:\n", "  config:\n    suppress_warnings: [ledger, ledger.class, '*']\n")
    book.write("kernel", statement("thm-a", classes="new proved"), proof(), *B, *OLD, *CELLS)
    build = book.build()
    assert build.status == 1
    assert re.search(r"kernel\.md:\d+: WARNING: thm-a has the class 'proved'", build.output)
