"""A call with limits of time and memory, in a separate process: nothing that the call does can outlast or harm this one."""

from __future__ import annotations

import marshal
import os
import pickle
import select
import signal
from time import monotonic
from typing import TYPE_CHECKING, Any

from nixbridge.errors.exceptions import EvalError, LimitReached, NixError
from nixbridge.tools.evaluation_options import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

_VALUE, _ERROR = b"v", b"e"


def call_limited(task: Callable[[], Any], timeout: float | None, max_memory: int | None) -> Any:
    """Return the plain data that `task` returns, made in a child process.

    `timeout` is in seconds, `max_memory` in MiB, beyond what this process has at the moment. Raises what the task raises of NixErrors,
    and LimitReached.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _answer(task, writer, max_memory)
    os.close(writer)
    try:
        with open(reader, "rb", buffering=0) as pipe:
            answer = _read(pipe.fileno(), timeout)
        if answer is None:
            raise LimitReached(f"the time limit of {timeout:g} s was reached (timeout)")
    finally:
        # also a child that has answered: until it is waited for, its number belongs to nobody else
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if answer[:1] == _VALUE:
        return marshal.loads(answer[1:])
    if answer[:1] == _ERROR:
        raise pickle.loads(answer[1:])
    raise EvalError(f"the evaluation terminated its process ({_cause(status)})")


def _read(descriptor: int, timeout: float | None) -> bytes | None:
    """Return all that comes until the other end is closed; None when the time is over before."""
    deadline = monotonic() + timeout if timeout is not None else None
    parts: list[bytes] = []
    while True:
        left = max(0.0, deadline - monotonic()) if deadline is not None else None
        if not select.select([descriptor], [], [], left)[0]:
            return None
        part = os.read(descriptor, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _answer(task: Callable[[], Any], writer: int, max_memory: int | None) -> None:
    """Send the value or the error and end the child process at once, without running exit handlers of the program."""
    try:
        if max_memory is not None:
            limit_memory(max_memory)
        answer = _VALUE + marshal.dumps(task())
    except NixError as error:
        answer = _ERROR + pickle.dumps(error.without_frames())
    except (MemoryError, SystemError):
        answer = _ERROR + pickle.dumps(LimitReached(f"the memory limit of {max_memory} MiB was reached (max_memory)"))
    except ValueError as error:
        answer = _ERROR + pickle.dumps(LimitReached(f"the value cannot be passed between processes: {error}"))
    # whatever else it is, it must not leave the child, which would run the parent's code a second time
    except BaseException as error:
        answer = _ERROR + pickle.dumps(EvalError(f"{type(error).__name__}: {error}"))
    view = memoryview(answer)
    while view:
        view = view[os.write(writer, view) :]
    os._exit(0)


def limit_memory(mib: int) -> None:
    """Limit the address space that this process may use in addition to its current size; exceeding it raises MemoryError."""
    import resource

    with open("/proc/self/statm", "rb") as file:
        present = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (present + mib * MIB, hard))


def _cause(status: int) -> str:
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"status {os.WEXITSTATUS(status)}"
