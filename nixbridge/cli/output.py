"""Standard output, standard error and the exit status: 0, 1 for an error in what was evaluated, 2 for wrong usage, 130 for Ctrl-C."""

from __future__ import annotations

import os
import sys

from nixbridge.cli.interrupt import STATUS as INTERRUPTED
from nixbridge.cli.interrupt import Terminated, Unwinding, end_at_once, end_by, unwind_first
from nixbridge.cli.limits import Overdue, clear_limits, memory_error, set_limits, supervise
from nixbridge.cli.module_bundle import keep_bundle
from nixbridge.errors.exceptions import LimitReached, NixError, UsageError
from nixbridge.tools.evaluation_options import check_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TextIO

    from nixbridge.tools.evaluation_options import Options


#: The value of --color; it holds for the whole process.
_colour = "auto"
#: Called before anything is written: a line of progress must not stay in front of it.
_before_writing: Callable[[], None] | None = None
#: How many bytes of documents went to the standard output.
_printed = 0


def run_command(
    command: Callable[[], int | None],
    *,
    show_trace: bool = False,
    colour: str = "auto",
    options: Options | None = None,
    each_file: bool = False,
) -> NoReturn:
    """Run a command's work within its limits and end the process; what goes wrong is an `error:`, never a Python traceback.

    `each_file`: the time is that of a file, of which there are many; the command sets the limits for each.
    """
    global _colour
    _colour = colour
    unwind_first()
    status, late = 1, None
    while True:
        # A limit may be reached anywhere, also while an error is reported. It is not raised again within the next half second, in
        # which the second round stops the clock; a third never comes.
        try:
            status = (
                _run(command, options, each_file, show_trace=show_trace)
                if late is None
                else _report(late, show_trace=show_trace)
            )
            break
        except Overdue as overdue:
            late = overdue.reached
        except LimitReached as reached:
            late = reached
        except KeyboardInterrupt:
            status = INTERRUPTED
            break
        except Terminated as ended:
            end_by(ended.number)
    end_at_once()
    leave(status)


def _run(command: Callable[[], int | None], options: Options | None, each_file: bool, *, show_trace: bool) -> int:
    if options is not None:
        supervise(options)
        if not each_file:
            set_limits(options, whole_run=True)
    return status_of(command, show_trace=show_trace, options=options)


def _report(error: NixError, *, show_trace: bool) -> int:
    clear_limits()
    show_error(error, show_trace=show_trace)
    return 2 if isinstance(error, UsageError) else 1


def status_of(command: Callable[[], int | None], *, show_trace: bool, options: Options | None) -> int:
    """Run a command's work, report what goes wrong and return the exit status. Raises only for a limit that is reached meanwhile."""
    try:
        status = command() or 0
        sys.stdout.flush()
        return status
    except NixError as error:
        return _report(error, show_trace=show_trace)
    except BrokenPipeError:
        # whoever read our output has seen enough; Python must not try to flush it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (MemoryError, SystemError):
        # one piece that is beyond the limit at once; CPython raises SystemError where it did not expect that an allocation fails
        return _report(memory_error(options), show_trace=show_trace)
    except OSError as error:
        clear_limits()
        show_os_error(error)
        return 1
    # the outermost place: any other exception is a bug here, and users get a report instead of a traceback
    except Exception as error:
        clear_limits()
        internal_error(error, show_trace=show_trace)
        return 1


def leave(status: int) -> NoReturn:
    """End the process at once: the values of an evaluation need not be freed one by one."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    clear_limits()
    keep_bundle()
    # no finalizers: freeing the values of a large evaluation takes longer than some evaluations
    os._exit(status)


def internal_error(error: Exception, *, show_trace: bool) -> None:
    """Report a bug in nixbridge: one line, and with --show-trace the Python traceback."""
    sys.stderr.write(
        f"error: internal: {type(error).__name__}: {error}\n"
        "       This is a mistake in nixbridge, not in the expression. Please report it, with the output of --show-trace.\n"
    )
    if show_trace:
        import traceback

        traceback.print_exception(error)


def show_error(error: NixError, *, show_trace: bool = False) -> None:
    """Write an error to the standard error, in colour where that is wanted."""
    from nixbridge.errors.report import report

    text = report(error, show_trace=show_trace, colour=colour_wanted(sys.stderr))
    try:
        write_message(text)
    except OSError:
        return  # where it cannot be written, the exit status is all that there is


def show_os_error(error: OSError) -> None:
    """Report an error of the operating system; where not even that can be written, the exit status must do."""
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
    # CI logs show colours but are not terminals: FORCE_COLOR is for them
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def message_line(text: str) -> None:
    """Write a message, such as that of `trace` or `warn`, to the standard error.

    Control characters are shown, not sent, and what is too long is cut.
    """
    from nixbridge.errors.excerpt import printable
    from nixbridge.errors.report import LONGEST_REPORT, shortened

    lines = "\n".join(printable(line) for line in text[: LONGEST_REPORT + 1].split("\n"))
    write_message(shortened(lines))


def write_message(text: str) -> None:
    """Write lines to the standard error."""
    write_bytes(sys.stderr.fileno(), f"{without_commands(text)}\n".encode("utf-8", "replace"))


def without_commands(text: str) -> str:
    """Return lines of which none is a command to GitHub, whatever an evaluated file put into them."""
    if "::" in text or "##[" in text:
        # the runner looks for `::name` at the start of a line, blanks left out, and for `##[name]` anywhere in it
        text = "\n".join(_no_command(line) for line in text.split("\n"))
    return text


def _no_command(line: str) -> str:
    start = len(line) - len(line.lstrip())
    if line.startswith("::", start):
        line = f"{line[:start]}\\{line[start:]}"
    return line.replace("##[", "##\\[")


def write_output(data: bytes, path: str | None = None, options: Options | None = None) -> None:
    """Write a document to the standard output (None or `-`) or, atomically, to `path`.

    Raises LimitReached for too many bytes: in a file, or of all that goes to the standard output.
    """
    global _printed
    if path is not None and path != "-":
        from nixbridge.atomic import write_atomically

        if options is not None:
            check_size(len(data), options)
        with Unwinding():
            write_atomically(path, data)
    else:
        _printed += len(data)
        if options is not None:
            check_size(_printed, options)
        sys.stdout.flush()
        write_bytes(sys.stdout.fileno(), data)


def before_writing(function: Callable[[], None] | None) -> None:
    """Have a function called before anything is written; None ends that."""
    global _before_writing
    _before_writing = function


def write_bytes(descriptor: int, data: bytes) -> None:
    """Write all of `data`; Python's own text layer would refuse lone surrogates and buffer what is to be seen now."""
    if _before_writing is not None:
        _before_writing()
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
