"""The player's side: a seat in a room that a host has opened."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Mapping, Optional, Union

from .address import parse_room_address
from .control import QueueNotice
from .errors import InvalidArgument
from .events import Gap, HostEvent, HostMessage, Queue, Reconnected, Seated, Watching
from .owner import Notice
from .payload import parse_sdk_frame, to_frame
from .plan import Plan, TokenSource
from .reliable_session import Data, Greeting
from .room import Opening, Room, SessionFile
from .send_window import Frame, frame_bytes

#: Frames a second: a little less than a server takes of one player by itself (``COUCHWIRE_PLAYER_RATE``).
MAX_RATE = 90.0
#: Bytes of UTF-8 in a watcher's vote. Longer text would end its connection.
MAX_VOTE_BYTES = 64
_ONLY_VOTES = "This client watches and has no seat: the host hears its `vote`, and nothing else."


class PlayerRoom(Room):
    """
    A seat, or a place in the audience, as ``couchwire.join`` gets it. ``async for event in me`` tells what the host sends, in order.
    """

    def __init__(self, code: str, plan: Plan, kept: SessionFile, keeps_session: bool) -> None:
        super().__init__(plan, kept, keeps_session)
        self._code = code
        self._id: Optional[int] = None
        self._position: Optional[int] = None
        self._game: Optional[str] = None
        self._role = "audience" if plan.is_watcher else "player"

    @property
    def code(self) -> str:
        """The room code: four capitals."""
        return self._code

    @property
    def id(self) -> int:
        """The player's id, as the host sees it. A player that waits for a seat has none, nor has a watcher, which raises ``InvalidArgument``."""
        if self._role == "audience":
            raise InvalidArgument("This client watches: it has no seat, and no id.")
        if self._id is None:
            raise InvalidArgument("This player waits for a seat, so it has no id yet: take events until `Seated`.")
        return self._id

    @property
    def role(self) -> str:
        """``"player"``; or ``"audience"`` for a client that watches, because ``join`` asked for that, or the room was full and overflows to it."""
        return self._role

    @property
    def position(self) -> Optional[int]:
        """The place in the waiting line, from 1; ``None`` for a player with a seat."""
        return self._position

    @property
    def game(self) -> Optional[str]:
        """The name of the room's game; ``None`` where an older server does not say it."""
        return self._game

    async def send(self, data: Any) -> None:
        """
        Sends to the host: ``str`` arrives as text, ``bytes`` as bytes, anything else as JSON text; once, and in order. While the connection is
        down it is kept. A watcher has only ``vote``: ``InvalidArgument``.
        """
        if self._role == "audience":
            raise InvalidArgument(_ONLY_VOTES)
        await self._connection.send(to_frame(data))

    async def vote(self, text: str) -> bool:
        """
        A watcher's vote: text of 1 to 64 bytes, which the server counts with those of all other watchers (``Tally`` at the host). While a poll is
        open the newest vote of each watcher counts. ``False`` where this client does not watch now: a vote is not kept.
        """
        if not isinstance(text, str) or not 1 <= len(text.encode()) <= MAX_VOTE_BYTES:
            raise InvalidArgument(f"A vote is text of 1 to {MAX_VOTE_BYTES} bytes; this is {text!r:.80}.")
        return await self._connection.vote(text)

    async def emit(self, name: str, data: Any = None) -> None:
        """Tells a host on the SDK a named event (P5.10.1): ``room.on(name, …)`` there hears it."""
        await self.send({"cw": "event", "name": name, "data": data})

    async def reply(self, request: HostEvent, data: Any = None) -> None:
        """Answers a request of the host: a ``HostEvent`` with an ``id``."""
        if request.id is None:
            raise InvalidArgument(f"The event {request.name!r} asks nothing: it has no id.")
        await self.send({"cw": "reply", "id": request.id, "data": data})

    async def _say_goodbye(self) -> None:
        if (
            self._role == "player" and self._position is None
        ):  # what a waiting player has said is for the game that it leaves
            await self._connection.drain()

    def watching(self) -> None:
        """The connection is up, and is one of the audience's."""
        was_player = self._role == "player"
        self._role, self._id, self._position = "audience", None, None
        if self._is_opened:
            self._put(Watching() if was_player else Reconnected())
        self._now_open()

    def noticed(self, notice: Notice) -> None:
        """The server says something that is no data."""
        if not isinstance(notice, QueueNotice):
            super().noticed(notice)
            return
        self._role, self._position = "player", notice.position
        self._put(Queue(notice.position))
        self._now_open()

    def _greeted(self, greeting: Greeting) -> None:
        hello = greeting.hello
        has_waited = self._position is not None
        has_watched = self._role == "audience"
        self._role, self._id, self._game, self._position = "player", hello.player, hello.game, None
        if has_waited or has_watched or greeting.is_anew:
            self._put(Seated())
        elif greeting.is_resumed:
            self._put(Reconnected())
        if greeting.has_gap:
            self._put(Gap(greeting.lost, greeting.unsent))
        for frame in greeting.frames:
            self._put(frame, payload_bytes=frame_bytes(frame))
        self._now_open()

    def _received(self, data: Data) -> None:
        self._put(data.frame, data.number, frame_bytes(data.frame))

    def _happened(self, item: Any) -> None:
        if isinstance(item, (str, bytes)):
            self._heard(item)
        else:
            self._pending.append(item)

    def _heard(self, frame: Frame) -> None:
        said = parse_sdk_frame(frame) if isinstance(frame, str) else None
        if said is None:
            self._pending.append(HostMessage(frame))
            return
        name, id = said.get("name"), said.get("id")
        request = id if isinstance(id, int) and not isinstance(id, bool) else None
        if said["cw"] == "event" and isinstance(name, str) and not name.startswith("cw:"):
            self._pending.append(HostEvent(name, said.get("data"), request))


def join(
    address: str,
    *,
    code: Optional[str] = None,
    name: Optional[str] = None,
    role: str = "player",
    pin: Optional[str] = None,
    session: Optional[str] = None,
    session_file: Union[str, PathLike[str], None] = None,
    token: TokenSource = None,
    connect_timeout: Optional[float] = None,
    outbox_bytes: int = 1_048_576,
    max_frame_bytes: int = 1_048_576,
    max_rate: Optional[float] = MAX_RATE,
    when_full: str = "wait",
    pong_timeout: float = 5.0,
    connect_options: Optional[Mapping[str, Any]] = None,
) -> Opening[PlayerRoom]:
    """
    Joins a room: ``async with couchwire.join("http://192.168.1.7:8081/ABCD", name="Ada") as me``. At the end of the block the seat is given up.

    :param address: The room's address, as in its QR code; or the server's, with ``code``.
    :param code: Four letters, in either case.
    :param name: The display name: at most 64 characters, as people count them.
    :param role: ``"audience"`` watches, without a seat, where the room has an audience: such a client hears what the host says to it, and votes.
    :param pin: The room's PIN, if it has one.
    :param session: A secret of 16 to 128 letters, by which a program that is started again gets its seat back.
    :param session_file: Where such a secret is kept instead. A block that ends with an exception then keeps the seat for the next start.
    :param token: A token, or a function that gives one before each attempt, for a server that asks for tokens.
    :param connect_timeout: Seconds after which ``ConnectTimeout`` is raised; by itself it tries for ever, and logs why.
    :param outbox_bytes: Bytes that are kept until they have arrived.
    :param max_frame_bytes: Bytes that the server takes in one frame.
    :param max_rate: Frames a second that are sent at most, for past its rate a server keeps a player out for a minute; ``None`` for no limit.
    :param when_full: What ``send`` does past ``outbox_bytes``: ``"wait"``, ``"refuse"`` (raises ``QueueFull``) or ``"drop_oldest"`` (tells ``Gap``).
    :param pong_timeout: Seconds that the server may take to answer where the connection seems to be dead.
    :param connect_options: More arguments of ``websockets.connect``, such as ``ssl``.
    """
    server, room, rescue = parse_room_address(address, code)
    if role not in ("player", "audience"):
        raise InvalidArgument(f'`role` has to be "player" or "audience"; this is {role!r}.')
    query = {} if name is None else {"name": name}
    if role == "audience":
        query["role"] = role

    async def begin() -> PlayerRoom:
        is_watcher = role == "audience"
        file = None if is_watcher or session_file is None else Path(session_file)  # a watcher has no seat to keep
        kept = SessionFile(file, session)
        plan = Plan(
            url=f"{server.ws}/{room}",
            query=query,
            session=kept.session,
            token=token,
            pin=pin,
            rescue=rescue,
            is_watcher=is_watcher,
            outbox_bytes=outbox_bytes,
            max_frame_bytes=max_frame_bytes,
            max_rate=max_rate,
            when_full=when_full,
            pong_timeout=pong_timeout,
            connect_options=connect_options or {},
        )
        keeps_session = not is_watcher and (session is not None or session_file is not None)
        return await PlayerRoom(room, plan, kept, keeps_session).connect(connect_timeout)

    return Opening(begin)
