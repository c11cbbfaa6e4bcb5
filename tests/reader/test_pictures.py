"""Drawings without words are found in HTML however it is written; drawings with words are not complained of."""

from __future__ import annotations

import pytest
from docutils import nodes

from onenn.reader.pictures import nameless, pictures_without_words


@pytest.mark.parametrize(
    ("markup", "count"),
    [
        ('<svg role="img" aria-label="A line."></svg>', 0),
        ('<svg aria-hidden="true"></svg>', 0),
        ("<svg></svg>", 1),
        ('<svg aria-label=""></svg>', 1),
        ('<img src="a.png">', 1),
        ('<img src="a.png" alt="">', 1),
        ('<IMG SRC="a.png" ALT="A line.">', 0),
        ('<img alt="A line."><svg>', 1),
        ('<img src="a.png" data-alt="A line.">', 1),
        ('<svg data-x="a > b" aria-label="A line."></svg>', 0),
        ("<p>image</p>", 0),
    ],
)
def test_drawings_in_html(markup, count):
    """An empty text is as good as none; a drawing may declare itself a decoration."""
    assert len(nameless(markup)) == count


def page_with(markup: str) -> nodes.document:
    """A page whose third line is raw HTML, below a box that has no line of its own."""
    page = nodes.document(None, None)
    raw = nodes.raw("", markup, format="html")
    box = nodes.container("", raw)
    box.line = 3
    page += box
    return page


def test_a_drawing_of_a_page_is_found_with_its_line():
    """The line of the box around it is the nearest that is known."""
    assert list(pictures_without_words(page_with("<p><svg></svg></p>"))) == [(3, "<svg>")]


def test_a_named_drawing_of_a_page_is_right():
    """What onenn.figures.show makes is of this kind."""
    assert not list(pictures_without_words(page_with('<svg aria-label="A line."></svg>')))
