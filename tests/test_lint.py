"""`nixbridge lint`: each rule finds what its page calls wrong and not what it calls right; comments, fixes and formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge.atomic import write_atomically
from nixbridge.errors.exceptions import EvalError
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.lint.finding import FAILS, Finding
from nixbridge.tools.lint.fixing import fix_file
from nixbridge.tools.lint.formats import as_github, as_json, as_text
from nixbridge.tools.lint.rule import Rule
from nixbridge.tools.lint.rule_table import RULES
from nixbridge.tools.lint.run import File, Linting, examine, place_of
from nixbridge.tools.lint.sarif import as_sarif
from nixbridge.tools.lint.view import View
from tests.command import run_text

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "lint"


def linting() -> Linting:
    return Linting(Options(cache=False, positions=True), lambda text: None)


def lint_text(text: str, folder: Path) -> File:
    path = folder / "case.nix"
    path.write_text(text, encoding="utf-8")
    return linting().lint([str(path)])[0]


def lint_example(rule: Rule, text: str, folder: Path) -> File:
    path = folder / f"case.{rule.language}"
    path.write_text(text, encoding="utf-8")
    return linting().lint([str(path)])[0]


def codes(file: File) -> set[str]:
    return {finding.code for finding in file.findings}


def told(finding: Finding, file: File) -> str:
    """`4:5 error NB001 hots`."""
    _, line, column, _ = place_of(finding, file)
    return f"{line}:{column} {finding.level} {finding.code} {finding.path}".rstrip()


@pytest.mark.parametrize("code", [*RULES])
def test_rules_report_their_wrong_examples(code: str, tmp_path: Path) -> None:
    assert code in codes(lint_example(RULES[code], RULES[code].wrong, tmp_path))


@pytest.mark.parametrize("code", [*RULES])
def test_right_examples_have_no_findings(code: str, tmp_path: Path) -> None:
    file = lint_example(RULES[code], RULES[code].right, tmp_path)
    assert code not in codes(file)
    assert [finding.line for finding in file.findings if finding.level in FAILS] == []


@pytest.mark.parametrize("code", [*RULES])
def test_every_rule_has_an_explanation(code: str) -> None:
    page = RULES[code].page()
    assert page.startswith(f"# {code} ") and RULES[code].summary in page and f"ignore[{code}]" in page


@pytest.mark.parametrize(
    "source", [*sorted(FIXTURES.glob("*.nix")), *sorted(FIXTURES.glob("*.yaml"))], ids=lambda path: path.stem
)
def test_files_have_the_recorded_findings(source: Path) -> None:
    file = linting().lint([str(source)])[0]
    wanted = source.with_suffix(".findings").read_text(encoding="utf-8").splitlines()
    assert [told(finding, file) for finding in file.findings] == wanted


@pytest.mark.parametrize("source", sorted((FIXTURES / "fix").glob("*.before")), ids=lambda path: path.stem)
def test_safe_fixes_change_only_the_finding(source: Path, tmp_path: Path) -> None:
    text = source.read_text(encoding="utf-8")
    file = lint_text(text, tmp_path)
    fix_file(linting(), file, lambda data, path: write_atomically(path, data))
    assert (tmp_path / "case.nix").read_text(encoding="utf-8") == source.with_suffix(".after").read_text(
        encoding="utf-8"
    )


def test_a_file_that_changed_meanwhile_is_not_fixed(tmp_path: Path) -> None:
    file = lint_text((FIXTURES / "fix" / "typos.before").read_text(encoding="utf-8"), tmp_path)
    (tmp_path / "case.nix").write_text("1")
    with pytest.raises(EvalError, match="changed while it was linted"):
        fix_file(linting(), file, lambda data, path: write_atomically(path, data))
    assert (tmp_path / "case.nix").read_text() == "1"


@pytest.mark.parametrize("name", [*TABLES])
def test_the_documented_example_of_a_builder_has_no_error(name: str, tmp_path: Path) -> None:
    file = lint_text(table(name).example, tmp_path)
    assert [finding.line for finding in file.findings if finding.level == "error" and finding.code != "NB010"] == []


def test_references_between_linted_files_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "a.nix").write_text(
        'mkVirtualService "web" { httpRoutes = [ { route = [ { destination = { host = "web"; subset = "v1"; }; } ]; } ]; }'
    )
    (tmp_path / "b.nix").write_text(
        'mkDestinationRule "web" { subsets = [ { name = "v1"; labels.version = "v1"; } ]; }'
    )
    alone = linting().lint([str(tmp_path / "a.nix")])
    together = linting().lint([str(tmp_path / "a.nix"), str(tmp_path / "b.nix")])
    assert "NB010" in codes(alone[0]) and "NB010" not in codes(together[0])


def test_records_from_json_are_linted(tmp_path: Path) -> None:
    from nixbridge import evaluate

    path = tmp_path / "golden.json"
    path.write_text(json.dumps(evaluate('mkAuthorizationPolicy "x" { }')))
    assert codes(linting().lint([str(path)])[0]) == {"NB012"}


def test_repeated_calls_are_one_finding(tmp_path: Path) -> None:
    file = lint_text('map (name: mkVirtualService name { hots = [ ]; }) [ "a" "b" "c" ]', tmp_path)
    assert [finding.code for finding in file.findings if finding.level == "error"] == ["NB001"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let deep = { inherit deep; }; in deep", {"NB000"}),
        ("{ lib, ... }: { options.x = lib.mkOption { type = lib.types.anything; }; }", {"NB009"}),
    ],
    ids=["infinite-value", "option-type"],
)
def test_a_file_without_an_end_leaves_the_others_to_be_linted(text: str, found: set[str], tmp_path: Path) -> None:
    (tmp_path / "deep.nix").write_text(text)
    (tmp_path / "wrong.nix").write_text('mkVirtualService "web" { namespce = "shop"; }')
    files = linting().lint([str(tmp_path / name) for name in ("deep.nix", "wrong.nix")])
    assert codes(files[0]) == found
    assert "NB001" in codes(files[1])


def test_a_failing_file_is_a_finding_with_a_position(tmp_path: Path) -> None:
    file = lint_text("{ a = 1 + {}; }\n", tmp_path)
    assert [(finding.code, finding.position and finding.position[1]) for finding in file.findings] == [("NB000", 1)]


@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        ((), 'mkPeerAuthentication "web" { namespace = "shop"; }', 0),
        ((), 'mkPeerAuthentication "web" { namespace = "shop"; mtlsMode = "DISABLE"; }', 0),
        ((), 'mkAuthorizationPolicy "x" { }', 1),
        ((), 'mkAuthorizationPolicy "x" { } # nixbridge: ignore[NB012]', 0),
        ((), "1", 0),
        (("--fix",), "1", 2),
        (("--explain", "NB999"), "1", 2),
        (("--explain", "nb012"), "1", 0),
    ],
    ids=[
        "clean",
        "notes-only",
        "warning",
        "switched-off",
        "nothing-to-check",
        "fix-of-standard-input",
        "no-such-rule",
        "explain",
    ],
)
def test_the_exit_status_depends_on_the_levels(arguments: tuple[str, ...], text: str, status: int) -> None:
    done = run_text("lint", "--no-cache", *arguments, "-", input=text)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and (status != 2 or done.stderr.startswith("error:"))


@pytest.fixture
def wrong(tmp_path: Path) -> File:
    return lint_text(
        '{\n  "é" = mkPeerAuthentication "web" { selektor = { }; };\n  b = mkAuthorizationPolicy "x" { }; # nixbridge: ignore\n}\n',
        tmp_path,
    )


def test_text_shows_position_line_and_suggestion(wrong: File) -> None:
    lines = as_text([wrong]).splitlines()
    assert lines[0].endswith(
        "case.nix:2:38: error[NB001]: mkPeerAuthentication \"web\": selektor: unknown parameter 'selektor' is ignored"
    )
    assert lines[2].index("^") == lines[1].index("selektor") and "^^^^" in lines[2] and "'selector'" in lines[3]
    assert lines[-1] == "1 error in 1 file"


def test_json_has_every_finding_with_its_place(wrong: File) -> None:
    document = json.loads(as_json([wrong]))
    (found,) = document["findings"]
    assert (found["code"], found["level"], found["line"], found["column"], found["endColumn"]) == (
        "NB001",
        "error",
        2,
        38,
        46,
    )
    assert found["fixable"] and document["summary"] == {"files": 1, "error": 1, "warning": 0, "note": 0}


def test_github_annotations_escape_what_the_syntax_needs(wrong: File) -> None:
    (line,) = as_github([wrong]).splitlines()
    assert line.startswith("::error file=") and ",line=2,col=38," in line and "title=NB001 unknown-parameter::" in line


def test_sarif_names_rule_place_fix_and_suppression(wrong: File) -> None:
    document = json.loads(as_sarif([wrong]))
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    first, second = run["results"]
    assert document["version"] == "2.1.0" and rules[first["ruleIndex"]]["id"] == first["ruleId"] == "NB001"
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 38, "endColumn": 46}
    (replacement,) = first["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"]["text"] == "selector"
    assert second["suppressions"] == [{"kind": "inSource"}]
    for rule in rules:
        assert rule["helpUri"].startswith("https://") and rule["help"]["markdown"].startswith(f"# {rule['id']} ")


def test_sarif_fingerprints_are_stable_when_lines_move(tmp_path: Path) -> None:
    text = 'mkPeerAuthentication "web" { selektor = { }; }'
    prints = []
    for before in ("", "# a line more\n"):
        document = json.loads(as_sarif([lint_text(before + text, tmp_path)]))
        prints.append([result["partialFingerprints"] for result in document["runs"][0]["results"]])
    assert prints[0] == prints[1] and len({str(one) for one in prints[0]}) == len(prints[0])


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["web", "v1", "30s", "STRICT", "*", "", "istio"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "route", "destination", "host", "subset", "labels", "rules"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
ROUTES = st.lists(
    st.fixed_dictionaries({}, optional={"route": JUNK, "match": JUNK, "timeout": JUNK, "retries": JUNK, "mirror": JUNK})
)


@st.composite
def junk_records(draw: st.DrawFn) -> dict[str, Any]:
    """A record of any builder whose fields hold anything."""
    builder = table(draw(st.sampled_from([*TABLES])))
    fields = {parameter.name: draw(ROUTES if "Routes" in parameter.name else JUNK) for parameter in builder.parameters}
    return {"name": draw(JUNK), **fields}


@given(st.lists(junk_records(), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_rules_accept_any_value(records: list[dict[str, Any]]) -> None:
    file = File("case.json")
    file.view = View([], records)
    examine(file)
    assert all(finding.code in RULES for finding in file.findings)
