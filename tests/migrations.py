"""Migrations of small trees: `configs`, in the current folder, to `out`."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.migrate.install import install
from nixbridge.tools.migrate.layout import PAGE, REPORT, WRITTEN
from nixbridge.tools.migrate.migration import Migration
from nixbridge.tools.migrate.migration_settings import Settings

OWN = {REPORT, PAGE, WRITTEN}

#: A tree with a library, plain data, and one object that two files declare.
MESHES = {
    "lib/routes.nix": "{ route = name: mkVirtualService name { httpRoutes = [ { route = [ { destination.host = name; } ]; } ]; }; }",
    "envs/prod.nix": '[ ((import ../lib/routes.nix).route "web") (mkIstioMesh "prod" { namespace = "istio-system"; }) ]',
    "envs/test.nix": '(import ../lib/routes.nix).route "web"',
    "teams/default.nix": 'mkPeerAuthentication "all" { namespace = "teams"; }',
    "teams/more.nix": '{ apiVersion = "v1"; kind = "ConfigMap"; metadata.name = "x"; }',
    "values.nix": "{ a = 1; }",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def plan(source: str = "configs", destination: str = "out", **settings: Any) -> Migration:
    settings.setdefault("evaluation", Options(cache=False, positions=settings.get("to") == "manifests"))
    migration = Migration(Settings(source, destination, **settings))
    migration.convert(nullcontext)
    migration.make_plan()
    return migration


def migrate(source: str = "configs", destination: str = "out", **settings: Any) -> Migration:
    with plan(source, destination, **settings) as migration:
        install(migration.plan)
        return migration


def contents(folder: str = "out", *, own: bool = False) -> dict[str, str]:
    """Every file below a folder."""
    return {
        path: Path(folder, path).read_text(encoding="utf-8")
        for path in sorted(
            os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names
        )
        if own or path not in OWN
    }


def statuses(migration: Migration) -> dict[str, str]:
    return {item.name: item.status for item in migration.items}


def reason(migration: Migration, name: str) -> str:
    """All that is said of a source."""
    item = next(item for item in migration.items if item.name == name)
    return "\n".join([item.reason, *(message.text for message in item.messages)]).strip()
