"""A picture as a page that loads nothing: a jump list, a filter, a legend, the SVG, and every arrow as a row of a table."""

from __future__ import annotations

from html import escape
from string import Template

from nixbridge.content_security import page_head
from nixbridge.mesh.graph import graph_svg as svg
from nixbridge.mesh.graph.page_style import SCRIPT, STYLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
PAGE = Template("""$head<body>
<h1>$heading</h1>
<p class="summary">$summary</p>
<div id="tools" role="search" hidden>
<input type="search" id="filter" placeholder="Filter by name, namespace or condition" aria-label="Filter">
<span id="count" role="status"></span>
</div>
<div class="columns">
<nav aria-label="Jump to">
$jumps
</nav>
<main>
<ul class="legend">$legend</ul>
<figure tabindex="0" aria-label="The traffic as a drawing; the table has the same arrows">
$drawing</figure>
<table>
<thead><tr><th>From</th><th>To</th><th>When, and how much</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
</main>
</div>
<script>$script</script>
</body>
</html>
""")


def write(picture: Picture) -> str:
    """Return the page. Raises EvalError where there is no Graphviz to draw with."""
    drawn = svg.write(picture)
    used = {node.kind for node in picture.nodes.values()}
    return PAGE.substitute(
        head=page_head(escape(picture.heading), STYLE, SCRIPT),
        script=SCRIPT,
        heading=escape(picture.heading),
        summary=_summary(picture),
        jumps="\n".join(_jumps(picture)),
        legend="".join(
            f'<li><i class="{kind}"></i>{escape(text)}</li>' for kind, text in LEGEND.items() if kind in used
        ),
        drawing=drawn[drawn.index("<svg") :],
        rows="\n".join(_rows(picture)),
    )


def _summary(picture: Picture) -> str:
    services = sum(1 for node in picture.nodes.values() if node.kind == "service" and not node.whole)
    namespaces = sum(1 for name, _ in picture.groups() if name)
    counts = ((services, "service"), (namespaces, "namespace"), (len(picture.edges), "arrow"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)


def _jumps(picture: Picture) -> Iterator[str]:
    """Yield a list for each namespace of links to its nodes in the drawing."""
    names = picture.names()
    for group, nodes in picture.groups():
        items = "".join(f'<li><a href="#{names[node.key]}">{escape(node.lines[0])}</a></li>' for node in nodes)
        yield f"<details><summary>{escape(picture.title(group))}</summary><ul>{items}</ul></details>"


def _rows(picture: Picture) -> Iterator[str]:
    """Yield a row for each arrow; the filter finds the arrow and its two nodes by their ids in the drawing."""
    names = picture.names()
    for number, edge in enumerate(picture.edges, 1):
        source, target = (names[picture.nodes[key].whole or key] for key in (edge.source, edge.target))
        cells = (
            _place(picture, edge.source),
            _place(picture, edge.target),
            edge.label.replace("\n", ", ") or edge.kind,
        )
        columns = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<tr data-edge="e{number}" data-from="{source}" data-to="{target}">{columns}</tr>'


def _place(picture: Picture, key: str) -> str:
    """Return a node's name after its namespace: hosts of several namespaces share names."""
    group = picture.nodes[key].group
    return f"{group} / {picture.named(key)}" if group else picture.named(key)
