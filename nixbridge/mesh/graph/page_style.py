"""The style and the script of the graph page, in light and dark colours."""

from __future__ import annotations

from nixbridge.mesh.graph.picture import COLOURS, DARK_COLOURS

#: Colours of the drawing beside those of its nodes -> the same in the dark: paper, arrows' words, frames.
_DARK_REST = {"white": "#0d1117", "#374151": "#d1d5db", "#d1d5db": "#4b5563"}
_LAYOUT = """\
:root { color-scheme: light dark; --back: #fff; --text: #111827; --dim: #59636e; --line: #d1d9e0; --link: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --text: #e6edf3; --dim: #9aa4af; --line: #343d48; --link: #6cb6ff; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0; padding: 1rem; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
.summary, #count { color: var(--dim); margin: .1rem 0 .8rem; }
a { color: var(--link); overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
[hidden] { display: none !important; }
#tools { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; position: sticky; top: 0; z-index: 1; padding: .5rem 0;
  background: var(--back); }
#tools input { flex: 1 1 14rem; min-width: 0; max-width: 32rem; font: inherit; color: inherit; background: var(--back);
  padding: .35rem .7rem; border: 1px solid var(--line); border-radius: .5rem; }
#count { margin: 0; }
nav summary { cursor: pointer; font-weight: 600; padding: .25rem 0; overflow-wrap: anywhere; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0 0 0 1rem; }
.legend { list-style: none; padding: 0; margin: .6rem 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
i { display: inline-block; width: .9em; height: .9em; border: 1.5px solid; border-radius: 3px; margin-right: .4em; vertical-align: -.1em; }
figure { margin: .5rem 0 1rem; overflow: auto; max-height: 88vh; border: 1px solid var(--line); border-radius: .5rem; }
svg { display: block; }
svg .unmatched { opacity: .12; }
.node:target polygon, .node:target path { stroke-width: 3.5; }
.node:target text { text-decoration: underline; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
@media (min-width: 60rem) {
  .columns { display: grid; grid-template-columns: 16rem minmax(0, 1fr); gap: 1.5rem; align-items: start; }
  nav { position: sticky; top: 3.5rem; max-height: calc(100vh - 4rem); overflow-y: auto; }
}
@media (max-width: 40rem) {
  body { padding: .7rem; }
  thead { position: absolute; clip-path: inset(50%); }
  tr, td { display: block; }
  td { border: 0; padding: 0; }
  td + td::before { content: "→ "; color: var(--dim); }
  td:last-child::before { content: ""; }
  td:last-child { color: var(--dim); }
  tr { border-bottom: 1px solid var(--line); padding: .35rem 0; }
}
"""

SCRIPT = """
const words = one => one.textContent.toLowerCase();
const rows = [...document.querySelectorAll("tr[data-edge]")], links = [...document.querySelectorAll("nav a")];
const folds = [...document.querySelectorAll("nav details")], filter = document.getElementById("filter");
const figure = document.querySelector("figure");
const node = link => document.getElementById(link.hash.slice(1));
const wide = matchMedia("(min-width: 60rem)").matches;
function apply() {
  const wanted = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const matches = text => wanted.every(word => text.includes(word));
  const seen = new Set();
  let count = 0;
  for (const row of rows) {
    row.hidden = !matches(words(row));
    document.getElementById(row.dataset.edge).classList.toggle("unmatched", row.hidden);
    if (!row.hidden) { count += 1; seen.add(row.dataset.from).add(row.dataset.to); }
  }
  for (const link of links) {
    const drawn = node(link), here = seen.has(drawn.id) || matches(words(drawn) + " " + words(link.closest("details").firstElementChild));
    link.parentNode.hidden = !here;
    drawn.classList.toggle("unmatched", !here);
  }
  for (const fold of folds) {
    fold.hidden = !fold.querySelector("li:not([hidden])");
    fold.open = wide || wanted.length > 0;
  }
  document.getElementById("count").textContent = `${count} of ${rows.length} arrows`;
  const first = links.find(link => !link.parentNode.hidden);
  if (wanted.length && first) {
    const there = node(first).getBoundingClientRect(), frame = figure.getBoundingClientRect();
    figure.scrollBy(there.left - frame.left - 30, there.top - frame.top - 60);
  }
}
function jump() {
  const there = location.hash && document.getElementById(location.hash.slice(1));
  if (there) there.scrollIntoView({ block: "center", inline: "center" });
}
filter.addEventListener("input", apply);
addEventListener("hashchange", jump);
addEventListener("load", jump);
document.getElementById("tools").hidden = false;
apply();
"""


def _dark_drawing() -> str:
    # Graphviz writes the colours as attributes, which any rule overrides
    dark = dict(_DARK_REST)
    for kind, colours in COLOURS.items():
        dark |= zip(colours, DARK_COLOURS[kind], strict=True)
    rules = [
        f'  svg [fill="{light}"] {{ fill: {other}; }} svg [stroke="{light}"] {{ stroke: {other}; }}'
        for light, other in dark.items()
    ]
    return "@media (prefers-color-scheme: dark) {\n" + "\n".join(rules) + "\n}\n"


def _legend() -> str:
    light, dark = (
        "\n".join(f"i.{kind} {{ background: {fill}; border-color: {border}; }}" for kind, (fill, border, _) in colours)
        for colours in (COLOURS.items(), DARK_COLOURS.items())
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


#: The colours of a drawing on a dark page, for every page that shows one.
DARK_DRAWING = _dark_drawing()
STYLE = _LAYOUT + _legend() + DARK_DRAWING
