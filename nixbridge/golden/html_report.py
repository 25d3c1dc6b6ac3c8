"""The outcomes as one HTML page that needs nothing else: differences side by side, folded, with a filter."""

from __future__ import annotations

import difflib
from html import escape
from string import Template

from nixbridge.errors.excerpt import printable
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.report import summary, tell

#: Longer documents are shown around their differences only.
CONTEXT_LINES = 4

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>nixbridge check</title>
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
.different, .error { color: var(--bad); } .passed { color: var(--good); } .missing, .stale { color: var(--warn); }
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
<h1>nixbridge check</h1>
<p class="summary">$summary</p>
<div class="tools">
<input type="search" id="filter" placeholder="Filter by name or text" aria-label="Filter">
<label><input type="checkbox" id="passed"> show what passed</label>
</div>
<main>
$cases
</main>
<script>
const filter = document.getElementById("filter"), passed = document.getElementById("passed");
function apply() {
  const wanted = filter.value.toLowerCase();
  for (const one of document.querySelectorAll("details"))
    one.hidden = (one.dataset.status === "passed" && !passed.checked) || !one.textContent.toLowerCase().includes(wanted);
}
filter.addEventListener("input", apply);
passed.addEventListener("change", apply);
apply();
</script>
</body>
</html>
""")


def html(outcomes: list[Outcome], seconds: float) -> str:
    """The page. Every text of the user's is escaped; the page runs no script but its own few lines and loads nothing."""
    shown = sorted(outcomes, key=lambda outcome: not outcome.failed)
    return _PAGE.substitute(summary=escape(summary(outcomes, seconds)), cases="\n".join(map(_case, shown)))


def _case(outcome: Outcome) -> str:
    parts = [f"<pre>{_safe(outcome.message)}</pre>"] if outcome.message else []
    if outcome.differences:
        parts.append("<ul>" + "".join(f"<li>{escape(tell(one))}</li>" for one in outcome.differences[:200]) + "</ul>")
    if outcome.status == "different":
        parts.append(side_by_side(outcome.golden, outcome.now))
    opened = " open" if outcome.failed else ""
    return (
        f'<details data-status="{outcome.status}"{opened}><summary><span class="status {outcome.status}">'
        f"{outcome.status}</span><span>{_safe(outcome.name)}</span></summary>"
        f'<div class="body">{"".join(parts)}</div></details>'
    )


def side_by_side(golden: str, now: str) -> str:
    """The two texts as a table, equal stretches folded to a few lines."""
    old, new = golden.splitlines(), now.splitlines()
    rows = ["<tr><th>golden</th><th>now</th></tr>"]
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        if len(rows) > 1:
            rows.append('<tr class="gap"><td colspan="2">…</td></tr>')
        for tag, a, b, c, d in group:
            for index in range(max(b - a, d - c)):
                left = _safe(old[a + index]) if a + index < b else ""
                right = _safe(new[c + index]) if c + index < d else ""
                classes = (
                    ("", "") if tag == "equal" else (' class="old"' * (a + index < b), ' class="new"' * (c + index < d))
                )
                rows.append(f"<tr><td{classes[0]}>{left}</td><td{classes[1]}>{right}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _safe(text: str) -> str:
    return escape("\n".join(printable(line) for line in text.split("\n")))
