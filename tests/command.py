"""The command in processes of its own, each forked from one that has loaded everything: a start costs a fork instead of an interpreter.

`run` is for what only a process can show: exit statuses, limits, streams, death. What a start itself loads and costs is tested with a
real one. `python -m tests.command DESCRIPTOR` is the process that is forked; one serves a run of pytest, or each of its workers.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import nixbridge
from nixbridge.cli import start

ROOT = Path(__file__).resolve().parent.parent
#: What is not loaded: modules that run something when they are, and those of the extras, each of which starts its own process in the tests.
NOT_LOADED = (
    "nixbridge.lsp",
    "nixbridge.repl",
    "nixbridge.__main__",
    "nixbridge.cli.command",
    "nixbridge.playground.__main__",
)
#: Seconds after which a command is killed, and the test fails.
PATIENCE = 60
#: Limits of the operating system as resource.setrlimit takes them: whoever reaches one sees it, or dies by a signal.
Limits = Iterable[tuple[int, int]]


def run(
    *arguments: str,
    cwd: Path | None = None,
    input: bytes = b"",
    env: Mapping[str, str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    limits: Limits = (),
    timeout: float = PATIENCE,
) -> subprocess.CompletedProcess[bytes]:
    """Run `nixbridge ARGUMENTS` to its end, as subprocess.run would. What goes to the descriptors `stdout` and `stderr` is not returned."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        given.write(input)
        given.seek(0)
        written = [output.fileno() if stdout is None else stdout, messages.fileno() if stderr is None else stderr]
        request = {
            "arguments": arguments,
            "cwd": str(cwd or Path.cwd()),
            "env": dict(env or os.environ),
            "limits": [*limits],
        }
        status = _server().ask(request, [given.fileno(), *written], timeout)
        output.seek(0)
        messages.seek(0)
        return subprocess.CompletedProcess(["nixbridge", *arguments], status, output.read(), messages.read())


def run_text(*arguments: str, input: str = "", **keywords: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as `run` does, with texts instead of bytes."""
    done = run(*arguments, input=input.encode(), **keywords)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Server:
    """The process that forks, seen from the tests."""

    def __init__(self) -> None:
        self.socket, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other_end:
            number = other_end.fileno()
            command = [sys.executable, "-m", "tests.command", str(number)]
            self.process = subprocess.Popen(command, cwd=ROOT, pass_fds=[number])
        atexit.register(self.end)

    def ask(self, request: dict[str, Any], streams: list[int], timeout: float) -> int:
        """Return the exit status of a command, or the negative number of the signal that ended it. Raises TimeoutExpired."""
        socket.send_fds(self.socket, [json.dumps(request).encode()], streams)
        self.socket.settimeout(PATIENCE)
        child = int(self.socket.recv(32))
        self.socket.settimeout(timeout)
        try:
            return int(self.socket.recv(32))
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            self.socket.settimeout(PATIENCE)
            self.socket.recv(32)
            raise subprocess.TimeoutExpired(["nixbridge", *request["arguments"]], timeout) from None

    def end(self) -> None:
        """Let the process end, which sees that nobody asks any more."""
        self.socket.close()
        self.process.wait()


@cache
def _server() -> Server:
    return Server()


# the process that is forked


def serve(requests: socket.socket) -> None:
    """Fork a command for each request; answer with its process id and then with its status."""
    while True:
        message, streams, _, _ = socket.recv_fds(requests, 1 << 20, 3)
        if not message:
            return
        child = os.fork()
        if not child:
            _become(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        requests.send(str(child).encode())
        requests.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def _become(request: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be the command of a request, in a process of its own."""
    status = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 256)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
        for limit, most in request["limits"]:
            resource.setrlimit(limit, (most, most))
        sys.argv = ["nixbridge", *request["arguments"]]
        start.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def load_everything() -> None:
    """Import all modules of the command, so that no process that is forked needs to."""
    for module in pkgutil.walk_packages(nixbridge.__path__, "nixbridge."):
        if not module.name.startswith(NOT_LOADED):
            importlib.import_module(module.name)
    # a collection in a child would copy every page that it looks at
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load_everything()
    serve(socket.socket(fileno=int(sys.argv[1])))
