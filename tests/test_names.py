"""A Nix file may call its variables whatever it likes: no name reaches the globals, constants and temporaries of generated code.

Every name that generated code has is used as a Nix name in every position where a name may stand, beside code that needs the runtime.
"""

from __future__ import annotations

import json
import subprocess
from types import CodeType
from typing import Any

import pytest

import nixbridge
from nixbridge.language.builtins.registry import BUILTINS, GLOBALS
from nixbridge.language.compiler.compile import FileCompiler
from nixbridge.language.compiler.frame import Mode
from nixbridge.language.compiler.names import nix_name, nix_variable
from nixbridge.language.evaluation.globals import global_names
from nixbridge.language.runtime.exports import EXPORTS
from nixbridge.language.runtime.printer import is_identifier, show_string
from nixbridge.language.syntax.parser import parse
from nixbridge.mesh.service_mesh import service_mesh_prelude
from nixbridge.source import Source
from tests.real_nix import real_nix

#: Code that needs most of the runtime, and a value of every kind. It names no variable that the positions below define.
WORK = """
  let sum_ = a_: b_: a_ + b_ * 2 - 1; in rec {
    data = [ 1 2 { a = 1; } ];
    words = map (n_: "${toString n_}-${w_}") [ 1 2 ];
    w_ = "w";
    sums_ = map (sum_ 3) [ 4 5 ];
    three_ = (a_: b_: c_: a_ // b_ // { inherit c_; }) { x = 1; } { y = 2; } 3;
    formals_ = ({ p_, q_ ? p_ + 1, ... }@all_: [ p_ q_ (all_ ? r_) ]) { p_ = 1; };
    chosen = three_.z or (if 1 < 2 && !(2 == 3) then three_.x else 0);
    scoped_ = with three_; [ x y ];
    joined = data ++ [ 3 ] ++ scoped_;
    ${"dyn" + "amic"} = assert three_ ? x; -three_.y / 2;
    path_ = toString /a/b;
    text_ = with { inherit w_; }; "a" + w_ + "${w_}";
  }
"""
WORKED = {
    "data": [1, 2, {"a": 1}],
    "words": ["1-w", "2-w"],
    "w_": "w",
    "sums_": [10, 12],
    "three_": {"x": 1, "y": 2, "c_": 3},
    "formals_": [1, 2, False],
    "chosen": 1,
    "scoped_": [1, 2],
    "joined": [1, 2, {"a": 1}, 3, 1, 2],
    "dynamic": -1,
    "path_": "/a/b",
    "text_": "aww",
}
#: Names that Python or the compiler might take for something else.
ODD = [
    *("None", "True", "False", "__debug__", "__class__", "__name__", "__nix__", "__builtins__", "self", "lambda", "super"),
    *("", ".", "0", "0.x", "1.x", "0.0.x", "x.0", "$", "x$1", "a\tb", "a\tb\tc\td\te\tf\tg", "a\nb"),
    *("é", "\U0001f600", "x y", "()", "map()"),
    *("arguments", "inherit.1", "with.1", "members.1", "function.1", "scope.x", "nixpkgs.lib", "prelude.mkIstioMesh"),
]  # fmt: skip


def names_in(code: CodeType) -> set[str]:
    """All names in a code object and in those inside it."""
    found = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars, code.co_name}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= names_in(inner)
    return found


def generated() -> list[str]:
    """Every name that the code of WORK has, that the runtime exports, and that is global, each bare and in the rooms of the others."""
    source = Source(WORK)
    code, constants, *_ = FileCompiler(parse(source), source, global_names(service_mesh_prelude()), Mode()).file()
    bare = {*EXPORTS, *BUILTINS, *GLOBALS}
    roomed = (
        {f"nix.{name}" for name in EXPORTS}
        | {f"builtins.{name}" for name in BUILTINS}
        | {"scope.map", "builtins.map()"}
    )
    numbered = {f"{room}.{number}" for room in ("constant", "temporary", "with", "members") for number in range(5)}
    return sorted(names_in(code) | {*constants} | bare | roomed | numbered | {*ODD} | {"nix.k0", "nix.t1"})


#: What WORK looks up as a variable: a Nix file that binds these changes what WORK means, as it should.
LOOKED_UP = {"map", "toString", "builtins", "__lessThan", "__sub", "__mul", "__div"}
NAMES = [name for name in generated() if name not in LOOKED_UP and nix_name(name) not in ("w_", "three_")]
VALUES = {name: number for number, name in enumerate(NAMES)}
IDENTIFIERS = [name for name in NAMES if is_identifier(name) and not name.startswith("__")] + ["__class__", "__debug__"]
QUOTED = " ".join(show_string(name) for name in NAMES)
NOT_GLOBAL = [
    name for name in NAMES if name not in global_names(service_mesh_prelude()).names
]  # a global wins over a `with`
FREE = " ".join(show_string(name) for name in NOT_GLOBAL)
DEFINED = " ".join(f"{show_string(name)} = {number};" for name, number in VALUES.items())
GIVEN = " ".join(f"{name} = {VALUES[name]};" for name in IDENTIFIERS)
PLAIN = " ".join(IDENTIFIERS)
DEFAULTS = ", ".join(f"{name} ? {VALUES[name]}" for name in IDENTIFIERS)

POSITIONS: dict[str, tuple[str, list[str]]] = {
    "let": (f"let {DEFINED} in {{ work = {WORK}; names = {{ inherit {QUOTED}; }}; }}", NAMES),
    "rec": (f"{{ names = rec {{ {DEFINED} }}; work = (rec {{ {DEFINED} it = {WORK}; }}).it; }}", NAMES),
    "with": (f"with {{ {DEFINED} }}; {{ work = {WORK}; names = {{ inherit {FREE}; }}; }}", NOT_GLOBAL),
    "inherit from": (f"let s_ = {{ {DEFINED} }}; inherit (s_) {QUOTED}; in {{ work = {WORK}; names = {{ inherit {QUOTED}; }}; }}", NAMES),
    "attribute": (f"let s_ = {{ {DEFINED} }}; in {{ work = {WORK}; names = s_; }}", NAMES),
    "selection": (
        f"let s_ = {{ {DEFINED} }}; in {{ work = {WORK}; names = {{ "
        + " ".join(f"{show_string(name)} = s_.{show_string(name)};" for name in NAMES) + " }; }",
        NAMES,
    ),
    "formals": (f"({{ {', '.join(IDENTIFIERS)} }}: {{ work = {WORK}; names = {{ inherit {PLAIN}; }}; }}) {{ {GIVEN} }}", IDENTIFIERS),
    "defaults": (f"({{ {DEFAULTS} }}: {{ work = {WORK}; names = {{ inherit {PLAIN}; }}; }}) {{ }}", IDENTIFIERS),
    "parameters": (
        " ".join(f"({name}:" for name in IDENTIFIERS[:150])
        + f" {{ work = {WORK}; names = {{ inherit {' '.join(IDENTIFIERS[:150])}; }}; }}"
        + "".join(f") {VALUES[name]}" for name in reversed(IDENTIFIERS[:150])),
        IDENTIFIERS[:150],
    ),
    "functions": (
        "let " + " ".join(f"{show_string(name)} = a_: b_: a_ + b_;" for name in NAMES)
        + f" s_ = {{ inherit {QUOTED}; }}; in {{ work = {WORK}; names = builtins.mapAttrs (n_: v_: v_ 1 2) s_; }}",
        NAMES,
    ),
}  # fmt: skip


@pytest.mark.parametrize("position", POSITIONS)
def test_no_name_reaches_the_runtime(position: str) -> None:
    text, names = POSITIONS[position]
    found = nixbridge.evaluate(text)
    assert found["work"] == WORKED
    if position == "functions":
        assert set(found["names"].values()) == {3}
    else:
        assert {name: found["names"][name] for name in names} == {name: VALUES[name] for name in names}


@pytest.mark.parametrize("position", POSITIONS)
def test_a_real_nix_agrees(position: str) -> None:
    nix = real_nix()
    if nix is None:
        pytest.skip("no nix-instantiate")
    text = POSITIONS[position][0]
    command = [nix, "--eval", "--strict", "--json", "--expr", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert nixbridge.evaluate(text) == json.loads(done.stdout)


def test_variable_names_never_collide() -> None:
    assert [nix_name(nix_variable(name, count)) for name in NAMES for count in (0, 12)] == [
        name for name in NAMES for _ in (0, 12)
    ]
    assert {nix_name(f"nix.{name}") for name in EXPORTS} | {nix_name(f"builtins.{name}") for name in BUILTINS} == {None}


@pytest.mark.parametrize(
    "name", ["a\tb\tc\td\te\tf\tg", "x", "é", "", "0.x"], ids=["tabs", "plain", "accent", "empty", "digits"]
)
def test_functions_of_any_name_keep_their_metadata(name: str) -> None:
    quoted = show_string(name)
    value: Any = nixbridge.evaluate(
        f"let {quoted} = {{ p, q ? 1 }}: p; s = {{ inherit {quoted}; }}; in builtins.functionArgs s.{quoted}"
    )
    assert value == {"p": False, "q": True}
