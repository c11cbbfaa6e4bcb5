"""Docstrings as the package writes them come out of reStructuredText word by word."""

from __future__ import annotations

import pytest
from docutils.core import publish_doctree
from docutils.utils import Reporter

from onenn.reader.docstrings import targets, translated


def read(docstring: str):
    """What docutils makes of the translation; anything it complains of is an error."""
    settings = {"report_level": Reporter.INFO_LEVEL, "halt_level": Reporter.INFO_LEVEL, "warning_stream": None}
    return publish_doctree("\n".join(translated(docstring.split("\n"))), settings_overrides=settings)


@pytest.mark.parametrize(
    "docstring",
    [
        "|x| <= sum_i v_i phi(w_i . x) for *args, **kwargs and x_.",
        "a\n\n    f(x) = |x|^p\n\nb",
        "Growth: |phi'(z)| <= L |z|^p.  Raises: ValueError.\n\n>>> 1 + 1\n2",
        "Shapes: W (k, d).\n    v (k,) with an indentation\nand back.",
        "a backslash \\ and a quote ` alone",
    ],
)
def test_nothing_in_a_docstring_is_markup(docstring):
    """Bars, stars, trailing underscores and indentation are text: docutils has nothing to complain of."""
    words = read(docstring).astext()
    for word in ("|x|", "*args", "|z|^p", "f(x) = |x|^p", "\\ and a quote `"):
        if word in docstring:
            assert word in words


def test_code_and_doctests_are_kept():
    """`x` is code, an example is an example."""
    tree = read("The value of `x`.\n\n>>> 1 + 1\n2")
    assert [node.tagname for node in tree.findall() if node.tagname in ("literal", "doctest_block")] == [
        "literal",
        "doctest_block",
    ]


def test_the_parts_of_a_contract_are_bold_and_primes_stay_primes():
    """With or without stars, and with a remark; an apostrophe is left to the typography."""
    tree = read("phi'(z) of the page's author. *Raises*: A. Law (Stein): B.")
    assert [node.astext() for node in tree.findall() if node.tagname == "strong"] == ["Raises:", "Law (Stein):"]
    assert tree.astext().startswith("phi′(z) of the page's author.")


def test_words_of_a_contract_in_a_row_are_bold():
    """*Shapes*, *Raises*: as elsewhere; a star of mathematics stays."""
    tree = read("*Shapes*, *Raises*, *Source*: as `alpha`. *Call*: a * b * c.")
    bold = [node.astext() for node in tree.findall() if node.tagname == "strong"]
    assert bold == ["Shapes", "Raises", "Source:", "Call:"]
    assert "a * b * c" in tree.astext()


def test_labels_of_the_book_become_links_and_other_words_do_not(tmp_path):
    """A label or chapter that exists, standing alone; not half of a longer word, not a label nobody has."""
    (tmp_path / "chapters").mkdir()
    statement = ":::{prf:theorem} A\n:label: thm-a\n:class: new\n$$ a $$ (eq-a)\n:::\n"
    (tmp_path / "chapters" / "long-way.md").write_text(statement, encoding="utf-8")
    (tmp_path / "chapters" / "sources.bib").write_text("@book{euclid300,\n  title = {Elements}\n}\n", encoding="utf-8")
    roles = targets(tmp_path)
    line = "Source: thm-a, eq-a; thm-ab, thm-b, chapter long-way (a `thm-a`), long-way.md; euclid300, book 1."
    (made, _) = translated([line], roles)
    assert made == (
        "**Source:** :prf:ref:`thm-a`, :eq:`eq-a`; thm-ab, thm-b, chapter :doc:`/chapters/long-way` (a ``thm-a``), "
        "long-way.md; :cite:t:`euclid300`, book 1."
    )
