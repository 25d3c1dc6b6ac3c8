"""Code made when it is first needed: mistakes are found at once, values and traces are the same, the cache keeps what ran."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest

import nixbridge
from nixbridge.language.compiler.regions import SMALL_TEXT

#: Functions of many nodes: a file with them is compiled on demand.
FILLERS = "\n".join(
    f"  filler{number} = x: let q = x + {number}; in if q > 3 then [ q (q + x) (q * x) (y: y + q + x) ] else {{ inherit q; a = x; }};"
    for number in range(40)
)
PROGRAM = """
  base = 7;
  first = { a, b ? a * 2, ... }@all: let sum = a + b + base; in [ sum (sum * 2) (helper sum a) (all ? c) (builtins.length [ a b sum ]) ];
  helper = n: m: let k = n - m; in if k > 100 then builtins.throw "too large: ${toString k}" else k + base * (if m > 0 then m else 1);
  curried = a: b: c: d: let t = a + b; in t * c + d + (if t > 3 then helper t a else base) + (if c > d then c - d else d - c) + base;
  deep = { set = rec { x = base; y = x + 1; list = map (helper x) [ 1 2 y ]; text = "${toString y}-${toString x}"; }; };
  inherit (deep.set) text; inherit (deep) none; inherit (throw "gone") lost;
  passes = { inherit (deep.set) x y; inherit (deep) set missing; };
  library = self: { inherit (self.names) NAMES; };
  some = library { names = { n0 = 0; n1 = "1"; n23 = base; }; };
  scoped = with deep.set; [ x y (curried x y x y) (helper y x) (x + y * base) (x - y) ];
""".replace("NAMES", " ".join(f"n{number}" for number in range(24)))
ASKED = """{
  values = [ (first { a = 1; }) (first { a = 2; b = 3; c = 4; }) (curried 1 2 3 4) deep.set.list deep.set.text scoped ];
  partial = map (curried 5 6 7) [ 1 2 ];
  inherited = [ text passes.x passes.y passes.set.text some.n0 some.n1 some.n23 (builtins.attrNames some) ];
  formals = builtins.functionArgs first;
  same = let s = { inherit first; }; in [ s ] == [ s ];
}"""


def program(asked: str, filled: bool) -> str:
    return "let" + PROGRAM + (FILLERS if filled else "") + "\nin " + asked


def test_compiling_on_demand_does_not_change_values() -> None:
    assert len(program(ASKED, True)) > SMALL_TEXT > len(program(ASKED, False))
    assert nixbridge.evaluate(program(ASKED, True)) == nixbridge.evaluate(program(ASKED, False))


@pytest.mark.parametrize(
    "asked",
    [
        "helper 200 1",
        "(first { a = 300; })",
        "first { }",
        "first 1",
        "none",
        "lost",
        "[ passes.x passes.missing ]",
        "[ some.n0 some.n22 ]",
        "curried 1 2 3 null",
        "builtins.elemAt (first { a = 1; }) 9",
    ],
)
def test_compiling_on_demand_does_not_change_errors(asked: str) -> None:
    reports = []
    for filled in (False, True):
        with pytest.raises(nixbridge.NixError) as caught:
            nixbridge.evaluate(program(f"builtins.deepSeq ({asked}) 1", filled))
        steps = [frame.span for frame in caught.value.frames if frame.span is not None and frame.span[0] < 9]
        reports.append((caught.value.message, caught.value.span if steps else None, steps))
    assert reports[0] == reports[1]


def test_undefined_variables_are_found_without_running_the_code() -> None:
    text = program("1", True).replace("filler39 = x:", "filler39 = z:")
    with pytest.raises(nixbridge.NixError, match="undefined variable 'x'"):
        nixbridge.evaluate(text)


def regions_kept(folder: Path) -> set[int]:
    (entry,) = (folder / "nixbridge").iterdir()
    return set(marshal.loads(entry.read_bytes()[32:])[1])


def test_the_cache_keeps_what_ran_and_gains_what_runs_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "file.nix"
    file.write_text(program("{ one = helper 5 3; two = curried 1 2 3 4; nested = deep.set.text; }", True))
    assert nixbridge.evaluate_file(file, attr="one") == 23
    first = regions_kept(tmp_path / "cache")
    assert nixbridge.evaluate_file(file, attr="one") == 23
    assert regions_kept(tmp_path / "cache") == first, "nothing new ran"
    assert nixbridge.evaluate_file(file, attr="two") == nixbridge.evaluate(program("curried 1 2 3 4", False))
    second = regions_kept(tmp_path / "cache")
    assert first < second
    assert nixbridge.evaluate_file(file, attr="nested") == "8-7"
    assert second < regions_kept(tmp_path / "cache")


def test_a_region_inside_one_from_the_cache_can_be_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code around it is made once more, since only then is it known what the inner one captures."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    row = "[ x y (x + y) (x * y) (x - y) (y - x) (x + 1) (y + 1) (x + 2) (y + 2) (x + 3) (y + 3) ]"
    inner = f"z: let w = x + y; in if z then {row} ++ [ w (w + 1) (w * 2) ] else [ w ]"
    outer = f"x: y: {{ early = x + y; late = {inner}; more = {row}; again = {row}; }}"
    file = tmp_path / "file.nix"
    file.write_text(f"let f = {outer};\n{FILLERS} in {{ early = (f 1 2).early; late = (f 1 2).late true; }}")
    assert nixbridge.evaluate_file(file, attr="early") == 3
    assert nixbridge.evaluate_file(file, attr="late")[-3:] == [3, 4, 6]


def test_a_region_gets_its_variables_in_the_order_of_the_cached_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set of a single thunk passes them in an order of its own, which is also that of its code made once more."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    name = 'name = make "n" [ types.string kit.types ];'
    more = 'more = make "m" { a = types.string; b = [ types.string types.string kit.types ]; };'
    last = 'last = make "l" [ types.string kit (make "k" types.string) ];'
    file = tmp_path / "file.nix"
    file.write_text(f"""{{ kit ? {{ make = name: rest: {{ inherit name rest; }}; types = {{ of = set: set; string = "s"; }}; }} }}:
      let
        inherit (kit) make types;
        option = types.of {{ options = {{ {name} {more} {last} }}; }};
        {FILLERS}
      in {{ outer = builtins.attrNames option; inner = option.options.name.name; }}""")
    assert nixbridge.evaluate_file(file, attr="outer") == ["options"]
    assert nixbridge.evaluate_file(file, attr="inner") == "n"


def test_a_region_sees_the_set_of_a_with_that_was_evaluated_outside() -> None:
    rows = " ".join("(f a) (a + 1)" for _ in range(40))
    function = f"s: with s; x: if f true then {{ late = [ {rows} x ]; }} else null"
    value = nixbridge.evaluate(f"""let g = {function}; r = g {{ f = x: x; a = 2; }} 1;
      {FILLERS} in [ (builtins.length r.late) (builtins.head r.late) ]""")
    assert value == [81, 2]


def test_a_constant_from_a_set_leaves_forcing_the_set_to_what_needs_it(tmp_path: Path) -> None:
    """With positions kept, the set is a thunk whose attributes are known all the same."""
    file = tmp_path / "file.nix"
    file.write_text(f"""let
      ports = {{ base = 8000; of = {{ web = 10; }}; private = 1; }};
      both = name: {{ public = ports.base + ports.of.${{name}}; private = ports.base + ports.of.${{name}} + ports.private; }};
      {FILLERS}
    in [ (both "web").private (builtins.unsafeGetAttrPos "base" ports).line ]""")
    assert nixbridge.evaluate_file(file, cache=False) == [8011, 2]


def test_a_function_that_waits_costs_no_code_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "file.nix"
    file.write_text(f"let\n{FILLERS}\nin filler0 1")
    assert nixbridge.evaluate_file(file) == {"q": 1, "a": 1}
    (entry,) = (tmp_path / "cache" / "nixbridge").iterdir()
    code = marshal.loads(entry.read_bytes()[32:])[0][0]
    inner = [constant for constant in code.co_consts if isinstance(constant, type(code))]
    assert len(inner) == 2, "what holds the variables of all of them, and one stub of one argument"
