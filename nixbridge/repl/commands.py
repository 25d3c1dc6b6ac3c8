"""The commands of the prompt: `:p`, `:t`, `:doc` and the others, each a function with its line of help."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable

from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.builtins.builtin_docs import documented
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.language.function_info import info_of
from nixbridge.language.nixpkgs.lib_docs import describe, paths_of
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.values import Lazy, type_name
from nixbridge.mesh.model.render_context import Options as RenderOptions
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render
from nixbridge.mesh.tables.builder_docs import OTHERS, documentation
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.repl.session import Session
from nixbridge.repl.shallow_printer import printed
from nixbridge.tools.lint.formats import as_text
from nixbridge.tools.lint.run import Linting


class Quit(Exception):
    """The user leaves the prompt."""


#: Names of a command, how it is called, what it does, and the function that does it and returns what is printed.
Command = tuple[tuple[str, ...], str, str, Callable[[Session, str], str]]


def run_command(session: Session, line: str) -> str:
    """Return the output of a line that starts with `:`. Raises NixError, and Quit for `:q`."""
    word, _, rest = line.partition(" ")
    for names, _, _, run in COMMANDS:
        if word in names:
            return run(session, rest.strip())
    known = [name for names, _, _, _ in COMMANDS for name in names]
    raise UsageError(f"unknown command '{word}'", hint=did_you_mean(word, known) or ":? lists the commands")


def _print(session: Session, text: str) -> str:
    value = session.evaluate(_needed(text, ":p EXPR"))
    return session.evaluation.evaluator.run(lambda: printed(value, deep=True))


def _type(session: Session, text: str) -> str:
    return type_name(session.evaluate(_needed(text, ":t EXPR")))


def _doc(session: Session, text: str) -> str:
    name = _needed(text, ":doc NAME").removeprefix("builtins.").rpartition(".")[2]
    if name in TABLES:
        return documentation(table(name))
    if name in OTHERS:
        return OTHERS[name][1]
    if name in documented() and not text.startswith("lib."):
        call, doc = documented()[name]
        return f"builtins.{call}\n\n{doc}"
    if name in paths_of():
        return f"{', '.join(paths_of()[name])}\n{describe(name)}".rstrip()
    return f"{text}: {printed(session.evaluate(text))}"


def _edit(session: Session, text: str) -> str:
    """Open the editor at the place of a path or a function, then load everything again."""
    value = session.evaluate(_needed(text, ":e EXPR"))
    path, line = _place_of(value)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor is None:
        raise UsageError("no editor is set", hint="set the variable EDITOR")
    subprocess.run([*shlex.split(editor), *([f"+{line}"] if line else []), path], check=False)
    return _reload(session, "")


def _place_of(value: Lazy) -> tuple[str, int | None]:
    if isinstance(value, NixPath):
        return value.text, None
    run = getattr(value, "run", None)
    info = info_of(run, 0) if run is not None else None
    code = getattr(run, "__code__", None)
    if info is None or code is None or not os.path.isabs(code.co_filename):
        raise UsageError(f"only a path or a function of a file can be edited, not {type_name(value)}")
    return code.co_filename, info.line


def _reload(session: Session, _text: str) -> str:
    count = session.reload()
    return f"Reloaded {count} file{'s' * (count != 1)}."


def _load(session: Session, text: str) -> str:
    count = session.load(_needed(text, ":l FILE"))
    return f"Added {count} variable{'s' * (count != 1)}."


def _add(session: Session, text: str) -> str:
    count = session.add_expression(_needed(text, ":a EXPR"))
    return f"Added {count} variable{'s' * (count != 1)}."


def _render(session: Session, text: str) -> str:
    """Render the records of an expression's value, with what rendering has to report."""
    value = session.evaluate(_needed(text, ":render EXPR"))
    document = session.evaluation.evaluator.run(lambda: marked_document(value, session.evaluation.host))
    rendering = render(find(document), RenderOptions())
    messages = [f"{message.level}: {message.text}" for message in rendering.messages]
    return "\n".join([*messages, dump_stream(rendering.manifests).rstrip()])


def _lint(session: Session, text: str) -> str:
    """Lint the files that are named, or those that were loaded."""
    files = shlex.split(text) or [what for kind, what in session.loaded if kind == "file"]
    if not files:
        raise UsageError("nothing to lint: name a file, or load one with :l FILE")
    return as_text(Linting(session.options.changed(positions=True), lambda _: None).lint(files), colour=False).rstrip()


def _quit(_session: Session, _text: str) -> str:
    raise Quit


def _help(_session: Session, _text: str) -> str:
    lines = ["EXPR                   evaluate and print an expression", "NAME = EXPR            bind a name"]
    lines += [f"{call:<22} {does}" for _, call, does, _ in COMMANDS]
    return "\n".join(lines)


def _needed(text: str, usage: str) -> str:
    if not text:
        raise UsageError(f"something is missing: {usage}")
    return text


COMMANDS: tuple[Command, ...] = (
    ((":p", ":print"), ":p, :print EXPR", "evaluate and print an expression with its nested values", _print),
    ((":t",), ":t EXPR", "print the type of an expression", _type),
    ((":doc",), ":doc NAME", "document a builder, a builtin or a function of lib", _doc),
    ((":e", ":edit"), ":e, :edit EXPR", "open the file of a path or function in $EDITOR", _edit),
    ((":a", ":add"), ":a, :add EXPR", "bind the attributes of a set", _add),
    ((":l", ":load"), ":l, :load FILE", "bind the attributes of what a file evaluates to", _load),
    ((":r", ":reload"), ":r, :reload", "read everything that was loaded again", _reload),
    ((":render",), ":render EXPR", "render the records of an expression to manifests", _render),
    ((":lint",), ":lint [FILE...]", "lint files, or those that are loaded", _lint),
    ((":q", ":quit"), ":q, :quit", "leave", _quit),
    ((":?", ":help"), ":?, :help", "list the commands", _help),
)
