"""One process, measured by the operating system: wall time, CPU time, peak memory. Every run has a time limit."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass


@dataclass
class Run:
    """The measurements of one process: seconds of wall and CPU time, exit status and standard output."""

    wall: float
    cpu: float
    status: int
    output: bytes


def measure(command: list[str], *, environment: dict[str, str] | None = None, limit: float = 60.0) -> Run:
    """Run a command to completion, or kills it after `limit` seconds (status -9)."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=environment or clean_environment(),
        )
        killer = threading.Timer(limit, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Run(wall, usage.ru_utime + usage.ru_stime, process.returncode, output.read())


#: A small process that starts the command and prints the peak of its memory in KiB: the kernel counts what a process was forked from.
_PEAK = (
    "import os, resource, sys; null = os.open(os.devnull, os.O_RDWR);"
    "pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)]);"
    "os.waitpid(pid, 0); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def peak_memory(command: list[str], environment: dict[str, str] | None = None) -> float:
    """The peak memory of a command in MiB."""
    launcher = [sys.executable, "-S", "-c", _PEAK, *command]
    done = subprocess.run(
        launcher, env=environment or clean_environment(), capture_output=True, check=True, timeout=300
    )
    return int(done.stdout) / 1024


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what would make a Python start slower than a user's."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
    return environment | more


def interleaved(
    commands: dict[str, list[str]],
    runs: int,
    *,
    environments: dict[str, dict[str, str]] | None = None,
    limit: float = 60.0,
) -> dict[str, list[Run]]:
    """Each command `runs` times, in turn, after one that is not counted: the machine's drift hits all alike.

    A command that fails or takes longer than `limit` is not run again.
    """
    results: dict[str, list[Run]] = {name: [] for name in commands}
    failed: dict[str, Run] = {}
    for number in range(runs + 1):
        for name, command in commands.items():
            if name in failed:
                continue
            run = measure(command, environment=(environments or {}).get(name), limit=limit)
            if run.status != 0:
                failed[name] = run
            elif number > 0:
                results[name].append(run)
    for name, run in failed.items():
        results[name] = [run]
    return results


def median_wall(runs: list[Run]) -> float | None:
    """The median wall time in seconds; None when the command failed."""
    good = [run.wall for run in runs if run.status == 0]
    return statistics.median(good) if good else None


def median_cpu(runs: list[Run]) -> float | None:
    """Return the median processor time in seconds; None when the command failed."""
    good = [run.cpu for run in runs if run.status == 0]
    return statistics.median(good) if good else None
