"""The page that reports are: entries to unfold, with a filter. It needs nothing else and loads nothing."""

from __future__ import annotations

from html import escape
from string import Template

from nixbridge.errors.excerpt import printable

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #c62828; --good: #2e7d32; --warn: #b26a00; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0 0 .2rem; }
.summary { color: GrayText; margin: 0 0 1rem; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1rem; position: sticky; top: 0; padding: .5rem 0;
  background: Canvas; border-bottom: 1px solid var(--line); z-index: 1; }
.tools input[type=search] { flex: 1 1 14rem; font: inherit; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: 6px; }
.tools label { padding: .4rem .6rem; border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
details { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 .6rem; overflow: hidden; }
summary { cursor: pointer; padding: .5rem .8rem; display: flex; gap: .7rem; align-items: baseline; overflow-wrap: anywhere; }
summary:hover { background: var(--soft); }
.status { font-size: .75rem; font-weight: 600; text-transform: uppercase; letter-spacing: .04em; flex: none; width: 5.6rem; }
.bad { color: var(--bad); } .good { color: var(--good); } .warn { color: var(--warn); } .plain { color: GrayText; }
.body { padding: .2rem .8rem .8rem; border-top: 1px solid var(--line); }
ul { padding-left: 1.2rem; margin: .5rem 0; } li, pre, td { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin-top: .6rem; border: 1px solid var(--line); }
td { white-space: pre-wrap; vertical-align: top; padding: 0 .5rem; width: 50%; }
td + td { border-left: 1px solid var(--line); }
th { text-align: left; font-weight: 600; font-size: .8rem; padding: .2rem .5rem; border-bottom: 1px solid var(--line); }
.old { background: #e5393522; } .new { background: #43a04722; } .gap td { color: GrayText; text-align: center; background: var(--soft); }
@media (max-width: 640px) { body { padding: .5rem; } .status { width: 4.6rem; } td { font-size: 11px; padding: 0 .25rem; } }
</style>
</head>
<body>
<h1>$title</h1>
<p class="summary">$summary</p>
<div class="tools">
<input type="search" id="filter" placeholder="Filter by name or text" aria-label="Filter">
<label><input type="checkbox" id="all"> $show_all</label>
</div>
<main>
$entries
</main>
<script>
const filter = document.getElementById("filter"), all = document.getElementById("all");
function apply() {
  const wanted = filter.value.toLowerCase();
  for (const one of document.querySelectorAll("details"))
    one.hidden = ("quiet" in one.dataset && !all.checked) || !one.textContent.toLowerCase().includes(wanted);
}
filter.addEventListener("input", apply);
all.addEventListener("change", apply);
apply();
</script>
</body>
</html>
""")


def page(title: str, summary: str, entries: list[str], show_all: str) -> str:
    """The page of these entries. `show_all` is what the checkbox says that shows the quiet ones, too.

    It runs no script but its own few lines.
    """
    return _PAGE.substitute(
        title=escape(title), summary=escape(summary), entries="\n".join(entries), show_all=escape(show_all)
    )


def entry(name: str, status: str, tone: str, body: str, *, quiet: bool = False) -> str:
    """One entry: `tone` is `bad`, `warn`, `good` or `plain`; `body` is HTML. A quiet one is hidden at first, the others are unfolded."""
    return (
        f'<details{" data-quiet" if quiet else " open"}><summary><span class="status {tone}">{escape(status)}</span>'
        f'<span>{safe(name)}</span></summary><div class="body">{body}</div></details>'
    )


def safe(text: str) -> str:
    """A user's text for a page: escaped, control characters shown."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
