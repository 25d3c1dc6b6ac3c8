"""How to evaluate: the options that every command, the library and the pytest plug-in share."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import LimitReached
from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The limits that --untrusted sets unless they are given: seconds, MiB, MiB.
UNTRUSTED_TIMEOUT = 10.0
UNTRUSTED_MEMORY = 1024
UNTRUSTED_OUTPUT = 64
MIB = 1024 * 1024


class Options:
    """Immutable settings of an evaluation; `changed` makes other ones.

    `attribute` is selected and `apply`, a function, called with it. `arguments` and `strings` are the pairs of --arg and --argstr,
    `search_path` the entries of -I, `inputs` those of --input: folders for a flake's inputs. `project` lets a file read the project
    around it and gives it the project's settings, with the arguments of its `environment`. `allow` are further folders, `lib` is one
    that replaces the built-in lib. `positions` keeps where attributes stand. Limits are in seconds (`timeout`) and MiB (`max_memory`,
    `max_output`); None is no limit.
    """

    # A plain class: a dataclass would cost a warm start half of what the evaluation of a small file takes.
    attribute: str | None
    apply: str | None
    arguments: tuple[tuple[str, str], ...]
    strings: tuple[tuple[str, str], ...]
    search_path: tuple[str, ...]
    allow: tuple[str, ...]
    allow_environment: bool
    system: str | None
    lib: str | None
    cache: bool
    max_call_depth: int
    positions: bool
    timeout: float | None
    max_memory: int | None
    max_output: int | None
    untrusted: bool
    project: bool
    inputs: tuple[str, ...]
    environment: str | None

    def __init__(
        self,
        *,
        attribute: str | None = None,
        apply: str | None = None,
        arguments: tuple[tuple[str, str], ...] = (),
        strings: tuple[tuple[str, str], ...] = (),
        search_path: tuple[str, ...] = (),
        allow: tuple[str, ...] = (),
        allow_environment: bool = False,
        system: str | None = None,
        lib: str | None = None,
        cache: bool = True,
        max_call_depth: int = MAX_CALL_DEPTH,
        positions: bool = False,
        timeout: float | None = None,
        max_memory: int | None = None,
        max_output: int | None = None,
        untrusted: bool = False,
        project: bool = True,
        inputs: tuple[str, ...] = (),
        environment: str | None = None,
    ) -> None:
        if untrusted:
            # the settings of a project are its author's, who is not trusted
            project = False
            timeout = timeout if timeout is not None else UNTRUSTED_TIMEOUT
            max_memory = max_memory if max_memory is not None else UNTRUSTED_MEMORY
            max_output = max_output if max_output is not None else UNTRUSTED_OUTPUT
        # the parameters are the fields: nothing else is a local variable by now
        given = {name: value for name, value in locals().items() if name != "self"}
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Options are immutable: use changed({name}=...)")

    def changed(self, **values: object) -> Options:
        """Return a copy with other values for some fields. Raises TypeError for a name that is not a field."""
        return Options(**(self.__dict__ | values))

    def with_arguments(self, arguments: Iterable[tuple[str, str]]) -> Options:
        """Return a copy with further --arg pairs; those that are there already win."""
        return self.changed(arguments=(*arguments, *self.arguments))

    def with_folders(self, folders: Iterable[str]) -> Options:
        """Return a copy with further folders whose files may be read."""
        return self.changed(allow=(*self.allow, *folders))


def check_size(size: int, options: Options) -> None:
    """Raise LimitReached for output of more bytes than --max-output allows."""
    if options.max_output is not None and size > options.max_output * MIB:
        raise LimitReached(
            f"the output has {size} bytes, more than the limit of {options.max_output} MiB (--max-output)"
        )


def search_entry(entry: str) -> tuple[str, str]:
    """Return `nixpkgs=DIR` or `DIR`, an entry of -I, as (prefix, absolute path)."""
    prefix, separator, path = entry.partition("=")
    return (prefix, os.path.abspath(path)) if separator else ("", os.path.abspath(entry))
