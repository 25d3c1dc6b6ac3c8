"""The playground: its answers, its building, and the page itself in headless Chromium where one was built (NIXBRIDGE_PLAYGROUND=DIR)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from nixbridge.errors.exceptions import UsageError
from nixbridge.playground import page_build
from nixbridge.playground.answers import answer
from tests.chromium import CHROMIUM, Page, chromium
from tests.command import run_text

PAGE = page_build.PAGE
CANARY = page_build.EXAMPLES / "Canary-Deployment-with-Traffic-Splitting.nix"
BUILT = os.environ.get("NIXBRIDGE_PLAYGROUND")
needs_page = pytest.mark.skipif(
    BUILT is None or CHROMIUM is None,
    reason="needs Chromium and NIXBRIDGE_PLAYGROUND, made by python -m nixbridge.playground DIR",
)


def command_line(*arguments: str) -> str:
    """Return what nixbridge prints."""
    done = run_text(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


# answers


def test_answer_is_that_of_the_command_line() -> None:
    shown = answer(CANARY.read_text())
    assert shown["json"] == command_line("eval", str(CANARY))
    assert shown["yaml"] == command_line("eval", "-f", "yaml", str(CANARY))
    assert shown["manifests"] == command_line("render", str(CANARY))
    assert shown["dot"].startswith("digraph")
    assert not shown["error"] and not shown["findings"] and not shown["messages"]


@pytest.mark.parametrize("path", sorted(page_build.EXAMPLES.glob("*.nix")), ids=lambda path: path.stem)
def test_every_example_is_answered(path: Path) -> None:
    shown = answer(path.read_text())
    golden = path.with_suffix(".json")
    assert shown["json"] == (golden.read_text() if golden.exists() else None)
    assert bool(shown["error"]) == path.with_suffix(".error").exists()


#: Text -> the mark of its error.
MARKS = {
    "{ a = 1; }.b": {"line": 1, "start": 12, "end": 13},
    '"ö" + (throw "x")': {"line": 1, "start": 8, "end": 17},
    "1 +\n  foo": {"line": 2, "start": 3, "end": 6},
    "let f = a:\n  a.b; in\nf { }": {"line": 2, "start": 5, "end": 6},
    "lib.head [ ] + 1": {"line": 1, "start": 1, "end": 13},
}


@pytest.mark.parametrize("text", MARKS, ids=lambda text: " ".join(text.split()))
def test_error_is_marked_in_the_text(text: str) -> None:
    error = answer(text)["error"]
    assert error["report"].startswith("error: ")
    assert error["mark"] == MARKS[text]


def test_findings_are_marked_in_the_text() -> None:
    findings = answer('mkVirtualService "é" { hosts = [ "a" ]; httpRoute = [ ]; }')["findings"]
    assert {"line": 1, "start": 41, "end": 50} in [one["mark"] for one in findings if one["code"] == "NB001"]


def test_what_is_no_document_has_a_reason() -> None:
    shown = answer("{ a = x: x; }")
    assert shown["json"] is None and shown["error"] is None
    assert "cannot convert a function to JSON" in shown["reasons"]["json"]
    assert shown["manifests"] is None and not shown["findings"]


def test_errors_of_rendering_are_shown() -> None:
    shown = answer('mkAuthorizationPolicy "a" { action = "MAYBE"; }')
    assert shown["manifests"] is None
    assert "MAYBE" in shown["reasons"]["manifests"] or "MAYBE" in json.dumps(shown["findings"])


def test_traces_are_collected_once() -> None:
    assert answer('builtins.trace "hello" 1')["traces"] == ["trace: hello"]


@pytest.mark.parametrize("text", ["import /etc/passwd", "import ./other.nix", "builtins.readFile ./answers.py"])
def test_no_file_is_read(text: str) -> None:
    assert "refused" in answer(text)["error"]["report"]


def test_endless_value_is_an_error_at_once() -> None:
    assert "max-call-depth" in answer("let f = n: [ (f n) ]; in f 0")["error"]["report"]


#: Python in a browser: no threads, and these modules are not there.
IN_A_BROWSER = """
import sys, _thread
def no_thread(*arguments):
    raise RuntimeError("can't start new thread")
_thread.start_new_thread = no_thread
for name in ("resource", "fcntl", "termios", "pwd", "grp", "ssl", "sqlite3", "lzma", "_hashlib", "click", "lark"):
    sys.modules[name] = None
sys.platform = "emscripten"
from nixbridge.playground.answers import answer
import json
print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
"""


def test_answers_need_nothing_that_a_browser_lacks() -> None:
    depth = 200
    texts = [
        CANARY.read_text(),
        "(" * depth + "1" + ")" * depth,
        "let f = n: 1 + f n; in f 0",
        "let f = n: [ (f n) ]; in f 0",
        'builtins.hashString "sha256" ""',
    ]
    command = [sys.executable, "-c", IN_A_BROWSER]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60)
    canary, nested, endless, deep, hashed = json.loads(done.stdout)
    assert canary == answer(texts[0])
    assert nested["json"] == "1\n"
    assert "stack overflow" in endless["error"]["report"]
    assert "stack overflow" in deep["error"]["report"]
    assert hashed["json"].startswith('"e3b0c442')


# building


def test_versions_are_exact_and_no_address_is_pinned() -> None:
    package = json.loads((PAGE / "package.json").read_text())
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert not list(PAGE.glob("*lock*")) and not (PAGE / "node_modules").exists()


def test_scripts_name_no_other_host() -> None:
    for path in PAGE.iterdir():
        addresses = re.findall(r"https?://[^\s\"']+", path.read_text())
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path
    (policy,) = re.findall(r'Security-Policy" content="([^"]*)"', (PAGE / "index.html").read_text())
    sources = {source for directive in policy.split("; ") for source in directive.split()[1:]}
    # none that is a host or all of them
    assert sources <= {"'none'", "'self'", "'wasm-unsafe-eval'", "'unsafe-inline'", "'nonce-$nonce'", "blob:", "data:"}
    assert policy.startswith("default-src 'none'; ")


def test_first_example_is_the_canary() -> None:
    groups = page_build.examples()
    assert [group["group"] for group in groups] == ["Configurations", "Builders", "Functions"]
    assert groups[0]["items"][0]["text"] == CANARY.read_text()
    assert sum(len(group["items"]) for group in groups) == len(list(page_build.EXAMPLES.glob("*.nix")))


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="exists and is not a playground"):
        page_build.build_page(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_building_without_npm_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    wheel = tmp_path / "nixbridge-py3-none-any.whl"
    wheel.write_bytes(b"")
    with pytest.raises(UsageError, match="npm"):
        page_build.build_page(tmp_path / "site", wheel)
    assert list(tmp_path.iterdir()) == [wheel]


# the page in a browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """The page, opened and with the first answer, and its address. One for all tests: Python takes seconds to start."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(BUILT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    try:
        with chromium(tmp_path_factory.mktemp("profile")) as browser:
            page = browser.new_page()
            page.show_as(1440, 900, "light")
            page.open(address)
            page.wait("document.body?.dataset.state === 'answered'")
            yield page, address
    finally:
        server.shutdown()
        server.server_close()


def texts(page: Page) -> Any:
    """Return what the copy buttons would copy, by panel."""
    page.ask("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    copied = "(document.querySelector('#{0} .copy').click(), window.copied)"
    return {name: page.ask(copied.format(name)) for name in ("json", "yaml", "manifests", "picture")}


def replace_text(page: Page, text: str) -> None:
    """Type a text over the one that is there, and wait for its answer."""
    page.ask("document.querySelector('#editor .cm-content').focus()")
    page.press("a", 65, modifiers=2)
    page.ask("document.body.dataset.state = 'typing'")
    page.type(text)
    page.wait("['answered', 'ended', 'starting'].includes(document.body.dataset.state)")


@needs_page
def test_page_evaluates_the_canary_as_the_command_line(page: tuple[Page, str]) -> None:
    shown = texts(page[0])
    assert shown["json"] == command_line("eval", str(CANARY))
    assert shown["yaml"] == command_line("eval", "-f", "yaml", str(CANARY))
    assert shown["manifests"] == command_line("render", str(CANARY))
    assert "<svg" in shown["picture"] and ">90%<" in shown["picture"]
    assert page[0].ask("document.querySelector('#problems .none') !== null")


@needs_page
def test_page_asks_no_other_host(page: tuple[Page, str]) -> None:
    assert page[0].requests
    assert all(one.startswith((page[1], f"blob:{page[1]}", "data:")) for one in page[0].requests)


@needs_page
def test_page_marks_errors_and_shows_the_report(page: tuple[Page, str]) -> None:
    replace_text(page[0], "{ a = 1; }.b")
    report = page[0].ask("document.querySelector('#problems .report').textContent")
    assert report == answer("{ a = 1; }.b")["error"]["report"]
    page[0].wait("document.querySelector('#editor .cm-lintRange-error')?.textContent === 'b'")
    assert page[0].ask("document.body.classList.contains('stale')")


@needs_page
def test_link_holds_the_text(page: tuple[Page, str]) -> None:
    text = '{ greeting = "grüße"; }'
    replace_text(page[0], text)
    page[0].ask("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page[0].ask("document.getElementById('share').click()")
    link = page[0].wait("window.copied?.includes('#nix=') && window.copied")
    replace_text(page[0], "1")
    shared = f"new URL({json.dumps(link)}).hash"
    page[0].wait(f"location.hash !== {shared}")  # to go where one is would change nothing
    page[0].ask(f"location.hash = {shared}")
    page[0].wait(f"document.querySelector('#editor .cm-line').textContent === {json.dumps(text)}")


@needs_page
def test_tabs_show_one_panel_in_a_narrow_window(page: tuple[Page, str]) -> None:
    page[0].show_as(390, 844, "dark")
    visible = "[...document.querySelectorAll('section')].filter((one) => one.offsetParent).map((one) => one.id)"
    page[0].ask("document.getElementById('tab-editor').click()")
    page[0].ask("document.getElementById('tab-editor').focus()")
    page[0].press("ArrowRight", 39)
    assert page[0].ask(visible) == ["problems"]
    assert page[0].ask("document.documentElement.scrollWidth") == 390
    page[0].show_as(1440, 900, "light")
    assert page[0].ask(f"({visible}).length") == 6


@needs_page
def test_stop_ends_an_endless_evaluation(page: tuple[Page, str]) -> None:
    page[0].ask("document.querySelector('#editor .cm-content').focus()")
    page[0].press("a", 65, modifiers=2)
    page[0].type("let f = n: if n == 0 then 0 else f (n - 1) + f (n - 1); in f 60")
    page[0].wait("document.body.dataset.state === 'evaluating'")
    page[0].ask("document.getElementById('stop').click()")
    page[0].wait("document.getElementById('status').textContent === 'The evaluation was stopped.'")
    page[0].wait("document.body.dataset.state === 'ready'")
    replace_text(page[0], "1 + 1")
    page[0].wait("document.body.dataset.state === 'answered'")
    assert texts(page[0])["json"] == "2\n"
