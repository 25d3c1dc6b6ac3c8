"""Faults that the cluster would refuse: found by rendering the records, without showing the manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixbridge.mesh.model.messages import ERROR, WARNING
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.view import View, rename

_MEANT = re.compile(r" \(did you mean (?P<name>.+)\?\)$")


@rule(
    "NB007",
    "refused-by-the-cluster",
    ERROR,
    wrong='mkVirtualService "web" { httpRoutes = [ { mach = [ ]; route = [ { destination.host = "web"; } ]; } ]; }',
    right='mkVirtualService "web" { httpRoutes = [ { match = [ ]; route = [ { destination.host = "web"; } ]; } ]; }',
    also=("IST0106",),
    only_unreported=True,
)
def refused_by_the_cluster(view: View) -> Iterator[Remark]:
    """The cluster would reject the rendered manifest, or the manifest would mean something else than the record.

    These are the errors of `nixbridge render`: unknown fields inside routes, rules and policies (the cluster drops them, so `mach` instead
    of `match` makes a route that accepts every request), names that Kubernetes does not allow, fields that exclude one another, and fields
    that the selected release of Istio lacks. If a single field has a similar name, --fix corrects the name.
    """
    for message in view.rendering.messages:
        if message.level == ERROR and message.place is not None:
            found = _MEANT.search(message.text)
            hint = f"did you mean '{found['name']}'?" if found else None
            fix = rename(message.place, message.meant[0]) if len(message.meant) == 1 else None
            yield Remark(message.place, _MEANT.sub("", message.text), hint=hint, fix=fix)


@rule(
    "NB063",
    "rendered-differently",
    WARNING,
    wrong='mkTrafficPolicy "web" { loadBalancer = "RANDOM"; }',
    right='mkTrafficPolicy "web" { loadBalancer = "RANDOM"; } // { host = "web"; }',
    also=("IST0133", "IST0134", "KIA1108"),
    only_unreported=True,
)
def rendered_differently(view: View) -> Iterator[Remark]:
    """A setting of a record has no counterpart in the rendered manifest, is changed, or has no effect.

    These are the warnings of `nixbridge render` and of istiod's admission webhook.
    """
    for message in view.rendering.messages:
        if message.level == WARNING and message.place is not None:
            yield Remark(message.place, message.text)
