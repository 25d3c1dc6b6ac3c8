"""A picture as Mermaid text, which GitHub, GitLab and many editors draw. (mermaid.js.org, flowcharts)"""

from __future__ import annotations

from nixbridge.mesh.graph.picture import COLOURS, DASHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.graph.picture import Node, Picture

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
#: Class of the frames around namespaces, and of a part in its whole.
NAMESPACE, PART = "namespace", "part"
CLASSES = {NAMESPACE: ("transparent", "#9ca3af", "#6b7280"), PART: ("#ffffff", "#16a34a", "#052e16")}


def write(picture: Picture) -> str:
    """Return the text, with a newline at its end."""
    names = picture.names()
    lines = ["flowchart LR"]
    parts = picture.parts()
    frames: dict[str, str] = {}
    for number, (group, nodes) in enumerate(picture.groups(), 1):
        lines.append(f'  subgraph g{number}["{_bold(picture.title(group))}"]')
        frames[f"g{number}"] = NAMESPACE
        for node in nodes:
            if node.key in parts:
                frames[names[node.key]] = node.kind
            lines += _box(node, parts.get(node.key, []), names)
        lines.append("  end")
    for edge in picture.edges:
        arrow = "-.->" if edge.kind in DASHED else "-->"
        label = "<br/>".join(_escaped(line) for line in edge.label.split("\n") if line)
        text = f'|"{label}"|' if label else ""
        lines.append(f"  {names[edge.source]} {arrow}{text} {names[edge.target]}")
    used = {*frames.values(), *(PART if node.whole else node.kind for node in picture.nodes.values())}
    for kind, (fill, border, colour) in {**COLOURS, **CLASSES}.items():
        if kind in used:
            lines.append(f"  classDef {kind} fill:{fill},stroke:{border},color:{colour}")
    # a frame knows its class only once it is closed
    lines += [f"  class {name} {kind}" for name, kind in frames.items()]
    return "\n".join(lines) + "\n"


def _box(node: Node, parts: list[Node], names: dict[str, str]) -> list[str]:
    """Return a node in its shape; one of parts is a frame around them."""
    name = names[node.key]
    if not parts:
        left, right = SHAPES[node.kind]
        return [f'    {name}{left}"{_lines(node)}"{right}:::{node.kind}']
    title, *rest = node.lines
    lines = [f'    subgraph {name}["{_bold(title)}"]']
    if rest:
        # the title of a frame has one line only
        lines.append(f'      {name}x["{"<br/>".join(map(_escaped, rest))}"]:::{PART}')
    lines += [f'      {names[part.key]}["{_lines(part)}"]:::{PART}' for part in parts]
    return [*lines, "    end"]


def _lines(node: Node) -> str:
    title, *rest = node.lines
    return "<br/>".join([_bold(title), *map(_escaped, rest)])


def _bold(text: str) -> str:
    return f"<b>{_escaped(text)}</b>"


def _escaped(text: str) -> str:
    """Escape text for Mermaid: characters with a meaning in Mermaid or in HTML become entities."""
    return "".join(
        character if character.isalnum() or character in " .,:/-_=+*·…?%~()" else f"#{ord(character)};"
        for character in text
    )
