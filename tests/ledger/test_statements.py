"""The statements of a chapter are found as the book finds them, however their fences and options are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onenn.ledger.book import records, rules
from onenn.ledger.pytest_plugin import is_notebook
from onenn.ledger.pytest_plugin.statements import NEEDS_EVIDENCE, Statement, statements


@given(
    fence=st.sampled_from(["```", "`````", ":::", ":::::::"]),
    kind=st.sampled_from(["theorem", "lemma", "definition"]),
    title=st.sampled_from(["", " A title: with $x$"]),
    options=st.permutations([("label", "thm-x"), ("class", "new cited"), ("nonumber", "")]),
    block=st.booleans(),
    quote=st.sampled_from(["", '"', "'"]),
    before=st.integers(0, 3),
)
def test_every_spelling_is_the_same_statement(*, fence, kind, title, options, block, quote, before):
    """Fence, length, order of the options and either way to write them: MyST makes no difference."""
    lines = [
        f"{key}: {quote if key == 'label' else ''}{value}{quote if key == 'label' else ''}" for key, value in options
    ]
    head = ["---", *lines, "---"] if block else [f":{line}" for line in lines]
    source = "\n".join(["", *["Words."] * before, "", f"{fence}{{prf:{kind}}}{title}", *head, "", "Text.", fence])
    assert list(statements(source)) == [Statement(label="thm-x", kind=kind, classes=("new", "cited"), line=before + 2)]


def test_what_only_looks_like_a_statement_is_none():
    """Shown source, comments and formulas are not directives; an unlabelled one has nothing to certify."""
    inside = ":::{prf:theorem}\n:label: thm-x\nText.\n:::"
    for source in (
        f"````markdown\n{inside}\n````",
        f"````{{code-block}} md\n{inside}\n````",
        "````{code-cell} ipython3\n" + inside + "\n````",
        f"<!--\n{inside}\n-->",
        "\n".join("    " + line for line in inside.splitlines()),
        ":::{prf:theorem}\nText.\n:label: thm-x\n:::",
        "{prf:ref}`thm-x`",
    ):
        assert list(statements(source)) == []


def test_statements_inside_other_boxes_are_found_with_their_lines():
    """A folded lemma is a lemma; so is one in a list, after prose, or in the body of a proof."""
    source = (
        "# Title\n\n::::{dropdown} More\n:open:\n\n:::{prf:lemma}\n:label: lem-a\nText.\n:::\n::::\n\n"
        "- item\n\n  ```{prf:corollary}\n  :label: cor-b\n  ```\n"
    )
    assert [(found.label, found.line) for found in statements(source)] == [("lem-a", 5), ("cor-b", 13)]


@pytest.mark.parametrize(
    ("kind", "classes", "needs"),
    [
        ("theorem", (), True),
        ("lemma", ("new",), True),
        ("proposition", ("read",), True),
        ("corollary", (), True),
        ("theorem", ("cited",), False),
        ("lemma", ("new", "open"), False),
        ("definition", (), False),
        ("remark", (), False),
        ("conjecture", (), False),
    ],
)
def test_an_assertion_needs_evidence_unless_cited_or_open(kind, classes, needs):
    """The list of the ledger chapter; pytest and the build of the book decide alike."""
    assert Statement(label="x", kind=kind, classes=classes, line=0).needs_evidence is needs
    assert rules.needs_evidence(records.Statement(label="x", kind=kind, classes=classes, line=0)) is needs


def test_pytest_and_the_book_know_the_same_kinds():
    """The plugin must not import Sphinx, so the list stands in two places."""
    assert frozenset(rules.ASSERTIONS) == NEEDS_EVIDENCE


def test_included_statements_belong_to_the_chapter(tmp_path):
    """The book reads them in the chapter's place; a file shown as source, or one that is not there, gives none."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.md").write_text(":::{include} two.md\n:::\n\n:::{prf:lemma}\n:label: lem-a\nA.\n:::\n")
    (tmp_path / "parts" / "two.md").write_text(":::{prf:theorem}\n:label: thm-b\nB.\n:::\n")
    source = "# Title\n\n```{include} parts/one.md\n```\n\n:::{include} parts/two.md\n:literal:\n:::\n"
    path = tmp_path / "chapter.md"
    assert [(found.label, found.line) for found in statements(source, path=path)] == [("thm-b", 2), ("lem-a", 2)]
    assert list(statements("```{include} ghost.md\n```", path=path)) == []
    assert list(statements(source)) == []


@pytest.mark.parametrize(
    ("source", "notebook"),
    [
        ("---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n---\n", True),
        ("---\nfile_format: mystnb\n---\n", True),
        ('---\njupytext: {text_representation: {format_name: "myst"}}\n---\n', True),
        ("---\nfile_format: mystnb\n...\n", True),
        ("---\ntitle: [\n---\n", False),
        ("---\n# format_name: myst\n---\n", False),
        ("---\njupytext:\n  text_representation:\n    format_name: markdown\n---\nformat_name: myst", False),
        ("---\ntitle: x\n---\n\n---\nformat_name: myst\n---\n", False),
        ("\n---\nformat_name: myst\n---\n", False),
        ("", False),
    ],
)
def test_a_chapter_is_a_notebook_when_its_header_says_so(source, notebook):
    """Only the header counts, which is how the book decides what to execute."""
    assert is_notebook(source) is notebook
