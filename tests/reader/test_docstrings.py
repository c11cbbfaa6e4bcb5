"""Docstrings as the package writes them come out of reStructuredText word by word."""

from __future__ import annotations

import pytest
from docutils.core import publish_doctree
from docutils.utils import Reporter

from onenn.reader.docstrings import translated


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
