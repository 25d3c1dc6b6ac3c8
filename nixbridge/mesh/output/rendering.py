"""Records in, manifests and messages out."""

from __future__ import annotations

from nixbridge.mesh.gateway_api.gateway_routes import gateway_routes, is_linkerd_alone
from nixbridge.mesh.installation.installed_meshes import render_meshes
from nixbridge.mesh.istio.ambient_mesh import add_waypoints
from nixbridge.mesh.istio.authorization_policy import render_authorization_policy
from nixbridge.mesh.istio.destination_rule.destination_rule import DestinationRuleDraft, render_destination_rule
from nixbridge.mesh.istio.peer_authentication import render_peer_authentication
from nixbridge.mesh.istio.service_entry.service_entry import render_service_entry
from nixbridge.mesh.istio.traffic_policy import Resources, apply_policies
from nixbridge.mesh.istio.virtual_service.virtual_service import render_virtual_service
from nixbridge.mesh.linkerd.linkerd_policies import linkerd_authorization, linkerd_peer_authentication
from nixbridge.mesh.model.draft import Draft
from nixbridge.mesh.model.manifest import Manifest
from nixbridge.mesh.model.messages import ERROR, NOTE, WARNING, Messages
from nixbridge.mesh.model.releases import NEWEST_ISTIO, OLDEST_ISTIO, release_of
from nixbridge.mesh.model.render_context import Context, Options
from nixbridge.mesh.output.manifest_checks import check_manifest
from nixbridge.mesh.output.object_order import arrange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.messages import Message
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.releases import Release
    from nixbridge.mesh.model.result_contents import Found

#: Builder -> what renders one of its records, for those that stand for themselves.
RENDERERS = {
    "mkPeerAuthentication": render_peer_authentication,
    "mkAuthorizationPolicy": render_authorization_policy,
    "mkServiceEntry": render_service_entry,
}
#: The same where the mesh is Linkerd: what the rendered object is there.
LINKERD_COUNTERPARTS = {
    "mkPeerAuthentication": linkerd_peer_authentication,
    "mkAuthorizationPolicy": linkerd_authorization,
}


class Rendering:
    """Manifests as plain data, in the order of the stream, and messages of all three levels.

    `manifests` are for a cluster: there are none when there is an error. `made` are those that could be made all the same.
    """

    def __init__(self, made: list[JsonObject], messages: list[Message]) -> None:
        self.made = made
        self.messages = messages

    @property
    def manifests(self) -> list[JsonObject]:
        """The manifests, where all could be made."""
        return [] if self.failed else self.made

    @property
    def failed(self) -> bool:
        """Return whether there is an error."""
        return any(message.level == ERROR for message in self.messages)

    def counted(self) -> tuple[int, int, int]:
        """Return the numbers of errors, warnings and notes."""
        errors, warnings, notes = (sum(m.level == level for m in self.messages) for level in (ERROR, WARNING, NOTE))
        return errors, warnings, notes


def render(found: Found, options: Options) -> Rendering:
    """Render the resources that a file's result describes, for a release of Istio and Linkerd, with everything there is to say about it."""
    messages = Messages(strict=options.strict)
    for path, what in found.others:
        messages.about_result(NOTE, path, what)
    if not found.records and not found.manifests:
        messages.about_result(ERROR, (), "the result contains neither a builder's record nor a manifest")
        return Rendering([], messages.found)
    context = Context(found.records, options, _istio_release(found.records, options), messages)
    manifests = _manifests(context)
    # after everything else is rendered: a waypoint is needed only where something has an effect on HTTP
    manifests += add_waypoints(context, manifests, [whole for _, whole in found.manifests])
    refused = []
    for record in found.foreign:
        before = messages.errors
        check_manifest(context, record)
        if messages.errors > before:
            refused.append(record.manifest)
    manifests += [_as_it_is(whole) for _, whole in found.manifests]
    arranged = arrange(manifests, messages)
    # a manifest with an error may have any shape, and whoever draws the others relies on theirs
    made = [manifest for manifest in arranged if not any(manifest.whole is one for one in refused)]
    return Rendering([manifest.to_data() for manifest in made], messages.found)


def _istio_release(records: list[Record], options: Options) -> Release:
    """Return --istio-version, else the lowest version of the meshes, else the newest known release, limited to known releases."""
    given = release_of(options.istio_version)
    if given is None:
        versions = [release_of(record.get("version")) for record in records if record.builder == "mkIstioMesh"]
        given = min((version for version in versions if version is not None), default=NEWEST_ISTIO)
    return min(max(given, OLDEST_ISTIO), NEWEST_ISTIO)


def _manifests(context: Context) -> list[Manifest]:
    # The order matters: drafts first, because policies are merged into them; then meshes, whose settings some renderers
    # read; rules and services last, when no policy can change them any more.
    rules = [DestinationRuleDraft(context, record) for record in context.of("mkDestinationRule")]
    for rule in rules:
        rule.take_apart(context)
    services = [Draft(context, record) for record in context.of("mkVirtualService")]
    resources = Resources(rules, services)
    apply_policies(context, resources)
    manifests = render_meshes(context)
    for_linkerd = is_linkerd_alone(context)
    for builder, renderer in RENDERERS.items():
        for record in context.of(builder):
            draft = Draft(context, record)
            manifest = renderer(context, draft)
            counterpart = LINKERD_COUNTERPARTS.get(builder) if for_linkerd else None
            manifests += counterpart(context.messages, draft, manifest) if counterpart is not None else [manifest]
    manifests += [render_destination_rule(context, rule) for rule in resources.rules]
    for service in resources.services:
        manifest = render_virtual_service(context, service)
        manifests += gateway_routes(context, service, manifest) if context.options.gateway_api else [manifest]
    return manifests


def _as_it_is(whole: JsonObject) -> Manifest:
    metadata = whole.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    namespace = metadata.get("namespace")
    return Manifest(
        whole["kind"],
        str(metadata.get("name", metadata.get("generateName", ""))),
        namespace if isinstance(namespace, str) else None,
        {},
        None,
        api_version=whole["apiVersion"],
        whole=whole,
    )
