"""A repository from its first evaluation to its hooks: 12 services in 3 environments, of which one is broken."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.test_project import nixbridge

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "fixtures" / "projects" / "shop"
ENVIRONMENTS = ("dev", "prod", "staging")
RESOURCES = 24


def hook_status(shop: Path, identifier: str) -> int:
    """Run a hook as pre-commit runs it: its entry, in the repository, with the names of files unless it asks for none."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    hook = next(hook for hook in hooks if hook["id"] == identifier)
    command = shlex.split(hook["entry"])
    assert command[0] == "nixbridge"
    names = ["envs/dev.nix", "lib/service.nix"] if hook.get("pass_filenames", True) else []
    return nixbridge(shop, *command[1:], *names).returncode


def test_the_life_of_a_repository(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(SHOP, shop)
    subprocess.run(["git", "init", "-q", "."], cwd=shop, check=True)
    (shop / "build").mkdir()
    (shop / "build" / "generated.nix").write_text('throw "what Git ignores is nobody\'s configuration"')

    # an environment evaluates, from any folder: it reads lib/ and data/ of its repository
    for folder, name in ((shop, "envs/prod.nix"), (shop / "envs", "prod.nix"), (tmp_path, "shop/envs/prod.nix")):
        services = json.loads(nixbridge(folder, "eval", name).stdout)
        assert [service["route"]["name"] for service in services][:2] == ["accounts", "baskets"]
        assert len(services) == 12

    # lint judges each environment by itself: prod's subsets do not answer for those that staging lacks
    broken = nixbridge(shop, "lint")
    assert broken.returncode == 1
    assert broken.stdout.count("error[NB010]") == 12 and broken.stdout.count("(in staging)") == 12
    assert broken.stdout.endswith("12 errors in 3 files\n")
    assert nixbridge(shop, "lint", "--environment", "prod").stdout == "3 files checked, no findings\n"
    assert (hook_status(shop, "nixbridge-lint"), hook_status(shop, "nixbridge-check")) == (1, 0)

    # it is repaired
    staging = shop / "envs" / "staging.nix"
    staging.write_text(staging.read_text().replace('[ "v1" ]', '[ "v1" "v2" ]'))
    assert nixbridge(shop, "lint").stdout == "3 files checked, no findings\n"

    # golden files are made of environments, not of the library; the example of the README is checked with them
    made = nixbridge(shop, "check", "--missing")
    assert [line for line in made.stdout.splitlines() if line.startswith("made")] == [
        f"made envs/{name}.json" for name in ENVIRONMENTS
    ]
    checked = nixbridge(shop, "check")
    assert checked.returncode == 0
    assert checked.stdout.startswith("4 passed") and "1 block of Markdown not checked" in checked.stdout

    # a change of the data shows in every environment, and is accepted
    data = shop / "data" / "services.json"
    data.write_text(data.read_text().replace('"30s"', '"40s"', 1))
    changed = nixbridge(shop, "check")
    assert changed.returncode == 1
    assert changed.stdout.count('[0].route.timeout: golden "30s", now "40s"') == 3
    assert nixbridge(shop, "check", "--update").returncode == 0
    assert nixbridge(shop, "check").stdout.startswith("4 passed")

    # one environment is rendered, or each into a folder of its own
    stream = nixbridge(shop, "render", "--environment", "prod")
    assert len(list(yaml.safe_load_all(stream.stdout))) == RESOURCES
    together = nixbridge(shop, "render")
    assert together.returncode == 1 and "--environment (dev, prod, staging)" in together.stderr
    assert nixbridge(shop, "render", "-o", "build/deploy").returncode == 0
    for name in ENVIRONMENTS:
        assert len(list((shop / "build" / "deploy" / name).iterdir())) == RESOURCES

    # it can be left: YAML of every environment, nothing of the library
    assert nixbridge(shop, "migrate", "-o", "build/yaml").returncode == 0
    assert sorted(path.name for path in (shop / "build" / "yaml").rglob("*.yaml")) == [
        f"{name}.yaml" for name in ENVIRONMENTS
    ]

    # the hooks pass, and refuse the mistake when it comes back
    assert (hook_status(shop, "nixbridge-lint"), hook_status(shop, "nixbridge-check")) == (0, 0)
    staging.write_text(staging.read_text().replace('[ "v1" "v2" ]', '[ "v1" ]'))
    assert (hook_status(shop, "nixbridge-lint"), hook_status(shop, "nixbridge-check")) == (1, 1)

    # pytest runs the golden files
    (shop / "pytest.ini").write_text("[pytest]\nnixbridge_golden = envs\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)
    assert "FAILED envs/staging.nix::staging.json" in tested.stdout
    assert "1 failed, 2 passed" in tested.stdout
