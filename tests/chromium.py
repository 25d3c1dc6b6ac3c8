"""A headless Chromium for tests: pages are opened, asked with JavaScript and drawn, over DevTools' pipe."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
#: No sandbox of its own (tests may run as root), no conversation with its maker, nothing from an earlier run.
FLAGS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
PATIENCE = 60.0


class Page:
    """One page. `requests` are the addresses that it asked for, `problems` what its console and its errors said."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.requests: list[str] = []
        self.problems: list[str] = []

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the result of a command of the DevTools protocol."""
        return self._browser.send(method, self._session, **parameters)

    def open(self, address: str) -> None:
        """Go to an address."""
        self.send("Page.navigate", url=address)

    def ask(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        done = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, script: str, patience: float = PATIENCE) -> Any:
        """Return the value of an expression as soon as it is true."""
        end = time.monotonic() + patience
        while not (value := self.ask(script)):
            assert time.monotonic() < end, f"not within {patience} s: {script}\n{self.problems}"
            time.sleep(0.05)
        return value

    def type(self, text: str) -> None:
        """Type into what has the focus, all at once."""
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Press a key; modifiers: 2 is Control, 8 is Shift."""
        for kind in ("rawKeyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, modifiers=modifiers
            )

    def show_as(self, width: int, height: int, scheme: str) -> None:
        """Give the window a size and the user's preference for `light` or `dark`."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


class Browser:
    """A running Chromium: JSON messages, each ended by a zero byte, through the descriptors 3 and 4 of its process."""

    def __init__(self, commands: int, answers: int, log: Path) -> None:
        self._commands, self._answers, self._log = commands, answers, log
        self._left = b""
        self._number = 0
        self._pages: dict[str, Page] = {}

    def new_page(self) -> Page:
        """Open a page that is watched."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.send(f"{domain}.enable")
        return page

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Return the result of a command; events that come before it are noted."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, (method, heard["error"])
                result: dict[str, Any] = heard["result"]
                return result
            self._note(heard)

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            part = os.read(self._answers, 1 << 20)
            assert part, f"Chromium ended: {self._log.read_text(errors='replace')[-2000:]}"
            self._left += part
        line, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        page = self._pages.get(event.get("sessionId", ""))
        if page is None:
            return
        details = event["params"]
        match event["method"]:
            case "Network.requestWillBeSent":
                page.requests.append(details["request"]["url"])
            case "Runtime.exceptionThrown":
                page.problems.append(json.dumps(details["exceptionDetails"]))
            case "Log.entryAdded":
                page.problems.append(f"{details['entry']['level']}: {details['entry']['text']}")
            case "Runtime.consoleAPICalled":
                page.problems.append(f"console: {[one.get('value') for one in details['args']]}")


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Run a browser with an empty profile below `folder`."""
    assert CHROMIUM is not None
    to_browser, commands = os.pipe()
    answers, from_browser = os.pipe()

    def place_descriptors() -> None:
        # either may stand where the other belongs
        command_end, answer_end = os.dup(to_browser), os.dup(from_browser)
        os.dup2(command_end, 3)
        os.dup2(answer_end, 4)

    log = folder / "chromium.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=written,
            pass_fds=(3, 4),
            preexec_fn=place_descriptors,
        )
    os.close(to_browser)
    os.close(from_browser)
    try:
        yield Browser(commands, answers, log)
    finally:
        os.close(commands)
        os.close(answers)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
