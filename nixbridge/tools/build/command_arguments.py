"""How the commands of scripts are declared, and how their options are read.

A command takes the shell, its arguments and its standard input, and returns what it writes to standard output. An option that is
not known is refused, since ignoring it might make other files.
"""

from __future__ import annotations

from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from nixbridge.tools.build.shell import Shell

    Command: TypeAlias = "Callable[[Shell, list[str], bytes], bytes]"


def declaring(commands: dict[str, Command]) -> Callable[..., Callable[[Command], Command]]:
    """Return a decorator that puts a function into `commands` under the names that it is given."""

    def command(*names: str) -> Callable[[Command], Command]:
        def declare(run: Command) -> Command:
            for name in names:
                commands[name] = run
            return run

        return declare

    return command


class Arguments:
    """Options and operands. `flags` take no value, `valued` take one; long options are given with their dashes."""

    def __init__(self, name: str, arguments: list[str], flags: tuple[str, ...], valued: tuple[str, ...] = ()) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, str] = {}
        self.operands: list[str] = []
        self._name, self._flags, self._valued = name, flags, valued
        rest = list(arguments)
        while rest:
            argument = rest.pop(0)
            if argument == "--":
                self.operands.extend(rest)
                return
            if not argument.startswith("-") or argument == "-":
                self.operands.append(argument)
            elif argument.startswith("--"):
                self._long(argument, rest)
            else:
                self._short(argument, rest)

    def _long(self, argument: str, rest: list[str]) -> None:
        option, equals, value = argument.partition("=")
        if option in self._valued:
            self.values[option] = value if equals else self._next(option, rest)
        elif argument in self._flags:
            self.flags.add(argument)
        else:
            raise self._unknown(argument)

    def _short(self, argument: str, rest: list[str]) -> None:
        letters = argument[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            # the rest of the word is its value, or else the next word: `-m755`, `-m 755`
            if letter in self._valued:
                self.values[letter] = letters or self._next(letter, rest)
                return
            if letter not in self._flags:
                raise self._unknown(f"-{letter}")
            self.flags.add(letter)

    def _next(self, option: str, rest: list[str]) -> str:
        if not rest:
            raise CommandFailed(f"{self._name}: option requires an argument -- '{option}'")
        return rest.pop(0)

    def _unknown(self, option: str) -> NotCarriedOut:
        return NotCarriedOut(f"nixbridge does not support '{self._name} {option}'")

    def has(self, *names: str) -> bool:
        """Return whether one of these flags was given."""
        return not self.flags.isdisjoint(names)


def needed(name: str, operands: list[str]) -> list[str]:
    """Return the operands. Raises CommandFailed where there are none."""
    if not operands:
        raise CommandFailed(f"{name}: missing operand")
    return operands


def exactly(name: str, arguments: list[str], count: int) -> list[str]:
    """Return `count` operands. Raises NotCarriedOut for another number of them, or an option."""
    operands = [argument for argument in arguments if argument != "--"]
    if len(operands) != count or any(operand.startswith("-") for operand in operands):
        raise NotCarriedOut(
            f"nixbridge supports '{name}' only with {count or 'no'} operand{'' if count == 1 else 's'} and no option"
        )
    return operands
