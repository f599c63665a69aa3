"""The bounded queue between the connection, which puts in, and the game, which takes out."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Deque, Generic, Optional, Tuple, TypeVar

Item = TypeVar("Item")

#: What an item costs besides its payload.
_ITEM_OVERHEAD_BYTES = 64


class Inbox(Generic[Item]):
    """
    Holds items until they are taken. ``put`` always takes what it is given, for a frame that was counted must not be lost; its caller awaits
    ``has_room`` before it reads the next one, so a game that is slow slows the connection and not the memory.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._items: Deque[Tuple[Item, int]] = deque()
        self._bytes = 0
        self._is_closed = False
        self._error: Optional[BaseException] = None
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def is_full(self) -> bool:
        """Whether the connection is to wait before it reads on."""
        return not self._room.is_set()

    def put(self, item: Item, payload_bytes: int = 0) -> None:
        """Appends an item; nothing happens after ``close``."""
        if self._is_closed:
            return
        cost = payload_bytes + _ITEM_OVERHEAD_BYTES
        self._items.append((item, cost))
        self._bytes += cost
        self._filled.set()
        if self._bytes > self._limit_bytes:
            self._room.clear()

    async def has_room(self) -> None:
        """Waits until less than the limit is kept."""
        await self._room.wait()

    def close(self, error: Optional[BaseException] = None) -> None:
        """Nothing more comes. What is here is still given out; then ``take`` raises the error, or ``StopAsyncIteration``. Safe twice."""
        if self._is_closed:
            return
        self._is_closed = True
        self._error = error
        self._filled.set()
        self._room.set()

    async def take(self) -> Item:
        """The next item."""
        while not self._items:
            if self._is_closed:
                raise StopAsyncIteration if self._error is None else self._error
            self._filled.clear()
            await self._filled.wait()
        item, cost = self._items.popleft()
        self._bytes -= cost
        if self._bytes <= self._limit_bytes:
            self._room.set()
        return item
