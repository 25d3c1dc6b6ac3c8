"""`nixbridge lib`."""

from __future__ import annotations

from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.nixpkgs.lib_docs import describe, paths_of
from nixbridge.language.nixpkgs.sub_sets import SUB_SETS


def run(name: str | None) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        known = paths_of()
        if name is None:
            public = {title: sub_set for title, sub_set in SUB_SETS.items() if not sub_set.internal}
            text = "".join(f"{title}:\n  {' '.join(sub_set.names)}\n" for title, sub_set in public.items())
        else:
            wanted = name.removeprefix("lib.").rpartition(".")[2]
            if wanted not in known:
                raise UsageError(f"lib has no '{wanted}'", hint=did_you_mean(wanted, sorted(known)))
            text = f"{', '.join(known[wanted])}\n{describe(wanted)}"
        write_output(text.encode())
        return 0

    run_command(work)


COMMAND = Command(
    "lib",
    run,
    argument=Argument("name", "[NAME]", complete="lib_functions"),
    help="""List the functions of the built-in lib, or describe one.

    \b
    nixbridge lib
    nixbridge lib optionalAttrs
    """,
)
