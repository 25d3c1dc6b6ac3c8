"""The table of settings: type, default and documentation of each, and the JSON Schema of nixbridge.toml that is made from it."""

from __future__ import annotations

from typing import Any, NamedTuple

#: The types of settings, in the words of messages.
TEXT = "a string"
TEXTS = "a list of strings"
TEXT_TABLE = "a table of strings"
EXPRESSIONS = "a table of Nix expressions (strings), numbers and booleans"
SEARCH_PATH = "a table of folders, or a list as for -I"
CODE_TABLE = "a table of lists of strings"
ENVIRONMENTS = "a table of environments"

#: What `lint.select` is where it is not set.
ALL_RULES = "ALL"


class Setting(NamedTuple):
    """One setting. `name` is its key, dotted where it is in a table of ours; `paths`: it holds paths, which start at the root."""

    name: str
    type: str
    default: object
    documentation: str
    paths: bool = False


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("include", TEXTS, [], "Patterns of the files that folders stand for; by default, all files."),
        Setting("exclude", TEXTS, [], "Patterns of files and folders to skip when a folder is given."),
        Setting("allow", TEXTS, [], "Folders outside the project whose files may be read (--allow).", paths=True),
        Setting("search-path", SEARCH_PATH, {}, "The meaning of <NAME> (-I NAME=PATH).", paths=True),
        Setting("system", TEXT, None, "The value of builtins.currentSystem (--system)."),
        Setting("inputs", TEXT_TABLE, {}, "Folders for the inputs of a flake (--input NAME=DIR).", paths=True),
        Setting("args", EXPRESSIONS, {}, "Arguments for files that evaluate to functions (--arg)."),
        Setting("argstr", TEXT_TABLE, {}, "Arguments that are strings (--argstr)."),
        Setting("golden", TEXT, None, "The folder of golden files, which mirrors the sources (--golden).", paths=True),
        Setting("istio-version", TEXT, None, "The release of Istio to render for."),
        Setting("linkerd-version", TEXT, None, "The release of Linkerd to render for."),
        Setting("crds", TEXT, None, "The CRDs that render --validate uses (--crds).", paths=True),
        Setting("lint.select", TEXTS, [ALL_RULES], "The rules to apply: codes, prefixes of codes, or ALL."),
        Setting("lint.ignore", TEXTS, [], "The rules to ignore."),
        Setting("lint.per-file-ignores", CODE_TABLE, {}, "Patterns of files, each with the rules to ignore in them."),
        Setting("environments", ENVIRONMENTS, {}, "Sets of files that are deployed together, by name."),
    )
}
#: What an environment has.
ENVIRONMENT_SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("files", TEXTS, [], "Files, folders or patterns that are deployed together.", paths=True),
        Setting("args", EXPRESSIONS, {}, "Arguments for its files, in addition to those of the project."),
        Setting("argstr", TEXT_TABLE, {}, "Arguments that are strings."),
    )
}
#: The tables of ours that group settings.
GROUPS = {name.partition(".")[0] for name in SETTINGS if "." in name}


_TEXT: dict[str, object] = {"type": "string"}
_TEXTS: dict[str, object] = {"type": "array", "items": _TEXT}
_TYPES: dict[str, dict[str, Any]] = {
    TEXT: _TEXT,
    TEXTS: _TEXTS,
    TEXT_TABLE: {"type": "object", "additionalProperties": _TEXT},
    EXPRESSIONS: {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    SEARCH_PATH: {"anyOf": [{"type": "object", "additionalProperties": _TEXT}, _TEXTS]},
    CODE_TABLE: {"type": "object", "additionalProperties": _TEXTS},
}


def settings_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12)."""
    properties: dict[str, Any] = {}
    for setting in SETTINGS.values():
        group, _, name = setting.name.rpartition(".")
        if group:
            groups = properties.setdefault(group, _table({}))
            groups["properties"][name] = _schema(setting)
        else:
            properties[name] = _schema(setting)
    assert properties.keys() >= GROUPS
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": "Settings of nixbridge (nixbridge.toml)", **_table(properties)}


def _schema(setting: Setting) -> dict[str, object]:
    schema: dict[str, object] = {"description": setting.documentation}
    if setting.type == ENVIRONMENTS:
        environment = _table({name: _schema(inner) for name, inner in ENVIRONMENT_SETTINGS.items()})
        return {**schema, "type": "object", "additionalProperties": environment}
    if setting.default is not None:
        schema["default"] = setting.default
    return {**schema, **_TYPES[setting.type]}


def _table(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
