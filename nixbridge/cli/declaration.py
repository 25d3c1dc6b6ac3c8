"""Commands and their options as plain data, and a reader of the exact spellings.

Click costs more time than the evaluation of a small file. Both come from one declaration: `click_commands` makes click's objects of
it, and `read_words` reads a command line in which every option is spelled out. For anything else (help, abbreviations, mistakes) it
gives up, and click reads the line and says what is wrong. A test compares the two on every option.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

#: What an option takes: nothing, a text, a text of some, two texts, a whole number, a number above 0.
FLAG, TEXT, CHOICE, PAIR, COUNT, SECONDS = "flag", "text", "choice", "pair", "count", "seconds"


#: Subcommand -> the module whose COMMAND declares it, in the order in which a newcomer meets them.
COMMANDS = {
    "eval": "nixbridge.cli.evaluate",
    "build": "nixbridge.cli.build",
    "derivation": "nixbridge.cli.derivation",
    "check": "nixbridge.cli.check",
    "render": "nixbridge.cli.render",
    "lint": "nixbridge.cli.lint",
    "migrate": "nixbridge.cli.migrate",
    "graph": "nixbridge.cli.graph",
    "flake": "nixbridge.cli.flake",
    "to-nix": "nixbridge.cli.to_nix",
    "settings": "nixbridge.cli.settings",
    "schema": "nixbridge.cli.schema",
    "parse": "nixbridge.cli.parse",
    "builders": "nixbridge.cli.builders",
    "builtins": "nixbridge.cli.builtins",
    "lib": "nixbridge.cli.lib",
    "lsp": "nixbridge.cli.lsp",
    "repl": "nixbridge.cli.repl",
    "completion": "nixbridge.cli.completion",
    "help": "nixbridge.cli.help",
}


class Option:
    """An option: its spellings, the name of its value, what it takes and what --help says.

    `off` is the spelling that switches a flag off; the default of such a flag may be None, for neither. `multiple` options may be
    given again and are tuples. A command does not run without a `required` one. `least` is the smallest COUNT. `complete` names the
    function of cli/shell_completion that completes the value.
    """

    __slots__ = (
        *("choices", "complete", "default", "help", "kind", "least", "metavar", "multiple", "name", "off", "required"),
        "spellings",
    )

    def __init__(
        self,
        *spellings: str,
        help: str,
        name: str | None = None,
        kind: str = FLAG,
        metavar: str | None = None,
        default: object = None,
        choices: tuple[str, ...] = (),
        least: int = 1,
        multiple: bool = False,
        off: str | None = None,
        required: bool = False,
        complete: str | None = None,
    ) -> None:
        self.spellings, self.help, self.kind, self.metavar = spellings, help, kind, metavar
        self.name = name or spellings[-1].lstrip("-").replace("-", "_")
        self.choices, self.least, self.multiple, self.off = choices, least, multiple, off
        self.required, self.complete = required, complete
        self.default = () if multiple else False if kind == FLAG and off is None else default

    def value_of(self, words: Iterator[str]) -> Any:
        """Return the value that the next words are. Raises ValueError, or StopIteration where words are missing."""
        if self.kind == PAIR:
            return next(words), next(words)
        word = next(words)
        if self.kind == TEXT:
            return word
        if self.kind == CHOICE:  # `index` raises ValueError for a word that is not among them
            return self.choices[self.choices.index(word)]
        number = int(word) if self.kind == COUNT else float(word)
        # no comparison with "not a number" holds, so this refuses it
        if number >= self.least if self.kind == COUNT else number > 0:
            return number
        raise ValueError(word)


class Argument:
    """The words of a command besides its options: any number (`multiple`, a tuple), or one, which has a default.

    `choices` are the only words that it takes, where there are any; other words are paths unless `complete` names what completes them.
    """

    __slots__ = ("choices", "complete", "default", "metavar", "multiple", "name", "required")

    def __init__(
        self,
        name: str,
        metavar: str | None = None,
        *,
        multiple: bool = False,
        required: bool = False,
        default: str | None = None,
        choices: tuple[str, ...] = (),
        complete: str | None = None,
    ) -> None:
        self.name, self.metavar, self.multiple, self.required = name, metavar, multiple, required
        self.default, self.choices, self.complete = default, choices, complete

    def value_of(self, words: Sequence[str]) -> Any:
        """Return the value that the words are. Raises ValueError for too few, too many or wrong ones."""
        if (self.required and not words) or any(word not in self.choices for word in words if self.choices):
            raise ValueError(words)
        if self.multiple:
            return tuple(words)
        if len(words) > 1:
            raise ValueError(words)
        return words[0] if words else self.default


class Command:
    """A command: its name, what does the work, its argument and its options.

    `run` takes the values of the argument and of the options by name.
    """

    __slots__ = ("argument", "help", "name", "options", "run")

    def __init__(
        self,
        name: str,
        run: Callable[..., None],
        *,
        argument: Argument | None = None,
        options: Sequence[Option] = (),
        help: str,
    ) -> None:
        self.name, self.run, self.argument, self.options, self.help = name, run, argument, options, help


class Group:
    """A command with subcommands, by their names."""

    __slots__ = ("commands", "help", "name")

    def __init__(self, name: str, *commands: Command, help: str) -> None:
        self.name, self.commands, self.help = name, {command.name: command for command in commands}, help


def read_command_line(declared: Command | Group, words: Sequence[str]) -> tuple[Command, dict[str, Any]] | None:
    """Return the command that is called, and its values by name; None where click must read the words."""
    if isinstance(declared, Command):
        values = read_words(declared, words)
        return None if values is None else (declared, values)
    command = declared.commands.get(words[0]) if words else None
    return None if command is None else read_command_line(command, words[1:])


def read_words(command: Command, words: Sequence[str]) -> dict[str, object] | None:
    """Return the values of a command line by name; None where click must read it."""
    given = _given_options(command.options, words)
    if given is None:
        return None
    values, arguments = given
    # click reports what is missing
    if any(option.required and values[option.name] is None for option in command.options):
        return None
    if command.argument is None:
        return None if arguments else values
    try:
        values[command.argument.name] = command.argument.value_of(arguments)
    except ValueError:
        return None
    return values


def _given_options(options: Sequence[Option], words: Sequence[str]) -> tuple[dict[str, Any], list[str]] | None:
    """Return the values of the options, and the words that belong to none; None where a word is not one that is known here."""
    values: dict[str, Any] = {option.name: option.default for option in options}
    spellings = {spelling: option for option in options for spelling in option.spellings}
    off = {option.off: option for option in options if option.off is not None}
    arguments: list[str] = []
    pending = iter(words)
    for word in pending:
        # `-` alone is the standard input
        if word == "-" or not word.startswith("-"):
            arguments.append(word)
        elif word in off:
            # the last one wins, as with click
            values[off[word].name] = False
        elif word not in spellings:
            return None
        elif (option := spellings[word]).kind == FLAG:
            values[option.name] = True
        else:
            try:
                value = option.value_of(pending)
            except (ValueError, StopIteration):
                return None
            values[option.name] = (*values[option.name], value) if option.multiple else value
    return values, arguments
