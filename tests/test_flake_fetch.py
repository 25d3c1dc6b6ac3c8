"""Fetching: what is downloaded is checked before it is kept, whatever the server does; archives stay in their folder."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from nixbridge.errors.exceptions import NixError
from nixbridge.flakes.fetch import Limits, download, download_archive, download_file, fetch, url_of
from nixbridge.flakes.flake_reference import from_attributes
from nixbridge.flakes.input_cache import InputCache
from nixbridge.flakes.tree_reader import TreeReader
from nixbridge.flakes.unpack import unpack
from nixbridge.language.machine.allowed_paths import StoreTree
from nixbridge.language.store.archive import archive_hash
from nixbridge.language.store.hash_text import write_hash
from tests.flake_trees import run_git

QUICK = Limits(stall=0.3, rate=1000, most_bytes=100_000, attempts=1)


def tar_of(entries: list[tuple[str, Any]], compress: bool = True) -> bytes:
    """A tar archive: names with bytes (a file), a text (a link), None (a folder) or a ready TarInfo."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, contents in entries:
            info = tarfile.TarInfo(name)
            if isinstance(contents, tarfile.TarInfo):
                archive.addfile(contents)
            elif contents is None:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            elif isinstance(contents, str):
                info.type, info.linkname = tarfile.SYMTYPE, contents
                archive.addfile(info)
            else:
                info.size = len(contents)
                archive.addfile(info, io.BytesIO(contents))
    data = buffer.getvalue()
    return gzip.compress(data, mtime=0) if compress else data


def special(name: str, kind: bytes, target: str = "") -> tuple[str, tarfile.TarInfo]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return name, info


GOOD = tar_of(
    [("dep-1", None), ("dep-1/flake.nix", b"{ outputs = { self }: { v = 5; }; }\n"), ("dep-1/link", "flake.nix")]
)


class Handler(BaseHTTPRequestHandler):
    """A server with one bad habit for each path."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        Handler.seen.append((self.path, self.headers.get("Authorization")))
        getattr(self, self.path.strip("/").partition("/")[0].replace("-", "_"))()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, data: bytes, *, size: int | None = None, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if size is None else size))
        self.end_headers()
        self.wfile.write(data)

    def good(self) -> None:
        self.answer(GOOD)

    def lies(self) -> None:
        self.answer(tar_of([("dep-1/flake.nix", b"{ outputs = { self }: { v = 6; }; }\n")]))

    def stalls(self) -> None:
        time.sleep(1)

    def drips(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(20):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def too_much(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(50):
            self.wfile.write(bytes(10_000))

    def says_too_much(self) -> None:
        self.answer(b"", size=10**12)

    def breaks_off(self) -> None:
        self.answer(GOOD[:50], size=len(GOOD))

    def chunk_breaks_off(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"ffff\r\nabc")

    def missing(self) -> None:
        self.answer(b"not here", status=404)

    def page(self) -> None:
        self.answer(b"<html>log in first</html>")

    def redirect(self, target: str = "/good") -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def to_a_file(self) -> None:
        self.redirect("file:///etc/passwd")

    def to_another_host(self) -> None:
        port = self.server.server_address[1]
        self.redirect(f"http://localhost:{port}/good")

    def in_circles(self) -> None:
        self.redirect("/in-circles")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> InputCache:
    return InputCache(str(tmp_path / "inputs"))


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "NETRC":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    Handler.seen.clear()


@pytest.fixture(scope="module")
def good_hash(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("good") / "dep"
    folder.mkdir()
    (folder / "flake.nix").write_bytes(b"{ outputs = { self }: { v = 5; }; }\n")
    (folder / "link").symlink_to("flake.nix")
    return hash_of(folder)


def hash_of(path: Path) -> str:
    return write_hash("sha256", archive_hash(TreeReader(StoreTree(str(path))), ""), "sri")


def kept(cache: InputCache) -> list[str]:
    """Return the names of the entries of the cache."""
    return sorted(os.listdir(cache.folder)) if cache.folder is not None and os.path.isdir(cache.folder) else []


def test_verified_sources_are_stored(server: str, cache: InputCache, good_hash: str) -> None:
    reference = from_attributes({"type": "tarball", "url": f"{server}/good", "narHash": good_hash})
    folder = fetch(reference, cache, QUICK)
    assert Path(folder, "flake.nix").read_text() == "{ outputs = { self }: { v = 5; }; }\n"
    assert cache.find(good_hash) == folder
    assert len(kept(cache)) == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("lies", "its hash is", id="lies"),
        pytest.param("stalls", "did not answer in time", id="stalls"),
        pytest.param("drips", "did not answer in time", id="drips"),
        pytest.param("too-much", "has more than 100000 bytes", id="sends-too-much"),
        pytest.param("says-too-much", "has 1000000000000 bytes", id="says-too-much"),
        pytest.param("breaks-off", "was closed", id="breaks-off"),
        pytest.param("chunk-breaks-off", "cannot be downloaded", id="breaks-off-in-a-chunk"),
        pytest.param("missing", "answered 404", id="not-there"),
        pytest.param("page", "cannot be unpacked", id="a-page-instead"),
        pytest.param("to-a-file", "not allowed", id="redirects-to-a-file"),
        pytest.param("in-circles", "answered 302", id="redirects-in-circles"),
    ],
)
def test_nothing_is_stored_if_the_server(
    server: str, cache: InputCache, good_hash: str, path: str, message: str
) -> None:
    start = time.monotonic()
    with pytest.raises(NixError, match=message):
        download_archive(f"{server}/{path}", cache, good_hash, QUICK)
    assert kept(cache) == []
    assert time.monotonic() - start < 5


def test_an_unreachable_server_is_an_error(cache: InputCache, good_hash: str) -> None:
    with pytest.raises(NixError, match="cannot be downloaded"):
        download_archive("http://127.0.0.1:9/x", cache, good_hash, QUICK)


def test_only_http_and_https_are_used(tmp_path: Path) -> None:
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"):
        with pytest.raises(NixError, match="only http and https"):
            download(url, str(tmp_path / "x"), QUICK)


def test_a_file_is_kept_by_the_hash_of_its_contents(server: str, cache: InputCache) -> None:
    import hashlib

    digest = hashlib.sha256(GOOD).digest()
    path = download_file(f"{server}/redirect", cache, "sha256", digest, QUICK)
    assert Path(path).read_bytes() == GOOD
    assert cache.find_file("sha256", digest) == path
    with pytest.raises(NixError, match="its hash is"):
        download_file(f"{server}/lies", cache, "sha256", digest, QUICK)


def test_passwords_are_sent_only_to_their_host(server: str, cache: InputCache, tmp_path: Path, good_hash: str) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    download_archive(f"{server}/to-another-host", cache, good_hash, QUICK)
    assert [path for path, _ in Handler.seen] == ["/to-another-host", "/good"]
    assert Handler.seen[0][1] is not None
    assert Handler.seen[1][1] is None


def test_proxies_are_used(server: str, cache: InputCache, good_hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("all_proxy", server)
    with pytest.raises(NixError):
        download_archive("http://example.invalid/good", cache, good_hash, QUICK)
    assert [path for path, _ in Handler.seen] == ["http://example.invalid/good"]


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        ({"type": "github", "owner": "a", "repo": "b"}, "https://github.com/a/b/archive/{rev}.tar.gz"),
        (
            {"type": "github", "owner": "a", "repo": "b", "host": "h.example"},
            "https://h.example/a/b/archive/{rev}.tar.gz",
        ),
        (
            {"type": "gitlab", "owner": "g%2Fs", "repo": "b"},
            "https://gitlab.com/api/v4/projects/g%252Fs%2Fb/repository/archive.tar.gz?sha={rev}",
        ),
        ({"type": "sourcehut", "owner": "~a", "repo": "b"}, "https://git.sr.ht/~a/b/archive/{rev}.tar.gz"),
    ],
    ids=["github", "another-host", "gitlab", "sourcehut"],
)
def test_forge_references_are_downloaded_as_archives(attributes: dict[str, str], url: str) -> None:
    rev = "0123456789abcdef0123456789abcdef01234567"
    assert url_of(from_attributes({**attributes, "rev": rev})) == url.format(rev=rev)


def test_a_git_commit_is_fetched_by_git(tmp_path: Path, cache: InputCache) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    run_git(repository, "init", "-q", "-b", "main")
    (repository / "flake.nix").write_text("{ outputs = _: { }; }\n")
    (repository / "tool").write_text("#!/bin/sh\n")
    (repository / "tool").chmod(0o755)
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-q", "-m", "one", time=1_700_000_000)
    rev = run_git(repository, "rev-parse", "HEAD").strip()
    tree = tmp_path / "tree"
    run_git(repository, "worktree", "add", "-q", "--detach", str(tree))
    (tree / ".git").unlink()
    source = {"type": "git", "url": f"file://{repository}", "rev": rev, "narHash": hash_of(tree)}
    folder = fetch(from_attributes(source), cache, QUICK)
    assert os.access(f"{folder}/tool", os.X_OK)
    with pytest.raises(NixError, match=r"git fetch failed|has no commit"):
        fetch(from_attributes({**source, "rev": "0" * 40}), cache, QUICK)
    with pytest.raises(NixError, match="is not fetched"):
        fetch(from_attributes({**source, "url": "ext::touch owned"}), cache, QUICK)


# archives


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(tar_of([("../out", b"x")]), "leads out", id="name-above"),
        pytest.param(tar_of([("a/../../out", b"x")]), "leads out", id="name-above-inside"),
        pytest.param(tar_of([("/etc/out", b"x")]), "leads out", id="absolute-name"),
        pytest.param(tar_of([("a/link", "../../out")]), "leads out", id="link-above"),
        pytest.param(tar_of([("a/link", "/etc/passwd")]), "leads out", id="absolute-link"),
        pytest.param(tar_of([("a", "b"), ("a/x", b"x")]), "twice", id="file-through-a-link"),
        pytest.param(tar_of([("a", b"x"), ("a/x", b"x")]), "twice", id="file-in-a-file"),
        pytest.param(tar_of([("a", "b"), ("a", b"x")]), "twice", id="link-and-file"),
        pytest.param(tar_of([special("a", tarfile.LNKTYPE, "/etc/passwd")]), "leads out", id="hard-link-out"),
        pytest.param(tar_of([special("a", tarfile.LNKTYPE, "b")]), "not a file in it", id="hard-link-to-nothing"),
        pytest.param(tar_of([special("a", tarfile.FIFOTYPE)]), "neither a file", id="pipe"),
        pytest.param(tar_of([special("a", tarfile.CHRTYPE)]), "neither a file", id="device"),
        pytest.param(tar_of([("a", bytes(20_000))]), "more than 10000 bytes", id="too-large"),
        pytest.param(tar_of([(f"f{n}", b"") for n in range(40)]), "more than 30 entries", id="too-many"),
        pytest.param(GOOD[:60], "cannot be unpacked", id="cut-off"),
        pytest.param(b"nonsense", "cannot be unpacked", id="nonsense"),
        pytest.param(b"\x28\xb5\x2f\xfd1234", "zstd", id="zstd"),
    ],
)
def test_an_archive_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "archive").write_bytes(data)
    with pytest.raises(NixError, match=message):
        unpack(str(tmp_path / "archive"), str(tmp_path / "tree"), most_bytes=10_000, most_entries=30)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "tree").exists()


def test_a_huge_extended_header_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 10**9
    (tmp_path / "archive").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))
    with pytest.raises(NixError, match="extended header"):
        unpack(str(tmp_path / "archive"), str(tmp_path / "tree"))


def test_unpacking_keeps_contents_links_and_executable_bits(tmp_path: Path) -> None:
    program = tarfile.TarInfo("top/tool")
    program.mode = 0o755
    (tmp_path / "archive").write_bytes(
        tar_of(
            [
                ("top", None),
                ("top/a/b", b"b"),
                ("top/link", "a/b"),
                ("top/tool", program),
                special("top/hard", tarfile.LNKTYPE, "top/a/b"),
                ("top/empty", None),
            ]
        )
    )
    unpack(str(tmp_path / "archive"), str(tmp_path / "tree"))
    tree = tmp_path / "tree"
    assert sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*")) == [
        "a",
        "a/b",
        "empty",
        "hard",
        "link",
        "tool",
    ]
    assert (tree / "hard").read_bytes() == b"b"
    assert os.readlink(tree / "link") == "a/b"
    assert os.access(tree / "tool", os.X_OK) and not os.access(tree / "a" / "b", os.X_OK)


def test_one_folder_at_the_top_is_left_out_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(tar_of([("a/b/c/x", b"x"), ("a/b/c/y", b"y"), ("a/b/c/link", "../../b")]))
    unpack(str(tmp_path / "archive"), str(tmp_path / "tree"))
    assert sorted(os.listdir(tmp_path / "tree")) == ["b"]
    assert sorted(os.listdir(tmp_path / "tree" / "b" / "c")) == ["link", "x", "y"]


def test_a_zip_archive_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("top/a", "a")
        link = zipfile.ZipInfo("top/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "a")
    unpack(str(tmp_path / "archive"), str(tmp_path / "tree"))
    assert (tmp_path / "tree" / "link").read_text() == "a"
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("../out", "a")
    with pytest.raises(NixError, match="leads out"):
        unpack(str(tmp_path / "archive"), str(tmp_path / "other"))
