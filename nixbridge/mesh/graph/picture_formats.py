"""The formats of pictures: the modules that write them, each imported on first use, and the suffixes of their files."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.graph.picture import Picture

#: Format -> a module with `write(picture)`.
WRITERS = {
    "mermaid": "nixbridge.mesh.graph.mermaid",
    "dot": "nixbridge.mesh.graph.dot",
    "svg": "nixbridge.mesh.graph.graph_svg",
    "html": "nixbridge.mesh.graph.graph_page",
}
SUFFIXES = {".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg", ".html": "html"}


def draw_as(picture_format: str, picture: Picture) -> str:
    """Return a picture as text of a format. Raises KeyError for an unknown format, EvalError where Graphviz is missing."""
    text: str = import_module(WRITERS[picture_format]).write(picture)
    return text
