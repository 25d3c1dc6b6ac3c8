"""The resolve pass alone, on trees that are built by hand."""

from __future__ import annotations

import pytest

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.language.compiler.binding import Dynamic, Global, GlobalNames, Local, Member, WithMember
from nixbridge.language.compiler.bound_names import MOST_LOCALS
from nixbridge.language.compiler.names_in_scope import MOST_WITHS
from nixbridge.language.compiler.resolution import Resolution
from nixbridge.language.compiler.resolver import resolve
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Source

GLOBALS = GlobalNames({"map": "builtins.map", "true": "builtins.true", "__sub": "builtins.sub"})


def variable(name: str) -> tree.Variable:
    return tree.Variable(0, 1, name)


def number(value: int) -> tree.Integer:
    return tree.Integer(0, 1, value)


def bindings(**values: tree.Node) -> tree.Bindings:
    return tree.Bindings({name: tree.Attribute(0, 1, value) for name, value in values.items()})


def let(body: tree.Node, **values: tree.Node) -> tree.Let:
    return tree.Let(0, 1, bindings(**values), body)


def plain(parameter: str, body: tree.Node) -> tree.Lambda:
    return tree.Lambda(0, 1, parameter, None, body)


def resolved(root: tree.Node) -> Resolution:
    return resolve(root, Source("x"), GLOBALS)


def test_a_name_is_the_innermost_variable_that_has_it() -> None:
    outer, inner = variable("x"), variable("x")
    resolved(let(tree.List(0, 1, (outer, plain("x", inner))), x=variable("map")))
    assert isinstance(outer.binding, Local) and isinstance(inner.binding, Local)
    assert outer.binding is not inner.binding
    assert {outer.binding.python, inner.binding.python} == {"0.x", "1.x"}


def test_a_name_for_a_number_or_a_string_is_that() -> None:
    plain_number, text, long = variable("n"), variable("s"), variable("long")
    uses = tree.List(0, 1, (plain_number, text, long))
    resolved(let(uses, n=number(1), s=tree.String(0, 1, "a"), long=tree.String(0, 1, "a" * 1000)))
    assert plain_number.binding.value == 1 and text.binding.value == "a"
    assert isinstance(long.binding, Local)


def test_a_name_that_nothing_binds_is_a_global() -> None:
    use = variable("map")
    resolved(use)
    assert isinstance(use.binding, Global) and use.binding.python == "builtins.map"


def test_a_variable_wins_over_a_with_and_so_does_a_global() -> None:
    local, known, unknown = variable("x"), variable("map"), variable("y")
    body = tree.With(0, 1, variable("a"), tree.List(0, 1, (local, known, unknown)))
    resolved(plain("a", let(body, x=variable("map"))))
    assert isinstance(local.binding, Local) and isinstance(known.binding, Global)
    assert isinstance(unknown.binding, Dynamic) and len(unknown.binding.scopes) == 1


def test_many_withs_are_one_variable_to_a_name() -> None:
    use: tree.Node = variable("y")
    root = use
    for _ in range(5 * MOST_WITHS):
        root = tree.With(0, 1, variable("a"), root)
    resolved(plain("a", root))
    assert isinstance(use, tree.Variable) and len(use.binding.scopes) <= MOST_WITHS


def test_names_of_a_with_of_a_known_set_are_resolved() -> None:
    written, held, member = variable("x"), variable("y"), variable("map")
    outer = tree.AttrSet(0, 1, bindings(x=variable("map")), False)
    body = tree.With(0, 1, outer, tree.With(0, 1, variable("set"), tree.List(0, 1, (written, held, member))))
    resolved(let(body, set=tree.AttrSet(0, 1, bindings(y=plain("a", number(1))), False)))
    assert isinstance(written.binding, WithMember) and isinstance(written.binding.binding, Local)
    assert isinstance(held.binding, WithMember) and isinstance(held.binding.binding, Member)
    assert held.binding.binding.known.arity == 1
    assert isinstance(member.binding, Global)


def test_an_unknown_with_is_asked_before_a_known_one_around_it() -> None:
    use = variable("x")
    known = tree.AttrSet(0, 1, bindings(x=variable("map")), False)
    resolved(plain("a", tree.With(0, 1, known, tree.With(0, 1, variable("a"), use))))
    assert isinstance(use.binding, Dynamic) and len(use.binding.scopes) == 1
    assert isinstance(use.binding.otherwise, WithMember)


def test_an_undefined_variable_is_an_error_wherever_it_stands() -> None:
    with pytest.raises(UndefinedVariable, match="undefined variable 'missing'"):
        resolved(let(number(1), f=plain("x", variable("missing"))))


def test_inherit_looks_outside_and_the_rest_of_a_let_inside() -> None:
    inherited, inside = variable("x"), variable("x")
    inner = tree.Let(0, 1, tree.Bindings({"x": tree.Attribute(0, 1, inherited, True)}), inside)
    resolved(let(inner, x=variable("map")))
    assert inherited.binding.python != inside.binding.python


def test_forward_references_know_functions_and_values() -> None:
    early = variable("late")
    resolved(let(number(1), first=plain("x", early), late=plain("a", plain("b", number(1)))))
    assert early.binding.is_value and early.binding.known.arity == 2


def test_data_is_found_and_what_is_in_it_is_part_of_it() -> None:
    inner = tree.List(0, 1, (number(1), variable("true")))
    data = tree.List(0, 1, (inner, tree.AttrSet(0, 1, bindings(a=tree.String(0, 1, "b")), False)))
    other = tree.List(0, 1, (variable("map"),))
    found = resolved(tree.List(0, 1, (data, other))).data
    assert found == {data: [[1, True], {"a": "b"}]}


def test_an_operator_whose_function_is_bound_anew_is_a_call_of_it() -> None:
    difference = tree.Binary(0, 1, "-", number(2), number(1), 0)
    found = resolved(let(difference, __sub=plain("a", plain("b", number(0))))).desugared
    assert isinstance(found[difference], tree.Apply)
    assert not resolved(tree.Binary(0, 1, "-", number(2), number(1), 0)).desugared


def test_a_large_scope_is_a_dict_in_one_variable() -> None:
    use = variable("v7")
    resolved(let(use, **{f"v{count}": variable("map") for count in range(MOST_LOCALS + 1)}))
    assert isinstance(use.binding, Member) and use.binding.key == "v7"


def test_what_is_nested_deeply_is_cut_and_captures_what_it_uses() -> None:
    use = variable("x")
    root: tree.Node = use
    for _ in range(300):
        root = tree.Not(0, 1, root)
    found = resolved(plain("x", tree.List(0, 1, (root,))))
    assert len(found.regions) > 5
    assert all([local.python for local in region.captured] == ["0.x"] for region in found.regions.values())


def test_a_tree_of_any_depth_is_walked() -> None:
    import sys

    root: tree.Node = number(1)
    for _ in range(20_000):
        root = plain("x", tree.List(0, 1, (root,)))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        assert resolved(root).regions
    finally:
        sys.setrecursionlimit(before)
