"""The memory, descriptors, threads and processor time of a process, and whether they stay the same."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
#: The share by which a figure may be higher at the end than at the start.
MEMORY_GROWTH, TIME_GROWTH = 0.05, 0.15
#: Bytes that a long run may grow by, whatever the share: the first use of a module, of an arena of malloc.
SMALL = 4 * 1024**2
#: Files that eight threads may be reading at the moment of one count and not of another; a leak is one in each round.
SPARE_DESCRIPTORS = 8
#: Threads by which a pool may still grow: it makes one only when all others happen to be busy.
SPARE_THREADS = 4
#: Seconds of processor time that a part must take before the time of a round is compared: the clock has coarse ticks.
WORTH_COMPARING = 3.0


@dataclass(frozen=True)
class Footprint:
    """A process after so many `rounds`: bytes resident in memory, open descriptors, threads, seconds of processor time."""

    rounds: int
    memory: int
    descriptors: int
    threads: int
    seconds: float


def footprint(process: int, rounds: int) -> Footprint:
    """Return the footprint of a running process after `rounds`."""
    folder = Path(f"/proc/{process}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()  # a name may contain blanks
    return Footprint(
        rounds=rounds,
        memory=int((folder / "statm").read_text().split()[1]) * _PAGE,
        descriptors=len(os.listdir(folder / "fd")),
        threads=int(fields[17]),
        seconds=(int(fields[11]) + int(fields[12])) / _TICKS,
    )


def growth(taken: Sequence[Footprint], slack: int = SMALL) -> list[str]:
    """Return what grew between the second and the last quarter of a run, a line for each figure; empty where nothing did.

    The first quarter is left out: caches fill and modules are loaded. `slack`: bytes of memory that are not counted as growth.
    """
    quarter = len(taken) // 4
    early, late = taken[quarter : 2 * quarter + 1], taken[-quarter - 1 :]
    found: list[str] = []
    before, after = (statistics.median(one.memory for one in part) for part in (early, late))
    if after > before * (1 + MEMORY_GROWTH) and after - before > slack:
        found.append(f"memory: {before / 1024**2:.1f} MiB, then {after / 1024**2:.1f} MiB")
    for figure, spare in (("descriptors", SPARE_DESCRIPTORS), ("threads", SPARE_THREADS)):
        most_before, most_after = (max(getattr(one, figure) for one in part) for part in (early, late))
        if most_after > most_before + spare:
            found.append(f"{figure}: {most_before}, then {most_after}")
    cost_before, cost_after = seconds_a_round(early), seconds_a_round(late)
    if early[-1].seconds - early[0].seconds > WORTH_COMPARING and cost_after > cost_before * (1 + TIME_GROWTH):
        found.append(f"time: {cost_before * 1000:.2f} ms a round, then {cost_after * 1000:.2f} ms")
    return found


def seconds_a_round(taken: Sequence[Footprint]) -> float:
    """Return the processor time of one round within a part of a run."""
    rounds = taken[-1].rounds - taken[0].rounds
    return (taken[-1].seconds - taken[0].seconds) / rounds if rounds else 0.0


def described(taken: Sequence[Footprint]) -> str:
    """Return the figures of a run in a line."""
    first, last = taken[len(taken) // 4], taken[-1]
    return (
        f"{last.rounds:,} rounds, {last.seconds:.0f} s of processor time; memory {first.memory / 1024**2:.1f} to "
        f"{last.memory / 1024**2:.1f} MiB, descriptors {first.descriptors} to {last.descriptors}, threads {first.threads} to {last.threads}"
    )
