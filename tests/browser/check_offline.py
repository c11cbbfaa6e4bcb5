"""Open every built page in a headless Chromium that reaches no host but this machine, and look at what a reader gets.

    python tests/browser/check_offline.py [_build/html]

Each page, on a desk and on a phone, in light and in dark: it asks no other host for anything, its formulas are typeset,
it throws no error, it is not wider than the screen; resting on a reference shows a preview, Escape closes it. The start
page is opened once more from disk. Exits with 1 and the list of faults when there is one.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from chromium import Chromium, Page

DESK, PHONE = 1200, 390  # CSS pixels
RAW = r"""[...document.querySelectorAll('.math')]
          .filter(e => !e.closest('.preview') && !e.querySelector('mjx-container'))
          .map(e => e.textContent.trim().slice(0, 60))"""
BROKEN = "[...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(e => e.dataset.mjxError || e.textContent)"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the files without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def faults(page: Page, own: str, width: int) -> Iterator[str]:
    """What is wrong with an open page whose addresses should all begin with `own`."""
    for event in page.events("Network.requestWillBeSent"):
        url = event["request"]["url"]
        if not url.startswith((own, "data:", "blob:", "about:")):
            yield f"asks for {url}"
    for event in page.events("Network.loadingFailed"):
        if not event.get("canceled"):
            yield f"something did not load: {event.get('errorText')}"
    for event in page.events("Runtime.exceptionThrown"):
        yield f"an error in a script: {event['exceptionDetails'].get('text')}"
    for text in page.value(RAW):
        yield f"a formula is not typeset: {text}"
    for text in page.value(BROKEN):
        yield f"a formula is not understood: {text}"
    if (wide := page.value("document.documentElement.scrollWidth")) > width:
        yield f"{wide} pixels wide on a screen of {width}"


def preview_faults(page: Page) -> Iterator[str]:
    """Whether the first reference with a preview shows it to the pointer and to the keyboard, and Escape closes it."""
    marked = page.value(
        """(() => { const root = new URL(document.documentElement.dataset.content_root || './', location.href).href;
        const link = [...document.querySelectorAll('article a.reference.internal')].find(a =>
          a.href.startsWith && a.getClientRects().length && window.onennPreviews
          && Object.hasOwn(onennPreviews, decodeURI(a.href.slice(root.length))));
        if (link) link.id = link.id || 'tried-link'; return link ? link.id : ''; })()"""
    )
    if not marked:
        return
    shown = "document.querySelectorAll('.preview').length"
    page.rest_on(f"[id='{marked}']")
    page.until(f"{shown} == 1")
    page.press("Escape")
    if page.value(shown):
        yield "Escape does not close a preview"
    page.value(f"document.getElementById('{marked}').focus({{focusVisible: true}})")
    if page.value(shown) != 1:
        yield "keyboard focus shows no preview"


def check(root: Path) -> list[str]:
    """All faults of the book built in `root`, each with its page.

    Raises: FileNotFoundError when there is no book.
    """
    pages = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.html") if "_static" not in path.parts)
    if not (root / "chapters" / "index.html").exists():
        raise FileNotFoundError(f"no book in {root}: build it first with jupyter-book build . -W --keep-going")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = f"http://127.0.0.1:{server.server_port}/"
    found: list[str] = []
    with Chromium() as browser:
        for name in pages:
            for width, dark in ((DESK, False), (PHONE, True)):
                page = browser.open(own + name, width=width, dark=dark)
                found += [f"{name} ({width} px): {fault}" for fault in faults(page, own, width)]
                if width == DESK:
                    found += [f"{name}: {fault}" for fault in preview_faults(page)]
                page.close()
        start = (root / "chapters" / "index.html").resolve().as_uri()
        found += [f"from disk: {fault}" for fault in faults(browser.open(start), "file://", DESK)]
    server.shutdown()
    print(f"{len(pages)} pages, {len(found)} faults ({urlsplit(own).netloc} was the only host within reach)")
    return found


if __name__ == "__main__":
    problems = check(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
    print("\n".join(problems))
    sys.exit(bool(problems))
