"""The inputs of a flake: built-in stand-ins, the cache, what --untrusted takes, lock files that are written, checks of outputs."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nixbridge.cli.flake import outputs_text
from nixbridge.errors.exceptions import NixError
from nixbridge.flakes.flake_check import check_output, outputs_to_check
from nixbridge.flakes.git_repository import GitRepository
from nixbridge.flakes.input_cache import InputCache
from nixbridge.language.formats.document import to_document
from nixbridge.language.formats.format_table import format_named
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.case_check import check as check_case
from nixbridge.tools.golden.pairs import Finder
from nixbridge.tools.inputs import Evaluation, folder_of
from tests.cases import CACHE
from tests.flake_trees import FIXTURES, make_repository, make_tree, rows_of, run_git

if TYPE_CHECKING:
    from collections.abc import Callable

REV = "0123456789abcdef0123456789abcdef01234567"
#: The hash of an empty file: no folder has it.
NO_TREE = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InputCache:
    """An empty cache of inputs, and a project to work in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return InputCache(str(tmp_path / "cache" / "nixbridge" / "inputs"))


def write(**files: str) -> None:
    for name, text in files.items():
        Path(name.replace("_", ".", 1)).write_text(text)


def evaluated(installable: str, *, notes: list[str] | None = None, **options: Any) -> Any:
    evaluation = Evaluation(
        Options(**{"system": "x86_64-linux", **options}),
        folder_of(installable),
        write_message=notes.append if notes is not None else lambda text: None,
        cache=CACHE,
    )
    return json.loads(evaluation.read(installable, format_named("json").write))


def locked(**repositories: str) -> str:
    """A lock file for inputs on GitHub, each given as `owner/repository`."""
    nodes: dict[str, Any] = {"root": {"inputs": {name: name for name in repositories}}}
    for name, path in repositories.items():
        owner, _, repo = path.partition("/")
        original = {"type": "github", "owner": owner, "repo": repo}
        nodes[name] = {"original": original, "locked": {**original, "rev": REV, "narHash": NO_TREE}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


# stand-ins


@pytest.mark.parametrize(
    ("outputs", "value"),
    [
        pytest.param(
            "u.lib.eachDefaultSystem (system: { a.b = system; })",
            {"a": {s: {"b": s} for s in ("aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux")}},
            id="eachDefaultSystem",
        ),
        pytest.param(
            'u.lib.eachSystem [ "a" "b" ] (s: { x = s; y.z = 1; })',
            {"x": {"a": "a", "b": "b"}, "y": {"a": {"z": 1}, "b": {"z": 1}}},
            id="eachSystem",
        ),
        pytest.param('u.lib.eachSystemMap [ "a" ] (s: s + "!")', {"a": "a!"}, id="eachSystemMap"),
        pytest.param(
            'u.lib.eachSystemPassThrough [ "a" "b" ] (s: { ${s} = 1; })', {"a": 1, "b": 1}, id="eachSystemPassThrough"
        ),
        pytest.param("{ x = u.lib.system.x86_64-linux; }", {"x": "x86_64-linux"}, id="system"),
        pytest.param(
            '{ x = u.lib.mkApp { drv = { outPath = "/p"; pname = "n"; }; }; }',
            {"x": {"program": "/p/bin/n", "type": "app"}},
            id="mkApp",
        ),
        pytest.param(
            '{ x = builtins.attrNames (u.lib.filterPackages "s" { a = { type = "derivation"; }; b = { type = "derivation"; '
            'meta.broken = true; }; c = { type = "derivation"; meta.platforms = [ "t" ]; }; }); }',
            {"x": ["a"]},
            id="filterPackages",
        ),
        pytest.param(
            '{ x = builtins.attrNames (u.lib.flattenTree { a = { type = "derivation"; }; b = { recurseForDerivations = true; '
            'c = { type = "derivation"; }; }; d.e = 1; }); }',
            {"x": ["a", "b/c"]},
            id="flattenTree",
        ),
    ],
)
def test_flake_utils_is_built_in(outputs: str, value: Any) -> None:
    write(
        flake_nix=f'{{ inputs.u.url = "github:numtide/flake-utils"; outputs = {{ self, u }}: {{ it = {outputs}; }}; }}',
        flake_lock=locked(u="numtide/flake-utils"),
    )
    assert evaluated(".#it") == value


def test_nixpkgs_is_built_in_and_reported_once() -> None:
    write(
        flake_nix="""{
          inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
          outputs = { self, nixpkgs }: {
            upper = nixpkgs.lib.toUpper "a";
            text = nixpkgs.legacyPackages.x86_64-linux.writeText "n" "t";
            imported = (import nixpkgs { system = "aarch64-linux"; }).stdenv.hostPlatform.system;
            lib = (import "${nixpkgs}/lib").toUpper "b";
            rev = nixpkgs.rev;
            file = builtins.readFile "${nixpkgs}/flake.nix";
          };
        }""",
        flake_lock=locked(nixpkgs="NixOS/nixpkgs"),
    )
    notes: list[str] = []
    assert evaluated(".#upper", notes=notes) == "A"
    assert [note.partition(" (")[0] for note in notes] == [
        "note: the built-in stand-in is used for the flake input nixpkgs"
    ]
    assert evaluated(".#text.name") == "n"
    assert evaluated(".#imported") == "aarch64-linux"
    assert evaluated(".#.lib") == "B"
    # the name in the registry does not count: the lock file says what was asked for
    with pytest.raises(NixError, match="does not exist"):
        evaluated(".#file")


def test_flake_parts_is_built_in() -> None:
    write(
        flake_nix="""{
          inputs.nixpkgs.url = "github:NixOS/nixpkgs";
          inputs.parts.url = "github:hercules-ci/flake-parts";
          outputs = inputs@{ parts, ... }: parts.lib.mkFlake { inherit inputs; } ({ withSystem, ... }: {
            systems = [ "x86_64-linux" ];
            perSystem = { self', pkgs, system, ... }: {
              packages.a = pkgs.writeText "a-${system}" "";
              packages.default = self'.packages.a;
            };
            flake.names = withSystem "x86_64-linux" ({ config, ... }: builtins.attrNames config.packages);
          });
        }""",
    )
    assert evaluated(".#names") == ["a", "default"]
    shown = json.loads(outputs_text(Options(system="x86_64-linux"), ".", as_json=True))
    assert shown["packages"]["x86_64-linux"]["default"]["name"] == "a-x86_64-linux"


def test_nixernetes_has_its_service_mesh_module() -> None:
    write(
        flake_nix='{ inputs.n.url = "github:shift/nixernetes"; outputs = { self, n }: {'
        ' web = n.lib.serviceMesh.mkVirtualService "web" { }; other = n.lib.kyverno; }; }'
    )
    assert evaluated(".#web")["name"] == "web"
    with pytest.raises(NixError, match="kyverno is not built in"):
        evaluated(".#other")


def test_registry_names_have_no_stand_in() -> None:
    write(flake_nix="{ outputs = { self, nixpkgs }: { x = 1; }; }")
    with pytest.raises(NixError, match="is not locked"):
        evaluated(".#x")


# the cache and --input


def test_inputs_come_from_options_then_cache_then_stand_ins(own_cache: InputCache, tmp_path: Path) -> None:
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    (fetched / "flake.nix").write_text('{ outputs = _: { lib.from = "cache"; }; }')
    nar_hash, _ = own_cache.add(lambda path: str(shutil.copytree(fetched, path)) and None)
    given = tmp_path / "given"
    given.mkdir()
    (given / "flake.nix").write_text('{ outputs = _: { lib.from = "given"; }; }')
    lock = locked(u="numtide/flake-utils").replace(NO_TREE, nar_hash)
    write(
        flake_nix='{ inputs.u.url = "github:numtide/flake-utils"; outputs = { self, u }: { x = u.lib.from or "built in"; }; }',
        flake_lock=lock,
    )
    assert evaluated(".#x") == "cache"
    assert evaluated(".#x", inputs=(f"u={given}",)) == "given"
    Path("flake.lock").write_text(locked(u="numtide/flake-utils"))
    assert evaluated(".#x") == "built in"


def test_the_settings_of_the_project_apply(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "flake.nix").write_text("{ outputs = _: { x = 1; }; }")
    write(
        flake_nix='{ inputs.u.url = "github:example/u"; outputs = { self, u }: { packages.s.y = u.x + 1; }; }',
        nixbridge_toml='system = "s"\n[inputs]\nu = "../given"\n',
    )
    assert evaluated(".#y", system=None) == 2
    with pytest.raises(NixError, match="is not locked"):
        evaluated(".#y", system="s", untrusted=True)


def test_untrusted_flakes_use_only_the_project_and_the_cache(own_cache: InputCache, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "text").write_text("text")
    text = (
        '{ inputs.a = { url = "path:'
        + str(outside)
        + '"; flake = false; }; outputs = { self, a }: { x = builtins.readFile "${a}/text"; }; }'
    )
    write(flake_nix=text)
    assert evaluated(".#x") == "text"
    with pytest.raises(NixError, match="outside the project, which --untrusted refuses"):
        evaluated(".#x", untrusted=True)
    nar_hash, _ = own_cache.add(lambda path: str(shutil.copytree(outside, path)) and None)
    original = {"type": "path", "path": str(outside)}
    nodes = {
        "root": {"inputs": {"a": "a"}},
        "a": {"flake": False, "original": original, "locked": {**original, "narHash": nar_hash}},
    }
    write(flake_lock=json.dumps({"nodes": nodes, "root": "root", "version": 7}))
    assert evaluated(".#x", untrusted=True) == "text"


def test_objects_of_damaged_or_hostile_packs_are_errors(tmp_path: Path) -> None:
    unknown, first, second = (bytes([number]) * 20 for number in (1, 2, 3))
    write_pack(tmp_path, "a", {unknown: b"\x50" + zlib.compress(b""), first: b"\x70" + second + zlib.compress(b"")})
    write_pack(tmp_path, "b", {second: b"\x70" + first + zlib.compress(b"")})
    repository = GitRepository(str(tmp_path))
    with pytest.raises(NixError, match="its type 5 is unknown"):
        repository.object(unknown.hex())
    # each of two packs has the base of the other's delta
    with pytest.raises(NixError, match="its chain of deltas does not end"):
        repository.object(first.hex())


def write_pack(folder: Path, name: str, entries: dict[bytes, bytes]) -> None:
    """Write a pack of Git (gitformat-pack, version 2) with entries by their object's name; checksums are left out."""
    (folder / "objects" / "pack").mkdir(parents=True, exist_ok=True)
    names = sorted(entries)
    offsets, data = [], b"PACK" + struct.pack(">II", 2, len(names))
    for identity in names:
        offsets.append(len(data))
        data += entries[identity]
    (folder / "objects" / "pack" / f"{name}.pack").write_bytes(data)
    fanout = b"".join(struct.pack(">I", sum(one[0] <= first for one in names)) for first in range(256))
    table = fanout + b"".join(names) + bytes(4 * len(names)) + struct.pack(f">{len(names)}I", *offsets)
    (folder / "objects" / "pack" / f"{name}.idx").write_bytes(b"\xfftOc\0\0\0\x02" + table)


def test_repositories_that_borrow_from_one_another_are_read_once(tmp_path: Path) -> None:
    folders = [str(tmp_path / name / "objects") for name in "abcdefghij"]
    for folder in folders:
        os.makedirs(f"{folder}/info")
        Path(f"{folder}/info/alternates").write_text("\n".join(folders))
    with pytest.raises(NixError, match="is not in the repository"):
        GitRepository(str(tmp_path / "a")).object("0" * 40)


def link_objects(folder: Path, private: Path) -> None:
    shutil.rmtree(folder / ".git/objects")
    (folder / ".git/objects").symlink_to(private / "objects")


def borrow_objects(folder: Path, private: Path) -> None:
    shutil.rmtree(folder / ".git/objects")
    (folder / ".git/objects/info").mkdir(parents=True)
    (folder / ".git/objects/info/alternates").write_text(str(private / "objects"))


def share_objects(folder: Path, private: Path) -> None:
    (folder / ".git/commondir").write_text(str(private))


def link_repository(folder: Path, private: Path) -> None:
    shutil.rmtree(folder / ".git")
    (folder / ".git").write_text(f"gitdir: {private}")


@pytest.mark.parametrize("refer", [link_objects, borrow_objects, share_objects, link_repository])
@pytest.mark.parametrize("untrusted", [False, True], ids=["trusted", "untrusted"])
def test_an_untrusted_repository_reads_no_objects_of_another_one(
    refer: Callable[[Path, Path], None], *, untrusted: bool, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    make_repository(tmp_path, {"folder": "private", "commits": [{"secret": {"text": "secret"}}]})
    rev = run_git(private, "rev-parse", "HEAD").strip()
    make_repository(tmp_path, {"folder": "project"})
    Path("x.nix").write_text(f'builtins.readFile "${{builtins.fetchGit {{ url = ./.; rev = "{rev}"; }}}}/secret"')
    refer(Path.cwd(), private / ".git")
    if untrusted:
        with pytest.raises(NixError, match="outside the project, which --untrusted refuses"):
            evaluated("x.nix", untrusted=True)
    else:
        assert evaluated("x.nix") == "secret"


def test_an_untrusted_file_gets_no_source_from_a_cache_in_its_own_project(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Path(".cache").resolve()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    planted = InputCache(str(cache / "nixbridge" / "inputs"))
    (cache / "nixbridge").mkdir(parents=True, mode=0o700)
    nar_hash, path = planted.add(lambda path: Path(path).mkdir())
    (Path(path) / "text").write_text("planted")
    Path("x.nix").write_text(
        f'builtins.readFile "${{fetchTarball {{ url = "https://e.example/x"; sha256 = "{nar_hash}"; }}}}/text"'
    )
    assert evaluated("x.nix") == "planted"
    with pytest.raises(NixError, match="has not been fetched"):
        evaluated("x.nix", untrusted=True)


@pytest.mark.parametrize("name", ["HEAD", "index", "config", "refs/heads/main"])
def test_a_git_repository_is_read_without_opening_a_fifo(name: str, tmp_path: Path) -> None:
    make_repository(
        tmp_path, {"folder": "project", "commits": [{"flake.nix": {"text": "{ outputs = _: { x = 1; }; }"}}]}
    )
    path = Path(".git", name)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(NixError, match=f"'.*/.git/{name}' cannot be read: only regular files are read"):
        evaluated(".#x")


def fifo(path: Path) -> None:
    os.mkfifo(path / "file")


def link_to_a_like_folder(path: Path) -> None:
    path.rmdir()
    path.symlink_to("../outside")


@pytest.mark.parametrize("replace", [fifo, link_to_a_like_folder], ids=["fifo", "beyond-a-link"])
def test_a_tracked_file_that_is_not_one_any_more_is_gone(replace: Callable[[Path], None], tmp_path: Path) -> None:
    """`git status` lists it as deleted."""
    text = '{ outputs = { self }: { x = builtins.pathExists "${self}/folder/file"; y = self ? dirtyRev; }; }'
    files = {"flake.nix": {"text": text}, "folder/file": {"text": "text"}}
    make_repository(tmp_path, {"folder": "project", "commits": [files]})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("text")
    Path("folder/file").unlink()
    replace(Path("folder"))
    assert (evaluated(".#x"), evaluated(".#y")) == (False, True)


def test_fetch_functions_are_answered_from_the_cache(own_cache: InputCache, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "text").write_text("text")
    nar_hash, _ = own_cache.add(lambda path: str(shutil.copytree(folder, path)) and None)
    write(
        flake_nix='{ outputs = { self }: { x = builtins.readFile "${fetchTarball { url = "https://e.example/x"; sha256 = "'
        + nar_hash
        + '"; }}/text"; y = builtins.readFile ((builtins.fetchTree { type = "tarball"; url = "https://e.example/x"; narHash = "'
        + nar_hash
        + '"; }) + "/text"); z = fetchTarball { url = "https://e.example/x"; sha256 = "'
        + NO_TREE
        + '"; }; }; }'
    )
    assert evaluated(".#x") == "text"
    assert evaluated(".#y") == "text"
    with pytest.raises(NixError, match="has not been fetched") as caught:
        evaluated(".#z")
    assert caught.value.hint == f"nixbridge flake fetch --unpack --url https://e.example/x --hash {NO_TREE}"


# locking and checking


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row["id"]) for row in rows_of(FIXTURES / "locks" / "written.jsonl")]
)
def test_lock_files_equal_those_of_nix(row: dict[str, Any], tmp_path: Path) -> None:
    top = tmp_path / "tree"
    top.mkdir()
    make_tree(top, row["tree"], None)
    evaluation = Evaluation(Options(), None, write_message=lambda text: None, cache=CACHE)
    evaluation.host.make_pure()
    locked = evaluation.evaluator.run(lambda: evaluation.flakes().open(str(top)))
    there = top / "flake.lock"
    text = there.read_text() if locked.is_up_to_date else locked.lock_file.to_text()
    assert text.replace(str(top), "<dir>") == row["lock"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        pytest.param(("packages", "s", "x"), "1", "not a derivation", id="package"),
        pytest.param(("apps", "s", "x"), '{ type = "app"; }', "attribute 'program' missing", id="app"),
        pytest.param(("overlays", "x"), "1", "not a function", id="overlay"),
        pytest.param(("templates", "x"), "{ path = ./.; }", "attribute 'description' missing", id="template"),
        pytest.param(("data",), '{ a = [ { b = throw "deep"; } ]; }', "deep", id="data"),
        pytest.param(("lib",), '{ a = throw "unused"; }', None, id="lib"),
        pytest.param(("checks", "s", "x"), 'derivation { name = "n"; system = "s"; builder = "b"; }', None, id="check"),
    ],
)
def test_outputs_are_checked_by_their_kind(path: tuple[str, ...], value: str, message: str | None) -> None:
    write(flake_nix=f"{{ outputs = {{ self }}: {{ {'.'.join(path)} = {value}; }}; }}")
    evaluation = Evaluation(Options(system="s"), None, write_message=lambda text: None, cache=CACHE)
    evaluation.host.make_pure()
    flakes = evaluation.flakes()

    def check() -> None:
        outputs = flakes.call(flakes.open("."))["outputs"]
        assert [where for where, _ in outputs_to_check(outputs)] == [path]
        for where, output in outputs_to_check(outputs):
            check_output(where, output)

    if message is None:
        evaluation.evaluator.run(check)
    else:
        with pytest.raises(NixError, match=message):
            evaluation.evaluator.run(check)


def test_the_golden_file_of_an_output_is_next_to_the_flake() -> None:
    write(flake_nix="{ outputs = { self }: { a.b = 1; }; }")
    Path("a.b.json").write_text("1\n")
    (case,) = Finder().find([".#a.b"])
    assert case.golden == "a.b.json"
    outcomes, _ = check_case(case, Options(), CACHE)
    assert [outcome.status for outcome in outcomes] == ["passed"]


def test_restarting_keeps_the_values_of_flakes() -> None:
    write(
        flake_nix='{ outputs = { self }: { x = (builtins.unsafeGetAttrPos "a" { a = 1; }).file == "${self}/flake.nix"; }; }'
    )
    evaluation = Evaluation(Options(), None, write_message=lambda text: None, cache=CACHE)
    assert evaluation.read(".#x", to_document) is True
