"""Plain Markdown of a page: what CommonMark reads back has the structure and the words of the page."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from markdown_it import MarkdownIt

from onenn.reader.markdown import Markdown, Numbers, escaped, hung, one_line, quoted

NUMBERS = {("theorem", "thm-a"): "2.1", ("exercise", "ex-a"): "2.4", ("displaymath", "equation-eq-a"): "2.3"}
WRITER = Markdown(
    Numbers(section=lambda label: {"": "2", "part": "2.1"}.get(label, ""), figure=lambda *key: NUMBERS.get(key, ""))
)


def page(text: str) -> str:
    """The Markdown of a page written in reStructuredText, which docutils reads without our help."""
    return WRITER.blocks(publish_doctree(text, settings_overrides={"report_level": 5}).children)


def shape(markdown: str) -> list[str]:
    """The opening tags of what an independent CommonMark reader sees."""
    return [token.tag for token in MarkdownIt().enable("table").parse(markdown) if token.nesting == 1]


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("A *b* **c** ``d``.", ["p"]),
        ("* one\n\n  * inner\n* two", ["ul", "li", "p", "ul", "li", "p", "li", "p"]),
        ("3. three\n4. four", ["ol", "li", "p", "li", "p"]),
        ("words\n\n    a quotation", ["p", "blockquote", "p"]),
        ("=== ===\na   b\n=== ===\n1   2\n=== ===", ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]),
        ("word\n  meaning", ["ul", "li", "p"]),
    ],
)
def test_the_structure_survives(source, tags):
    """An independent reader of CommonMark finds the same lists, quotations and tables."""
    assert shape(page(source)) == tags


def test_signs_that_markdown_would_read_are_escaped():
    """A star or an underscore of the text is not emphasis, a dollar sign opens no formula."""
    assert MarkdownIt().render(page(r"a \*b\* c_d \`e\` 5$ <f>")) == "<p>a *b* c_d `e` 5$ &lt;f&gt;</p>\n"


def test_numbers_of_the_book_are_words():
    """Jupyter has no counters: heads and equations carry the numbers that the book gave them."""
    box = nodes.admonition(realtype="theorem", countertype="theorem", label="thm-a")
    box += nodes.title("", " (A ", nodes.math("", r"\rho"), nodes.Text(")"))
    box += nodes.section("", nodes.paragraph("", "Text."), nodes.math_block("", "a =\nb % why\n+ c", label="eq-a"))
    assert WRITER.block(box) == ("> **Theorem 2.1 (A $\\rho$)**\n>\n> Text.\n>\n> $$ a = b + c \\tag{2.3} $$")


def test_an_exercise_is_named():
    """The title that sphinx-exercise leaves holds only its subtitle."""
    exercise = nodes.admonition(label="ex-a", title="Exercise")
    exercise.tagname = "exercise_enumerable_node"
    exercise += nodes.title("", " (Sign)")
    exercise += nodes.section("", nodes.paragraph("", "Why?"))
    assert WRITER.block(exercise) == "> **Exercise 2.4 (Sign)**\n>\n> Why?"


def test_references_become_their_text_and_addresses_stay():
    """A notebook has no page to link to; the world outside is still there."""
    inner = nodes.paragraph("", "", nodes.reference("", "Theorem 2.1", refuri="other.html#thm-a", internal=True))
    outer = nodes.paragraph("", "", nodes.reference("", "the paper", refuri="https://arxiv.org/abs/1706.03175"))
    assert WRITER.block(inner) == "Theorem 2.1"
    assert WRITER.block(outer) == "[the paper](https://arxiv.org/abs/1706.03175)"


def test_headings_have_level_and_number():
    """The page's title is level one; a section below it is level two."""
    section = nodes.section("", nodes.title("", "Part"), nodes.paragraph("", "Text."), ids=["part"])
    assert (
        WRITER.block(nodes.section("", nodes.title("", "Page"), section, ids=["page"]))
        == "# 2 Page\n\n## 2.1 Part\n\nText."
    )


def test_what_has_no_words_leaves_nothing():
    """Comments, targets, raw HTML and index entries are for other readers."""
    silent = [nodes.comment("", "x"), nodes.target(), nodes.raw("", "<b>", format="html"), nodes.image(uri="a.png")]
    assert WRITER.blocks(silent) == ""


def test_a_formula_in_a_quotation_is_on_one_line():
    """On a second line it would begin with ">", which MathJax reads as an inequality."""
    quotation = nodes.block_quote("", nodes.math_block("", "a\n\\\\\nb"))
    assert WRITER.block(quotation) == r"> $$ a \\ b $$"


def test_bars_in_a_table_do_not_end_its_cells():
    """In a formula a bar is written as a command: escaped it would be a norm."""
    entry = nodes.entry("", nodes.paragraph("", "a | b ", nodes.math("", r"|x| \le \|y\|"), nodes.Text(" 5$ | 6$")))
    assert WRITER.cell(entry) == r"a \| b $\vert x\vert  \le \Vert y\Vert $ 5\$ \| 6\$"


def test_helpers_on_edge_cases():
    """A percent sign that is escaped is no comment; an item's later lines hang below its first."""
    assert one_line("50\\% % comment\n+ 1") == r"50\% + 1"
    assert hung("10. ", "a\n\nb") == "10. a\n\n    b"
    assert quoted("a\n\nb") == "> a\n>\n> b"
    assert escaped(r"a\b") == r"a\\b"
