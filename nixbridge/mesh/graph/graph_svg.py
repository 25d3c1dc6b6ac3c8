"""A picture as SVG, drawn by Graphviz."""

from __future__ import annotations

import re
import shutil
import subprocess

from nixbridge.errors.exceptions import EvalError
from nixbridge.mesh.graph import dot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.graph.picture import Picture

#: No picture of a mesh takes Graphviz this long.
LONGEST_SECONDS = 60
_TITLE = re.compile(r"<title>[^<]*</title>\n?")


def write(picture: Picture) -> str:
    """Return the SVG document. Raises EvalError, which says how to get Graphviz, where there is none."""
    program = shutil.which("dot")
    if program is None:
        hint = "apt-get install graphviz, or brew install graphviz; -f dot and -f mermaid do not need it"
        raise EvalError("SVG needs Graphviz, whose program 'dot' was not found", hint=hint)
    try:
        drawn = subprocess.run(
            [program, "-Tsvg"],
            input=dot.write(picture).encode(),
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise EvalError(f"Graphviz took longer than {LONGEST_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        first_line = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise EvalError(f"Graphviz failed: {first_line}") from None
    # browsers show a title as a tooltip, and Graphviz writes its own names there
    return _TITLE.sub("", drawn.stdout.decode("utf-8"))
