"""Make data/fields.json and data/charts.json out of public sources: python -m nixbridge.mesh.schema.generate --help.

It reads Git repositories that are on this machine (istio/api, istio/istio, linkerd/linkerd2), each release from its own branch or tag,
and records the commit. To support a new release, add it here; new fields may also need checks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess

import yaml

from nixbridge.atomic import write_atomically
from nixbridge.mesh.schema.chart_values import ChartKeys, istiod_keys, keys_of, user_values
from nixbridge.mesh.schema.crd_fields import FieldTrees

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")

#: Istio release -> where its CRDs are: repository, branch, file. The newest ones come with istio/istio before istio/api has a branch.
ISTIO_CRDS = {
    f"1.{minor}": ("api", f"release-1.{minor}", "kubernetes/customresourcedefinitions.gen.yaml")
    for minor in range(16, 32)
}
ISTIO_CRDS |= {"1.32": ("istio", "master", "manifests/charts/base/files/crd-all.gen.yaml")}
#: Istio release -> the branch of istio/istio that has its charts.
ISTIO_CHARTS = {f"1.{minor}": f"release-1.{minor}" for minor in range(16, 32)} | {"1.32": "master"}
#: Chart of Istio -> its folder below manifests/charts.
ISTIO_FOLDERS = {
    "base": "base",
    "istiod": "istio-control/istio-discovery",
    "gateway": "gateway",
    "cni": "istio-cni",
    "ztunnel": "ztunnel",
}
#: Linkerd release -> the tag of linkerd/linkerd2 that has its charts.
LINKERD_CHARTS = {"2.13": "stable-2.13.7", "2.14": "stable-2.14.10"}
LINKERD_CHARTS |= {f"2.{minor}": f"version-2.{minor}" for minor in range(15, 21)}
#: Chart of Linkerd -> its folder. A chart that a release does not have has no keys in it.
LINKERD_FOLDERS = {
    "linkerd-crds": "charts/linkerd-crds",
    "linkerd-control-plane": "charts/linkerd-control-plane",
    "linkerd-viz": "viz/charts/linkerd-viz",
    "linkerd-jaeger": "jaeger/charts/linkerd-jaeger",
}
#: The last releases whose charts carry versions of their own: Linkerd release -> tag.
LINKERD_STABLE = {
    **{f"2.13.{patch}": f"stable-2.13.{patch}" for patch in range(8)},
    **{f"2.14.{patch}": f"stable-2.14.{patch}" for patch in range(11)},
}


#: A list of names in the text of a table.
_NAMES = re.compile(r'\[\s+"[^"]*"(?:,\s+"[^"]*")*\s+\]')
#: libyaml's if it is there: crd-all.gen.yaml is large, and PyYAML's own loader is much slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Repository:
    """A Git repository on this machine, read without a work tree."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def text(self, revision: str, path: str) -> str | None:
        """Return a file at a revision; None where the revision does not have it. Raises ValueError for an unknown revision."""
        self.commit(revision)
        done = self._git("show", f"{revision}:{path}")
        return done.stdout if done.returncode == 0 else None

    def commit(self, revision: str) -> str:
        """Return the commit that a branch or tag names. Raises ValueError where there is none."""
        done = self._git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if done.returncode != 0:
            raise ValueError(f"{self.folder} has no branch or tag '{revision}'")
        return done.stdout.strip()

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", "-C", self.folder, *arguments], capture_output=True, text=True, check=False)


def fields(api: Repository, istio: Repository) -> dict[str, object]:
    """Return the contents of fields.json: the trees of Istio's kinds over all releases."""
    trees = FieldTrees()
    sources: dict[str, str] = {}
    for release, (where, revision, path) in ISTIO_CRDS.items():
        repository = api if where == "api" else istio
        # read with git show: the repositories stay on whatever branch they are
        text = repository.text(revision, path)
        if text is None:
            raise ValueError(f"{repository.folder} has no {path} in {revision}")
        documents = yaml.load_all(text, Loader=_LOADER)
        trees.add(release, [one for one in documents if one and one.get("kind") == "CustomResourceDefinition"])
        sources[release] = _origin(repository, f"istio/{where}", revision)
    about = (
        "Field trees of spec by kind, from Istio's CRDs. since: the first release whose CRD has the field (absent: as its parent; "
        f"the root is {trees.releases[0]}). duration: a Go duration of 1ms or more. ref: a message under shared. "
        "Made by python -m nixbridge.mesh.schema.generate."
    )
    return {"about": about, "sources": sources, **trees.as_data()}


def charts(istio: Repository, linkerd: Repository) -> dict[str, object]:
    """Return the contents of charts.json: the value keys of the charts over all releases, and the versions of Linkerd's charts."""
    found: dict[str, dict[str, list[str]]] = {}
    for chart, folder in ISTIO_FOLDERS.items():
        keys = ChartKeys()
        for release, branch in ISTIO_CHARTS.items():
            own = _istio_keys(istio, chart, f"manifests/charts/{folder}", branch)
            if own:
                keys.add(release, own)
        found[chart] = keys.as_data()
    for chart, folder in LINKERD_FOLDERS.items():
        keys = ChartKeys()
        for release, tag in LINKERD_CHARTS.items():
            files = [linkerd.text(tag, f"{folder}/{name}") for name in ("values.yaml", "values-ha.yaml")]
            if files[0] is not None:
                keys.add(release, {key for text in files if text for key in keys_of(yaml.load(text, Loader=_LOADER))})
        found[chart] = keys.as_data()
    sources = {f"Istio {release}": _origin(istio, "istio/istio", branch) for release, branch in ISTIO_CHARTS.items()}
    for release, tag in LINKERD_CHARTS.items():
        sources[f"Linkerd {release}"] = _origin(linkerd, "linkerd/linkerd2", tag)
    about = (
        "Value keys of the charts, with the first and the last release that has each. A path that ends in .* takes anything below. "
        "istiod: pilot's keys have their prefix, which every release takes; meshConfig is the message MeshConfig of istio/api. "
        "linkerdChartVersions: the versions of linkerd-crds, linkerd-control-plane, linkerd-viz and linkerd-jaeger by release. "
        "Made by python -m nixbridge.mesh.schema.generate."
    )
    return {"about": about, "sources": sources, "linkerdChartVersions": _chart_versions(linkerd), "charts": found}


def _origin(repository: Repository, name: str, revision: str) -> str:
    return f"{name} {revision} {repository.commit(revision)[:12]}"


def _istio_keys(istio: Repository, chart: str, folder: str, branch: str) -> set[str]:
    text = istio.text(branch, f"{folder}/values.yaml")
    if text is None:
        return set()
    values = yaml.load(text, Loader=_LOADER)
    keys = istiod_keys(values) if chart == "istiod" else set(keys_of(user_values(values)))
    # profiles and platforms are files of the chart that a template merges in: no value names them
    template = istio.text(branch, f"{folder}/templates/zzz_profile.yaml")
    if chart != "base" and template is not None:
        keys.add("profile")
        if "platform" in template:
            keys.add("global.platform")
    return keys


def _chart_versions(linkerd: Repository) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for release, tag in LINKERD_STABLE.items():
        texts = [linkerd.text(tag, f"{folder}/Chart.yaml") for folder in LINKERD_FOLDERS.values()]
        versions[release] = [yaml.load(text, Loader=_LOADER)["version"] for text in texts if text is not None]
    return versions


def written(data: dict[str, object]) -> str:
    """Return the text of a table, with lists of names on one line, so that a diff shows one line per field."""
    return _NAMES.sub(lambda found: " ".join(found[0].split()), json.dumps(data, indent=1, ensure_ascii=False)) + "\n"


def main() -> None:
    """Write both tables, or compare them with the committed ones."""
    parser = argparse.ArgumentParser(description="Make the field and chart tables of nixbridge/mesh/schema/data.")
    for name in ("istio-api", "istio", "linkerd"):
        parser.add_argument(f"--{name}", required=True, metavar="DIR", help=f"a Git repository of {name}")
    parser.add_argument("--check", action="store_true", help="only say whether the tables are up to date")
    given = parser.parse_args()
    api, istio, linkerd = (Repository(folder) for folder in (given.istio_api, given.istio, given.linkerd))
    tables = {"fields.json": fields(api, istio), "charts.json": charts(istio, linkerd)}
    stale = []
    for name, data in tables.items():
        path = os.path.join(DATA, name)
        with open(path, encoding="utf-8") as file:
            stale += [name] if file.read() != written(data) else []
        if not given.check:
            write_atomically(path, written(data).encode())
    if given.check and stale:
        raise SystemExit(f"not up to date: {', '.join(stale)}")


if __name__ == "__main__":
    main()
