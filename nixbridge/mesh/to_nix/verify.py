"""Proof that a call renders to its manifest: only then is it written as a call."""

from __future__ import annotations

from nixbridge.language.formats import yaml
from nixbridge.language.formats.nix_source import Call
from nixbridge.language.runtime.thunk import force
from nixbridge.mesh.model.config_map import FILE
from nixbridge.mesh.model.messages import ERROR
from nixbridge.mesh.model.record_data import MISSING, Record, path_text, same, value_at
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.resource import path_in_manifest
from nixbridge.mesh.model.result_contents import Found
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.tables.builder_record import build_record
from nixbridge.mesh.tables.manifest_paths import defaults_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Path


def rendered(calls: list[Call], options: Options) -> Rendering:
    """Render the calls together."""
    found = Found()
    found.records.extend(_record(call) for call in calls)
    return render(found, options)


def _record(call: Call) -> Record:
    made = build_record(table(call.function), call.name, call.parameters)
    fields = {name: force(value) for name, value in made.items()} | call.added
    return Record(call.function, fields, defaults_of(call.function, fields))


def difference(call: Call, manifest: JsonObject, options: Options) -> str | None:
    """Return why the call does not render to the manifest and nothing else; None where it does."""
    rendering = rendered([call], options)
    if rendering.failed:
        error = next(message for message in rendering.messages if message.level == ERROR)
        assert error.place is not None
        return f"{path_text(path_in_manifest(call.function, error.place.written()))}: {error.text}"
    (only,) = rendering.manifests
    return next(_differences(manifest, only, ()), None)


def missing_from(
    manifests: list[JsonObject], calls: list[Call], options: Options
) -> tuple[list[JsonObject], str | None]:
    """Return the manifests that the calls render to together, or the reason why one of them is not among those given."""
    rendering = rendered(calls, options)
    if rendering.failed:
        error = next(message for message in rendering.messages if message.level == ERROR)
        return [], f"{error.builder} would fail: {error.path}: {error.text}"
    claimed = []
    for made in rendering.manifests:
        # without the apiVersion, which may be an older one: then that is the difference that is reported
        found = next((manifest for manifest in manifests if _key(manifest) == _key(made)), None)
        if found is None:
            return [], f"{made['kind']} '{made['metadata']['name']}' would also be rendered, but is not in the input"
        reason = next(_differences(_with_values(found), _with_values(made), ()), None)
        if reason is not None:
            return [], f"{made['kind']} '{made['metadata']['name']}': {reason}"
        claimed.append(found)
    return claimed, None


def _key(manifest: JsonObject) -> tuple[object, ...]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace"), metadata.get("name")


def alike(one: JsonObject, other: JsonObject) -> bool:
    """Return whether two manifests are equal. Helm values in a ConfigMap are compared as data."""
    return same(_with_values(one), _with_values(other))


def _with_values(manifest: JsonObject) -> JsonObject:
    text = value_at(manifest, ("data", FILE))
    if manifest.get("kind") != "ConfigMap" or not isinstance(text, str):
        return manifest
    try:
        return {**manifest, "data": {**manifest["data"], FILE: yaml.read(text)}}
    except (ValueError, RecursionError):
        return manifest


def _differences(wanted: object, made: object, path: Path) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(made, dict):
        for name in {**wanted, **made}:
            yield from _differences(wanted.get(name, MISSING), made.get(name, MISSING), (*path, name))
    elif isinstance(wanted, list) and isinstance(made, list) and len(wanted) == len(made):
        for index, (ours, theirs) in enumerate(zip(wanted, made, strict=True)):
            yield from _differences(ours, theirs, (*path, index))
    elif not same(wanted, made):
        shown = "nothing" if made is MISSING else _shown(made)
        there = "the input has no value" if wanted is MISSING else f"the input has {_shown(wanted)}"
        yield f"{path_text(path)}: {there}, but {shown} would be rendered"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a set" if value else "an empty set"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = str(value).lower() if value is None or isinstance(value, bool) else str(value)
    return f"'{text}'" if isinstance(value, str) else text
