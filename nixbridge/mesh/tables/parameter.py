"""Builders as tables. Record, documentation, checks, schema and manifests each loop over it."""

from __future__ import annotations

from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.type_checks import expect_bool
from nixbridge.type_checking import final

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.language.runtime.values import Lazy, Value

    class ComputedDefault(Protocol):
        """A default that is not the same in every call."""

        def in_call(self, name: Lazy, given: dict[str, Lazy]) -> Lazy:
            """Return the default in a call; a thunk if it depends on other parameters."""

        def in_record(self, name: object, record: JsonObject) -> object:
            """Return the default in a record whose fields are data."""

        def in_words(self) -> str:
            """Return the default as the documentation describes it."""


@final
class FirstArgument:
    """A default: the name that the builder is called with, or a list of it."""

    __slots__ = ("in_list",)

    def __init__(self, in_list: bool = False) -> None:
        self.in_list = in_list

    def in_call(self, name: Lazy, given: dict[str, Lazy]) -> Lazy:
        """Return the name, or a list of it."""
        return [name] if self.in_list else name

    def in_record(self, name: object, record: JsonObject) -> object:
        """Return the name, or a list of it."""
        return [name] if self.in_list else name

    def in_words(self) -> str:
        """Return the default as the documentation describes it."""
        return "a list of the name" if self.in_list else "the name"


@final
class IfSet:
    """A default that depends on a Boolean parameter: `IfSet("enableHA", 3, 1)`."""

    __slots__ = ("otherwise", "parameter", "then")

    def __init__(self, parameter: str, then: Value, otherwise: Value) -> None:
        self.parameter, self.then, self.otherwise = parameter, then, otherwise

    def in_call(self, name: Lazy, given: dict[str, Lazy]) -> Lazy:
        """Return the default in a call; a thunk where the Boolean parameter is given, as it may fail."""
        if self.parameter not in given:
            return self.otherwise
        return Thunk(lambda: self.then if expect_bool(given[self.parameter]) else self.otherwise)

    def in_record(self, name: object, record: JsonObject) -> object:
        """Return the default in a record whose fields are data."""
        return self.then if record.get(self.parameter) is True else self.otherwise

    def in_words(self) -> str:
        """Return the default as the documentation describes it."""
        return f"`{self.then}` with `{self.parameter} = true`, else `{self.otherwise}`"


class Parameter:
    """One field of a record.

    `type` is a word of value_types.py; `one_of` are the values that Istio or Linkerd know; `documented` says whether Nixernetes'
    documentation names the parameter. Where it goes: `manifest` is the path below `spec` for a value that goes there as it is, `values`
    are keys of Helm values (`istiod/global.proxy.image`), `lost` says why nothing in a cluster corresponds to it. None of these is given
    where rendering has more to do.

    `default` is the value of the field in a call without it; where that depends on the call, it is None and `computed` gives it.
    """

    __slots__ = ("computed", "default", "doc", "documented", "lost", "manifest", "name", "one_of", "type", "values")

    def __init__(
        self,
        name: str,
        default: Value | FirstArgument | IfSet,
        doc: str,
        *,
        type: str,
        one_of: tuple[str, ...] = (),
        documented: bool = True,
        manifest: str | None = None,
        values: tuple[str, ...] = (),
        lost: str = "",
    ) -> None:
        self.name, self.doc, self.type = name, doc, type
        self.computed: ComputedDefault | None = None
        self.default: Value = None
        # told apart once, here: everything else asks `computed`
        if isinstance(default, (FirstArgument, IfSet)):
            self.computed = default
        else:
            self.default = default
        self.one_of, self.documented = one_of, documented
        self.manifest, self.values, self.lost = manifest, values, lost


class Builder:
    """`mkX name { parameters }`.

    `kind` is the kind of its resource; `overlay` are labels that replace those given, in which `$` stands for a parameter's value;
    `example` is the text of a call that runs.
    """

    __slots__ = ("doc", "example", "kind", "name", "overlay", "parameters")

    def __init__(
        self,
        name: str,
        *,
        kind: str,
        doc: str,
        example: str,
        parameters: tuple[Parameter, ...],
        overlay: dict[str, str] | None = None,
    ) -> None:
        self.name, self.kind, self.doc, self.example, self.parameters = name, kind, doc, example, parameters
        self.overlay = overlay

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name; None where there is none."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
