"""Completions at an offset: parameters and fields of builders, their values, attributes of known sets, names, paths."""

from __future__ import annotations

import os
import re

from lsprotocol.types import CompletionItem, CompletionItemKind, InsertTextFormat, MarkupContent, MarkupKind, TextEdit

from nixbridge.language.builtins.registry import GLOBALS
from nixbridge.language.formats.document import JsonObject
from nixbridge.language.syntax import ast
from nixbridge.language.syntax.tokens import KEYWORDS, Token
from nixbridge.lsp.builder_places import BuilderPlace, builder_place, names_inside, values_at
from nixbridge.lsp.descriptions import (
    builtin_names,
    describe_builder,
    describe_builtin,
    describe_field,
    describe_lib,
    describe_parameter,
    lib_members,
)
from nixbridge.lsp.known_values import Known, KnownValues, path_in
from nixbridge.lsp.symbols import Scope
from nixbridge.lsp.workspace import Document
from nixbridge.mesh.tables.builder_list import BUILDERS
from nixbridge.mesh.tables.parameter import Parameter

#: Tokens after which an attribute's name is written.
_BEFORE_NAMES = frozenset({"BRACE_OPEN", "SEMICOLON", "LET", "INHERIT"})
#: Tokens that the offset may be in, or at the end of, while they are typed; a keyword may become a longer name.
_TYPED = frozenset({"ID", "STRING", "PATH", *KEYWORDS.values()})
#: A path that is being typed; the lexer knows it only once it is complete.
_PATH = re.compile(r"(?<![\w.~/])(?:\.{1,2}|~)?(?:/[a-zA-Z0-9._+-]*)+\Z")
#: Entries of a folder that are offered.
MOST_ENTRIES = 500


class Completer:
    """Answers for one offset of one document."""

    def __init__(self, document: Document, offset: int, values: KnownValues) -> None:
        self.document, self.offset, self.values = document, offset, values
        before = [token for token in document.parsed.tokens if token.start < offset]
        is_typed = bool(before) and before[-1].end >= offset and before[-1].type in _TYPED
        #: The token that is being typed, and the one before it.
        self.current: Token | None = before.pop() if is_typed else None
        self.previous: Token | None = before[-1] if before else None
        self.scope: Scope = document.symbols.scope_at(offset)
        self.place: BuilderPlace | None = builder_place(document.symbols, offset)

    def items(self) -> list[CompletionItem]:
        """Return the completions at an offset; the editor filters them by the typed prefix."""
        if self.current is not None and self.current.type == "STRING":
            return self.strings(self.current)
        line = self.document.text[self.document.text.rfind("\n", 0, self.offset) + 1 : self.offset]
        path = _PATH.search(line)
        if path is not None:
            return self.paths(path[0])
        if self.previous is not None and self.previous.type == "DOT":
            return self.after_dot()
        if self.at_a_name():
            return self.attribute_names()
        return self.expressions()

    # where an attribute's name stands

    def at_a_name(self) -> bool:
        """Return whether an attribute's name, not an expression, is written here."""
        if self.previous is None or self.previous.type not in _BEFORE_NAMES:
            return False
        nodes = self.document.symbols.path_to(self.offset)
        # a semicolon also ends `with x;` and `assert x;`, after which an expression follows
        if self.previous.type == "SEMICOLON":
            return any(isinstance(node, ast.AttrSet | ast.Let) for node in nodes[-1:]) or self._is_binding(nodes)
        return True

    def _is_binding(self, nodes: list[ast.Node]) -> bool:
        """Return whether what is being typed was read as the name of a binding."""
        for node in reversed(nodes):
            if isinstance(node, ast.AttrSet | ast.Let):
                return any(
                    attribute.start <= self.offset <= attribute.end for attribute in node.bindings.attributes.values()
                )
        return False

    def attribute_names(self) -> list[CompletionItem]:
        """Return the parameters of a builder or the fields of an Istio value that the set does not have yet."""
        if self.previous is not None and self.previous.type == "INHERIT":
            return self.variables()
        if self.place is None:
            return []
        path = self.place.path
        written = self._written()
        if path and self._on_a_name():
            path = path[:-1]
        return [
            self._name_item(name, what, path)
            for name, what in names_inside(self.place, path).items()
            if name not in written
        ]

    def _on_a_name(self) -> bool:
        """Return whether the place's last step is the name that is being typed."""
        assert self.place is not None
        inside = self.place.inside
        return isinstance(inside, ast.AttrSet) and any(
            name == self.place.path[-1] and attribute.start <= self.offset <= attribute.end
            for name, attribute in inside.bindings.attributes.items()
        )

    def _written(self) -> set[str]:
        assert self.place is not None
        inside = self.place.inside
        if not isinstance(inside, ast.AttrSet):
            return set()
        return {
            name
            for name, attribute in inside.bindings.attributes.items()
            if not attribute.start <= self.offset <= attribute.end
        }

    def _name_item(self, name: str, what: Parameter | JsonObject, path: tuple[str | int, ...]) -> CompletionItem:
        assert self.place is not None
        if isinstance(what, Parameter):
            detail, text = what.doc, describe_parameter(what, self.place.builder)
        else:
            text = describe_field(self.place, (*path, name)) or ""
            detail = text.partition("\n")[0].partition(": ")[2]
        return CompletionItem(
            name,
            kind=CompletionItemKind.Property,
            detail=detail or None,
            documentation=_markdown(text),
            insert_text=f"{name} = $0;",
            insert_text_format=InsertTextFormat.Snippet,
        )

    # after a dot

    def after_dot(self) -> list[CompletionItem]:
        """Return the attributes of the set before the dot, or the fields below an attribute path."""
        for node in reversed(self.document.symbols.path_to(self.offset)):
            if isinstance(node, ast.Select):
                return self._members(node)
            if isinstance(node, ast.AttrSet) and self.place is not None:
                return self._below_path()
        return []

    def _members(self, node: ast.Select) -> list[CompletionItem]:
        # `a.b.c|`: `c` is being typed, and `a.b` is the set whose attributes are offered
        done = sum(end < self.offset for _, end in node.spans)
        if node.spans and done and node.spans[done - 1][1] >= self.offset:
            done -= 1
        known = self.values.selected(self.document, node.subject, node.path[:done])
        return self.members_of(known) if known is not None else []

    def members_of(self, known: Known) -> list[CompletionItem]:
        """Return the attributes of a known set."""
        if known.built_in == "builtins":
            return [_item(name, CompletionItemKind.Function, describe_builtin(name)) for name in builtin_names()]
        if known.built_in in ("serviceMesh", "nixernetes.serviceMesh"):
            return [_item(name, CompletionItemKind.Function, describe_builder(name)) for name in BUILDERS]
        if known.built_in == "nixernetes":
            return [_item(name, CompletionItemKind.Module, None) for name in ("serviceMesh", "lib")]
        if known.built_in == "lib" or known.built_in.startswith("lib."):
            return [
                _item(name, CompletionItemKind.Function, describe_lib(name)) for name in lib_members(known.built_in)
            ]
        return [
            _item(name, CompletionItemKind.Field, self._excerpt(document, attribute.value))
            for name, (document, attribute) in self.values.attributes(known).items()
        ]

    def _excerpt(self, document: Document, value: ast.Node) -> str:
        text = document.text[value.start : value.end]
        first, _, rest = text.partition("\n")
        return f"```nix\n{first}{' ...' if rest else ''}\n```"

    def _below_path(self) -> list[CompletionItem]:
        assert self.place is not None
        path = self.place.path
        # the last part may be the name that is being typed, which has no fields
        names = names_inside(self.place, path) or names_inside(self.place, path[:-1])
        return [self._name_item(name, what, path) for name, what in names.items()]

    # expressions

    def expressions(self) -> list[CompletionItem]:
        """Return names in scope, builders, keywords, and the values that a parameter takes."""
        return [*self.values_here(quoted=True), *self.variables(), *_keywords()]

    def variables(self) -> list[CompletionItem]:
        """Return the names in scope, innermost first, then those of `with` and the global ones."""
        found: dict[str, CompletionItem] = {}
        for depth, scope in enumerate(self.scope.outwards()):
            for name, definition in scope.names.items():
                item = _item(name, CompletionItemKind.Variable, None, detail=definition.kind, sort=f"{depth:02}{name}")
                found.setdefault(name, item)
            if scope.opened is not None:
                known = self.values.of(self.document, scope.opened)
                for item in self.members_of(known) if known is not None else []:
                    item.sort_text = f"{depth:02}{item.label}"
                    found.setdefault(item.label, item)
        for name in (*BUILDERS, "serviceMesh", "nixernetes", "lib"):
            found.setdefault(name, _item(name, CompletionItemKind.Function, describe_builder(name), sort=f"50{name}"))
        for name in GLOBALS:
            if not name.startswith("__"):
                found.setdefault(
                    name, _item(name, CompletionItemKind.Function, describe_builtin(name), sort=f"60{name}")
                )
        return list(found.values())

    def values_here(self, *, quoted: bool) -> list[CompletionItem]:
        """Return the values that the parameter or field at the offset takes."""
        if self.place is None or not self.place.path:
            return []
        texts = values_at(self.place, self.place.path)
        return [
            _item(f'"{text}"' if quoted else text, CompletionItemKind.EnumMember, None, sort=f"00{text}")
            for text in texts
        ]

    def strings(self, token: Token) -> list[CompletionItem]:
        """Return the values that fit between the quotes around the offset."""
        items = self.values_here(quoted=False)
        # all between the quotes is replaced: an editor alone would only replace the word at the cursor
        within = self.document.positions.range(token.start + 1, max(token.end - 1, token.start + 1))
        for item in items:
            item.text_edit = TextEdit(within, item.label)
        return items

    def paths(self, typed: str) -> list[CompletionItem]:
        """Return the entries of the folder that a path being typed leads to."""
        folder = path_in(self.document, typed.rpartition("/")[0] or "/")
        try:
            with os.scandir(folder) as entries:
                found = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
        except OSError:
            return []
        kinds = {True: CompletionItemKind.Folder, False: CompletionItemKind.File}
        return [_item(name, kinds[is_folder], None) for name, is_folder in found[:MOST_ENTRIES]]


def _keywords() -> list[CompletionItem]:
    # `or` only has a meaning after a selection
    return [_item(word, CompletionItemKind.Keyword, None, sort=f"90{word}") for word in KEYWORDS if word != "or"]


def _item(
    label: str, kind: CompletionItemKind, text: str | None, *, detail: str | None = None, sort: str | None = None
) -> CompletionItem:
    documentation = _markdown(text) if text else None
    return CompletionItem(label, kind=kind, detail=detail, documentation=documentation, sort_text=sort)


def _markdown(text: str) -> MarkupContent:
    return MarkupContent(MarkupKind.Markdown, text)
