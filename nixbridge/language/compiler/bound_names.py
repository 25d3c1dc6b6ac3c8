"""The names that a `let`, `rec`, `with` or function binds, as far as the text tells: before any of the values has been walked.

The resolve pass asks for it where it enters a scope, so that references to later bindings know what these are.
"""

from __future__ import annotations

from nixbridge.language.compiler.binding import KnownFunction, Local, Member
from nixbridge.language.compiler.laziness import SCALARS, needs_thunk
from nixbridge.language.compiler.resolution import Scope, row_of
from nixbridge.language.compiler.shapes import bound_value, constant_of, global_of, shape_of
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import GlobalNames, Shape
    from nixbridge.language.compiler.names_in_scope import NamesInScope

#: Above this many bindings, use one dict instead of local variables: Python's compiler copies the names around a
#: function for each function in it, which takes 10,000 bindings from a tenth of a second to ten.
MOST_LOCALS = 500


def scope_of(bindings: tree.Bindings, names: NamesInScope, shapes: dict[tree.Node, Shape]) -> Scope:
    """Return the scope of a `let` or `rec`, its names bound to local variables or to members of one dict."""
    attributes = bindings.attributes
    if len(attributes) > MOST_LOCALS and "__overrides" not in attributes:
        own = names.own_variable("members")
        return Scope({key: Member(own, key) for key in attributes}, own)
    scope = Scope({key: names.variable(key) for key in attributes})
    foretell(bindings, scope, names, shapes)
    return scope


def foretell(bindings: tree.Bindings, scope: Scope, names: NamesInScope, shapes: dict[tree.Node, Shape]) -> None:
    """Note which variables are functions, sets or scalars written out. Overrides may replace them.

    The shapes of sets are added to `shapes`, to be completed when the sets have been walked.
    """
    if "__overrides" in bindings.attributes:
        return
    for key, attribute in bindings.attributes.items():
        value, local = attribute.value, scope.names[key]
        assert isinstance(local, Local)
        if value.__class__ is tree.Lambda:
            arity = len(row_of(value))
            local.is_value = True
            local.known = KnownFunction(local.python if arity == 1 else names.own_name("function"), arity)
        elif value.__class__ is tree.AttrSet:
            local.shape = shape_of(value, shapes)
        elif value.__class__ in SCALARS:
            local.is_value = True
            local.constant = constant_of(value)


def note_bound_value(
    attribute: tree.Attribute, local: Local | Member, global_names: GlobalNames, *, fixed: bool
) -> None:
    """Note that a variable is bound to a builtin, or to an attribute of a set that is known; not unless it is `fixed`."""
    if fixed and isinstance(local, Local):
        local.stands_for = bound_value(attribute, global_names)


def inherited_from(bindings: tree.Bindings, global_names: GlobalNames) -> list[tuple[tree.Node, int]]:
    """Return what names of `inherit (e) ...` stand for, and the number of `e`; not those that stand for a builtin."""
    return [
        (attribute.value, attribute.inherited)
        for attribute in bindings.attributes.values()
        if attribute.inherited is not None
        and attribute.inherited is not True
        and global_of(attribute.value, global_names) is None
    ]


def add_formals(formals: tree.Formals, scope: Scope, names: NamesInScope) -> None:
    """Add the names of formals to a function's scope; many are members of a dict, which is another variable next to the argument."""
    own = [formal.name for formal in formals.formals]
    if len(own) > MOST_LOCALS:
        members = names.own_variable("members")
        scope.subjects.append(members)
        scope.names.update({name: Member(members, name) for name in own})
    else:
        scope.names.update({name: names.variable(name) for name in own})


def binds_locals(subject: tree.AttrSet) -> bool:
    """Return whether the attributes of a set that is the subject of a `with` can be variables: none sees another, all are known."""
    attributes = subject.bindings.attributes
    if subject.recursive or needs_thunk(subject) or "__overrides" in attributes:
        return False
    return 0 < len(attributes) <= MOST_LOCALS
