"""The settings of a project, read from nixbridge.toml or the table `tool.nixbridge` of pyproject.toml, and checked.

A project without settings must cost nothing: this module is imported where there is a file to read.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.project import settings_table as table
from nixbridge.project.root import PYPROJECT, settings_file
from nixbridge.project.settings_table import ENVIRONMENT_SETTINGS, GROUPS, SETTINGS, Setting
from nixbridge.project.toml_places import Path, places
from nixbridge.regular_file import read_regular_file
from nixbridge.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nixbridge.source import Span

#: Tables of pyproject.toml that lead to ours.
_WITHIN_PYPROJECT = ("tool", "nixbridge")
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")
#: Numbers that Nix cannot write.
_NOT_FINITE = (float("inf"), float("-inf"))
#: The type of a TOML value, in words.
_WORDS = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table"}


class Environment(NamedTuple):
    """Files that are deployed together, with their arguments."""

    name: str
    files: list[str]
    arguments: dict[str, str]
    strings: dict[str, str]


class Settings:
    """The settings of the project at `root`. `given` are those that `source` has, by their names in the table."""

    def __init__(
        self, root: str, given: Mapping[str, object], source: Source | None, found: Mapping[Path, Span]
    ) -> None:
        self.root, self.given, self.source = root, given, source
        self._places = found

    def __getitem__(self, name: str) -> Any:
        """Return the value of a setting, or its default."""
        return self.given.get(name, SETTINGS[name].default)

    def path(self, name: str) -> str | None:
        """Return a setting that is a path as an absolute one; None where it is not given."""
        value = self[name]
        return self.absolute(value) if value is not None else None

    def absolute(self, path: str) -> str:
        """Return a path of the file as an absolute one: it starts at the root, and may start at the home folder."""
        return os.path.normpath(os.path.join(self.root, os.path.expanduser(path)))

    @property
    def allow(self) -> list[str]:
        """The folders whose files may be read besides the project's, as absolute paths."""
        return [self.absolute(path) for path in self["allow"]]

    @property
    def search_path(self) -> list[str]:
        """The entries of the search path as -I takes them, their paths absolute."""
        given = self["search-path"]
        if isinstance(given, dict):
            return [f"{name}={self.absolute(path)}" for name, path in given.items()]
        entries = [entry.rpartition("=") for entry in given]
        return [f"{name}{separator}{self.absolute(path)}" for name, separator, path in entries]

    @property
    def inputs(self) -> list[str]:
        """The folders for inputs of the project's flake as --input takes them, absolute."""
        return [f"{name}={self.absolute(path)}" for name, path in self["inputs"].items()]

    def arguments_of(self, environment: str | None) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Return the arguments of functions, expressions and strings: those of the project, then those of an environment, which win.

        Raises UsageError for an environment that is not there.
        """
        project = expressions(self["args"]), dict(self["argstr"])
        if environment is None:
            return [project]
        one = self.environment(environment)
        return [project, (one.arguments, one.strings)]

    def environment(self, name: str) -> Environment:
        """Return the environment called `name`. Raises UsageError without one."""
        environments = self.environments
        if name not in environments:
            raise no_environment(name, list(environments))
        return environments[name]

    @property
    def environments(self) -> dict[str, Environment]:
        """The environments by name."""
        return {
            name: Environment(
                name, list(one.get("files", [])), expressions(one.get("args", {})), dict(one.get("argstr", {}))
            )
            for name, one in self["environments"].items()
        }

    def place(self, name: str) -> str | None:
        """Return `FILE:LINE` of a setting; None where it is not given."""
        if name not in self.given or self.source is None:
            return None
        span = self._places.get((*_prefix(self.source.name), *name.split(".")))
        return f"{self.source.name}:{span[0]}" if span is not None else self.source.name

    def error(self, message: str, *path: str, hint: str | None = None) -> UsageError:
        """Return an error about the setting at `path`."""
        assert self.source is not None
        span = _place_of(self._places, (*_prefix(self.source.name), *path))
        return UsageError(message, source=self.source, span=span, hint=hint)


def no_environment(name: str, names: list[str]) -> UsageError:
    """Return the error about an environment that is not there; `names` are those that are."""
    listed = f"the environments are {', '.join(names)}" if names else "the project has no environments"
    return UsageError(f"unknown environment '{name}'", hint=did_you_mean(name, names) or listed)


#: What was read, by the path of the file: a check of many files asks for the settings with each of them.
_READ: dict[str, tuple[tuple[int, int, int], Settings]] = {}


def read_settings(root: str) -> Settings:
    """Return the settings of the project at `root`. Raises UsageError, for invalid settings with a position."""
    path = settings_file(root)
    if path is None:
        return Settings(root, {}, None, {})
    try:
        status = os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    stamp = status.st_mtime_ns, status.st_size, status.st_ino
    if path not in _READ or _READ[path][0] != stamp:
        _READ[path] = stamp, _read_file(root, path)
    return _READ[path][1]


def _read_file(root: str, path: str) -> Settings:
    source, data = _read(path)
    settings = Settings(root, {}, source, places(source))
    for key in _prefix(path):
        data = data.get(key, {})
    if not isinstance(data, dict):
        raise settings.error(f"'{'.'.join(_WITHIN_PYPROJECT)}' should be a table, not {_word(data)}")
    settings.given = _checked(settings, data)
    return settings


def _read(path: str) -> tuple[Source, dict[str, Any]]:
    """Return the text of a TOML file and its data."""
    import tomllib  # 5 ms; most projects have no settings

    try:
        data = read_regular_file(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    source = Source(data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), path, os.path.dirname(path))
    try:
        data.decode()
        return source, tomllib.loads(source.text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError("the settings are not UTF-8", source=source, span=(line, 0, line, 0)) from None
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        match = _AT_LINE.search(message)
        at = (int(match[1]), int(match[2])) if match and match[1] else (len(source.line_starts()), 1)
        column = len(source.line(at[0])[: at[1] - 1].encode())
        span = (at[0], column, at[0], column + 1)
        text = _AT_LINE.sub("", message)
        raise UsageError(f"not valid TOML: {text[:1].lower()}{text[1:]}", source=source, span=span) from None
    except RecursionError:
        raise UsageError("the settings are nested too deeply", source=source, span=(1, 0, 1, 0)) from None


def _unreadable(path: str, error: OSError) -> UsageError:
    return UsageError(f"the settings '{path}' cannot be read: {error.strerror}")


def _checked(settings: Settings, data: dict[str, object]) -> dict[str, object]:
    """Return the settings of a table by their names in ours."""
    given: dict[str, object] = {}
    for key, value in data.items():
        if key in GROUPS:
            if not isinstance(value, dict):
                raise settings.error(f"'{key}' should be a table, not {_word(value)}", key)
            for name, inner in value.items():
                given[f"{key}.{name}"] = _checked_value(settings, _known(settings, key, name), inner, (key, name))
        else:
            given[key] = _checked_value(settings, _known(settings, key), value, (key,))
    return given


def _known(settings: Settings, *path: str) -> Setting:
    name = ".".join(path)
    if name in SETTINGS:
        return SETTINGS[name]
    group = f"{path[0]}." if len(path) > 1 else ""
    names = [one.removeprefix(group) for one in SETTINGS if one.startswith(group)] + ([] if group else sorted(GROUPS))
    raise _unknown(settings, path, "setting", names)


def _unknown(settings: Settings, path: Path, kind: str, names: list[str]) -> UsageError:
    hint = did_you_mean(path[-1].replace("_", "-"), names) or f"the {kind}s are {', '.join(names)}"
    return settings.error(f"unknown {kind} '{'.'.join(path)}'", *path, hint=hint)


def _checked_value(settings: Settings, setting: Setting, value: object, path: Path) -> Any:
    """Return `value` where it is of the setting's type. Raises UsageError."""
    if setting.type == table.ENVIRONMENTS:
        return _checked_environments(settings, value, path)
    wrong = _wrong_part(setting.type, value)
    if wrong is not None:
        at, part = wrong
        name, wanted = ".".join((*path, *at)), f"'{'.'.join(path)}' is {setting.type}"
        if at:
            raise settings.error(f"'{name}' should not be {_word(part)}", *path, *at, hint=wanted)
        if part is not value:
            raise settings.error(f"'{name}' should be {setting.type}, but contains {_word(part)}", *path)
        raise settings.error(f"'{name}' should be {setting.type}, not {_word(part)}", *path)
    return value


def _checked_environments(settings: Settings, value: object, path: Path) -> Any:
    if not isinstance(value, dict):
        raise settings.error(f"'{path[-1]}' should be {table.ENVIRONMENTS}, not {_word(value)}", *path)
    for name, environment in value.items():
        if not isinstance(environment, dict):
            hint = "an environment is a table: files = [...], args = {...}"
            raise settings.error(
                f"'{path[-1]}.{name}' should be a table, not {_word(environment)}", *path, name, hint=hint
            )
        for key, inner in environment.items():
            if key not in ENVIRONMENT_SETTINGS:
                raise _unknown(settings, (*path, name, key), "setting", list(ENVIRONMENT_SETTINGS))
            _checked_value(settings, ENVIRONMENT_SETTINGS[key], inner, (*path, name, key))
    return value


def _wrong_part(type_: str, value: object) -> tuple[Path, Any] | None:
    """Return the part of a value that is not as its type wants it, with its path; None where all is right."""
    if type_ == table.TEXT:
        return None if isinstance(value, str) else ((), value)
    if type_ == table.TEXTS or (type_ == table.SEARCH_PATH and isinstance(value, list)):
        if not isinstance(value, list):
            return (), value
        return next((((), item) for item in value if not isinstance(item, str)), None)
    if not isinstance(value, dict):
        return (), value
    for key, item in value.items():
        if type_ == table.CODE_TABLE:
            wrong = _wrong_part(table.TEXTS, item)
            if wrong is not None:
                return (key,), wrong[1]
        elif (
            not isinstance(item, (str, int, float) if type_ == table.EXPRESSIONS else str)
            or item != item  # nan
            or item in _NOT_FINITE
        ):
            return (key,), item
    return None


def _place_of(found: Mapping[Path, Span], path: Path) -> Span:
    """Return the place of a key, or of the nearest one around it: keys of lists have none."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, (1, 0, 1, 0))


def _prefix(path: str) -> Path:
    return _WITHIN_PYPROJECT if os.path.basename(path) == PYPROJECT else ()


def _word(value: object) -> str:
    return _WORDS.get(type(value), "a date or time")


def expressions(given: Mapping[str, Any]) -> dict[str, str]:
    """Return arguments as Nix text: a string is an expression, as --arg takes it; a number or a boolean stands for itself."""
    return {name: value if isinstance(value, str) else _as_nix(value) for name, value in given.items()}


def _as_nix(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Nix has no literals for negative numbers, nor for floats without a point
    return f"({value})" if isinstance(value, int) or "." in repr(value) else f"(builtins.fromJSON ''{value!r}'')"
