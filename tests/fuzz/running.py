"""One input under its limits, many in a row, and a long input that breaks the promise made short."""

from __future__ import annotations

import json
import mmap
import os
import random
import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import FrameType

from tests.fuzz.targets import TARGETS, Target

#: Seconds of processor time that an input may take. A program may run for ever; then what counts is that it can be ended.
SECONDS, SECONDS_ENDLESS, UNTIL_ENDED = 5.0, 0.5, 3.0
MEMORY = 3 * 1024**3
#: Inputs that a process does before a new one takes over.
INPUTS_A_PROCESS = 2000


class OutOfTime(BaseException):
    """The processor time of an input is used up."""


@dataclass
class Finding:
    """An input that broke the promise: `what` came of it, and `where`."""

    target: str
    text: str
    what: str
    where: str

    @property
    def kind(self) -> str:
        """The part of a finding that others of the same cause share, besides the place."""
        return self.what[:12]


@contextmanager
def seconds_allowed(seconds: float) -> Iterator[None]:
    """Raises OutOfTime once so much processor time is used, again and again in case a place swallows it."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(name: str, text: str) -> Finding | None:
    """Runs one input; gives what is wrong with what came of it."""
    target = TARGETS[name]
    start = time.process_time()
    try:
        with seconds_allowed(SECONDS_ENDLESS if target.endless else SECONDS):
            target.check(text)
    except OutOfTime as error:
        taken = time.process_time() - start
        if not target.endless or taken > UNTIL_ENDED:
            return Finding(name, text, f"it took {taken:.1f} s", innermost(error))
    except MemoryError as error:
        if not target.endless:
            return Finding(name, text, "MemoryError", innermost(error))
    except Exception as error:
        return Finding(name, text, f"{type(error).__name__}: {str(error)[:200]}", innermost(error))
    return None


def innermost(error: BaseException) -> str:
    """The innermost lines of the project that an exception came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "nixbridge" in frame.filename]
    return " < ".join(f"{os.path.basename(frame.filename)}:{frame.name}" for frame in reversed(frames[-3:]))


def input_of(name: str, target: Target, seed: int, number: int) -> str:
    """The input of that number, the same whenever it is asked for."""
    return target.text(random.Random(f"{seed}/{name}/{number}"))


def findings_of(name: str, seed: int, count: int) -> Iterator[Finding]:
    """The findings of a target's inputs, in processes of their own: a process that dies is a finding as well."""
    start = 0
    while start < count:
        end = min(count, start + INPUTS_A_PROCESS)
        found, reached = in_a_process(name, seed, start, end)
        yield from found
        if reached < end:
            text = input_of(name, TARGETS[name], seed, reached)
            yield Finding(name, text, "the process died", "")
        start = reached + 1 if reached < end else end


def in_a_process(name: str, seed: int, start: int, end: int) -> tuple[list[Finding], int]:
    """Runs the inputs from `start` to before `end`; gives the findings, and `end` or the number of the input that killed the process."""
    reached = mmap.mmap(-1, 8)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with open(writer, "w", encoding="utf-8") as pipe:
            for number in range(start, end):
                reached[:] = number.to_bytes(8, "little")
                finding = attempt(name, input_of(name, TARGETS[name], seed, number))
                if finding is not None:
                    pipe.write(json.dumps(asdict(finding)) + "\n")
                    pipe.flush()
        reached[:] = end.to_bytes(8, "little")
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        found = [Finding(**json.loads(line)) for line in pipe]
    os.waitpid(child, 0)
    return found, int.from_bytes(reached[:], "little")


def survives(name: str, text: str) -> Finding | None:
    """`attempt` in a separate process, which may die."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        finding = attempt(name, text)
        with open(writer, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(asdict(finding) if finding is not None else None))
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        return Finding(name, text, "the process died", "")
    data = json.loads(answer)
    return None if data is None else Finding(**data)


def shortened(finding: Finding, tries: int = 400) -> Finding:
    """The same finding by a shorter text: pieces are left out for as long as it stays the same."""
    size = max(1, len(finding.text) // 2)
    while size and tries > 0:
        for start in range(0, len(finding.text), size):
            text = finding.text[:start] + finding.text[start + size :]
            again = survives(finding.target, text)
            tries -= 1
            if again is not None and (again.where, again.kind) == (finding.where, finding.kind):
                finding = again
                break
            if tries <= 0:
                break
        else:
            size //= 2
    return finding
