"""A picture as a page that needs nothing else: the SVG, a legend, and every route as a table."""

from __future__ import annotations

from html import escape

from nixbridge.mesh.graph import graph_svg as svg
from nixbridge.mesh.graph.picture import COLOURS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.graph.picture import Picture

LEGEND = {
    "gateway": "gateway",
    "route": "hosts of a VirtualService",
    "service": "service or subset",
    "external": "outside the mesh",
    "answer": "answered without a service",
    "policy": "AuthorizationPolicy",
    "mtls": "PeerAuthentication",
}
STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; color: #111827; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } figure { margin: 1rem 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
i { display: inline-block; width: .9em; height: .9em; border: 1.5px solid; border-radius: 3px; margin-right: .4em; vertical-align: -.1em; }
table { border-collapse: collapse; } td, th { border-bottom: 1px solid #e5e7eb; padding: .3rem .8rem; text-align: left; }
"""

#: Nothing is loaded and nothing runs, whatever a name in the picture looks like; Graphviz puts styles into the drawing.
POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">"
)


def write(picture: Picture) -> str:
    """The page. Raises EvalError where there is no Graphviz to draw with."""
    drawn = svg.write(picture)
    drawing = drawn[drawn.index("<svg") :]
    used = {node.kind for node in picture.nodes.values()}
    legend = "".join(
        f'<li><i style="background:{COLOURS[kind][0]};border-color:{COLOURS[kind][1]}"></i>{escape(text)}</li>'
        for kind, text in LEGEND.items()
        if kind in used
    )
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>" for cells in _rows(picture))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{POLICY}\n<title>Traffic</title>\n<style>\n{STYLE}</style>\n'
        f"</head>\n<body>\n<h1>Traffic</h1>\n<ul>{legend}</ul>\n<figure>\n{drawing}</figure>\n"
        f"<table>\n<thead><tr><th>From</th><th>To</th><th>When, and how much</th></tr></thead>\n<tbody>{rows}</tbody>\n</table>\n"
        "</body>\n</html>\n"
    )


def _rows(picture: Picture) -> list[tuple[str, str, str]]:
    return [
        (picture.named(edge.source), picture.named(edge.target), edge.label.replace("\n", ", ") or edge.kind)
        for edge in picture.edges
    ]
