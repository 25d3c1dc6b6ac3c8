"""Variables: forced where they are asked for, passed on as they are where they are not."""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.binding import (
    GLOBAL_CONSTANTS,
    Constant,
    Dynamic,
    Global,
    Local,
    Member,
    WithMember,
    meaning,
)
from nixbridge.language.compiler.emit import delays, emits, suspend
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.names import DICT, FORCE, INT, MISSING, STR, THUNK, forced_variable
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    OR,
    assign,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    item,
    name,
)
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import Known

#: Names are looked up in place in so many `with`s; beyond, the code would grow.
MOST_SCOPES_IN_PLACE = 3


@emits(tree.Variable)
def variable(node: tree.Variable, frame: Frame) -> ast.expr:
    """Return a variable's value. Once forced it stays so in this function: the local (or a new one) holds the value."""
    span = frame.span(node)
    binding = node.binding
    if isinstance(binding, Constant):
        return constant(span, binding.value)
    if isinstance(binding, Dynamic):
        return from_with(node.name, binding, span, frame)
    return held_value(binding, span, frame)


def held_value(binding: Local | Member | Global | WithMember, span: Span, frame: Frame) -> ast.expr:
    """Return the value of what is known to hold it."""
    if isinstance(binding, WithMember):
        binding = binding.binding
    if isinstance(binding, Local) and binding.stands_for is not None:
        binding = binding.stands_for
    if isinstance(binding, Local):
        return forced_local(binding, span, frame)
    if isinstance(binding, Member):
        return forced_member(binding, span, frame)
    return forced_global(binding, span, frame)


def from_with(key: str, binding: Dynamic, span: Span, frame: Frame) -> ast.expr:
    """Return a name out of the innermost `with` that has it: in place as long as the scopes are plain sets, else by the runtime.

    The innermost set is evaluated in any case, the others only where those before lack the name.
    """
    withs, otherwise = binding.scopes, binding.otherwise
    if not withs:
        # no set has it; that is an error once it is evaluated, as in Nix
        return call(span, "nix.undefined", constant(span, key), constant(span, binding.hints))
    # inside a region a variable that was forced outside is there by its other name alone
    scopes: list[ast.expr] = [name(span, frame.alias(local) or local.python) for local in withs]
    if otherwise is None:
        value: ast.expr = call(span, "nix.with_name", constant(span, key), *scopes)
    else:
        value = call(span, "nix.with_lookup", constant(span, key), *scopes)
    with frame.scratch():
        held = frame.temporary()
        sets: list[ast.expr] = []
        if not frame.once:
            sets.append(forced_local(withs[0], span, frame))
        with frame.branch():
            if not frame.once:
                sets += [forced_local(local, span, frame) for local in withs[1:MOST_SCOPES_IN_PLACE]]
            if otherwise is not None:
                missing = compare(span, assign(span, held, value), IS, name(span, MISSING))
                value = either(span, missing, held_value(otherwise, span, frame), name(span, held))
            again: list[ast.expr] = [name(span, frame.alias(local) or local.python) for local in withs]
            if otherwise is not None and len(sets) == len(withs):
                # sets that are all there and lack the name: what most names of a library are, inside a `with` of something else
                value = either(span, all_sets(again, span), held_value(otherwise, span, frame), value)
    for count in range(len(sets), 0, -1):
        innermost = again[count - 1]
        tests = [
            all_sets([*again[: count - 1], sets[count - 1]], span),
            compare(span, constant(span, key), ast.In(), innermost),
        ]
        there = assign(span, held, item(span, innermost, constant(span, key)))
        test = compare(span, class_of(span, there), IS, name(span, THUNK))
        forced = either(span, test, call(span, FORCE, name(span, held)), name(span, held))
        value = either(span, both(span, AND, tests), forced, value)
    return value


def all_sets(values: list[ast.expr], span: Span) -> ast.expr:
    """Return a test that all of these are plain sets."""
    return both(span, AND, [compare(span, class_of(span, value), IS, name(span, DICT)) for value in values])


def forced_local(local: Local, span: Span, frame: Frame) -> ast.expr:
    """Return the value of a local, forced unless it is known to be."""
    if local.is_value and not frame.awaits(local):
        return name(span, local.python)
    alias = frame.alias(local)
    if alias is not None:
        return name(span, alias)
    python = local.python
    force = call(span, FORCE, name(span, python))
    if frame.once:
        alias = python if local.frame is frame else forced_variable(python)
        frame.note_forced(local, alias)
        return assign(span, alias, force)
    test = compare(span, class_of(span, name(span, python)), IS, name(span, THUNK))
    if local.frame is frame:
        frame.note_forced(local, python)
        return either(span, test, assign(span, python, force), name(span, python))
    alias = forced_variable(python)
    frame.note_forced(local, alias)
    return assign(span, alias, either(span, test, force, name(span, python)))


def forced_member(member: Member, span: Span, frame: Frame) -> ast.expr:
    """Return the value of an attribute of a set that has it: of a large scope, or of a `with`."""
    if member.known.constant is not None:
        return constant(span, member.known.constant.value)
    return taken(forced_local(member.container, span, frame), member.key, member.known, span, frame)


def taken(subject: ast.expr, key: str, known: Known, span: Span, frame: Frame) -> ast.expr:
    """Return an attribute, forced, of a set that certainly has it. For a constant, the set is not needed."""
    entry = item(span, subject, constant(span, key))
    if known.is_value:
        return entry
    if frame.once:
        return call(span, FORCE, entry)
    with frame.scratch():
        held = frame.temporary()
    test = compare(span, class_of(span, assign(span, held, entry)), IS, name(span, THUNK))
    return either(span, test, call(span, FORCE, name(span, held)), name(span, held))


def global_variable(binding: Global, span: Span) -> ast.expr:
    """Return a global's value; `true`, `false` and `null` are Python's own."""
    if binding.python in GLOBAL_CONSTANTS:
        return constant(span, GLOBAL_CONSTANTS[binding.python])
    return name(span, binding.python)


def forced_global(binding: Global, span: Span, frame: Frame) -> ast.expr:
    """Return a global's value, forced where it may be a thunk: code in place takes a thunk for a value of another type."""
    held = global_variable(binding, span)
    return call(span, FORCE, held) if binding.python in frame.unit.globals.delayed else held


@delays(tree.Variable)
def delayed_variable(node: tree.Variable, frame: Frame) -> ast.expr:
    """Return what the variable holds, value or thunk. One that is perhaps not assigned yet, or comes from a `with`, needs a thunk."""
    binding = node.binding
    span = frame.span(node)
    if isinstance(binding, Constant):
        return constant(span, binding.value)
    if isinstance(binding, Dynamic):
        return delayed_dynamic(node, binding, span, frame)
    holder = binding.binding if isinstance(binding, WithMember) else binding
    held = holder_of(holder, span, frame)
    if held is None:
        return suspend(node, frame)
    return new_value(node, holder, held, frame) if isinstance(binding, WithMember) else held


def holder_of(binding: Local | Member | Global, span: Span, frame: Frame) -> ast.expr | None:
    """Return what holds the value of a variable, or a thunk of it; None where it is perhaps not assigned yet."""
    if isinstance(binding, Global):
        return global_variable(binding, span)
    local = binding.container if isinstance(binding, Member) else binding
    if frame.awaits(local):
        return None
    alias = frame.alias(local)
    if isinstance(binding, Local):
        return name(span, alias or local.python)
    if alias is None and not local.is_value:
        return None
    return item(span, name(span, alias or local.python), constant(span, binding.key))


def new_value(node: tree.Node, holder: Local | Member | Global, held: ast.expr, frame: Frame) -> ast.expr:
    """Return what a name from a `with` is where it is not evaluated: to Nix always a thunk of its own.

    It makes no difference for a number or a string; lists, sets and functions would be one and the same value to `==` in two places.
    """
    span = frame.span(node)
    if isinstance(holder, Global):
        return held if isinstance(held, ast.Constant) else suspend(node, frame)
    if (holder if isinstance(holder, Local) else holder.known).constant is not None:
        return held
    if holder.is_value if isinstance(holder, Local) else holder.known.is_value:
        # cannot fail, so that it needs no place of its own; no closure is made
        return call(span, THUNK, name(span, FORCE), held)
    if frame.once:
        return suspend(node, frame)
    return if_scalar(held, suspend(node, frame), span, frame)


def if_scalar(
    held: ast.expr, thunk: ast.expr, span: Span, frame: Frame, first: list[ast.expr] | None = None
) -> ast.expr:
    """Return what is held where that is a number or a string, after the tests of `first`; else the thunk."""
    with frame.scratch():
        temporary = frame.temporary()
    is_int = compare(span, class_of(span, assign(span, temporary, held)), IS, name(span, INT))
    is_str = compare(span, class_of(span, name(span, temporary)), IS, name(span, STR))
    tests = [*(first or ()), both(span, OR, [is_int, is_str])]
    return either(span, both(span, AND, tests), name(span, temporary), thunk)


def delayed_dynamic(node: tree.Variable, binding: Dynamic, span: Span, frame: Frame) -> ast.expr:
    """Return a number or a string that the innermost `with` has there; else a thunk."""
    if frame.once or not binding.scopes:
        return suspend(node, frame)
    innermost = binding.scopes[0]
    if frame.awaits(innermost):
        return suspend(node, frame)
    scope = name(span, frame.alias(innermost) or innermost.python)
    key = constant(span, node.name)
    first = [all_sets([scope], span), compare(span, key, ast.In(), scope)]
    return if_scalar(item(span, scope, key), suspend(node, frame), span, frame, first)


def kept(value: ast.expr, node: tree.Node, span: Span, frame: Frame) -> tuple[ast.expr, ast.expr]:
    """Return an operand where it is evaluated, and where it is used again; a temporary may hold it."""
    if isinstance(value, (ast.Name, ast.Constant)):
        return value, value
    if isinstance(node, tree.Variable):
        binding = meaning(node)
        alias = frame.alias(binding) if isinstance(binding, Local) else None
        if alias is not None:
            return value, name(span, alias)
    temporary = frame.temporary()
    return assign(span, temporary, value), name(span, temporary)
