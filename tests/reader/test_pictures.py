"""Pictures without words are found, wherever they come from; pictures with words are not complained of."""

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


def cell_output(*kinds: str) -> nodes.document:
    """A page whose only cell shows one picture in the given forms, as myst-nb lays it down."""
    bundle = nodes.container(nb_element="mime_bundle")
    for kind in kinds:
        shown = (
            nodes.image(uri="a.png")
            if kind == "image/png"
            else nodes.raw("", '<svg aria-label="A line."/>', format="html")
        )
        bundle += nodes.container("", shown, mime_type=kind)
    page = nodes.document(None, None)
    page += nodes.container("", bundle, nb_element="cell_code_output")
    return page


def test_a_bare_png_of_a_cell_is_found():
    """What matplotlib shows by itself carries no words."""
    assert len(list(pictures_without_words(cell_output("image/png")))) == 1


def test_the_png_beside_a_named_svg_is_not_shown_by_the_page():
    """The page shows the HTML; the PNG is for other readers, with the sentence beside it."""
    assert not list(pictures_without_words(cell_output("text/html", "image/png")))


def test_an_image_of_the_text_needs_alt():
    """Markdown's ![](a.png) has none."""
    page = nodes.document(None, None)
    page += nodes.image(uri="a.png")
    page += nodes.image(uri="b.png", alt="A line.")
    assert [what for _, what in pictures_without_words(page)] == ["the image a.png"]
