"""The page that reports are: entries to unfold, with filters. It loads nothing, and no script or style but its own can run in it."""

from __future__ import annotations

from html import escape
from string import Template

from nixbridge.content_security import page_head
from nixbridge.errors.excerpt import printable

STYLE = """
:root { color-scheme: light dark; --back: #fff; --card: #fff; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --soft: #f6f8fa;
  --link: #0969da; --bad: #b3261e; --bad-back: #ffebe9; --good: #1a6e34; --good-back: #dafbe1; --warn: #8a5a00; --warn-back: #fff4d6; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --card: #151b23; --text: #e6edf3; --dim: #9aa4af; --line: #343d48; --soft: #1b222c; --link: #6cb6ff;
    --bad: #ff8f87; --bad-back: #3d1a1c; --good: #6fdd8b; --good-back: #12331d; --warn: #f0c060; --warn-back: #372a0c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; }
.summary { color: var(--dim); margin: .15rem 0 .9rem; }
.bar { display: block; width: 100%; height: .5rem; border-radius: .25rem; }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .75rem 0;
  background: var(--back); }
.tools[hidden] { display: none; }
.tools input { flex: 1 1 14rem; min-width: 0; font: inherit; color: inherit; background: var(--card); padding: .35rem .7rem;
  border: 1px solid var(--line); border-radius: .5rem; }
button { font: inherit; font-size: .875rem; color: var(--text); background: var(--card); padding: .3rem .7rem; cursor: pointer;
  border: 1px solid var(--line); border-radius: 1rem; }
button:hover { background: var(--soft); }
button[aria-pressed="false"] { color: var(--dim); border-style: dashed; text-decoration: line-through; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.count { color: var(--dim); font-size: .875rem; margin-left: auto; }
.entry { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: 0 0 .5rem; overflow: hidden; }
.entry[hidden] { display: none; }
.head { display: flex; flex-wrap: wrap; gap: .15rem .7rem; align-items: baseline; padding: .5rem .8rem; }
summary.head { cursor: pointer; list-style: none; }
summary.head::-webkit-details-marker { display: none; }
summary.head::after { content: ""; width: .5em; height: .5em; border: solid var(--dim); border-width: 0 2px 2px 0; margin: 0 .2rem 0 auto;
  align-self: center; transform: rotate(45deg); }
details[open] > summary.head::after { transform: rotate(-135deg); }
summary.head:hover { background: var(--soft); }
.status { flex: none; font-size: .75rem; font-weight: 600; padding: .1rem .55rem; border-radius: 1rem; }
.bad { color: var(--bad); background: var(--bad-back); }
.warn { color: var(--warn); background: var(--warn-back); }
.good { color: var(--good); background: var(--good-back); }
.plain { color: var(--dim); background: var(--soft); }
.name { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.note { color: var(--dim); font-size: .875rem; }
.body p { margin: 0; } .body ul { margin: 0 0 .5rem; padding-left: 1.2rem; }
.body { border-top: 1px solid var(--line); padding: .7rem .8rem .8rem; }
pre, table { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; margin: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
pre + table, table + details { margin-top: .7rem; }
th, td { text-align: left; vertical-align: top; padding: .15rem .6rem; overflow-wrap: anywhere; white-space: pre-wrap; }
th { font: 600 .8rem/1.5 system-ui, sans-serif; color: var(--dim); border-bottom: 1px solid var(--line); }
.paths td { border-bottom: 1px solid var(--line); }
.paths tr:last-child td { border-bottom: 0; }
.paths td:first-child { width: 40%; }
.sides { table-layout: fixed; border: 1px solid var(--line); margin-top: .5rem; }
.sides td + td, .sides th + th { border-left: 1px solid var(--line); }
.old { background: var(--bad-back); } .new { background: var(--good-back); }
.old::before, .new::before { font-weight: 700; margin-right: .6ch; }
.old::before { content: "-"; color: var(--bad); } .new::before { content: "+"; color: var(--good); }
.sides td { padding-left: 2.8ch; position: relative; } .sides td::before { position: absolute; left: 1ch; }
.gap td { color: var(--dim); background: var(--soft); text-align: center; }
details.fold > summary { cursor: pointer; color: var(--link); font-size: .875rem; width: fit-content; }
.none { color: var(--dim); text-align: center; padding: 2rem; }
.none[hidden] { display: none; }
@media (max-width: 40rem) {
  body { padding: 1rem .6rem 3rem; }
  .tools { position: static; }
  .count { margin-left: 0; width: 100%; }
  .head .note { width: 100%; order: 4; }
  .paths thead, .sides thead { position: absolute; clip-path: inset(50%); }
  .paths tr, .paths td, .sides tr, .sides td { display: block; width: auto; }
  .paths td:first-child { width: auto; font-weight: 600; padding-top: .4rem; }
  .paths td { border: 0; } .paths tr { border-bottom: 1px solid var(--line); padding-bottom: .4rem; }
  .sides td + td { border-left: 0; } .sides .same td + td, .sides td:empty { display: none; }
}
@media print { .tools { display: none; } }
"""

SCRIPT = """
const entries = [...document.querySelectorAll(".entry")], texts = entries.map(one => one.textContent.toLowerCase());
const filter = document.getElementById("filter"), count = document.getElementById("count"), none = document.getElementById("none");
const kinds = [...document.querySelectorAll("button[data-status]")];
function apply() {
  const wanted = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const shown = new Set(kinds.filter(one => one.getAttribute("aria-pressed") === "true").map(one => one.dataset.status));
  let seen = 0;
  entries.forEach((one, index) => {
    one.hidden = !shown.has(one.dataset.status) || !wanted.every(word => texts[index].includes(word));
    if (!one.hidden) seen += 1;
  });
  count.textContent = `${seen} of ${entries.length} shown`;
  none.hidden = seen > 0;
}
for (const one of kinds) one.addEventListener("click", () => {
  one.setAttribute("aria-pressed", one.getAttribute("aria-pressed") !== "true");
  apply();
});
const fold = document.getElementById("fold");
fold.addEventListener("click", () => {
  const open = fold.textContent === "Unfold all";
  for (const one of document.querySelectorAll("details.entry")) one.open = open;
  fold.textContent = open ? "Fold all" : "Unfold all";
});
filter.addEventListener("input", apply);
document.getElementById("tools").hidden = false;
apply();
"""

PAGE = Template("""$head<body>
<header>
<h1>$title</h1>
<p class="summary">$summary</p>
$bar
</header>
<div class="tools" id="tools" role="group" aria-label="What is shown" hidden>
<input type="search" id="filter" placeholder="Filter by path, value or message" aria-label="Filter">
$buttons
<button type="button" id="fold">Fold all</button>
<span class="count" id="count" role="status"></span>
</div>
<main>
$entries
<p class="none" id="none" hidden>Nothing matches.</p>
</main>
<script>$script</script>
</body>
</html>
""")


#: How much of the whole has which tone, in the drawing at the head.
_COLOURS = {"bad": "#cf222e", "warn": "#d4a72c", "good": "#2da44e", "plain": "#afb8c1"}


class Entry:
    """One entry: its status, the tone of that (`bad`, `warn`, `good`, `plain`), and its HTML."""

    __slots__ = ("html", "status", "tone")

    def __init__(self, status: str, tone: str, html: str) -> None:
        self.status, self.tone, self.html = status, tone, html


def entry(name: str, status: str, tone: str, body: str, *, note: str = "", quiet: bool = False) -> Entry:
    """Return the entry of a user's `name`; `body` is HTML, `note` a text after the name. A quiet one is folded at first."""
    head = f'<span class="status {tone}">{escape(status)}</span><span class="name">{safe(name)}</span>'
    if note:
        head += f'<span class="note">{safe(note)}</span>'
    if not body:
        html = f'<div class="entry" data-status="{escape(status)}"><div class="head">{head}</div></div>'
    else:
        opened = "" if quiet else " open"
        html = (
            f'<details class="entry" data-status="{escape(status)}"{opened}><summary class="head">{head}</summary>'
            f'<div class="body">{body}</div></details>'
        )
    return Entry(status, tone, html)


def page(title: str, summary: str, entries: list[Entry]) -> str:
    """Return the page of these entries. A button for each status shows or hides its entries."""
    counts: dict[str, int] = {}
    for one in entries:
        counts[one.status] = counts.get(one.status, 0) + 1
    buttons = [
        f'<button type="button" data-status="{escape(status)}" aria-pressed="true">{count} {escape(status)}</button>'
        for status, count in counts.items()
    ]
    return PAGE.substitute(
        title=escape(title),
        summary=escape(summary),
        bar=bar(entries),
        buttons="\n".join(buttons),
        entries="\n".join(one.html for one in entries),
        head=page_head(escape(title), STYLE, SCRIPT),
        script=SCRIPT,
    )


def bar(entries: list[Entry]) -> str:
    """Return a drawing of how much of the whole each tone is."""
    tones = [one.tone for one in entries]
    pieces, place = [], 0.0
    for tone, colour in _COLOURS.items():
        width = 100 * tones.count(tone) / (len(tones) or 1)
        if width:
            pieces.append(f'<rect x="{place:.3f}" width="{width:.3f}" height="1" fill="{colour}"/>')
        place += width
    return f'<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{"".join(pieces)}</svg>'


def safe(text: str) -> str:
    """Return a user's text for a page: escaped, control characters shown."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
