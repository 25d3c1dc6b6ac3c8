"""Click's commands and options, made of the declarations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from nixbridge.cli import shell_completion
from nixbridge.cli.declaration import CHOICE, COUNT, FLAG, PAIR, SECONDS, Command, Option


class Seconds(click.FloatRange):
    """A positive number; click lets "not a number" through, which would be no limit at all."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number. Fails as click's types do."""
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is not a valid number of seconds.", param, ctx)
        return number


def click_command(command: Command) -> click.Command:
    """Return the click command of a declaration."""
    function = add_options(command.run, command.options)
    function = click.argument(
        command.arguments, nargs=-1, required=command.required, type=click.Path(), metavar=command.metavar
    )(function)
    return click.command(command.name, help=command.help)(function)


def add_options(function: Callable[..., Any], options: Sequence[Option]) -> Callable[..., Any]:
    """Return `function` with click's options, in the order of the declaration, as keywords."""

    def called(*arguments: object, **keywords: object) -> object:
        return function(*arguments, **keywords)

    called.__doc__, called.__name__ = function.__doc__, function.__name__
    # parameters of decorators that are there already
    called.__click_params__ = list(getattr(function, "__click_params__", []))  # type: ignore[attr-defined]
    for option in reversed(options):
        called = click.option(*_flags(option), **_settings(option))(called)
    return called


def _flags(option: Option) -> tuple[str, ...]:
    if option.off is None:
        return (*option.spellings, option.name)
    return (f"{option.spellings[0]}/{option.off}", *option.spellings[1:], option.name)


def _settings(option: Option) -> dict[str, Any]:
    settings: dict[str, Any] = {"help": option.help, "metavar": option.metavar, "multiple": option.multiple}
    if option.kind == FLAG:
        return {"help": option.help, "is_flag": True, "default": option.default}
    if option.complete is not None:
        settings["shell_complete"] = getattr(shell_completion, option.complete)
    if option.kind == PAIR:
        settings["nargs"] = 2
    elif option.kind == CHOICE:
        settings["type"] = click.Choice(option.choices)
    elif option.kind == COUNT:
        settings["type"] = click.IntRange(option.least)
    elif option.kind == SECONDS:
        settings["type"] = Seconds(min=0, min_open=True)
    if option.default is not None and not option.multiple:
        settings |= {"default": option.default, "show_default": True}
    return settings
