"""The settings of a project: what is valid, where errors are, what they change, and where each comes from."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nixbridge.errors.exceptions import UsageError
from nixbridge.project.patterns import Patterns
from nixbridge.project.project_settings import read_settings
from nixbridge.project.settings_table import SETTINGS, settings_schema
from tests.test_project import nixbridge, write

#: Settings that are valid, one of each kind.
VALID = """
include = ["envs/**/*.nix"]
exclude = ["old/"]
allow = ["../shared"]
search-path = { nixpkgs = "nixpkgs" }
system = "x86_64-linux"
golden = "golden"
istio-version = "1.22"
linkerd-version = "2.14"
crds = "crds.yaml"
inputs = { nixpkgs = "../nixpkgs" }

[args]
replicas = 3
debug = true
hosts = '[ "web" ]'

[argstr]
name = "shop"

[lint]
select = ["NB0"]
ignore = ["NB012"]
per-file-ignores = { "tests/*" = ["NB001"] }

[environments.prod]
files = ["envs/prod.nix"]
args = { replicas = 5 }
"""

#: Settings -> the message, its line and column, and the hint.
WRONG = {
    "unknown": ('exlude = ["a"]\n', "unknown setting 'exlude'", (1, 1), "did you mean 'exclude'?"),
    "unknown-with-underscore": ('istio_version = "1.22"\n', "unknown setting 'istio_version'", (1, 1), "istio-version"),
    "unknown-in-a-table": ("\n[lint]\n  selct = []\n", "unknown setting 'lint.selct'", (3, 3), "did you mean 'select'?"),
    "unknown-of-an-environment": (
        '[environments.prod]\nfiles = []\narg = { a = "1" }\n',
        "unknown setting 'environments.prod.arg'",
        (3, 1),
        "did you mean 'args'?",
    ),
    "unknown-and-far": ("colour = 1\n", "unknown setting 'colour'", (1, 1), "the settings are include, exclude"),
    "text-for-a-list": ('exclude = "a"\n', "'exclude' should be a list of strings, not a string", (1, 1), None),
    "number-in-a-list": ("exclude = ['a', 3]\n", "'exclude' should be a list of strings, but contains a number", (1, 1), None),
    "number-for-a-text": ("system = 3\n", "'system' should be a string, not a number", (1, 1), None),
    "list-for-a-table": ("args = []\n", "'args' should be a table of Nix expressions", (1, 1), None),
    "list-as-an-argument": (
        "args = { ok = '1', wrong = [] }\n",
        "'args.wrong' should not be a list",
        (1, 20),
        "'args' is a table of Nix expressions",
    ),
    "infinite-argument": ("args.a = inf\n", "'args.a' should not be a number", (1, 6), None),
    "date": ("golden = 2026-01-01\n", "'golden' should be a string, not a date or time", (1, 1), None),
    "value-for-a-group": ("lint = true\n", "'lint' should be a table, not a boolean", (1, 1), None),
    "list-for-an-environment": ("[environments]\nprod = ['a']\n", "'environments.prod' should be a table", (2, 1), "files = "),
    "codes-that-are-not-a-list": (
        'lint.per-file-ignores = { "a" = ["NB1"], "b" = "NB2" }\n',
        "'lint.per-file-ignores.b' should not be a string",
        (1, 42),
        None,
    ),
    "not-toml": ("a = \nb = 3\n", "not valid TOML", (1, 5), None),
    "not-toml-at-the-end": ("exclude = [", "not valid TOML", (1, 1), None),
    "key-twice": ("system = 'a'\nsystem = 'b'\n", "not valid TOML: cannot overwrite a value", (2, 13), None),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_an_error_with_its_place(name: str, tmp_path: Path) -> None:
    text, message, place, hint = WRONG[name]
    (tmp_path / "nixbridge.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings(str(tmp_path))
    error = caught.value
    assert message in error.message
    assert error.position is not None and error.position == (str(tmp_path / "nixbridge.toml"), *place)
    assert hint is None or (error.hint is not None and hint in error.hint)


def test_the_place_in_a_pyproject_is_that_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.nixbridge]\nexlude = []\n')
    with pytest.raises(UsageError) as caught:
        read_settings(str(tmp_path))
    assert caught.value.position == (str(tmp_path / "pyproject.toml"), 5, 1)


def test_an_error_in_the_settings_is_shown_with_an_excerpt(tmp_path: Path) -> None:
    write(tmp_path, {"nixbridge.toml": 'system = "a"\nexlude = ["a"]\n', "x.nix": "1"})
    done = nixbridge(tmp_path, "eval", "x.nix")
    assert done.returncode == 2
    assert "error: unknown setting 'exlude'" in done.stderr
    assert f"{tmp_path}/nixbridge.toml:2:1" in done.stderr
    assert '2 | exlude = ["a"]\n' in done.stderr
    assert "did you mean 'exclude'?" in done.stderr
    assert nixbridge(tmp_path, "eval", "--untrusted", "x.nix").stdout == "1\n"


@pytest.mark.parametrize("file", ["nixbridge.toml", "pyproject.toml"])
def test_settings_are_read_from_either_file(file: str, tmp_path: Path) -> None:
    text = VALID
    if file == "pyproject.toml":
        lines = ["[tool.nixbridge]", *VALID.split("\n")]
        text = "\n".join(
            line.replace("[", "[tool.nixbridge.", 1) if line.startswith("[") and line != lines[0] else line
            for line in lines
        )
    (tmp_path / file).write_text(text)
    settings = read_settings(str(tmp_path))
    assert settings.allow == [str(tmp_path.parent / "shared")]
    assert settings.search_path == [f"nixpkgs={tmp_path}/nixpkgs"]
    assert settings.path("crds") == str(tmp_path / "crds.yaml")
    expressions = {"replicas": "(3)", "debug": "true", "hosts": '[ "web" ]'}
    assert settings.arguments_of("prod") == [(expressions, {"name": "shop"}), ({"replicas": "(5)"}, {})]
    assert settings["lint.ignore"] == ["NB012"]
    assert settings.place("system") == f"{tmp_path / file}:{text[: text.index('system')].count(chr(10)) + 1}"


def test_the_schema_accepts_exactly_valid_settings() -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    data: dict[str, Any] = tomllib.loads(VALID)
    assert set(SETTINGS) == {f"lint.{name}" for name in data["lint"]} | data.keys() - {"lint"}
    assert not list(validator.iter_errors(data))
    for name, (text, *_) in WRONG.items():
        if "toml" not in name and name not in ("date", "key-twice", "infinite-argument"):
            assert list(validator.iter_errors(tomllib.loads(text))), name


#: Arguments of eval, where the settings give `a = 1` and `b = "two"`, and what is printed.
ARGUMENTS = {
    "settings": ([], '{"a":1,"b":"two","c":[3]}'),
    "command-line-wins": (["--arg", "a", "5"], '{"a":5,"b":"two","c":[3]}'),
    "string-for-an-expression": (["--argstr", "a", "5"], '{"a":"5","b":"two","c":[3]}'),
    "expression-for-a-string": (["--arg", "b", "5"], '{"a":1,"b":5,"c":[3]}'),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_of_the_settings(name: str, tmp_path: Path) -> None:
    arguments, printed = ARGUMENTS[name]
    settings = '[args]\na = 1\nc = "import lib/c.nix"\n[argstr]\nb = "two"\n'
    settings = settings.replace("import lib", "import ./lib")
    write(tmp_path, {"nixbridge.toml": settings, "envs/x.nix": "{ a, b, c }: { inherit a b c; }", "lib/c.nix": "[ 3 ]"})
    done = nixbridge(tmp_path, "eval", "--compact", *arguments, "envs/x.nix")
    assert (done.stdout, done.stderr) == (printed, "") or done.stdout.strip() == printed


def test_folders_and_names_of_the_settings(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "repo/nixbridge.toml": 'allow = ["../shared"]\nsystem = "riscv64-linux"\n[search-path]\nours = "lib"\n',
            "repo/envs/x.nix": "[ (import ../../shared/s.nix) (import <ours/c.nix>) builtins.currentSystem ]",
            "repo/lib/c.nix": "2",
            "shared/s.nix": "1",
        },
    )
    assert nixbridge(tmp_path, "eval", "--compact", "repo/envs/x.nix").stdout.strip() == '[1,2,"riscv64-linux"]'
    done = nixbridge(tmp_path, "eval", "--compact", "--system", "x", "repo/envs/x.nix")
    assert done.stdout.strip() == '[1,2,"x"]'
    assert nixbridge(tmp_path, "eval", "--untrusted", "repo/envs/x.nix").returncode == 1


#: Pattern -> paths that it matches, and paths that it does not.
PATTERNS = {
    "*.gen.nix": (["x.gen.nix", "a/b/x.gen.nix"], ["x.nix"]),
    "build/": (["build/x.nix", "a/build/x.nix"], ["builds/x.nix", "a/xbuild/x.nix"]),
    "envs/*.nix": (["envs/a.nix"], ["envs/a/b.nix", "x/envs/a.nix"]),
    "envs/**/old": (["envs/old/x.nix", "envs/a/b/old/x.nix"], ["envs/a/older/x.nix"]),
    "./a/b": (["a/b", "a/b/c.nix"], ["z/a/b"]),
    "/top.nix": (["top.nix"], ["a/top.nix"]),
    "a[0-9].nix": (["a1.nix", "b/a2.nix"], ["ab.nix"]),
    "a[!0-9].nix": (["ab.nix"], ["a1.nix"]),
    "a?.nix": (["ab.nix"], ["a/.nix", "abc.nix"]),
    "**": (["a", "a/b"], []),
    "(x).nix": (["(x).nix"], ["x.nix"]),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches(pattern: str) -> None:
    matched, others = PATTERNS[pattern]
    patterns = Patterns([pattern])
    assert [path for path in matched if not patterns.match(path)] == []
    assert [path for path in others if patterns.match(path)] == []


def test_the_command_shows_settings_and_their_origin(tmp_path: Path) -> None:
    write(tmp_path, {"nixbridge.toml": 'system = "x86_64-linux"\n[lint]\nignore = ["NB012"]\n', "envs/x.nix": "1"})
    done = nixbridge(tmp_path / "envs", "settings", "x.nix")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["project", str(tmp_path)]
    assert ["system", '"x86_64-linux"', "../nixbridge.toml:1"] in rows
    assert ["lint.ignore", '["NB012"]', "../nixbridge.toml:3"] in rows
    assert ["lint.select", '["ALL"]', "default"] in rows
    data = json.loads(nixbridge(tmp_path, "settings", "--json").stdout)
    assert data["root"] == str(tmp_path)
    assert data["settings"]["system"] == {"value": "x86_64-linux", "from": f"{tmp_path}/nixbridge.toml:1"}
    assert data["settings"].keys() == SETTINGS.keys()


def test_the_schema_is_printed(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert json.loads(nixbridge(tmp_path, "schema", "--settings").stdout) == settings_schema()


def test_releases_of_the_settings(tmp_path: Path) -> None:
    mesh = (
        'mkVirtualService "web" { hosts = [ "web" ]; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; }'
    )
    write(tmp_path, {"nixbridge.toml": 'istio-version = "1.20"\n', "x.nix": mesh})
    assert "apiVersion: networking.istio.io/v1beta1" in nixbridge(tmp_path, "render", "x.nix").stdout
    assert (
        "apiVersion: networking.istio.io/v1\n"
        in nixbridge(tmp_path, "render", "--istio-version", "1.22", "x.nix").stdout
    )
