"""What the cluster would refuse: found by rendering the records, without showing the manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixbridge.mesh.model.messages import ERROR as REFUSED
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.output.render import render
from nixbridge.tools.lint.finding import ERROR
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.view import View, rename

_MEANT = re.compile(r" \(did you mean (?P<name>.+)\?\)$")


@rule(
    "NB007",
    "refused-by-the-cluster",
    ERROR,
    wrong='mkVirtualService "web" { httpRoutes = [ { mach = [ ]; route = [ { destination.host = "web"; } ]; } ]; }',
    right='mkVirtualService "web" { httpRoutes = [ { match = [ ]; route = [ { destination.host = "web"; } ]; } ]; }',
)
def refused_by_the_cluster(view: View) -> Iterator[Remark]:
    """The cluster would refuse what this renders to, or it would mean something else.

    It is what `nixbridge render` says as an error: unknown fields inside routes, rules and policies (dropped, `mach` for `match` makes a
    route that takes every request), names that Kubernetes does not take, fields that exclude one another, fields that the chosen
    release of Istio has not. A field's name with one candidate is mended by --fix.
    """
    for message in render(view.found, Options()).messages:
        if message.level == REFUSED and message.place is not None:
            found = _MEANT.search(message.text)
            hint = f"did you mean '{found['name']}'?" if found else None
            fix = rename(message.place, message.meant[0]) if len(message.meant) == 1 else None
            yield Remark(message.place, _MEANT.sub("", message.text), hint=hint, fix=fix)
