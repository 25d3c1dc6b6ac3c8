"""The sets and files that an expression denotes, as far as the text shows it, for completion and navigation."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nixbridge.language.syntax import ast
from nixbridge.lsp.symbols import Scope
from nixbridge.lsp.workspace import Document, Workspace

#: Steps from an expression to what it stands for: definitions may refer to one another in circles.
MOST_STEPS = 50


@dataclass(frozen=True)
class Known:
    """An expression of a document that is a set, or a set of nixbridge's own: `builtins`, `lib`, `lib.strings`, `serviceMesh`."""

    document: Document | None = None
    node: ast.Node | None = None
    built_in: str = ""


class KnownValues:
    """Follows variables, selections, updates, calls and imports, without evaluating."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def of(self, document: Document, node: ast.Node | None, steps: int = MOST_STEPS) -> Known | None:
        """Return the value that an expression denotes, or None if the text does not show it."""
        while node is not None and steps > 0:
            steps -= 1
            match node:
                case ast.AttrSet() | ast.List() | ast.Lambda() | ast.String() | ast.Integer():
                    return Known(document, node)
                case ast.Let(body=body) | ast.With(body=body) | ast.Assert(body=body):
                    node = body
                # one branch has to do: both are mostly sets with the same names
                case ast.If(consequent=consequent):
                    node = consequent
                case ast.Binary(operator="//"):
                    return Known(document, node)
                case ast.Variable(name=name):
                    return self.variable(document, name, document.symbols.scope_of.get(node), steps)
                case ast.Select(subject=subject, path=path):
                    return self.selected(document, subject, path, steps)
                case ast.Apply(function=function, arguments=arguments):
                    return self.called(document, function, arguments, steps)
                case _:
                    return None
        return None

    def variable(self, document: Document, name: str, scope: Scope | None, steps: int = MOST_STEPS) -> Known | None:
        """Return the value of a name in a scope."""
        if scope is None:
            return None
        definition = scope.lookup(name)
        if definition is not None:
            if definition.value is None:
                # a parameter: by convention those with these names are what modules are called with
                return Known(built_in=name) if name in ("lib", "builtins", "serviceMesh") else None
            return self.of(document, definition.value, steps - 1)
        for opened in scope.withs():
            outer = self.of(document, opened.opened, steps - 1)
            member = self.member(outer, name, steps - 1) if outer is not None else None
            if member is not None:
                return member
        return Known(built_in=name) if name in ("lib", "builtins", "serviceMesh", "nixernetes") else None

    def selected(
        self, document: Document, subject: ast.Node, path: tuple[str | ast.Node, ...], steps: int = MOST_STEPS
    ) -> Known | None:
        """Return the value that `subject.a.b` denotes."""
        known = self.of(document, subject, steps - 1)
        for name in path:
            if known is None or not isinstance(name, str):
                return None
            known = self.member(known, name, steps - 1)
        return known

    def member(self, known: Known, name: str, steps: int = MOST_STEPS) -> Known | None:
        """Return the value of an attribute of a known set."""
        if known.built_in:
            return Known(built_in=f"{known.built_in}.{name}")
        if known.document is None:
            return None
        place = self.attribute(known, name)
        if place is None:
            return None
        document, attribute = place
        return self.of(document, attribute.value, steps - 1)

    def called(
        self, document: Document, function: ast.Node, arguments: tuple[ast.Node, ...], steps: int
    ) -> Known | None:
        """Return the value of a call: an imported file, or the body of a literal function."""
        target = self.imported(document, function, arguments)
        if target is not None:
            known = self.of(target, target.parsed.tree, steps - 1)
            rest = len(arguments) - 1
        else:
            known = self.of(document, function, steps - 1)
            rest = len(arguments)
        # each literal function takes one argument; what it is called with is not followed into the body
        while rest > 0 and known is not None and isinstance(known.node, ast.Lambda) and known.document is not None:
            known = self.of(known.document, known.node.body, steps - 1)
            rest -= 1
        return known if rest == 0 else None

    def imported(self, document: Document, function: ast.Node, arguments: tuple[ast.Node, ...]) -> Document | None:
        """Return the file that `import ./path` names."""
        is_import = isinstance(function, ast.Variable) and function.name == "import"
        if not is_import or not arguments or not isinstance(arguments[0], ast.Path):
            return None
        return self.workspace.document(path_in(document, arguments[0].text))

    def attribute(self, known: Known, name: str) -> tuple[Document, ast.Attribute] | None:
        """Return the attribute of a known set by name, with the file that it is in."""
        return self.attributes(known).get(name)

    def attributes(self, known: Known, steps: int = MOST_STEPS) -> dict[str, tuple[Document, ast.Attribute]]:
        """Return the attributes of a known set that its text shows."""
        if known.document is None or known.node is None or steps <= 0:
            return {}
        if isinstance(known.node, ast.AttrSet):
            bindings = known.node.bindings.attributes
            return {name: (known.document, attribute) for name, attribute in bindings.items()}
        if isinstance(known.node, ast.Binary):
            merged: dict[str, tuple[Document, ast.Attribute]] = {}
            for side in (known.node.left, known.node.right):
                one = self.of(known.document, side, steps - 1)
                merged |= self.attributes(one, steps - 1) if one is not None else {}
            return merged
        return {}


def path_in(document: Document, text: str) -> str:
    """Return the absolute path that a path written in a document means."""
    if text.startswith("~"):
        return os.path.expanduser(text)
    return os.path.normpath(os.path.join(os.path.dirname(document.path), text))
