"""A headless Chromium without a network, driven through its DevTools protocol.

with Chromium() as browser:
    page = browser.open("http://127.0.0.1:8000/index.html", width=390)
    page.value("document.title")
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FLAGS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-sandbox", "--hide-scrollbars", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 60.0  # seconds


def executable() -> str:
    """The path of Chromium: $CHROMIUM, or the first of the usual names.

    Raises: FileNotFoundError when there is none.
    """
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError(f"no Chromium among {', '.join(NAMES)}: install one, or set CHROMIUM to its path")
    return found


async def _connect(address: str) -> Any:
    from tornado.websocket import websocket_connect

    return await websocket_connect(address, max_message_size=2**28)


class Chromium:
    """One browser with a profile of its own, closed at the end of the block."""

    def __enter__(self) -> Self:
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = [executable(), *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.loop = asyncio.new_event_loop()
        self.events: list[dict[str, Any]] = []
        self.last = 0
        address = self._address()
        self.socket = self._wait(lambda: _connect(address))
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        self.loop.close()
        self.profile.cleanup()

    def open(self, url: str, *, width: int = 1200, height: int = 900, dark: bool = False) -> Page:
        """A fresh tab that has loaded `url` and set its formulas; `dark` is what the reader's system asks for."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        for domain in ("Page", "Network", "Runtime"):
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", features=[scheme])
        page.call("Page.navigate", url=url)
        # a page that only leads to another one is complete before the other one has begun
        page.until("!document.querySelector('meta[http-equiv=refresh]') && document.readyState == 'complete'")
        page.until("!window.MathJax || !MathJax.startup || MathJax.startup.promise.then(() => true)")
        return page

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The result of one command; events that come in between are kept."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        text = json.dumps(message | ({"sessionId": session} if session else {}))
        self._wait(lambda: self.socket.write_message(text))
        while True:
            answer = json.loads(self._wait(self.socket.read_message))
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def _wait(self, begin: Callable[[], Awaitable[Any]]) -> Any:
        async def within() -> Any:
            return await asyncio.wait_for(begin(), PATIENCE)

        return self.loop.run_until_complete(within())

    def _address(self) -> str:
        port_file = Path(self.profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if port_file.exists() and len(lines := port_file.read_text().split("\n")) > 1:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.05)
        raise TimeoutError(f"{executable()} did not start within {PATIENCE:.0f} seconds")


@dataclass
class Page:
    """A tab of the browser."""

    browser: Chromium
    session: str
    target: str

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command to this tab."""
        return self.browser.call(method, self.session, **parameters)

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression (a promise is awaited).

        Raises: RuntimeError when it throws.
        """
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until `expression` is true.

        Raises: TimeoutError naming the expression.
        """
        deadline = time.monotonic() + PATIENCE
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)

    def events(self, method: str) -> list[dict[str, Any]]:
        """The parameters of all events of one kind that this tab has sent so far."""
        return [
            event["params"]
            for event in self.browser.events
            if event.get("method") == method and event.get("sessionId") == self.session
        ]

    def press(self, key: str) -> None:
        """One key, pressed and released."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def rest_on(self, selector: str) -> None:
        """Scroll to the first element that `selector` finds and rest the pointer on it."""
        at = self.value(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)}); "
            "element.scrollIntoView({block: 'center'}); const box = element.getClientRects()[0]; "
            "return [box.left + box.width / 2, box.top + box.height / 2]; })()"
        )
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1])

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of what is visible, or of the `whole` page."""
        from base64 import b64decode

        path.write_bytes(b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    def close(self) -> None:
        """Close the tab."""
        self.browser.call("Target.closeTarget", targetId=self.target)
