"""The one matplotlib style of the book: a figure is inline SVG, named in words, in the colours of its page.

A colour of the palette is written as `var(--onenn-2, #be7503)`: the page's style sheet says what it is in light and in
dark mode. Without that style sheet (plain Jupyter) ink is the colour of the surrounding text, and the other colours
have a contrast of at least 3 to 1 on white as well as on black.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#1f2328"  # axes, text and the first curve of a figure that has only one
GRID = "#d0d4da"  # what should stay in the background
PAPER = "#fefefe"  # the page: rims of markers, boxes behind labels
COLOURS = ("#1f46fe", "#be7503", "#05a699", "#9a5bc0", "#c1133f")  # blue, ochre, teal, violet, crimson
LINES = ("-", (0, (5, 1.6)), (0, (1, 1.3)), (0, (6, 1.4, 1, 1.4)), (0, (3, 1.2, 1, 1.2, 1, 1.2)))
MARKERS = ("o", "s", "^", "D", "v")

_VARIABLES = {
    INK: "var(--onenn-ink, currentColor)",
    GRID: "var(--onenn-grid, #8b949e66)",
    PAPER: "var(--onenn-paper, var(--jp-layout-color0, var(--vscode-editor-background, #ffffff)))",
    "#000000": "var(--onenn-ink, currentColor)",
    **{colour: f"var(--onenn-{place}, {colour})" for place, colour in enumerate(COLOURS, start=1)},
}
_SURPLUS = re.compile(r"(\d\.\d\d)\d+")  # decimals of a coordinate that nobody sees: a hundredth of a point is kept
_SHORTEST_ALT = 25  # characters: less is a label, not a sentence
_SMALLEST_SCALE = 0.64  # a label of 11 points stays above 9 CSS pixels on a phone; wider figures scroll in their box


@contextmanager
def style() -> Iterator[None]:
    """The book's matplotlib settings inside the block: build the figure there, then hand it to `show`.

    Colours and line patterns change together from curve to curve, so that a figure can be read without colour.
    """
    import matplotlib
    from cycler import cycler

    settings: Any = {  # one mapping for matplotlib, whose stubs would have every key spelled as a literal
        "figure.figsize": (5.8, 3.6),
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.titlesize": 11,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINES),
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "font.family": "DejaVu Sans",
        "font.size": 11,
        "mathtext.fontset": "dejavuserif",
        "lines.linewidth": 2.0,
        "lines.markersize": 5.5,
        "hatch.color": INK,
        "patch.edgecolor": INK,
        "legend.frameon": False,
        "legend.fontsize": 10,
        "legend.handlelength": 2.8,
    }
    with matplotlib.rc_context(settings):
        yield


@dataclass(frozen=True)
class Picture:
    """A finished figure: `svg`, `png` (bytes, for places that show no SVG) and `alt`, the sentence that names it."""

    svg: str
    alt: str
    png: bytes = field(repr=False)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from base64 import b64encode

        box = f'<div class="onenn-figure" style="overflow-x: auto">{self.svg}</div>'
        return {"text/html": box, "image/png": b64encode(self.png).decode("ascii"), "text/plain": self.alt}


def show(fig: Figure, *, alt: str | None = None) -> Picture:
    """`fig` as one inline SVG that follows the colours of the page and carries `alt`; `fig` is closed.

    The text is deterministic: equal figures give equal SVG. Every id starts with a digest of the picture, so that
    several figures on one page do not borrow each other's markers.

    Raises: ValueError when `alt` is missing or is not a sentence.

    >>> import matplotlib.figure
    >>> with style():
    ...     fig = matplotlib.figure.Figure()
    ...     curve = fig.add_subplot().plot([0, 1], [0, 1])
    >>> 'aria-label="A straight line from zero to one."' in show(fig, alt="A straight line from zero to one.").svg
    True
    """
    alt = _sentence(alt)
    import matplotlib
    from matplotlib import pyplot

    drawn, pixels = io.StringIO(), io.BytesIO()
    # Paths, not text: mathematics set in fonts that the reader's machine lacks would fall apart.
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "onenn"}):
        fig.savefig(drawn, format="svg", metadata={"Date": None})
    fig.savefig(pixels, format="png", dpi=110, facecolor="white", metadata={"Software": None})
    width = float(fig.get_figwidth()) * 96  # CSS pixels
    pyplot.close(fig)
    return Picture(svg=_inline(drawn.getvalue(), alt, width), alt=alt, png=pixels.getvalue())


def _sentence(alt: str | None) -> str:
    what = "alt must be a sentence that says what the figure shows to someone who cannot see it, ending in a full stop"
    if alt is None or not alt.strip():
        raise ValueError(f"alt is missing; {what}")
    alt = " ".join(alt.split())
    if len(alt) < _SHORTEST_ALT or len(alt.split()) < 5 or alt[-1] not in ".!?":
        raise ValueError(f"alt is {alt!r}; {what}")
    return alt


def _inline(svg: str, alt: str, width: float) -> str:
    """`svg` (a file of matplotlib) as an element of a page: the page sizes and colours it, its ids are its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>|<defs>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<= d=")[^"]*', lambda path: _SURPLUS.sub(r"\1", path[0]), svg)
    svg = svg.replace("xlink:href", "href").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = re.sub(
        r"(fill|stroke): (#[0-9a-f]{6})", lambda found: f"{found[1]}: {_VARIABLES.get(found[2], found[2])}", svg
    )
    prefix = "f" + hashlib.sha256((alt + svg).encode()).hexdigest()[:10] + "-"
    svg = re.sub(r'(\bid=")|(\bhref="#)|(url\(#)', lambda found: found[0] + prefix, svg)
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None, "matplotlib writes a viewBox"
    size = f"width: 100%; max-width: {width:.0f}px; min-width: {_SMALLEST_SCALE * width:.0f}px; height: auto"
    pen = "stroke-linejoin: round; stroke-linecap: butt"  # matplotlib's <style> would rule the whole page
    name = f'role="img" aria-label="{escape(alt)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} {name} style="{size}; {pen}">'
    return re.sub(r"\n\s*", "\n", re.sub(r"^<svg[^>]*>", lambda _: head, svg)).strip()
