"""`python -m nixbridge.playground DIR [--wheel FILE]`: build the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nixbridge.errors.exceptions import NixError, UsageError
from nixbridge.playground.page_build import build_page


def main() -> int:
    """Build the page that the arguments ask for; return the exit status."""
    parser = argparse.ArgumentParser("python -m nixbridge.playground", description="Build the playground page.")
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="the folder that is made, or replaced if it is a playground"
    )
    parser.add_argument("--wheel", metavar="FILE", type=Path, help="nixbridge's wheel, if it is built already")
    chosen = parser.parse_args()
    try:
        build_page(chosen.folder, chosen.wheel)
    except NixError as error:
        print(error.report(), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
