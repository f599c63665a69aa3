"""A TCP proxy on loopback that cuts its connections: after a drawn number of bytes, or on command. It reads no byte of what it passes on."""

from __future__ import annotations

import asyncio
import random
import socket as sockets
import struct
from types import TracebackType
from typing import Optional, Set, Tuple, Type


class CuttingProxy:
    """``async with CuttingProxy(port, seed=1, cut_after=(40, 4000)) as proxy``; the same seed draws the same numbers."""

    def __init__(self, target_port: int, *, seed: int = 1, cut_after: Optional[Tuple[int, int]] = None) -> None:
        self.cuts = 0
        self.port = 0
        self._target_port = target_port
        self._random = random.Random(seed)
        self._cut_after = cut_after
        self._is_refusing = False
        self._lines: Set[_Line] = set()
        self._tasks: Set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address that leads to the server."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> CuttingProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._server.close()
        for line in list(self._lines):
            line.end(is_reset=True)
        if self._tasks:
            await asyncio.wait(list(self._tasks))
        await self._server.wait_closed()

    def cut_now(self) -> None:
        """Cuts all connections, on both sides."""
        for line in list(self._lines):
            self._cut(line)

    def stop_cutting(self) -> None:
        """Draws no more cuts, for old connections and new ones."""
        self._cut_after = None
        for line in self._lines:
            line.budget = None

    def lead_to(self, port: int) -> None:
        """New connections go to this port."""
        self._target_port = port

    def refuse(self, is_refusing: bool) -> None:
        """Cuts new connections at once, or lets them through again."""
        self._is_refusing = is_refusing

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            writer.transport.abort()
            return
        budget = None if self._cut_after is None else self._random.randint(*self._cut_after)
        is_reset = self._random.random() < 0.5
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(writer, server_writer, budget, is_reset)
        self._lines.add(line)
        for source, sink in ((reader, server_writer), (server_reader, writer)):
            task = asyncio.ensure_future(self._pass(source, sink, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: _Line) -> None:
        try:
            while True:
                data = await source.read(16_384)
                if not data:
                    break
                if line.budget is not None and line.budget < len(data):
                    sink.write(data[: line.budget])  # a frame may end in its midst
                    self._cut(line)
                    break
                if line.budget is not None:
                    line.budget -= len(data)
                sink.write(data)
                await sink.drain()
        except (OSError, RuntimeError):
            pass  # the other side has ended
        finally:
            line.end(is_reset=False)
            self._lines.discard(line)

    def _cut(self, line: _Line) -> None:
        if line in self._lines:
            self.cuts += 1
            self._lines.discard(line)
            line.end(line.is_reset)


class _Line:
    """One connection, both its halves."""

    def __init__(
        self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, budget: Optional[int], is_reset: bool
    ) -> None:
        self.budget = budget
        self.is_reset = is_reset
        self._halves = (client, server)

    def end(self, is_reset: bool) -> None:
        """Ends both halves: by RST, or by FIN behind what was passed on."""
        for half in self._halves:
            if half.transport.is_closing():
                continue
            if is_reset:
                half.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
                half.transport.abort()
            else:
                half.close()
