"""What a host's room and a player's seat have in common: a connection, the events that wait to be taken, and the end."""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Awaitable, Callable, Deque, Generator, Generic, Optional, Tuple, Type, TypeVar

from .address import check_session
from .connection import Connection, logger
from .control import GameNotice, RefusedNotice
from .errors import Closed, ConnectTimeout, CouchwireError
from .events import Event, GameChanged, Gap, Problem, Reconnecting
from .inbox import Inbox
from .owner import Notice
from .plan import Plan
from .reliable_session import Data, Greeting

Self = TypeVar("Self", bound="Room")
Opened = TypeVar("Opened", bound="Room")

#: Bytes of events that wait for the game, past which the connection is not read.
INBOX_BYTES = 8 * 1024 * 1024
#: The client has left, or the game is done: no error for a loop over the events.
_USUAL_ENDS = frozenset((1000, 1001))
#: Seconds that ``close`` takes at most to get through what was sent.
CLOSE_TIMEOUT = 5.0

#: An event with the number of the frame that told it, and the life that the number belongs to.
Numbered = Tuple[int, int, Any]


class Opening(Generic[Opened]):
    """A room that is about to be opened: for ``async with``, which also ends it, or for ``await``."""

    def __init__(self, begin: Callable[[], Awaitable[Opened]]) -> None:
        self._begin = begin
        self._room: Optional[Opened] = None

    def __await__(self) -> Generator[Any, None, Opened]:
        return self._begin().__await__()

    async def __aenter__(self) -> Opened:
        self._room = await self._begin()
        return self._room

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self._room is not None:
            await self._room.__aexit__(kind, error, trace)


class SessionFile:
    """Where a program keeps its session over a restart. The file has the secret alone, and is for its owner alone."""

    def __init__(self, path: Optional[Path], session: Optional[str]) -> None:
        self._path = path
        self.session = check_session(session) if session is not None else self._read() or self._made()

    def forget(self) -> None:
        """The session is of no use any more."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _read(self) -> Optional[str]:
        try:
            return None if self._path is None else check_session(self._path.read_text().strip())
        except (FileNotFoundError, CouchwireError):
            return None

    def _made(self) -> str:
        session = secrets.token_hex(16)
        if self._path is not None:
            self._path.touch(mode=0o600)
            self._path.write_text(f"{session}\n")
        return session


class Room(ABC):
    """A room that is connected: ``async with`` ends it, ``async for`` takes its events."""

    def __init__(self, plan: Plan, kept: SessionFile, keeps_session: bool) -> None:
        self._plan = plan
        self._kept = kept
        self._keeps_session = keeps_session
        self._inbox: Inbox[Numbered] = Inbox(INBOX_BYTES)
        self._pending: Deque[Event] = deque()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_opened = False
        self._last_failure = ""
        self._refusal: Optional[CouchwireError] = None
        #: Counts the lives of the conversation; numbers of one mean nothing in another.
        self._life = 0
        #: The number before the first frame of this life.
        self._life_began = 0
        #: The life and the number of the last event that the game has taken.
        self._told: Tuple[int, int] = (0, 0)
        self._connection = Connection(plan, self)

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up now. What is sent meanwhile is kept."""
        return self._connection.is_up and self._is_opened

    @property
    def closed(self) -> Optional[Closed]:
        """Why it is over for good; ``None`` while it is not."""
        return self._connection.end

    async def drain(self) -> None:
        """Waits until the server has got everything that was sent. Raises ``Closed`` where it ends before."""
        await self._connection.drain()

    async def close(self) -> None:
        """Ends it for good, when what was sent has got through, or after five seconds. Safe twice."""
        is_replaced = self.closed is not None and self.closed.name == "replaced"
        if self.closed is None:
            try:
                await asyncio.wait_for(self._say_goodbye(), CLOSE_TIMEOUT)
            except (asyncio.TimeoutError, CouchwireError):
                logger.warning("%s: not all that was sent has got through.", self._plan.url)
        await self._connection.close()
        if not is_replaced:  # else the session is in use elsewhere
            self._kept.forget()

    async def detach(self) -> None:
        """Ends the connection; the server keeps the room, or the seat, for whoever comes back with the session in time. Safe twice."""
        life, number = self._told
        await self._connection.detach(number if life == self._life else 0)

    def __aiter__(self: Self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._pending:
            life, number, item = await self._inbox.take()
            if number > 0:
                self._told = (life, number)
            self._happened(item)
        return self._pending.popleft()

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is not None and self._keeps_session:
            await self.detach()  # the program may be started again, and go on
        else:
            await self.close()

    async def connect(self: Self, connect_timeout: Optional[float]) -> Self:
        """Connects, and waits until the room is there. Tries for as long as it may."""
        self._connection.start()
        try:
            await asyncio.wait_for(asyncio.shield(self._opened), connect_timeout)
        except asyncio.TimeoutError:
            await self.detach()
            why = self._last_failure or "The server did not answer in time."
            raise ConnectTimeout(f"{self._plan.url}: {why}") from None
        except BaseException:
            await self.detach()
            raise
        return self

    # What the connection tells.

    def greeted(self, greeting: Greeting) -> None:
        """The connection is up."""
        if not greeting.is_resumed:
            self._life += 1
            self._life_began = greeting.hello.next - 1
        self._greeted(greeting)

    def received(self, data: Data) -> None:
        """A data frame came."""
        self._received(data)

    def noticed(self, notice: Notice) -> None:
        """The server says something that is no data."""
        if isinstance(notice, RefusedNotice):
            self._put(Problem("refused", notice.reason))
        elif isinstance(notice, GameNotice):
            self._put(GameChanged(notice.name, notice.url))

    def dropped(self, unsent: int) -> None:
        """Frames fell out of this client's own queue."""
        self._put(Gap(lost=0, unsent=unsent))

    def lost(self, code: int, reason: str, attempt: int, delay: float) -> None:
        """The connection is down, or an attempt has failed."""
        self._last_failure = f"{reason} ({code})" if reason else f"The connection ended with {code}."
        if not self._is_opened:
            logger.warning("%s: %s Trying again.", self._plan.url, self._last_failure)
        elif not self._inbox.is_full:  # a game that takes nothing must not be told for ever
            self._put(Reconnecting(code, reason, attempt, delay))

    def ended(self, end: Closed) -> None:
        """The connection is over for good."""
        if not self._opened.done():
            self._opened.set_exception(self._refusal or end)
            self._opened.exception()  # is read here, so that a caller that has gone does not leave a warning
        is_usual = end.code in _USUAL_ENDS
        self._inbox.close(None if is_usual else end)
        if end.is_final and end.name != "replaced" and end.code != 1000:
            self._kept.forget()

    async def has_room(self) -> None:
        """Waits until the game has taken enough of what waits for it."""
        await self._inbox.has_room()

    # What the two kinds of rooms do with it.

    @abstractmethod
    def watching(self) -> None:
        """The connection is up, and is one of the audience's."""

    @abstractmethod
    def _greeted(self, greeting: Greeting) -> None:
        """The connection is up."""

    @abstractmethod
    def _received(self, data: Data) -> None:
        """A data frame came."""

    @abstractmethod
    def _happened(self, item: Any) -> None:
        """The game takes this item: makes it events."""

    @abstractmethod
    async def _say_goodbye(self) -> None:
        """Gets through what was sent, before the end."""

    def _put(self, item: Any, number: int = 0, payload_bytes: int = 0) -> None:
        self._inbox.put((self._life, number, item), payload_bytes)

    def _now_open(self) -> None:
        self._is_opened = True
        if not self._opened.done():
            self._opened.set_result(None)
