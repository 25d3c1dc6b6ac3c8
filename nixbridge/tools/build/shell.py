"""A script's commands, carried out one after the other in memory: never a shell, never a process.

The subset is sufficient for scripts that only create files. Everything else is refused with its position in the script, even after
other commands have run, whose results are then discarded.
"""

from __future__ import annotations

import posixpath
import re

from nixbridge.errors.exceptions import LimitReached
from nixbridge.tools.build import words
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut, ShellExit
from nixbridge.tools.build.conditions import holds, words_hold
from nixbridge.tools.build.file_system import SCRATCH, FileSystem
from nixbridge.tools.build.redirections import streams_of
from nixbridge.tools.build.script_parser import ScriptText
from nixbridge.tools.build.shell_commands import exit_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node


#: Commands that a script may run in all, those in loops counted each time.
MOST_COMMANDS = 20_000
#: How deep commands may be nested in one another.
DEEPEST = 100

_MISSING_PROGRAM = re.compile(r"/nix/store/[a-z0-9]{32}-[^/]+/bin/([^/]+)")


class Shell:
    """The state of a script: its variables, the folder it is in, and its files.

    `name` is the derivation's, for messages; `outputs` are the paths that it makes, by name. `run_command` gives the output of a
    command, or None where it is not known.
    """

    def __init__(
        self,
        name: str,
        files: FileSystem,
        outputs: Mapping[str, str],
        variables: Mapping[str, str],
        run_command: Callable[[str, Shell, list[str], bytes], bytes | None],
    ) -> None:
        self.files = files
        self.folder = SCRATCH
        self.stops_at_failure = True
        self._name = name
        self._outputs = outputs
        self._variables = dict(variables)
        self._exported = set(variables)
        self._run_command = run_command
        self._commands = 0
        self._depth = 0
        self._text = ScriptText("", "", outputs)
        #: the failure that the status of the last command stands for, and whether it may stop the script
        self._failure: CommandFailed | None = None
        self._tolerated = False
        #: the status of the last command substitution
        self._substituted = 0

    def run(self, script: str, title: str, output: bytearray | None = None) -> int:
        """Run a script and return its status; its output goes to `output`, or nowhere.

        Raises NotCarriedOut for an unknown command, CommandFailed for one that fails, both with a position.
        """
        try:
            return self._run_text(script, title, bytearray() if output is None else output)
        except ShellExit as ended:
            if ended.failure is not None:
                raise ended.failure from None
            return 0

    def _run_text(self, script: str, title: str, output: bytearray) -> int:
        """Run a script and return its status. Raises ShellExit where it ends with `exit`."""
        before = self._text
        self._text = ScriptText(script, f"«{title} of {self._name}»", self._outputs)
        try:
            return self._statements(self._text.parse().children, output)
        except RecursionError:
            raise LimitReached(f"the {title} of {self._name} is nested too deeply") from None
        finally:
            self._text = before

    @property
    def script(self) -> bytes:
        """Return the script that runs, as the bytes that its syntax tree counts."""
        return self._text.data

    # What words and commands ask for

    def variable(self, name: str) -> str | None:
        """Return the value of a variable; None where it is not set."""
        return self.folder if name == "PWD" else self._variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        self._variables[name] = value

    def substitute(self, node: Node) -> str:
        """Return the output of the commands in a `$(...)`, without newlines at its end."""
        output = bytearray()
        folder, variables = self.folder, dict(self._variables)
        try:
            self._substituted = self._statements(node.children, output)
        except ShellExit as ended:
            self._substituted = self._ended(ended)
        except CommandFailed as error:
            # it ends the substitution alone, whose status is that of an assignment
            self._substituted = self._failed(error, node)
        self.folder, self._variables = folder, variables  # a substitution is a subshell
        return self.decoded(bytes(output)).rstrip("\n")

    def path(self, operand: str) -> str:
        """Return the absolute path of a command's operand."""
        if not operand:
            raise CommandFailed("'': No such file or directory")
        return posixpath.normpath(posixpath.join(self.folder, operand))

    @staticmethod
    def encoded(text: str) -> bytes:
        """Return the bytes of a text."""
        return text.encode("utf-8", "surrogateescape")

    @staticmethod
    def decoded(data: bytes) -> str:
        """Return the text of a file, whose bytes `encoded` gives back."""
        return data.decode("utf-8", "surrogateescape")

    # Statements

    def _statements(self, nodes: list[Node], output: bytearray, stdin: bytes = b"") -> int:
        """Run the statements among a node's children. Raises CommandFailed where one fails and the script stops at failures."""
        status = 0
        for child in nodes:
            if child.type == "&":
                raise self.refused(child, "nixbridge does not support commands in the background")
            if not child.is_named or child.type in ("comment", "heredoc_body"):
                continue
            self._tolerated = False
            status = self._execute(child, output, stdin)
            if status and self.stops_at_failure and not self._tolerated and self._failure is not None:
                raise self._failure
        return status

    def _execute(self, node: Node, output: bytearray, stdin: bytes = b"") -> int:
        """Run a statement and return its status."""
        handler = _HANDLERS.get(node.type)
        if handler is None:
            shown = "this" if node.type == "ERROR" else f"a {node.type.replace('_', ' ')}"
            raise self.refused(node, f"nixbridge does not support {shown} in a script")
        self._depth += 1
        if self._depth > DEEPEST:
            raise LimitReached(f"commands of a script are nested more than {DEEPEST} levels deep")
        try:
            return handler(self, node, output, stdin)
        except NotCarriedOut as error:
            if error.span is None:
                raise self._text.refusal(node, error.message, hint=error.hint) from None
            raise
        finally:
            self._depth -= 1

    def _command(self, node: Node, output: bytearray, stdin: bytes) -> int:
        return self._run_expanded(node, self._arguments(node), output, stdin)

    def _arguments(self, node: Node) -> list[str]:
        """Return a command's name and arguments, its words expanded."""
        arguments: list[str] = []
        for child in node.named_children:
            if child.type not in ("variable_assignment", "herestring_redirect"):
                arguments.extend(words.fields_of(child, self))
        return arguments

    def _run_expanded(self, node: Node, arguments: list[str], output: bytearray, stdin: bytes) -> int:
        for child in node.named_children:
            if child.type == "herestring_redirect":
                stdin = self.encoded(words.text_of(child.named_children[-1], self) + "\n")
        assignments = [child for child in node.named_children if child.type == "variable_assignment"]
        before = dict(self._variables)
        status = 0
        for assignment in assignments:
            status = self._assignment(assignment, output, stdin)
        if arguments:
            status = self._run(arguments, output, stdin, node)
        if assignments and arguments:
            self._variables = before  # they hold for this command only
        return status

    def _run(self, arguments: list[str], output: bytearray, stdin: bytes, node: Node) -> int:
        self._commands += 1
        if self._commands > MOST_COMMANDS:
            raise LimitReached(f"a script may run {MOST_COMMANDS:,} commands; this one runs more")
        name, *rest = arguments
        program = _MISSING_PROGRAM.fullmatch(name)
        name = program[1] if program else name
        try:
            if name == "runHook":
                return self._run_hook(rest, output)
            if name in ("sh", "bash") and rest and not rest[0].startswith("-"):
                return self._run_file(rest, output)
            if name in ("test", "["):
                return self._tested(words_hold(rest if name == "test" else rest[:-1], self), node)
            if name == "exit":
                raise self._exit(rest, node)
            written = self._run_command(name, self, rest, stdin)
        except CommandFailed as error:
            return self._failed(error, node)
        if written is None:
            raise self.refused(node, f"nixbridge does not run '{name}'")
        output.extend(written)
        return 0

    def _exit(self, arguments: list[str], node: Node) -> ShellExit:
        status = exit_status(arguments, after_failures=not self.stops_at_failure)
        failure = CommandFailed(f"exit {status}", status=status)
        self._failed(failure, node)
        return ShellExit(failure if status else None)

    def _ended(self, ended: ShellExit) -> int:
        """Return the status of a shell inside this one that has ended with `exit`."""
        self._failure = ended.failure or self._failure
        return ended.failure.status if ended.failure is not None else 0

    def _run_hook(self, arguments: list[str], output: bytearray) -> int:
        for hook in arguments:
            script = self._variables.get(hook, "")
            if script.strip():
                # in this shell: its `exit` ends the whole script
                self._run_text(script, hook, bytearray())
        return 0

    def _run_file(self, arguments: list[str], output: bytearray) -> int:
        """Run the script in a file as another shell would: with its arguments and the exported variables alone."""
        script = self.decoded(self.files.file(self.path(arguments[0])).data)
        before = self.folder, self._variables, self.stops_at_failure
        exported = {name: value for name, value in self._variables.items() if name in self._exported}
        positional = {str(number): argument for number, argument in enumerate(arguments)}
        self._variables, self.stops_at_failure = exported | positional, False
        try:
            return self._run_text(script, posixpath.basename(arguments[0]), output)
        except ShellExit as ended:
            return self._ended(ended)
        finally:
            self.folder, self._variables, self.stops_at_failure = before

    def _failed(self, error: CommandFailed, node: Node) -> int:
        if error.span is None:
            error.message = f"the script of '{self._name}' fails: {self._text.readable(error.message)}"
            error.source, error.span = self._text.place(node)
        self._failure = error
        return error.status

    def refused(self, node: Node, message: str) -> NotCarriedOut:
        """Return the error for a piece of the script that is not carried out, with its place."""
        return self._text.refusal(node, message)

    def _assignment(self, node: Node, output: bytearray, stdin: bytes) -> int:
        target, *value = [child for child in node.children if child.type not in ("=", "+=")]
        if target.type != "variable_name" or any(child.type == "array" for child in value):
            raise self.refused(node, "nixbridge does not support arrays in a script")
        assert target.text is not None
        name = target.text.decode()
        self._substituted = 0
        text = words.text_of(value[0], self) if value else ""
        appended = any(child.type == "+=" for child in node.children)
        self.assign(name, (self._variables.get(name, "") if appended else "") + text)
        return self._substituted

    def _assignments(self, node: Node, output: bytearray, stdin: bytes) -> int:
        status = 0
        for child in node.named_children:
            status = self._assignment(child, output, stdin)
        return status

    def _declaration(self, node: Node, output: bytearray, stdin: bytes) -> int:
        keyword = node.children[0].type
        if keyword not in ("export", "local", "declare", "readonly"):
            raise self.refused(node, f"nixbridge does not support '{keyword}'")
        for child in node.named_children:
            if keyword == "export":
                self._exported.add(_name_in(child))
            if child.type == "variable_assignment":
                self._assignment(child, output, stdin)
            elif child.type not in ("variable_name", "word"):
                raise self.refused(child, f"nixbridge does not support this '{keyword}'")
        return 0

    def _redirected(self, node: Node, output: bytearray, stdin: bytes) -> int:
        body = node.child_by_field_name("body")
        redirections = [child for child in node.named_children if child != body]
        return self._with_redirections(node, body, redirections, output, stdin)

    def _with_redirections(
        self, node: Node, body: Node | None, redirections: list[Node], output: bytearray, stdin: bytes
    ) -> int:
        if body is not None and body.type in _LAST_IS_REDIRECTED:
            # the grammar gives them to the whole list, bash to its last command
            return _LAST_IS_REDIRECTED[body.type](self, body, output, stdin, redirections)
        # the words of a command are expanded before its redirections are opened
        arguments = self._arguments(body) if body is not None and body.type == "command" else []
        try:
            streams = streams_of(self, redirections, stdin)
            # emptied before the command runs, as bash does: `cat x > x` finds nothing
            if streams.target and not streams.append:
                self.files.write(streams.target, b"")
            captured = output if streams.target is None and not streams.stages else bytearray()
            if body is None:
                status = 0
            elif body.type == "command":
                status = self._run_expanded(body, arguments, captured, streams.stdin)
            else:
                status = self._execute(body, captured, streams.stdin)
            if streams.target:
                self.files.write(streams.target, bytes(captured), append=True)
        except CommandFailed as error:
            return self._failed(error, node)
        return self._piped(streams.stages, bytes(captured), output, status) if streams.stages else status

    def _last(self, node: Node, redirections: list[Node], output: bytearray, stdin: bytes) -> int:
        """Run the last command of a list with the list's redirections."""
        if not redirections:
            return self._execute(node, output, stdin)
        if node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            redirections = [*(child for child in node.named_children if child != body), *redirections]
            return self._with_redirections(node, body, redirections, output, stdin)
        return self._with_redirections(node, node, redirections, output, stdin)

    def _condition(self, node: Node, output: bytearray, stdin: bytes, redirections: list[Node] | None = None) -> int:
        """Run a command whose status is tested, so that a failure does not stop the script."""
        before, self.stops_at_failure = self.stops_at_failure, False
        try:
            return self._last(node, redirections or [], output, stdin)
        finally:
            self.stops_at_failure = before

    def _list(self, node: Node, output: bytearray, stdin: bytes, redirections: list[Node] | None = None) -> int:
        left, right = node.named_children[0], node.named_children[-1]
        operator = next(child.type for child in node.children if not child.is_named)
        status = self._condition(left, output, stdin)
        if (operator == "&&") == (status == 0):
            self._tolerated = False
            return self._last(right, redirections or [], output, stdin)
        # a command that fails before && or || stops no script
        self._tolerated = status != 0
        return status

    def _pipeline(self, node: Node, output: bytearray, stdin: bytes, redirections: list[Node] | None = None) -> int:
        first, *rest = node.named_children
        written = bytearray()
        status = self._execute(first, written, stdin)
        return self._piped(rest, bytes(written), output, status, redirections)

    def _piped(
        self, stages: list[Node], stdin: bytes, output: bytearray, status: int, redirections: list[Node] | None = None
    ) -> int:
        """Run the further commands of a pipeline; it fails where one of them does (pipefail)."""
        for index, stage in enumerate(stages):
            if index == len(stages) - 1:
                return self._last(stage, redirections or [], output, stdin) or status
            written = bytearray()
            status = self._execute(stage, written, stdin) or status
            stdin = bytes(written)
        return status

    def _negated(self, node: Node, output: bytearray, stdin: bytes, redirections: list[Node] | None = None) -> int:
        status = self._condition(node.named_children[0], output, stdin, redirections)
        self._tolerated = True
        return int(status == 0)

    def _compound(self, node: Node, output: bytearray, stdin: bytes) -> int:
        return self._statements(node.children, output, stdin)

    def _subshell(self, node: Node, output: bytearray, stdin: bytes) -> int:
        before = self.folder, dict(self._variables), self.stops_at_failure
        try:
            return self._statements(node.children, output, stdin)
        except ShellExit as ended:
            return self._ended(ended)
        finally:
            self.folder, self._variables, self.stops_at_failure = before

    def _for(self, node: Node, output: bytearray, stdin: bytes) -> int:
        variable, *rest = node.named_children
        assert variable.text is not None
        body = rest.pop()
        values = [field for word in rest for field in words.fields_of(word, self)]
        status = 0
        for value in values:
            self.assign(variable.text.decode(), value)
            status = self._statements(body.children, output, stdin)
        return status

    def _if(self, node: Node, output: bytearray, stdin: bytes) -> int:
        clauses = [child for child in node.named_children if child.type in ("elif_clause", "else_clause")]
        for clause in (node, *clauses):
            if clause.type == "else_clause":
                return self._statements(clause.children, output, stdin)
            parts = [child for child in clause.children if child.type not in (";", "elif_clause", "else_clause")]
            then = next(index for index, part in enumerate(parts) if part.type == "then")
            if then != 2:
                raise self.refused(clause, "nixbridge does not support several commands as the condition of 'if'")
            if self._condition(parts[1], output, stdin) == 0:
                return self._statements(parts[then:], output, stdin)
        return 0

    def _test(self, node: Node, output: bytearray, stdin: bytes) -> int:
        (expression,) = node.named_children
        return self._tested(holds(expression, self), node)

    def _tested(self, verdict: bool, node: Node) -> int:
        return 0 if verdict else self._failed(CommandFailed("a test does not hold"), node)


def _name_in(declared: Node) -> str:
    """Return the variable of `export NAME` or `export NAME=value`."""
    assert declared.text is not None
    return declared.text.partition(b"=")[0].decode("utf-8", "surrogateescape")


_HANDLERS: dict[str, Callable[[Shell, Node, bytearray, bytes], int]] = {
    "command": Shell._command,
    "redirected_statement": Shell._redirected,
    "variable_assignment": Shell._assignment,
    "variable_assignments": Shell._assignments,
    "declaration_command": Shell._declaration,
    "list": Shell._list,
    "pipeline": Shell._pipeline,
    "negated_command": Shell._negated,
    "compound_statement": Shell._compound,
    "subshell": Shell._subshell,
    "for_statement": Shell._for,
    "if_statement": Shell._if,
    "test_command": Shell._test,
}

#: Statements whose redirections the grammar takes for those of the whole.
_LAST_IS_REDIRECTED: dict[str, Callable[[Shell, Node, bytearray, bytes, list[Node]], int]] = {
    "list": Shell._list,
    "pipeline": Shell._pipeline,
    "negated_command": Shell._negated,
}
