"""Put the manual page into a wheel: it is made from the commands' help, so that the two cannot differ."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPageHook(BuildHookInterface):
    """Runs before hatchling packs a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page beside the checkout's build output and have it installed under share/man."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from nixbridge.cli.man_page import man_page

        page = Path(self.directory) / "nixbridge.1"
        page.parent.mkdir(parents=True, exist_ok=True)
        day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
        page.write_text(man_page(time.strftime("%Y-%m-%d", day)), encoding="utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/nixbridge.1"
