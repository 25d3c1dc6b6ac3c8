"""Values as the command line takes them: functions are given their arguments, an attribute path is followed."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, MissingArgument
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.function import call, describe
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import LAMBDAS, Lazy, Value, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Arguments:
    """The arguments for functions of formals: `given` by the user (which wins), `provided` where they ask for it.

    `used` collects the names of `given` that a function took.
    """

    __slots__ = ("given", "provided", "used")

    def __init__(self, provided: Mapping[str, Lazy], given: Mapping[str, Lazy]) -> None:
        self.provided, self.given = provided, given
        self.used: set[str] = set()


#: Nothing is given or provided.
NO_ARGUMENTS = Arguments({}, {})


def auto_call(value: Lazy, arguments: Arguments, *, selected_from: bool = False) -> Value:
    """Return `value`, or, when it is a function of formals, what it gives for those of `arguments` that it asks for.

    With `...` all that the user gave is passed. A set with `__functor` is called where something is given, or
    where it is to be `selected_from`; else it is a value. Raises MissingArgument naming a formal without a value.
    (Nix manual, nix-instantiate, --arg)
    """
    value = force(value)
    given, provided = arguments.given, arguments.provided
    if isinstance(value, dict) and "__functor" in value and (given or selected_from):
        return auto_call(call(value["__functor"], value), arguments, selected_from=selected_from)
    if not isinstance(value, LAMBDAS):
        return value
    described = describe(value)
    if described is None or described.formals is None:
        return value
    passed = dict(given) if described.ellipsis else {}
    for name, has_default in described.formals.items():
        if name in given:
            passed[name] = given[name]
        elif name in provided:
            passed[name] = provided[name]
        elif not has_default:
            raise MissingArgument(
                f"cannot evaluate a function that has an argument without a value ('{name}')",
                hint=f"give it with --arg {name} EXPR or --argstr {name} TEXT; "
                f"{', '.join(sorted(provided))} are provided",
            )
    arguments.used.update(name for name in passed if name in given)
    return force(call(value, passed))


def select_path(value: Lazy, path: str, arguments: Arguments) -> Value:
    """Return the value at `path` (`a.b.0.c`), functions on the way called as by `auto_call`. Raises EvalError naming the missing part."""
    done: list[str] = []
    for name in split_path(path):
        value = auto_call(value, arguments, selected_from=True)
        where = f"attribute path '{path}'" if not done else f"'{'.'.join(done)}'"
        if type(value) is list and name.isdigit():
            if int(name) >= len(value):
                raise EvalError(f"list index {name} in {where} is out of range: the list has {len(value)} elements")
            value = value[int(name)]
        elif type(value) is dict or type(value) is AttrSet:
            if name not in value:
                raise EvalError(
                    f"attribute '{name}' in selection path '{path}' not found", hint=did_you_mean(name, sorted(value))
                )
            value = value[name]
        else:
            wanted = "a list" if name.isdigit() else "a set"
            raise EvalError(f"the expression selected by {where} should be {wanted} but is {type_name(value)}")
        done.append(name)
    return auto_call(value, arguments)


def split_path(path: str) -> list[str]:
    """Return the parts of `a."b.c".0`. Raises EvalError for a quote that is not closed."""
    parts: list[str] = []
    current, quoted, started = "", False, False
    for character in path:
        if character == '"':
            quoted, started = not quoted, True
        elif character == "." and not quoted:
            parts.append(current)
            current, started = "", False
        else:
            current += character
    if quoted:
        raise EvalError(f"missing closing quote in selection path '{path}'")
    if current or started or parts:
        parts.append(current)
    return parts
