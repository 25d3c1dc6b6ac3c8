"""`python -m tests.fuzz.coverage TARGET`: inputs that reach new code are kept and changed further. Needs `pip install atheris`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["nixbridge"]):
    from tests.fuzz.running import attempt
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzzes one target. What is found ends the process by atheris, which names the file that it put the input into."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.coverage", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()

    def one_input(data: bytes) -> None:
        finding = attempt(options.target, data.decode("utf-8", "surrogateescape"))
        if finding is not None:
            raise AssertionError(f"{finding.what} ({finding.where}): {finding.text!r}")

    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(TARGETS[options.target].seeds()):
            (Path(corpus) / str(number)).write_bytes(text.encode("utf-8", "surrogateescape"))
        flags = [f"-runs={options.count}", f"-seed={options.seed + 1}", "-max_len=4096", corpus]
        atheris.Setup([sys.argv[0], *flags], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
