"""A picture as DOT, Graphviz' language. (graphviz.org/doc/info/lang.html, graphviz.org/doc/info/shapes.html#html)"""

from __future__ import annotations

from html import escape

from nixbridge.mesh.graph.picture import COLOURS, DASHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.graph.picture import Edge, Node, Picture

#: Kind of node -> Graphviz' shape and style.
SHAPES = {
    "gateway": ("cds", "filled"),
    "route": ("box", "filled,rounded"),
    "service": ("box", "filled"),
    "external": ("cylinder", "filled"),
    "answer": ("note", "filled"),
    "policy": ("hexagon", "filled"),
    "mtls": ("hexagon", "filled"),
}
#: Room around the text: a hexagon has enough of its own.
MARGINS = {"policy": "0,0.04", "mtls": "0,0.04", "gateway": "0.2,0.12"}
HEADER = """\
digraph traffic {
  rankdir=LR
  newrank=true
  graph [fontname="Helvetica,Arial,sans-serif" fontsize=12 fontcolor="#374151" pad=0.3 nodesep=0.3 ranksep=0.9 bgcolor=white]
  node [fontname="Helvetica,Arial,sans-serif" fontsize=12 penwidth=1.2 margin="0.16,0.1"]
  edge [fontname="Helvetica,Arial,sans-serif" fontsize=10 color="#6b7280" fontcolor="#374151" arrowsize=0.7]
"""
SMALL = 10
#: Characters that XML does not allow, not even as an entity.
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")


def write(picture: Picture) -> str:
    """Return the text, with a newline at its end."""
    names, parts = picture.names(), picture.parts()
    # where an arrow begins or ends: a node, or the left side of a row of it, so that no arrow crosses the rows above
    ends = dict(names)
    for whole, inner in parts.items():
        ends |= {key: f"{names[whole]}:{names[key]}:w" for key in (whole, *(part.key for part in inner))}
    lines = [HEADER.rstrip("\n")]
    for number, (group, nodes) in enumerate(picture.groups(), 1):
        lines.append(f"  subgraph cluster_{number} {{")
        title = f"<b>{_text(picture.title(group))}</b>"
        lines.append(f'    label=<{title}> labeljust=l margin=14 style=rounded color="#d1d5db"')
        for node in nodes:
            name = names[node.key]
            lines.append(f'    {name} [id="{name}" {_look(node, parts.get(node.key, []), names)}]')
        lines.append("  }")
    lines += [
        f"  {ends[edge.source]} -> {ends[edge.target]} [{_arrow(edge, number)}]"
        for number, edge in enumerate(picture.edges, 1)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _look(node: Node, parts: list[Node], names: dict[str, str]) -> str:
    """Return label, shape and colours of a node; one that has parts is a table of them."""
    fill, border, colour = COLOURS[node.kind]
    if parts:
        rows = [f'<tr><td port="{names[node.key]}">{_lines(node)}</td></tr>']
        rows += [f'<hr/><tr><td port="{names[part.key]}">{_lines(part)}</td></tr>' for part in parts]
        table = f'<table border="1" cellborder="0" cellspacing="0" cellpadding="7" bgcolor="{fill}" color="{border}">'
        return f'label=<{table}{"".join(rows)}</table>> shape=plain fontcolor="{colour}"'
    shape, style = SHAPES[node.kind]
    margin = f' margin="{MARGINS[node.kind]}"' if node.kind in MARGINS else ""
    look = f'shape={shape} style="{style}" fillcolor="{fill}" color="{border}" fontcolor="{colour}"'
    return f"label=<{_lines(node)}> {look}{margin}"


def _lines(node: Node) -> str:
    """Return the title, and the other lines in smaller letters."""
    title, *rest = node.lines
    small = "".join(f'<br/><font point-size="{SMALL}">{_text(line)}</font>' for line in rest)
    return f"<b>{_text(title)}</b>{small}"


def _arrow(edge: Edge, number: int) -> str:
    attributes = [f'id="e{number}"']
    if edge.label:
        # on white, so that the words stay legible where an arrow crosses them
        text = "<br/>".join(_text(line) for line in edge.label.split("\n"))
        table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="2" bgcolor="white">'
        attributes.append(f"label=<{table}<tr><td>{text}</td></tr></table>>")
    if edge.kind in DASHED:
        attributes.append("style=dashed")
    return " ".join(attributes)


def _text(text: str) -> str:
    return escape(text.translate(_NOT_IN_XML))
