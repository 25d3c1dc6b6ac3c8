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


class Option:
    """An option: its spellings, the name of its value, what it takes and what --help says.

    `off` is the spelling that switches a flag off. `multiple` options may be given again and are tuples.
    `least` is the smallest COUNT. `complete` names the function of cli/shell_completion that completes the value.
    """

    __slots__ = (
        *("choices", "complete", "default", "help", "kind", "least", "metavar", "multiple", "name", "off", "spellings"),
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
        complete: str | None = None,
    ) -> None:
        self.spellings, self.help, self.kind, self.metavar = spellings, help, kind, metavar
        self.name = name or spellings[-1].lstrip("-").replace("-", "_")
        self.choices, self.least, self.multiple, self.off = choices, least, multiple, off
        self.complete = complete
        self.default = () if multiple else False if kind == FLAG and default is None else default

    def value_of(self, words: Iterator[str]) -> Any:
        """Return the value that the next words are. Raises ValueError, or StopIteration where words are missing."""
        if self.kind == PAIR:
            return next(words), next(words)
        word = next(words)
        if self.kind == TEXT:
            return word
        if self.kind == CHOICE:
            return self.choices[self.choices.index(word)]
        number = int(word) if self.kind == COUNT else float(word)
        # no comparison with "not a number" holds, so this refuses it
        if number >= self.least if self.kind == COUNT else number > 0:
            return number
        raise ValueError(word)


class Command:
    """A command: its name, what does the work, its FILE arguments (None where there are none) and its options.

    `run` takes the arguments and the values of the options by name.
    """

    __slots__ = ("arguments", "help", "metavar", "name", "options", "required", "run")

    def __init__(
        self,
        name: str,
        run: Callable[..., None],
        *,
        arguments: str,
        metavar: str,
        required: bool = False,
        options: Sequence[Option],
        help: str,
    ) -> None:
        self.name, self.run, self.options, self.help = name, run, options, help
        self.arguments, self.metavar, self.required = arguments, metavar, required


def read_words(command: Command, words: Sequence[str]) -> dict[str, object] | None:
    """Return the values of a command line by name; None where click must read it."""
    values: dict[str, Any] = {option.name: option.default for option in command.options}
    spellings = {spelling: option for option in command.options for spelling in option.spellings}
    off = {option.off: option for option in command.options if option.off is not None}
    arguments: list[str] = []
    pending = iter(words)
    for word in pending:
        if word == "-" or not word.startswith("-"):
            arguments.append(word)
        elif word in off:
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
    if command.required and not arguments:
        return None
    values[command.arguments] = tuple(arguments)
    return values
