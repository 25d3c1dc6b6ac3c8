"""A picture as DOT, Graphviz' language. (graphviz.org/doc/info/lang.html)"""

from __future__ import annotations

from nixbridge.graph.picture import COLOURS, DASHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.graph.picture import Picture

#: Kind of node -> Graphviz' shape and style.
SHAPES = {
    "gateway": ("cds", "filled"),
    "route": ("box", "filled,rounded"),
    "service": ("box", "filled"),
    "external": ("cylinder", "filled"),
    "answer": ("note", "filled"),
    "policy": ("octagon", "filled"),
    "mtls": ("octagon", "filled"),
}
HEADER = """\
digraph traffic {
  rankdir=LR
  newrank=true
  graph [fontname="Helvetica,Arial,sans-serif" fontsize=12 fontcolor="#374151" pad=0.3 nodesep=0.35 ranksep=1.1 bgcolor=white]
  node [fontname="Helvetica,Arial,sans-serif" fontsize=11 penwidth=1.2 margin="0.16,0.1"]
  edge [fontname="Helvetica,Arial,sans-serif" fontsize=10 color="#6b7280" fontcolor="#374151" arrowsize=0.7]
"""


def write(picture: Picture) -> str:
    """The text, with a newline at its end."""
    names = picture.names()
    lines = [HEADER.rstrip("\n")]
    for number, (group, nodes) in enumerate(picture.groups(), 1):
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f'    label={_quoted(picture.title(group))} labeljust=l style=rounded color="#d1d5db"')
        for node in nodes:
            shape, style = SHAPES[node.kind]
            fill, border, colour = COLOURS[node.kind]
            look = f'shape={shape} style="{style}" fillcolor="{fill}" color="{border}" fontcolor="{colour}"'
            lines.append(f"    {names[node.key]} [label={_quoted(chr(10).join(node.lines))} {look}]")
        lines.append("  }")
    for edge in picture.edges:
        dashed = " style=dashed" if edge.kind in DASHED else ""
        label = f"label={_quoted(f' {edge.label} ')}" if edge.label else 'label=""'
        lines.append(f"  {names[edge.source]} -> {names[edge.target]} [{label}{dashed}]")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
