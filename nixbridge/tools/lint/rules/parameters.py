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
            if problem.path[0] in call.failures and problem.kind != check.UNKNOWN:
                continue
            if problem.kind in kinds:
                yield call, problem, Place(call.given, problem.path)


def hint_of(problem: check.Problem) -> str | None:
    """`did you mean 'hosts'?`"""
    return f"did you mean '{problem.meant[0]}'?" if problem.meant else None


@rule(
    "NB001",
    "unknown-parameter",
    ERROR,
    wrong='mkVirtualService "web" { hots = [ "web" ]; }',
    right='mkVirtualService "web" { hosts = [ "web" ]; httpRoutes = [ { route = [ { destination.host = "web"; } ]; } ]; }',
)
def unknown_parameter(view: View) -> Iterator[Remark]:
    """The builder has no such parameter, and drops it without a word.

    The record then has the default instead, and nothing tells so. `nixbridge builders NAME` lists the parameters. A field that
    Istio has and the builder has not is added to the record: `mkVirtualService "web" { } // { gateways = [ "public" ]; }`.

    A name with one candidate is mended by --fix.
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
    """The parameter is of a type that the builder's result makes no sense with.

    Builders pass on whatever they are given, so `enableMtls = "no"` is a string that no chart understands, and `hosts = "web"` a
    VirtualService that the cluster refuses.
    """
    for call in view.calls:
        if not call.is_set:
            yield Remark(Place(call.given), "the parameters are not a set: all of them are left at their defaults")
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
    """The parameter takes one of a few values, and this is none of them.

    Case matters. `nixbridge builders NAME` shows the values. One that is near a single candidate, or differs in case only, is mended
    by --fix.
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
    """The value is not of the form that it must have: a duration, a quantity, a port, a namespace, a share.

    Durations are written as in Go (`250ms`, `1m30s`), quantities as in Kubernetes (`100m`, `256Mi`), shares are numbers from 0 to 1,
    versions begin with two numbers: `latest` says nothing about what is installed.
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
    """The release is at its end of life by the mesh's own calendar: it gets no security fixes.

    Istio supports a minor release until six weeks after the second next one; Linkerd's project has made no stable releases since February
    2024 (2.14 was the last). A release that is newer than the table here is a note. The lists of Nixernetes' module itself are
    `framework.supportedIstioVersions` and `framework.supportedLinkerdVersions`.
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
    """A parameter fails when it is asked for, and nothing in this file asks for it.

    The file evaluates, since Nix is lazy; whoever uses the record will meet the error. It could not be checked. Where a limit on time
    or memory stopped it, this is an error: what was not looked at must not pass.
    """
    for call in view.calls:
        for name, error in call.failures.items():
            place = Place(call.given, (name,) if name else ())
            level = ERROR if isinstance(error, LimitReached) else NOTE
            yield Remark(place, f"cannot be evaluated: {error.message}", level=level)
