"""Builders as tables. Record, documentation, checks, schema and manifests each loop over it."""

from __future__ import annotations

from nixbridge.type_checking import final

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.runtime.values import Value


@final
class FirstArgument:
    """A default: the name that the builder is called with, or a list of it."""

    __slots__ = ("in_list",)

    def __init__(self, in_list: bool = False) -> None:
        self.in_list = in_list


@final
class IfSet:
    """A default that depends on a Boolean parameter: `IfSet("enableHA", 3, 1)`."""

    __slots__ = ("otherwise", "parameter", "then")

    def __init__(self, parameter: str, then: Value, otherwise: Value) -> None:
        self.parameter, self.then, self.otherwise = parameter, then, otherwise


class Parameter:
    """One field of a record.

    `type` is a word of `builders/value_types.py`; `one_of` are the values that Istio or Linkerd know; `documented` says whether
    Nixernetes' documentation names the parameter. Where it goes: `manifest` is the path below `spec` for a value that goes there as it
    is, `values` are keys of Helm values (`istiod/global.proxy.image`), `lost` says why nothing in a cluster corresponds to it; none of
    these where more is to be done (kubernetes/).
    """

    __slots__ = ("default", "doc", "documented", "lost", "manifest", "name", "one_of", "type", "values")

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
        self.name, self.default, self.doc, self.type = name, default, doc, type
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
