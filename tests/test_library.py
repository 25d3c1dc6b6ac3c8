"""nixbridge as a library: in threads, in many at once, in asyncio, under a low recursion limit; and the process is afterwards as it was."""

from __future__ import annotations

import asyncio
import gc
import io
import pydoc
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import nixbridge
from nixbridge.language.runtime import interpreter
from nixbridge.language.runtime.interpreter import run_with_depth

#: Text -> its value, or None where it is an error. Each strains something that belongs to the whole process.
ANSWERS: dict[str, Any] = {
    "let count = n: if n == 0 then 0 else 1 + count (n - 1); in count 9000": 9000,
    "let f = x: f (x + 1); in f 0": None,
    "let a = a; in a": None,
    "(" * 200 + "1" + ")" * 200: 1,
    "[" * 150 + "]" * 150 + " == 1": False,
    "let a = " * 150 + "1" + "; in a" * 150: 1,
    'throw "x"': None,
    "builtins.fromJSON (builtins.toJSON (builtins.genList (x: { inherit x; }) 2000)) == 1": False,
    'builtins.match "(a|b)*c" "ababc"': ["b"],
    "lib.concatMapStrings toString [ 1 2 ]": "12",
    '(mkVirtualService "web" { }).name': "web",
    "(builtins.unsafeGetAttrPos \"a\" { a = 1; }) == 1": False,
}  # fmt: skip


def answer(text: str) -> Any:
    try:
        return nixbridge.evaluate(text)
    except nixbridge.NixError:
        return None


def settings() -> tuple[Any, ...]:
    """Return the settings of the process that are the program's own."""
    handlers = tuple(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM, signal.SIGPROF))
    return (
        sys.getrecursionlimit(),
        gc.isenabled(),
        threading.stack_size(),
        signal.getitimer(signal.ITIMER_REAL),
        handlers,
    )


def in_this_thread() -> list[Any]:
    return [answer(text) for text in ANSWERS]


def in_a_thread() -> list[Any]:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(in_this_thread).result()


def in_a_thread_with_a_small_stack() -> list[Any]:
    before = threading.stack_size(512 * 1024)
    try:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(in_this_thread).result()
    finally:
        threading.stack_size(before)


def in_many_threads_at_once() -> list[Any]:
    with ThreadPoolExecutor(4) as pool:
        rounds = [pool.submit(in_this_thread) for _ in range(4)]
    answers = [done.result() for done in rounds]
    assert all(found == answers[0] for found in answers), "one thread disturbs another"
    return answers[0]


def in_asyncio() -> list[Any]:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(answer, text) for text in ANSWERS))

    async def on_the_loop() -> list[Any]:
        return in_this_thread()

    found = asyncio.run(on_the_loop())
    assert asyncio.run(all_at_once()) == found
    return found


def under_a_low_recursion_limit() -> list[Any]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        found = in_this_thread()
        assert sys.getrecursionlimit() == 150
    finally:
        sys.setrecursionlimit(before)
    return found


def deep_inside_a_program() -> list[Any]:
    def deeper(levels: int) -> list[Any]:
        return in_this_thread() if levels == 0 else deeper(levels - 1)

    return deeper(600)


@pytest.fixture
def unchanged() -> Iterator[None]:
    before = settings()
    yield
    assert settings() == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "way",
    [
        in_this_thread,
        in_a_thread,
        in_a_thread_with_a_small_stack,
        in_many_threads_at_once,
        in_asyncio,
        under_a_low_recursion_limit,
        deep_inside_a_program,
    ],
    ids=lambda way: way.__name__,
)
def test_all_entry_points_return_the_same_values(way: Callable[[], list[Any]]) -> None:
    assert way() == list(ANSWERS.values())


def test_who_leaves_first_takes_no_room_from_those_inside() -> None:
    inside, gone = threading.Event(), threading.Event()

    def count(levels: int) -> int:
        return 0 if levels == 0 else 1 + count(levels - 1)

    def stay() -> int:
        inside.set()
        gone.wait(10)
        return count(15_000)

    with ThreadPoolExecutor(1) as pool:
        staying = run_with_depth(30_000, lambda: [pool.submit(run_with_depth, 20_000, stay), inside.wait(10)][0])
        gone.set()
        assert staying.result() == 15_000


def address_space() -> int:
    """Return the size of this process in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() // 1024**2


def test_an_error_that_is_kept_takes_no_address_space() -> None:
    kept: list[nixbridge.NixError] = []

    def fail() -> None:
        raise nixbridge.NixError("kept")

    before = address_space()
    for _ in range(100):
        try:
            run_with_depth(1000, fail)
        except nixbridge.NixError as error:
            kept.append(error)
    assert address_space() - before < 100, "the frame that makes room is in their tracebacks"


def test_garbage_is_collected_though_threads_are_always_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_WORTH_COLLECTING", 1000)
    monkeypatch.setattr(interpreter._shared, "survivors", 0)
    gc.freeze()  # what the other tests left does not count: it would be worth collecting later
    inside, gone = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        staying = pool.submit(run_with_depth, 1000, lambda: [inside.set(), gone.wait(30)])
        inside.wait(10)
        run_with_depth(1000, gc.collect)
        before = len(gc.get_objects())
        for _ in range(20):
            text = "lib.foldl' (sum: n: let s = { me = s; inherit n; }; in sum + s.me.me.n) 0 (lib.range 1 1000)"
            assert nixbridge.evaluate(text) == 500_500
        grown = len(gc.get_objects()) - before
        gone.set()
        staying.result()
    gc.unfreeze()
    assert grown < 30_000, "each of 20 evaluations leaves some 3,500 objects"


def test_without_address_space_for_large_frames_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(interpreter, "_with_room", no_room)
    assert in_this_thread() == list(ANSWERS.values())


@pytest.mark.parametrize("text", ["builtins.genList (x: x) 100000000000", "lib.range 0 9223372036854775807"])
def test_memory_that_runs_out_is_an_error_of_the_text(text: str) -> None:
    for way in (nixbridge.evaluate, nixbridge.loads):
        with pytest.raises(nixbridge.LimitReached, match="memory"):
            way(text)


def test_repeated_texts_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "let once = 1; in { inherit once; f = x: x; }.once"
    assert nixbridge.evaluate(text) == 1

    def compile_again(*_: object) -> None:
        raise AssertionError("it was compiled already")

    monkeypatch.setattr("nixbridge.language.compiler.compile.FileCompiler", compile_again)
    assert nixbridge.evaluate(text) == 1


def test_bytes_are_loaded_like_text() -> None:
    assert nixbridge.loads(b'{ a = "\xc3\xa9"; }') == {"a": "é"}
    assert nixbridge.loads(b"\xef\xbb\xbf1") == 1
    assert nixbridge.load(io.BytesIO(b"[ 1 ]")) == [1]


@pytest.mark.parametrize(("attr", "value"), [(["a", 1, "b"], 2), (["a", "0"], 1), (["x.y"], 3), ((), None)], ids=repr)
def test_an_attribute_is_selected_by_its_parts(attr: list[str | int], value: object) -> None:
    text = '{ a = [ 1 { b = 2; } ]; "x.y" = 3; }'
    assert nixbridge.evaluate(text, attr=attr) == (value if attr else nixbridge.evaluate(text))


def test_the_module_lists_what_is_public() -> None:
    assert dir(nixbridge) == sorted(nixbridge.__all__)
    assert "evaluate_file(" in pydoc.plain(pydoc.render_doc(nixbridge))


def test_a_notebook_shows_the_report() -> None:
    with pytest.raises(nixbridge.NixError) as caught:
        nixbridge.evaluate("let good = 1; in goood")
    assert caught.value._render_traceback_() == [
        "error: undefined variable 'goood'",
        "       at «string»:1:18:",
        "            1 | let good = 1; in goood",
        "              |                  ^^^^^",
        "       help: did you mean 'good'?",
    ]


def test_the_project_is_readable_on_request(tmp_path: Path) -> None:
    files = {"nixbridge.toml": "args.n = 3", "envs/x.nix": "{ n }: n + import ../lib.nix", "lib.nix": "1"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert nixbridge.evaluate_file(tmp_path / "envs" / "x.nix", project=True) == 4
    with pytest.raises(nixbridge.NixError, match="is refused"):
        nixbridge.evaluate_file(tmp_path / "envs" / "x.nix", args={"n": 1})
