"""A connection to the server that outlives its sockets: each frame that is sent at one end arrives at the other once, and in order."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import List, Optional, Set, Tuple
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from .address import secret_subprotocols
from .close_codes import CUT, is_final
from .control import RELIABLE_SUBPROTOCOL, RoleNotice, TokenAnswer
from .errors import Closed
from .owner import Owner
from .plan import NoToken, Plan, token_of
from .reliable_session import Data, Greeting, ReliableSession
from .retry_delay import retry_delay
from .send_window import Frame
from .token_bucket import TokenBucket
from .token_renewal import TokenRenewal

logger = logging.getLogger("couchwire")

#: Selected where nothing else was asked for: a browser fails a connection without one (P5.9.9).
PLAIN_SUBPROTOCOL = "couchwire"
#: Seconds of an attempt, the server's greeting included.
CONNECT_TIMEOUT = 10.0
#: Seconds for which frames may go unacknowledged where no more of them come.
ACK_AFTER = 0.5
#: The line is asked whether it works so many seconds after a frame was sent without any answer, and after so many without a frame.
ASK_AFTER_SEND = 3.0
ASK_AFTER_QUIET = 20.0
#: A timer that is this late was frozen with its program, so it proves nothing about the connection.
FROZEN = 2.0
#: Upper bound of the factor by which the time for an answer grows after each failure.
MAX_PATIENCE = 8
#: Seconds for the closing handshake.
CLOSE_TIMEOUT = 2.0
#: Far beyond what a server says in one frame.
MAX_FRAME_BYTES = 32 * 1024 * 1024

NORMAL = 1000
GOING_AWAY = 1001


class Connection:
    """Connects, resumes and comes back until it is closed for good."""

    def __init__(self, plan: Plan, owner: Owner) -> None:
        plan.check()
        self._plan = plan
        self._owner = owner
        self._session = ReliableSession(plan.outbox_bytes, plan.max_frame_bytes, plan.when_full)
        self._page = secrets.token_hex(8)
        self._attempts = 0
        self._patience = 1
        self._work = asyncio.Event()
        self._changed = asyncio.Event()
        self._send_lock = asyncio.Lock()
        self._vote_lock = asyncio.Lock()
        self._socket: Optional[ClientConnection] = None
        self._task: Optional[asyncio.Task[None]] = None
        self._closings: Set[asyncio.Task[None]] = set()
        self._end: Optional[Closed] = None
        self._is_leaving = False
        self._has_been_up = False
        self._heard_at = 0.0
        self._sent_at: Optional[float] = None
        self._is_held_back = False
        self._give_up: Optional[Tuple[int, str]] = None
        self._bucket = None if plan.max_rate is None else TokenBucket(plan.max_rate, _now())
        self._renewal = TokenRenewal(plan.token, self._show_token)

    @property
    def is_up(self) -> bool:
        """Whether frames are sent and received now."""
        return self._session.is_up or self._session.is_watching

    @property
    def received(self) -> int:
        """The number of the last frame that was received."""
        return self._session.received

    @property
    def end(self) -> Optional[Closed]:
        """Why it is over for good; ``None`` while it is not."""
        return self._end

    def start(self) -> None:
        """Begins to connect."""
        self._task = asyncio.ensure_future(self._run())

    async def send(self, frame: Frame) -> None:
        """Sends a frame, or keeps it until the connection is up. Waits for room where ``when_full`` is ``"wait"``; raises ``Closed`` after the end."""
        async with self._send_lock:
            self._session.check_size(frame)
            while self._plan.when_full == "wait" and self._end is None and not self._session.has_room(frame):
                self._session.ask()  # the server acknowledges few frames by itself
                self._work.set()
                await self._change()
            self.send_own(frame, is_own=False)

    def send_own(self, frame: Frame, is_own: bool = True) -> None:
        """As ``send``, at once: what this package sends on its own behalf has room whatever the limit."""
        if self._end is not None:
            raise Closed(self._end.code, self._end.reason)
        self._session.send(frame, is_own)
        unsent = self._session.take_dropped()
        if unsent > 0:
            self._owner.dropped(unsent)
        self._work.set()

    async def vote(self, text: str) -> bool:
        """Says a watcher's vote; ``False`` where the connection does not watch now."""
        async with self._vote_lock:  # in order
            if self._bucket is not None and self._session.is_watching:
                await asyncio.sleep(self._bucket.take(_now()))
            if self._socket is None or not self._session.is_watching:
                return False
            try:
                await self._socket.send(text)
            except ConnectionClosed:
                return False
            return True

    async def drain(self) -> None:
        """Waits until the server has got everything that was sent; raises ``Closed`` where it ends before."""
        while self._session.has_unconfirmed:
            if self._end is not None:
                raise Closed(self._end.code, self._end.reason)
            self._session.ask()
            self._work.set()
            await self._change()

    def retry(self, code: int, reason: str) -> None:
        """Gives the connection up and tries again after a pause, as if the server had closed with this code."""
        if self._socket is not None:
            self._give_up = (code, reason)
            self._abandon(self._socket, GOING_AWAY)

    async def close(self) -> None:
        """Leaves for good: the server gives the seat or the room up. Safe twice."""
        await self._leave(NORMAL)

    async def detach(self, taken: int = 0) -> None:
        """Ends the connection; the server keeps the seat or the room, and for it all frames after those that were taken. Safe twice."""
        await self._leave(GOING_AWAY, self._session.last_ack(taken))

    async def _leave(self, code: int, last_word: Optional[str] = None) -> None:
        self._is_leaving = True
        socket, task = self._socket, self._task
        if socket is not None:
            self._abandon(socket, code, last_word)
        if task is not None and not task.done() and task is not asyncio.current_task():
            task.cancel()
        self._finish(Closed(NORMAL, ""))
        if task is not None and task is not asyncio.current_task():
            await asyncio.wait([task])
        if self._closings:
            await asyncio.wait(list(self._closings))

    async def _run(self) -> None:
        try:
            await self._keep_connected()
        except Exception as error:  # a bug here must not leave the game waiting
            logger.exception("The connection to %s has failed.", self._plan.url)
            self._finish(Closed(CUT, f"{type(error).__name__}: {error}"))

    async def _keep_connected(self) -> None:
        attempt = 0
        while not self._is_leaving:
            attempt += 1
            self._has_been_up = False
            code, reason = await self._connect_once()
            if self._has_been_up:
                attempt = 1
            if self._is_leaving:
                return
            if is_final(code):
                self._finish(Closed(code, reason))
                return
            delay = retry_delay(attempt, code, self._plan.random())
            logger.info("%s: %s %s; next attempt in %.1f s", self._plan.url, code, reason, delay)
            self._owner.lost(code, reason, attempt, delay)
            await asyncio.sleep(delay)

    def _finish(self, end: Closed) -> None:
        if self._end is not None:
            return
        self._end = end
        self._session.down()
        self._notify()
        self._owner.ended(end)

    async def _connect_once(self) -> Tuple[int, str]:
        """One connection from its beginning to its end: the close code and the reason."""
        self._give_up = None
        try:
            socket = await asyncio.wait_for(self._open(), CONNECT_TIMEOUT)
        except asyncio.TimeoutError:
            return CUT, "The server did not answer in time."
        except InvalidStatus as error:
            return CUT, f"The server answered {error.response.status_code} and no WebSocket: is it a Couchwire server?"
        except (OSError, InvalidHandshake, EOFError, NoToken) as error:
            return CUT, f"{type(error).__name__}: {error}"
        if socket.subprotocol != self._subprotocol:
            self._abandon(socket, GOING_AWAY)
            return (
                CUT,
                f"The server did not select the subprotocol {self._subprotocol}: it is no Couchwire server, or a proxy drops the header.",
            )
        self._socket = socket
        reader = asyncio.ensure_future(self._read(socket))
        helpers = [asyncio.ensure_future(self._write(socket)), asyncio.ensure_future(self._watch(socket))]
        try:
            await reader
        finally:
            self._socket = None
            self._session.down()
            self._renewal.end()
            for task in (reader, *helpers):
                task.cancel()
            await asyncio.gather(reader, *helpers, return_exceptions=True)
            self._abandon(socket, GOING_AWAY)
        if self._give_up is not None:
            return self._give_up
        return (CUT if socket.close_code is None else int(socket.close_code)), socket.close_reason or ""

    @property
    def _subprotocol(self) -> str:
        """A watcher has no seat, so nothing of it is numbered."""
        return PLAIN_SUBPROTOCOL if self._plan.is_watcher else RELIABLE_SUBPROTOCOL

    async def _open(self) -> ClientConnection:
        plan = self._plan
        token = await token_of(plan.token)
        self._attempts += 1
        query = dict(plan.query)
        if not plan.is_watcher:
            query.update(self._session.resumption, attempt=f"{self._page}.{self._attempts}")
        session = None if plan.is_watcher else plan.session
        offered = [self._subprotocol, *secret_subprotocols(session, token, plan.pin, plan.rescue)]
        options = {
            "compression": None,
            "ping_interval": None,
            "max_size": MAX_FRAME_BYTES,
            "open_timeout": None,
            "close_timeout": CLOSE_TIMEOUT,
            **plan.connect_options,
        }
        subprotocols: List[Subprotocol] = [Subprotocol(name) for name in offered]
        return await connect(f"{plan.url}?{urlencode(query)}", subprotocols=subprotocols, **options)

    async def _read(self, socket: ClientConnection) -> None:
        acknowledging: Optional[asyncio.TimerHandle] = None
        self._heard_at, self._sent_at = _now(), None
        try:
            while True:
                frame = await socket.recv()
                self._patience = 1
                self._take(frame)
                self._heard_at = _now()
                self._sent_at = self._heard_at if self._session.has_unconfirmed else None
                if self._session.owes_ack and (
                    acknowledging is None or acknowledging.when() < asyncio.get_running_loop().time()
                ):
                    acknowledging = asyncio.get_running_loop().call_later(ACK_AFTER, self._acknowledge)
                self._is_held_back = True
                await self._owner.has_room()
                self._is_held_back = False
        except ConnectionClosed:
            return
        finally:
            self._is_held_back = False
            if acknowledging is not None:
                acknowledging.cancel()

    def _take(self, frame: Frame) -> None:
        if self._plan.is_watcher and not self._session.is_watching:
            self._now_watching()
        incoming = self._session.read(frame)
        if isinstance(incoming, Data):
            self._owner.received(incoming)
        elif isinstance(incoming, Greeting):
            self._has_been_up = True
            self._owner.greeted(incoming)
            self._renewal.begin(incoming.hello.expires_ms)
            self._notify()  # it acknowledges, and what asked over the line before has to ask again
        elif isinstance(incoming, RoleNotice):
            self._now_watching()
        elif isinstance(incoming, TokenAnswer):
            self._renewal.answered(incoming)
        elif incoming is not None:
            self._has_been_up = True  # a phone that waits for a seat has reached the room, too
            self._owner.noticed(incoming)
        else:
            self._notify()  # an acknowledgement may have made room
        self._work.set()

    def _now_watching(self) -> None:
        self._has_been_up = True
        self._session.watch()
        self._owner.watching()

    def _show_token(self, token: str) -> None:
        self._session.show_token(token)
        self._work.set()

    def _acknowledge(self) -> None:
        self._session.acknowledge()
        self._work.set()

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                frame = self._session.next_frame()
                if frame is None:
                    self._work.clear()
                    await self._work.wait()
                    continue
                if self._bucket is not None:
                    await asyncio.sleep(self._bucket.take(_now()))
                if self._sent_at is None and self._session.has_unconfirmed:
                    self._sent_at = _now()
                await socket.send(frame)
        except ConnectionClosed:
            return  # the reader takes what has come before

    async def _watch(self, socket: ClientConnection) -> None:
        """Finds dead connections: TCP may take a quarter of an hour to do so. Asks only with a reason."""
        opened_at = _now()
        if self._plan.is_watcher:
            return await self._watch_audience(socket)
        while not self.is_up and not self._session.is_waiting:
            left = opened_at + CONNECT_TIMEOUT - _now()
            if left <= 0:
                return self._declare_dead(socket)
            await asyncio.sleep(min(left, 0.5))
        if self._session.is_watching:
            return await self._watch_audience(socket)
        while True:
            ask_at = self._heard_at + ASK_AFTER_QUIET if self._sent_at is None else self._sent_at + ASK_AFTER_SEND
            left = ask_at - _now()
            if left > 0:
                await asyncio.sleep(min(left, 1.0))
                continue
            heard_at = self._heard_at
            self._session.ask()
            self._work.set()
            due_at = _now() + self._plan.pong_timeout * self._patience
            while self._heard_at == heard_at and _now() < due_at:
                await asyncio.sleep(min(0.5, self._plan.pong_timeout))
            is_frozen = _now() - due_at >= FROZEN
            if self._heard_at == heard_at and not is_frozen and not self._is_held_back:
                self._patience = min(MAX_PATIENCE, self._patience * 2)
                return self._declare_dead(socket)
            if self._is_held_back:
                self._heard_at, self._sent_at = _now(), None

    async def _watch_audience(self, socket: ClientConnection) -> None:
        """As ``_watch``, for a watcher: all that it says is a vote, so it asks by a ping. The first answer says that it was let in."""
        timeout = CONNECT_TIMEOUT
        try:
            while True:
                answer = await socket.ping()
                try:
                    await asyncio.wait_for(answer, timeout)
                except asyncio.TimeoutError:
                    if not self._is_held_back:
                        return self._declare_dead(socket)
                if not self._session.is_watching:
                    self._now_watching()
                timeout = self._plan.pong_timeout
                await asyncio.sleep(ASK_AFTER_QUIET)
        except ConnectionClosed:
            return

    def _declare_dead(self, socket: ClientConnection) -> None:
        self._give_up = (CUT, "The server did not answer in time.")
        socket.transport.abort()

    def _abandon(self, socket: ClientConnection, code: int, last_word: Optional[str] = None) -> None:
        """Closes a socket without waiting for it."""
        task = asyncio.ensure_future(_say_and_close(socket, code, last_word))
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)

    async def _change(self) -> None:
        await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _say_and_close(socket: ClientConnection, code: int, last_word: Optional[str]) -> None:
    if last_word is not None:
        try:
            await asyncio.wait_for(socket.send(last_word), CLOSE_TIMEOUT)
        except (ConnectionClosed, asyncio.TimeoutError):
            pass  # it is sent again to whoever comes back
    await socket.close(code)


def _now() -> float:
    return asyncio.get_running_loop().time()
