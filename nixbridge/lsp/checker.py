"""Evaluations off the server's own process: one child, a question at a time, ended and started again when it takes too long."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys

#: Seconds that one question may take.
TIME_LIMIT = 10.0
#: Bytes of a line that the child may answer with.
LONGEST_ANSWER = 64 * 1024 * 1024


class Checker:
    """Asks the process of `check_process` and waits without blocking the server."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._numbers = itertools.count()

    async def ask(self, request: dict[str, object]) -> dict[str, object]:
        """Return the answer to a request: `{"error": ...}` where it failed or took longer than the limit."""
        # one question at a time: a second evaluation would only slow both down, and answers arrive in order
        async with self._lock:
            number = next(self._numbers)
            try:
                return await asyncio.wait_for(self._ask({**request, "id": number}), self._time_limit)
            except TimeoutError:
                await self._end()
                return {"error": f"the evaluation took longer than {self._time_limit:g} seconds", "timeout": True}
            except (ConnectionError, ValueError, asyncio.IncompleteReadError):
                await self._end()
                return {"error": "the evaluation ended without an answer"}

    async def _ask(self, request: dict[str, object]) -> dict[str, object]:
        process = await self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        while True:
            line = await process.stdout.readline()
            if not line:
                raise ConnectionError
            answer: dict[str, object] = json.loads(line)
            # the answer to an earlier question that was cancelled may still be in the pipe
            if answer["id"] == request["id"]:
                return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "nixbridge.lsp.check_process"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LONGEST_ANSWER,
            )
        return self._process

    async def _end(self) -> None:
        """End the child, whatever it is doing; the next question starts another."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def close(self) -> None:
        """End the child for good."""
        await self._end()
