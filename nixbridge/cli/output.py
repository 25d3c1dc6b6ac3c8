"""Standard output, standard error and the exit status: 0, 1 for an error in what was evaluated, 2 for wrong usage, 130 for Ctrl-C."""

from __future__ import annotations

import os
import sys

from nixbridge.cli.interrupt import STATUS as INTERRUPTED
from nixbridge.cli.interrupt import end_at_once, unwind_first
from nixbridge.cli.limits import Overdue, clear_limits, memory_message, set_limits
from nixbridge.errors.exceptions import LimitReached, NixError, UsageError
from nixbridge.tools.options import MIB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TextIO

    from nixbridge.tools.options import Options


#: The value of --color; it holds for the whole process.
_colour = "auto"


def run_command(
    command: Callable[[], int | None],
    *,
    show_trace: bool = False,
    colour: str = "auto",
    options: Options | None = None,
) -> NoReturn:
    """Run a command's work within its limits and end the process; what goes wrong is an `error:`, never a Python traceback."""
    global _colour
    _colour = colour
    unwind_first()
    try:
        status = within_limits(command, show_trace=show_trace, options=options)
    except KeyboardInterrupt:
        status = INTERRUPTED
    end_at_once()
    leave(status)


def within_limits(command: Callable[[], int | None], *, show_trace: bool, options: Options | None) -> int:
    """Does a command's work within its limits and tells what went wrong. Gives the exit status."""
    try:
        if options is not None:
            set_limits(options, whole_run=True)
        return status_of(command, show_trace=show_trace, options=options)
    except Overdue as overdue:
        clear_limits()
        show_error(overdue.reached)
        return 1
    except NixError as error:
        # of the limits themselves, or of a limit that fell into the telling of another error
        clear_limits()
        show_error(error, show_trace=show_trace)
        return 2 if isinstance(error, UsageError) else 1


def status_of(command: Callable[[], int | None], *, show_trace: bool, options: Options | None) -> int:
    """Does a command's work and tells what went wrong. Gives the exit status; only a limit reached while telling is raised."""
    try:
        status = command() or 0
        sys.stdout.flush()
        return status
    except NixError as error:
        clear_limits()
        show_error(error, show_trace=show_trace)
        return 2 if isinstance(error, UsageError) else 1
    except BrokenPipeError:
        # whoever read our output has seen enough; Python must not try to flush it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (MemoryError, SystemError):
        clear_limits()
        # one piece that is beyond the limit at once; CPython says SystemError where it did not expect that an allocation fails
        sys.stderr.write(f"error: {memory_message(options)}\n")
        return 1
    except OSError as error:
        clear_limits()
        show_os_error(error)
        return 1
    except Exception as error:
        clear_limits()
        internal_error(error, show_trace=show_trace)
        return 1


def leave(status: int) -> NoReturn:
    """Ends the process at once: the values of an evaluation need not be taken apart."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


def internal_error(error: Exception, *, show_trace: bool) -> None:
    """A mistake of nixbridge's own: one line, and the Python traceback for who asks for it."""
    sys.stderr.write(
        f"error: internal: {type(error).__name__}: {error}\n"
        "       This is a mistake in nixbridge, not in the expression. Please report it, with the output of --show-trace.\n"
    )
    if show_trace:
        import traceback

        traceback.print_exception(error)


def show_error(error: NixError, *, show_trace: bool = False) -> None:
    """Writes an error to the standard error, in colour on a terminal unless NO_COLOR is set."""
    from nixbridge.errors.report import report

    text = report(error, show_trace=show_trace, colour=colour_wanted(sys.stderr)) + "\n"
    try:
        write_bytes(sys.stderr.fileno(), text.encode("utf-8", "replace"))
    except OSError:
        return  # where it cannot be written, the exit status is all that there is


def show_os_error(error: OSError) -> None:
    """Says what the operating system refused; where not even that can be written, nothing is said."""
    name = f" '{error.filename}'" if error.filename is not None else ""
    try:
        message_line(f"error: {(error.strerror or str(error)).lower()}{name}")
    except OSError:
        return


def colour_wanted(stream: TextIO) -> bool:
    """Return whether to use colours on a stream: as --color says, else NO_COLOR and FORCE_COLOR (no-color.org), else on terminals."""
    if _colour != "auto":
        return _colour == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def message_line(text: str) -> None:
    """Writes what `trace` or `warn` says to the standard error; control characters are shown, not sent, and what is too long is cut."""
    from nixbridge.errors.excerpt import printable
    from nixbridge.errors.report import LONGEST_REPORT, shortened

    lines = "\n".join(printable(line) for line in text[: LONGEST_REPORT + 1].split("\n"))
    write_bytes(sys.stderr.fileno(), f"{shortened(lines)}\n".encode("utf-8", "replace"))


def write_output(data: bytes, path: str | None = None, *, most: int | None = None) -> None:
    """Writes a document to the standard output, or to `path`, whole or not at all. Raises LimitReached for more than `most` MiB."""
    if most is not None and len(data) > most * MIB:
        raise LimitReached(f"the output has {len(data)} bytes, more than the limit of {most} MiB (--max-output)")
    if path is not None:
        from nixbridge.atomic import write_atomically

        write_atomically(path, data)
    else:
        sys.stdout.flush()
        write_bytes(sys.stdout.fileno(), data)


def write_bytes(descriptor: int, data: bytes) -> None:
    """Writes all of `data`; Python's own text layer would refuse lone surrogates and buffer what is to be seen now."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
