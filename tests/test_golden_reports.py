"""Reports for machines: JUnit as the strictest server reads it, JSON, GitHub's annotations, and a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from nixbridge.content_security import policy_of
from nixbridge.tools.golden.html_page import SCRIPT, STYLE
from tests.golden_folder import Folder

#: One of each: passed, different, missing, stale, an error with what each format has to escape, skipped.
TREE = {
    "web/passed.nix": "1",
    "web/passed.json": "1",
    "web/different.nix": '{ text = "<b>100%</b>\\n::error::x"; n = 1; }',
    "web/different.yaml": "text: </script><script>alert(1)</script>\n",
    "web/missing.nix": "1",
    "web/stale.json": "1",
    "error, 50%.nix": "let\n  x = 1;\nin throw \"a\\r\\nb: \\u001b[31m <&\"",
    "error, 50%.json": "1",
    "r.md": "<!-- nixbridge: check -->\n```nix\n1\n```\n<!-- nixbridge: skip -->\n```nix\n...\n```\n",
}  # fmt: skip


@pytest.fixture
def checked(folder: Folder) -> Folder:
    """The tree, checked, with every report."""
    folder.write(TREE)
    kinds = [f"--report={kind}=report.{kind}" for kind in ("junit", "json", "html")]
    status, said = folder.check(*kinds, "--report", "github")
    assert (status, said.splitlines()[-1]) == (1, "1 different, 1 missing, 1 stale, 1 error, 1 skipped, 2 passed")
    folder.write({"said": said})
    return folder


#: Jenkins' schema of JUnit files: element -> its attributes (those with `!` must be there) and the elements within.
JUNIT = {
    "testsuites": ("name time tests failures errors", "testsuite"),
    "testsuite": (
        "name! tests! failures! errors! group time skipped timestamp hostname id package file log url",
        "testsuite properties testcase system-out system-err",
    ),
    "testcase": ("name! time classname group", "skipped error failure system-out system-err"),
    "failure": ("type message", ""),
    "error": ("type message", ""),
    "skipped": ("type message", ""),
}


def test_junit_reports_are_valid_by_the_schema_of_ci_servers(checked: Folder) -> None:
    root = ElementTree.fromstring(checked.read("report.junit"))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, within = JUNIT[element.tag]
        known = {name.rstrip("!") for name in attributes.split()}
        assert set(element.attrib) <= known
        assert {name[:-1] for name in attributes.split() if name.endswith("!")} <= set(element.attrib)
        assert {child.tag for child in element} <= set(within.split())


def test_junit_reports_contain_every_outcome(checked: Folder) -> None:
    root = ElementTree.fromstring(checked.read("report.junit"))
    suite = root[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7",
        "failures": "3",
        "errors": "1",
        "skipped": "1",
    }
    told = {
        (case.get("classname"), case.get("name")): [(one.tag, one.get("message")) for one in case] for case in suite
    }
    assert told == {
        ("error, 50%", "error, 50%.json"): [("error", "a\\x0d")],
        ("r", "block at line 3"): [],
        ("r", "block at line 7"): [("skipped", "a comment before the block requests it")],
        ("web.different", "different.yaml"): [
            (
                "failure",
                'text: golden "</script><script>alert(1)</script>", now "<b>100%</b>\\n::error::x" (and 1 more)',
            )
        ],
        ("web.missing", "missing.json"): [("failure", "it has no golden file; --missing creates it")],
        ("web.passed", "passed.json"): [],
        ("web.stale", "stale.json"): [("failure", "its source stale.nix does not exist")],
    }
    text = next(case[0].text for case in suite if case.get("classname") == "error, 50%")
    assert text is not None
    assert text.startswith("error, 50%.nix:3\n")


def test_json_has_everything(checked: Folder) -> None:
    document = json.loads(checked.read("report.json"))
    seconds = document["summary"].pop("seconds")
    assert seconds > 0
    assert document["summary"] == {"different": 1, "error": 1, "missing": 1, "passed": 2, "skipped": 1, "stale": 1}
    cases = {case["name"]: case for case in document["cases"]}
    assert list(cases) == [
        "error, 50%.nix",
        "r.md:3",
        "r.md:7",
        "web/different.nix",
        "web/missing.nix",
        "web/passed.nix",
        "web/stale.json",
    ]
    different = cases["web/different.nix"]
    assert different["differences"][1] == {"kind": "added", "path": "n", "golden": None, "now": 1}
    assert (different["file"], different["golden"], different["line"]) == ("web/different.nix", "web/different.yaml", 1)
    assert different["diff"][:2] == ["--- web/different.yaml", "+++ web/different.nix (now)"]
    assert (cases["error, 50%.nix"]["line"], cases["r.md:3"]["line"]) == (3, 3)


def test_github_annotations_are_at_the_place_and_escaped(checked: Folder) -> None:
    said = checked.read("said").splitlines()
    commands = [line for line in said if line.startswith("::")]
    # what the configurations say stands between two lines that switch commands off
    token = commands[0].removeprefix("::stop-commands::")
    assert said[0] == commands[0]
    assert all(line == f"::{token}::" or not line.startswith("::") for line in said[1 : said.index(f"::{token}::") + 1])
    assert [line.split("::")[1] for line in commands] == [
        "stop-commands",
        token,
        "error file=error%2C 50%25.nix,line=3,title=nixbridge error",
        "error file=web/different.nix,line=1,title=nixbridge different",
        "error file=web/missing.nix,line=1,title=nixbridge missing",
        "error file=web/stale.json,line=1,title=nixbridge stale",
    ]
    assert commands[3].startswith(
        "::error file=web/different.nix,line=1,title=nixbridge different::DIFFERENT  web/different.nix%0A  text: golden "
        '"</script><script>alert(1)</script>", now "<b>100%25</b>\\n::error::x"%0A  n: added, now 1'
    )


class Elements(HTMLParser):
    """The elements of a page, and the texts of its script and its style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.inside, []).append(data)


def test_the_page_is_self_contained_and_runs_only_its_own_script(checked: Folder) -> None:
    page = Elements(checked.read("report.html"))
    named = [
        (tag, name)
        for tag, attributes in page.elements
        for name in attributes
        if name in ("src", "href", "style") or name.startswith("on")
    ]
    assert named == []
    assert [tag for tag, _ in page.elements].count("script") == 1
    [policy] = [
        attributes["content"]
        for _, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == policy_of(STYLE, SCRIPT)
    assert policy_of("\na", "b") == (
        "default-src 'none'; style-src 'sha256-c2Gm9LN0dF3q+Jascoh9VeBBB9Gh/xTl5Ngp+0foJCY='; "
        "script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='"
    )
    assert (page.texts["style"][0], page.texts["script"][0]) == (STYLE, SCRIPT)


def test_the_page_shows_every_case_and_its_differences(checked: Folder) -> None:
    page = Elements(checked.read("report.html"))
    cases = [attributes for _, attributes in page.elements if attributes.get("class") == "entry"]
    assert [one["data-status"] for one in cases] == [
        "error",
        "different",
        "missing",
        "stale",
        "passed",
        "skipped",
        "passed",
    ]
    assert ["open" in one for one in cases] == [True, True, True, True, False, False, False]
    names = [text for text in page.texts["span"] if text in ("web/different.nix", "error, 50%.nix", "r.md:7")]
    assert names == ["error, 50%.nix", "web/different.nix", "r.md:7"]
    assert '"</script><script>alert(1)</script>"' in page.texts["td"]


def test_reports_of_other_kinds_are_refused(folder: Folder) -> None:
    assert folder.check("--report", "tap=x") == (2, "error: --report: 'tap' is not one of junit, json, github, html")
    assert folder.check("--report", "junit") == (2, "error: --report: 'junit' needs a file: --report junit=FILE")
