"""Parameters of a call: upstream's builders drop what they do not know and pass on whatever they are given."""

from __future__ import annotations

from collections.abc import Iterator

from nixbridge.errors.exceptions import LimitReached
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING
from nixbridge.mesh.model.record_data import Place
from nixbridge.mesh.tables import call_check as check
from nixbridge.tools.lint.rule import Remark, rule
from nixbridge.tools.lint.view import Call, View, rename, retext


def problems(view: View, *kinds: str) -> Iterator[tuple[Call, check.Problem, Place]]:
    """Yield the problems that the builders' tables find in the calls, each with its place.

    A parameter that cannot be evaluated still has a name.
    """
    for call in view.calls:
        given = {**dict.fromkeys(call.failures), **call.given.fields} if "" not in call.failures else {}
        for problem in check.findings(call.builder, given):
            # its value is only a placeholder; NB006 reports the failure
            if problem.path[0] in call.failures and problem.kind != check.UNKNOWN:
                continue
            if problem.kind in kinds:
                yield call, problem, Place(call.given, problem.path)


def hint_of(problem: check.Problem) -> str | None:
    """Return `did you mean 'hosts'?`, or None where no name is similar."""
    return f"did you mean '{problem.meant[0]}'?" if problem.meant else None


@rule(
    "NB001",
    "unknown-parameter",
    ERROR,
    wrong='mkVirtualService "web" { hots = [ "web" ]; }',
    right='mkVirtualService "web" { hosts = [ "web" ]; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; }',
)
def unknown_parameter(view: View) -> Iterator[Remark]:
    """The builder has no such parameter, and silently ignores it.

    The record then contains the default instead. `nixbridge builders NAME` lists the parameters. To set a field of Istio that the builder
    does not support, add it to the record: `mkVirtualService "web" { } // { gateways = [ "public" ]; }`.
    If a single parameter has a similar name, --fix corrects the name.
    """
    for _, problem, place in problems(view, check.UNKNOWN):
        fix = rename(place, problem.meant[0]) if len(problem.meant) == 1 else None
        yield Remark(place, problem.text, hint=hint_of(problem), fix=fix)


@rule(
    "NB002",
    "wrong-type",
    ERROR,
    wrong='mkVirtualService "web" { hosts = "web"; }',
    right='mkVirtualService "web" { hosts = [ "web" ]; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; }',
)
def wrong_type(view: View) -> Iterator[Remark]:
    """The parameter has the wrong type.

    Builders accept any value, so `enableMtls = "no"` becomes a string that no chart understands, and `hosts = "web"` becomes a
    VirtualService that the cluster rejects.
    """
    for call in view.calls:
        if not call.is_set:
            yield Remark(Place(call.given), "the parameters are not a set, so all defaults apply")
    for _, problem, place in problems(view, check.TYPE):
        yield Remark(place, problem.text)


@rule(
    "NB003",
    "value-not-allowed",
    ERROR,
    wrong='mkPeerAuthentication "default" { mtlsMode = "strict"; }',
    right='mkPeerAuthentication "default" { mtlsMode = "STRICT"; }',
)
def value_not_allowed(view: View) -> Iterator[Remark]:
    """The value is not one of the allowed values of the parameter.

    Values are case-sensitive. `nixbridge builders NAME` shows them. If a single allowed value is similar, or differs only in case, --fix
    corrects it.
    """
    for _, problem, place in problems(view, check.CHOICE):
        fix = retext(place, problem.meant[0]) if len(problem.meant) == 1 else None
        yield Remark(place, problem.text, hint=hint_of(problem), fix=fix)


@rule(
    "NB004",
    "malformed-value",
    ERROR,
    wrong='mkVirtualService "web" { timeout = "30"; }',
    right='mkVirtualService "web" { timeout = "30s"; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; }',
)
def malformed_value(view: View) -> Iterator[Remark]:
    """The value is malformed: it is not a valid duration, quantity, port, namespace or share.

    Durations are written as in Go (`250ms`, `1m30s`), quantities as in Kubernetes (`100m`, `256Mi`), and shares are numbers from 0 to 1.
    Versions start with two numbers: `latest` does not identify a release.
    """
    for _, problem, place in problems(view, check.FORM):
        yield Remark(place, problem.text)


@rule(
    "NB005",
    "unsupported-version",
    WARNING,
    wrong='mkIstioMesh "mesh" { version = "1.19.0"; }',
    right='mkIstioMesh "mesh" { version = "1.32.0"; }',
)
def unsupported_version(view: View) -> Iterator[Remark]:
    """The release has reached its end of life and gets no security fixes.

    Istio supports a minor release until six weeks after the second release that follows it. The Linkerd project has not published stable
    releases since February 2024 (2.14 was the last). A release that is newer than those known to nixbridge is a note. The lists of the
    Nixernetes module are `framework.supportedIstioVersions` and `framework.supportedLinkerdVersions`.
    """
    for _, problem, place in problems(view, check.VERSION, check.NEW_VERSION):
        yield Remark(place, problem.text, level=NOTE if problem.kind == check.NEW_VERSION else WARNING)


@rule(
    "NB006",
    "unused-failure",
    NOTE,
    wrong='(mkVirtualService "web" { timeout = throw "undecided"; }).hosts',
    right='(mkVirtualService "web" { timeout = "5s"; }).hosts',
)
def unused_failure(view: View) -> Iterator[Remark]:
    """Evaluating a parameter fails, but nothing in this file uses it.

    The file evaluates because Nix is lazy; the error appears when the record is used. The parameter could not be checked. If a time or
    memory limit was the cause, this is an error, so that an unchecked parameter never passes.
    """
    for call in view.calls:
        for name, error in call.failures.items():
            place = Place(call.given, (name,) if name else ())
            level = ERROR if isinstance(error, LimitReached) else NOTE
            yield Remark(place, f"cannot be evaluated: {error.message}", level=level)
