"""A script's commands, carried out one after the other in memory: never a shell, never a process.

The subset is what scripts that only make files use. Everything else is refused with its place in the script, before or after other
commands have run: what was made until then is thrown away.
"""

from __future__ import annotations

import posixpath
import re

from nixbridge.errors.exceptions import LimitReached
from nixbridge.language.runtime.strings import STAND_IN
from nixbridge.source import Source
from nixbridge.tools.build import words
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.file_system import SCRATCH, FileSystem
from nixbridge.tools.build.file_tree import File, Folder, Link
from nixbridge.tools.build.script_parser import first_lines, parse_script, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from nixbridge.source import Span


#: Commands that a script may run in all, those in loops counted each time.
MOST_COMMANDS = 20_000
#: How deep commands may be nested in one another.
DEEPEST = 100

_STAND_IN_HASH = re.compile(rf"{STAND_IN}[a-z0-9]{{22}}")
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
        #: the script that runs, as the bytes that its syntax tree counts
        self.script = b""
        self.stops_at_failure = True
        self._name = name
        self._outputs = outputs
        self._variables = dict(variables)
        self._run_command = run_command
        self._commands = 0
        self._depth = 0
        self._source = Source("")
        #: the failure that the status of the last command stands for, and whether it may stop the script
        self._failure: CommandFailed | None = None
        self._tolerated = False

    def run(self, script: str, title: str) -> None:
        """Run a script. Raises NotCarriedOut for what is not known, CommandFailed where it fails, both with their place."""
        before = self._source, self.script
        self._source = Source(script, f"«{title} of {self._name}»", SCRATCH)
        self.script = self.encoded(script)
        try:
            self._statements(parse_script(self._source), bytearray())
        except _Exit:
            pass
        except RecursionError:
            raise LimitReached(f"the {title} of {self._name} is nested too deep") from None
        finally:
            self._source, self.script = before

    # What words and commands ask for

    def variable(self, name: str) -> str | None:
        """Return the value of a variable; None where it is not set."""
        return self.folder if name == "PWD" else self._variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        self._variables[name] = value

    def substitute(self, node: Node) -> str:
        """Return what the commands of a `$(...)` write, without the newlines at its end."""
        output = bytearray()
        folder, variables = self.folder, dict(self._variables)
        self._statements(node, output)
        self.folder, self._variables = folder, variables  # a substitution is a subshell
        return self.decoded(bytes(output)).rstrip("\n")

    def path(self, operand: str) -> str:
        """Return the absolute path of a command's operand."""
        if not operand:
            raise CommandFailed("'': No such file or directory")
        return posixpath.normpath(posixpath.join(self.folder, operand))

    def is_top(self, path: str) -> bool:
        """Return whether `path` is an output or the scratch folder, above which nothing is made."""
        return (path.count("/") <= 3 and path.startswith("/nix/store/")) or path == SCRATCH

    @staticmethod
    def encoded(text: str) -> bytes:
        """Return the bytes of a text."""
        return text.encode("utf-8", "surrogateescape")

    @staticmethod
    def decoded(data: bytes) -> str:
        """Return the text of a file, whose bytes `encoded` gives back."""
        return data.decode("utf-8", "surrogateescape")

    # Statements

    def _statements(self, node: Node, output: bytearray, stdin: bytes = b"") -> int:
        """Run the statements in a node, in order. Raises CommandFailed where one fails and the script stops at failures."""
        status = 0
        for child in node.children:
            if child.type == "&":
                raise self._refused(child, "nixbridge does not carry out commands in the background")
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
            raise self._refused(node, f"nixbridge does not carry out {shown} in a script")
        self._depth += 1
        if self._depth > DEEPEST:
            raise LimitReached(f"commands of a script are nested more than {DEEPEST} deep")
        try:
            return handler(self, node, output, stdin)
        except NotCarriedOut as error:
            if error.span is None:
                error.message = f"{self._readable(error.message)}; the script begins:{first_lines(self._readable(self._source.text))}"
                error.source, error.span = self._place(node)
            raise
        finally:
            self._depth -= 1

    def _command(self, node: Node, output: bytearray, stdin: bytes) -> int:
        assignments = [child for child in node.named_children if child.type == "variable_assignment"]
        arguments: list[str] = []
        for child in node.named_children:
            if child.type == "herestring_redirect":
                stdin = self.encoded(words.text_of(child.named_children[-1], self) + "\n")
            elif child.type != "variable_assignment":
                arguments.extend(words.fields_of(child, self))
        before = dict(self._variables)
        for assignment in assignments:
            self._assignment(assignment, output, stdin)
        status = self._run(arguments, output, stdin, node) if arguments else 0
        if assignments and arguments:
            self._variables = before  # they held for this command only
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
            if name in ("test", "["):
                raise self._refused(node, f"nixbridge does not carry out '{name}' with these arguments")
            if name == "exit":
                if rest not in ([], ["0"]):
                    raise CommandFailed(f"exit {' '.join(rest)}")
                raise _Exit
            written = self._run_command(name, self, rest, stdin)
        except CommandFailed as error:
            return self._failed(error, node)
        if written is None:
            raise self._refused(node, f"nixbridge does not run '{name}'")
        output.extend(written)
        return 0

    def _run_hook(self, arguments: list[str], output: bytearray) -> int:
        for hook in arguments:
            script = self._variables.get(hook, "")
            if script.strip():
                self.run(script, hook)
        return 0

    def _failed(self, error: CommandFailed, node: Node) -> int:
        if error.span is None:
            error.message = f"the script of '{self._name}' fails: {self._readable(error.message)}"
            error.source, error.span = self._place(node)
        self._failure = error
        return error.status

    def _refused(self, node: Node, message: str) -> NotCarriedOut:
        source, span = self._place(node)
        return NotCarriedOut(f"{message}; the script begins:{first_lines(source.text)}", source=source, span=span)

    def _readable(self, text: str) -> str:
        """Return a text with outputs as variables, and without the hashes of stand-ins."""
        for output, path in self._outputs.items():
            text = text.replace(path, f"${output}")
        return _STAND_IN_HASH.sub("...", text)

    def _place(self, node: Node) -> tuple[Source, Span]:
        """Return the script as messages show it, and where a node stands in that text."""
        line, column, end_line, end_column = span_of(node)
        shown = Source(self._readable(self._source.text), self._source.name, self._source.base)
        data = self.encoded(self._source.line(line))
        start = len(self.encoded(self._readable(self.decoded(data[:column]))))
        end = len(self.encoded(self._readable(self.decoded(data[:end_column])))) if end_line == line else end_column
        return shown, (line, start, end_line, end)

    def _assignment(self, node: Node, output: bytearray, stdin: bytes) -> int:
        target, *value = [child for child in node.children if child.type not in ("=", "+=")]
        if target.type != "variable_name" or any(child.type == "array" for child in value):
            raise self._refused(node, "nixbridge does not carry out arrays in a script")
        assert target.text is not None
        name = target.text.decode()
        text = words.text_of(value[0], self) if value else ""
        appended = any(child.type == "+=" for child in node.children)
        self.assign(name, (self._variables.get(name, "") if appended else "") + text)
        return 0

    def _declaration(self, node: Node, output: bytearray, stdin: bytes) -> int:
        keyword = node.children[0].type
        if keyword not in ("export", "local", "declare", "readonly"):
            raise self._refused(node, f"nixbridge does not carry out '{keyword}'")
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assignment(child, output, stdin)
            elif child.type not in ("variable_name", "word"):
                raise self._refused(child, f"nixbridge does not carry out this '{keyword}'")
        return 0

    def _redirected(self, node: Node, output: bytearray, stdin: bytes) -> int:
        body = node.child_by_field_name("body")
        target: str | None = None
        append = False
        for child in node.named_children:
            if child == body:
                continue
            if child.type == "heredoc_redirect":
                stdin = self._here_document(child)
                following = next(
                    (each for each in child.named_children if each.type in ("pipeline", "list", "command")), None
                )
                for inner in child.named_children:
                    if inner.type == "file_redirect":
                        target, append = self._target(inner, target, append)
                if following is not None:
                    raise self._refused(
                        child, "nixbridge does not carry out a here-document with a command after it on its line"
                    )
            elif child.type == "herestring_redirect":
                stdin = self.encoded(words.text_of(child.named_children[-1], self) + "\n")
            elif child.type == "file_redirect":
                if any(part.type == "<" for part in child.children):
                    stdin = self.files.file(self.path(words.text_of(child.named_children[-1], self))).data
                else:
                    target, append = self._target(child, target, append)
            else:
                raise self._refused(child, "nixbridge does not carry out this redirection")
        try:
            if target is None:
                return self._execute(body, output, stdin) if body is not None else 0
            if target and not append:
                self.files.write(target, b"")
            captured = bytearray()
            status = self._execute(body, captured, stdin) if body is not None else 0
            if target:
                self.files.write(target, bytes(captured), append=True)
            return status
        except CommandFailed as error:
            return self._failed(error, node)

    def _target(self, node: Node, target: str | None, append: bool) -> tuple[str | None, bool]:
        """Return the file that the standard output goes to: None for where it went, empty for nowhere."""
        operator = next(child.type for child in node.children if not child.is_named)
        word = node.named_children[-1]
        if sum(child.type != "file_descriptor" for child in node.named_children) != 1:
            raise self._refused(node, "nixbridge cannot parse this redirection")
        descriptor = next((child for child in node.named_children if child.type == "file_descriptor"), None)
        assert word.text is not None
        if operator in (">&", "<&") or (descriptor is not None and descriptor.text == b"2"):
            # what is written to the standard error is a log, which no build keeps
            if operator in (">&", "<&") and (descriptor is None or descriptor.text != b"2") and word.text != b"2":
                raise self._refused(node, "nixbridge does not carry out this redirection")
            if operator == ">&" and word.text == b"2" and (descriptor is None or descriptor.text == b"1"):
                return "", False
            return target, append
        if operator not in (">", ">>", ">|", "&>"):
            raise self._refused(node, f"nixbridge does not carry out the redirection '{operator}'")
        text = words.text_of(word, self)
        if text in ("/dev/null", "/dev/stderr"):
            return "", False
        if text == "/dev/stdout":
            return None, False
        return self.path(text), operator == ">>"

    def _here_document(self, node: Node) -> bytes:
        """Return the text of a here-document; a quoted delimiter takes it as it stands, `<<-` drops tabs."""
        start, end = (
            next((child for child in node.named_children if child.type == kind), None)
            for kind in ("heredoc_start", "heredoc_end")
        )
        if start is None or end is None or start.text is None:
            raise self._refused(node, "nixbridge cannot parse this here-document")
        # the grammar's own node for the body leaves out blanks at its start
        first = self.script.index(b"\n", start.end_byte) + 1
        last = self.script.rindex(b"\n", 0, end.start_byte) + 1
        body = next((child for child in node.named_children if child.type == "heredoc_body"), None)
        if last < first or (body is not None and body.start_byte < first):
            raise self._refused(node, "nixbridge cannot parse this here-document")
        if body is None or any(character in start.text for character in b"'\"\\"):
            text = self.decoded(self.script[first:last])
        else:
            text = words.body_text(body, self, first, last)
        if any(child.type == "<<-" for child in node.children):
            text = re.sub(r"^\t+", "", text, flags=re.MULTILINE)
        return self.encoded(text)

    def _list(self, node: Node, output: bytearray, stdin: bytes) -> int:
        left, right = node.named_children[0], node.named_children[-1]
        operator = next(child.type for child in node.children if not child.is_named)
        status = self._execute(left, output, stdin)
        if (operator == "&&") == (status == 0):
            self._tolerated = False
            return self._execute(right, output, stdin)
        # a command that fails before && or || stops no script
        self._tolerated = status != 0
        return status

    def _pipeline(self, node: Node, output: bytearray, stdin: bytes) -> int:
        status = 0
        stages = node.named_children
        for index, stage in enumerate(stages):
            written = output if index == len(stages) - 1 else bytearray()
            status = self._execute(stage, written, stdin) or status
            stdin = bytes(written)
        return status

    def _negated(self, node: Node, output: bytearray, stdin: bytes) -> int:
        status = self._execute(node.named_children[0], output, stdin)
        self._tolerated = True
        self._failure = CommandFailed("!")
        return int(status == 0)

    def _compound(self, node: Node, output: bytearray, stdin: bytes) -> int:
        return self._statements(node, output, stdin)

    def _subshell(self, node: Node, output: bytearray, stdin: bytes) -> int:
        folder, variables = self.folder, dict(self._variables)
        status = self._statements(node, output, stdin)
        self.folder, self._variables = folder, variables
        return status

    def _for(self, node: Node, output: bytearray, stdin: bytes) -> int:
        variable, *rest = node.named_children
        assert variable.text is not None
        body = rest.pop()
        values = [field for word in rest for field in words.fields_of(word, self)]
        status = 0
        for value in values:
            self.assign(variable.text.decode(), value)
            status = self._statements(body, output, stdin)
        return status

    def _if(self, node: Node, output: bytearray, stdin: bytes) -> int:
        branch = [child for child in node.children if child.type != ";"]
        condition, body = branch[1], []
        for child in branch[3:]:
            if child.type in ("elif_clause", "else_clause", "fi"):
                break
            body.append(child)
        if self._execute(condition, output, stdin) == 0:
            return self._body(body, output, stdin)
        for clause in node.named_children:
            if clause.type == "elif_clause":
                parts = [child for child in clause.children if child.type != ";"]
                if self._execute(parts[1], output, stdin) == 0:
                    return self._body(parts[3:], output, stdin)
            elif clause.type == "else_clause":
                return self._body(clause.children[1:], output, stdin)
        return 0

    def _body(self, nodes: list[Node], output: bytearray, stdin: bytes) -> int:
        status = 0
        for node in nodes:
            if not node.is_named or node.type == "comment":
                continue
            self._tolerated = False
            status = self._execute(node, output, stdin)
            if status and self.stops_at_failure and not self._tolerated and self._failure is not None:
                raise self._failure
        return status

    # Tests

    def _test(self, node: Node, output: bytearray, stdin: bytes) -> int:
        (expression,) = node.named_children
        if self._holds(expression):
            return 0
        self._failed(CommandFailed("a test does not hold"), node)
        return 1

    def _holds(self, node: Node) -> bool:
        if node.type == "parenthesized_expression":
            return self._holds(node.named_children[0])
        if node.type == "unary_expression":
            operator = _code(node.children[0])
            if operator == "!":
                return not self._holds(node.named_children[-1])
            return self._holds_of(operator, words.text_of(node.named_children[-1], self), node)
        if node.type == "binary_expression":
            left, right = node.named_children[0], node.named_children[-1]
            operator = _code(node.children[1])
            if operator == "&&":
                return self._holds(left) and self._holds(right)
            if operator == "||":
                return self._holds(left) or self._holds(right)
            return self._compares(operator, words.text_of(left, self), words.text_of(right, self), node)
        return bool(words.text_of(node, self))

    def _holds_of(self, operator: str, text: str, node: Node) -> bool:
        if operator in ("-z", "-n"):
            return bool(text) is (operator == "-n")
        found = self.files.find(self.path(text), follow=operator not in ("-L", "-h")) if text else None
        kinds = {"-f": File, "-d": Folder, "-L": Link, "-h": Link}
        if operator in kinds:
            return isinstance(found, kinds[operator])
        if operator in ("-e", "-r", "-a"):
            return found is not None
        if operator == "-s":
            return isinstance(found, Folder) or (isinstance(found, File) and bool(found.data))
        if operator == "-x":
            return isinstance(found, Folder) or (isinstance(found, File) and found.executable)
        raise self._refused(node, f"nixbridge does not carry out the test '{operator}'")

    def _compares(self, operator: str, left: str, right: str, node: Node) -> bool:
        if operator in ("=", "==", "!="):
            if _code(node.parent or node).startswith("[[") and re.search(r"[*?\[]", right):
                raise self._refused(node, "nixbridge does not carry out patterns in [[ ]]")
            return (left == right) is (operator != "!=")
        raise self._refused(node, f"nixbridge does not carry out the test '{operator}'")


class _Exit(Exception):
    """`exit 0`: the script ends."""


def _code(node: Node) -> str:
    assert node.text is not None
    return node.text.decode("utf-8", "surrogateescape")


_HANDLERS: dict[str, Callable[[Shell, Node, bytearray, bytes], int]] = {
    "command": Shell._command,
    "redirected_statement": Shell._redirected,
    "variable_assignment": Shell._assignment,
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
