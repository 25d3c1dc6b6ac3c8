"""A picture as Mermaid text, which GitHub, GitLab and many editors draw. (mermaid.js.org, flowcharts)"""

from __future__ import annotations

from nixbridge.graph.picture import COLOURS, DASHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.graph.picture import Picture

#: Kind of node -> what is around its label.
SHAPES = {
    "gateway": ("[/", "\\]"),
    "route": ("([", "])"),
    "service": ("[", "]"),
    "external": ("[(", ")]"),
    "answer": (">", "]"),
    "policy": ("{{", "}}"),
    "mtls": ("{{", "}}"),
}


def write(picture: Picture) -> str:
    """The text, with a newline at its end."""
    names = picture.names()
    lines = ["flowchart LR"]
    for number, (group, nodes) in enumerate(picture.groups(), 1):
        lines.append(f'  subgraph g{number}["{_escaped(picture.title(group))}"]')
        for node in nodes:
            left, right = SHAPES[node.kind]
            label = "<br/>".join(_escaped(line) for line in node.lines)
            lines.append(f'    {names[node.key]}{left}"{label}"{right}:::{node.kind}')
        lines.append("  end")
    for edge in picture.edges:
        arrow = "-.->" if edge.kind in DASHED else "-->"
        label = "<br/>".join(_escaped(line) for line in edge.label.split("\n") if line)
        text = f'|"{label}"|' if label else ""
        lines.append(f"  {names[edge.source]} {arrow}{text} {names[edge.target]}")
    used = {node.kind for node in picture.nodes.values()}
    for kind, (fill, border, colour) in COLOURS.items():
        if kind in used:
            lines.append(f"  classDef {kind} fill:{fill},stroke:{border},color:{colour}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Text that Mermaid shows as it is: entities for what it, or the page around it, would read."""
    return "".join(
        character if character.isalnum() or character in " .,:/-_=+*·…?%~()" else f"#{ord(character)};"
        for character in text
    )
