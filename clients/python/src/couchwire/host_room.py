"""A host's room: what it knows, says and is told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Deque, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from .address import Server, fetch_public_url
from .errors import Closed, InvalidArgument, Refused
from .events import (
    Gap,
    Player,
    PlayerEvent,
    Problem,
    Reconnected,
    Reopened,
)
from .host_story import HostStory
from .payload import to_frame, to_json
from .plan import Plan
from .reliable_session import Data, Greeting
from .room import Room, SessionFile
from .send_window import frame_bytes
from .wire import WireEvent, decode_event, encode_command

#: A player, or its id.
PlayerRef = Union[Player, int]
#: One player, or several.
PlayerRefs = Union[PlayerRef, Iterable[PlayerRef]]

MAX_PLAYER_ID = 0xFFFF_FFFF
#: Links to a seat that may be asked for at once.
MAX_RESCUES = 64


class HostRoom(Room):
    """
    A room, as ``couchwire.host`` opens it. ``async for event in room`` tells what happens in it, in order; ``players`` and the other properties
    are as of the last event that was taken. One loop takes the events: while none does they wait, and past 8 MiB the players do.
    """

    def __init__(
        self, server: Server, plan: Plan, kept: SessionFile, keeps_session: bool, prepare: Mapping[str, Any]
    ) -> None:
        super().__init__(plan, kept, keeps_session)
        self._server = server
        self._prepare = prepare
        self._public_url = server.http
        self._code = ""
        #: ``none``, ``asked`` or ``open``; a connection that comes back does not change it, a lost room does.
        self._opening = "none"
        self._story = HostStory(prepare["name"], prepare["max_players"], self._answer_sdk)
        self._restored: Any = None
        self._is_restored = False
        self._unsaved: Optional[Tuple[Any]] = None
        self._saved: Optional[Tuple[Any]] = None
        self._health_every = 0
        self._closing: Optional[asyncio.Future[None]] = None
        self._rescues: Deque[asyncio.Future[str]] = deque()

    @property
    def code(self) -> str:
        """The room code: four capitals."""
        return self._code

    @property
    def join_url(self) -> str:
        """The address that phones open."""
        given = self._prepare.get("join_url")
        if isinstance(given, str):
            return f"{given}{'&' if '?' in given else '?'}room={self._code}"
        return f"{self._public_url}/{self._code}"

    @property
    def name(self) -> str:
        """The game's name."""
        return self._story.name

    @property
    def players(self) -> List[Player]:
        """Those who have a seat, the away ones too, in joining order."""
        return list(self._story.players.values())

    def player(self, id: int) -> Optional[Player]:
        """The player of this id; ``None`` where it has no seat."""
        return self._story.players.get(id)

    @property
    def max_players(self) -> int:
        """Seats in all: what was asked for, or the most that the server gives."""
        return self._story.max_players

    @property
    def is_open(self) -> bool:
        """Whether a phone would be let in now: not locked, and not full."""
        return self._story.is_open

    @property
    def audience(self) -> int:
        """Who watches (P5.6)."""
        return self._story.audience

    @property
    def waiting(self) -> int:
        """Phones that wait for a seat (P5.7)."""
        return self._story.waiting

    @property
    def is_restored(self) -> bool:
        """The room was there already: this program was started again with its session."""
        return self._is_restored

    @property
    def restored(self) -> Any:
        """What the program saved before it was started again; ``None`` where it saved nothing. What happened since is told as events."""
        return self._restored

    async def send(
        self,
        to: PlayerRefs,
        data: Any,
        *,
        except_: Optional[PlayerRefs] = None,
        volatile: Union[bool, str] = False,
        ttl: Optional[int] = None,
        retain: Optional[str] = None,
    ) -> None:
        """
        Sends to one player, or to each of several; a player who is not in the room is skipped. ``str`` arrives as text, ``bytes`` as bytes,
        anything else as JSON text; once, and in order. While the connection is down it is kept.

        ``except_`` do not get it. With ``volatile`` (or a name) only the newest counts for a player who cannot take it now. After ``ttl``
        milliseconds it is not sent any more. ``retain`` is a name under which the server keeps it for phones that begin from nothing.
        """
        players = _ids_of(to)
        if players:  # on the wire an empty list means all players
            await self._send(players, data, except_, volatile, ttl, retain)

    async def broadcast(
        self,
        data: Any,
        *,
        except_: Optional[PlayerRefs] = None,
        volatile: Union[bool, str] = False,
        ttl: Optional[int] = None,
        retain: Optional[str] = None,
    ) -> None:
        """Sends to all players in the room. Otherwise as ``send``."""
        await self._send([], data, except_, volatile, ttl, retain)

    async def emit(self, to: Optional[PlayerRefs], name: str, data: Any = None) -> None:
        """Tells the pages of these players, or of all where ``to`` is ``None``, a named event (P5.10.1): ``me.on(name, …)`` there hears it."""
        frame = to_json({"cw": "event", "name": name, "data": data})
        await (self.broadcast(frame) if to is None else self.send(to, frame))

    async def reply(self, request: PlayerEvent, data: Any = None) -> None:
        """Answers a request of a phone: a ``PlayerEvent`` with an ``id``."""
        if request.id is None:
            raise InvalidArgument(f"The event {request.name!r} asks nothing: it has no id.")
        await self.send(request.player, to_json({"cw": "reply", "id": request.id, "data": data}))

    async def to_audience(self, data: Any) -> None:
        """Sends to all who watch, and to no player. Otherwise as ``send``; a watcher that is gone has missed it."""
        frame = to_frame(data)
        command = {"cmd": "to_audience_str" if isinstance(frame, str) else "to_audience", "data": frame}
        await self._connection.send(encode_command(command))

    async def poll(self, id: Union[str, int, None]) -> None:
        """Begins a poll of the audience, which ends the one before: ``Tally`` is cumulative from now on. ``None`` ends it."""
        self._tell({"cmd": "poll"} if id is None else {"cmd": "poll", "id": id})

    async def kick(self, player: PlayerRef, reason: Optional[str] = None, *, ban: bool = False) -> None:
        """Removes a player for good: its phone gets close code 4503 with the reason. ``ban``: its session may never come back to this room."""
        command: Dict[str, Any] = {"cmd": "kick", "player": _id_of(player)}
        if reason is not None:
            command["reason"] = reason
        if ban:
            command["ban"] = True
        self._tell(command)

    async def lock(self) -> None:
        """Lets no newcomers in, until ``open``; players with a seat may still come back to it."""
        self._tell({"cmd": "start"})

    async def open(self) -> None:
        """Lets players in again after ``lock``."""
        self._tell({"cmd": "open"})

    async def save(self, value: Any) -> None:
        """
        Keeps a checkpoint of the game at the server: ``value`` as JSON, about 64 KiB at most. A program that is started again with the same
        session finds it in ``restored``, and is then told what happened since: every event that was not taken yet when it was saved.
        """
        to_json(value)  # raises before anything changes
        self._saved = (value,)
        if self._connection.is_up and self._opening == "open":
            self._tell_saved(value)
        else:
            self._unsaved = (value,)  # of several only the newest goes

    async def publish(self, channel: str, data: Any) -> None:
        """Publishes on a channel of this room (P8.5), ``room:CODE:channel``, to all that follow it."""
        await self._connection.send(
            encode_command({"cmd": "publish", "channel": channel, "data": json.loads(to_json(data))})
        )

    async def health(self, every: int) -> None:
        """Has told how the players' connections are, by ``Health``: now, and every so many whole seconds; 0 ends it."""
        self._health_every = every
        self._tell({"cmd": "health", "every": every})

    async def rescue(self, player: PlayerRef) -> str:
        """A link, good once and for minutes, that gives this player's seat to the phone that opens it."""
        if len(self._rescues) >= MAX_RESCUES:
            raise InvalidArgument(f"At most {MAX_RESCUES} links may be asked for at once.")
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._rescues.append(answer)
        self._tell({"cmd": "rescue", "player": _id_of(player)})
        return await answer

    async def connect(self, connect_timeout: Optional[float]) -> HostRoom:
        """Connects, and waits until the room is there."""
        await super().connect(connect_timeout)
        self._public_url = await asyncio.get_running_loop().run_in_executor(None, fetch_public_url, self._server)
        return self

    async def _send(
        self,
        to: List[int],
        data: Any,
        except_: Optional[PlayerRefs],
        volatile: Union[bool, str],
        ttl: Optional[int],
        retain: Optional[str],
    ) -> None:
        frame = to_frame(data)
        command: Dict[str, Any] = {"cmd": "to_str" if isinstance(frame, str) else "to", "to": to, "data": frame}
        if except_ is not None:
            command["except"] = _ids_of(except_)
        if volatile:
            command["volatile"] = volatile
        if ttl is not None:
            command["ttl"] = ttl
        if retain is not None:
            command["retain"] = retain
        await self._connection.send(encode_command(command))

    def _tell(self, command: Mapping[str, Any]) -> None:
        """What is no game's data goes out whatever waits: a full queue must not keep a room from being closed."""
        self._connection.send_own(encode_command(command))

    def _tell_saved(self, value: Any) -> None:
        life, number = self._told
        told = number if life == self._life else self._life_began
        names = {str(player.id): player.name for player in self.players if player.name}
        checkpoint = to_json({"players": list(self._story.players), "value": value, "names": names})
        self._tell({"cmd": "save", "data": checkpoint, "received": told})

    async def _say_goodbye(self) -> None:
        self._tell({"cmd": "stop"})
        try:
            await self._connection.drain()
        except Closed as end:
            if end.name != "room_closed":
                raise

    def _ask_to_prepare(self) -> None:
        self._opening = "asked"
        self._tell(self._prepare)

    def watching(self) -> None:
        """Never so for a host."""

    def _greeted(self, greeting: Greeting) -> None:
        events = [event for event in (_decode(frame) for frame in greeting.frames) if event is not None]
        found = {event["cmd"]: event for event in events}
        reply, state, restore = found.get("prepare_reply"), found.get("state"), found.get("restore")
        if reply is None:
            if not greeting.is_resumed:
                self._lost_room()
            if self._opening == "none":
                self._ask_to_prepare()
            return
        checkpoint = _read_checkpoint(restore) if greeting.is_first else None
        if greeting.is_first:
            self._is_restored = True
            self._restore(checkpoint)
        if state is not None:
            self._story.keep_state(state)
            is_complete = greeting.lost == 0 and (greeting.is_resumed or checkpoint is not None)
            if not is_complete:
                self._put({"cmd": "present", "players": state["players"]})
        self._now_opened(str(reply["key"]))
        if greeting.is_anew:
            self._unsaved = self._saved
            if self._health_every > 0:
                self._tell({"cmd": "health", "every": self._health_every})
        if self._unsaved is not None:
            unsaved, self._unsaved = self._unsaved, None
            self._tell_saved(unsaved[0])
        if not greeting.is_first:
            self._put(Reconnected())
        if greeting.has_gap:
            self._put(Gap(greeting.lost, greeting.unsent))

    def _received(self, data: Data) -> None:
        event = _decode(data.frame)
        if event is None:
            return
        cmd = event["cmd"]
        if cmd == "prepare_reply":
            self._now_opened(str(event["key"]))
        elif cmd == "rescue_reply":
            if self._rescues:
                _resolve(self._rescues.popleft(), str(event["url"]))
        elif cmd == "error":
            self._refused(event)
        elif self._code == "" and cmd == "state":
            self._story.keep_state(event)
        elif self._code != "":
            self._put(event, data.number, frame_bytes(data.frame))

    def _now_opened(self, code: str) -> None:
        if self._opening == "open":
            return
        is_first = self._code == ""
        self._code, self._opening = code, "open"
        if is_first:
            self._now_open()
            return
        if self._health_every > 0:
            self._tell({"cmd": "health", "every": self._health_every})
        self._put(Reopened(code))

    def _lost_room(self) -> None:
        """The server knows nothing of the room any more, nor of its players."""
        self._opening = "none"
        self._saved = self._unsaved = None
        if self._code != "":
            self._put({"cmd": "present", "players": []})

    def _refused(self, event: WireEvent) -> None:
        """A refused ``prepare`` leaves no room: the first time that is the end, later the server may have room again."""
        code, reason, command = str(event.get("code", "invalid_message")), str(event.get("reason", "")), event.get("in")
        self._put(Problem(code, reason, command if isinstance(command, str) else None))
        if command == "rescue" and self._rescues:
            _fail(self._rescues.popleft(), Refused(code, reason))
        if self._opening == "open" or code == "rate_limited":
            return
        self._opening = "none"
        if self._code == "":
            self._refusal = Refused(code, reason)
            self._closing = asyncio.ensure_future(self._connection.close())
        else:
            self._connection.retry(1013, reason)

    def _restore(self, checkpoint: Optional[Dict[str, Any]]) -> None:
        if checkpoint is None:
            return
        self._restored = checkpoint.get("value")
        self._saved = (self._restored,)
        names = checkpoint.get("names")
        for id in checkpoint["players"]:
            name = names.get(str(id), "") if isinstance(names, dict) else ""
            self._story.players[id] = Player(id, name)

    def _happened(self, item: Any) -> None:
        if isinstance(item, dict):
            self._pending.extend(self._story.read(item))
        else:
            self._pending.append(item)

    def _answer_sdk(self, player: Player, request: int) -> None:
        """The SDK's own requests (P5.10.3): ``cw:ping`` measures the way there and back, and nothing else is asked."""
        reply = to_json({"cw": "reply", "id": request, "data": None})
        self._tell({"cmd": "to_str", "to": [player.id], "data": reply})


def _decode(frame: Union[str, bytes]) -> Optional[WireEvent]:
    return decode_event(frame) if isinstance(frame, bytes) else None


def _read_checkpoint(restore: Optional[WireEvent]) -> Optional[Dict[str, Any]]:
    """What ``save`` kept; ``None`` where there is nothing, or another program's."""
    try:
        value = json.loads(restore["data"]) if restore is not None else None
    except (KeyError, TypeError, ValueError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("players"), list) else None


def _id_of(player: PlayerRef) -> int:
    id = player.id if isinstance(player, Player) else player
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id <= MAX_PLAYER_ID:
        raise InvalidArgument(f"A player's id is a whole number such as 1; this is {id!r}.")
    return id


def _ids_of(players: PlayerRefs) -> List[int]:
    """The ids of the players, without those who have left: the id may be another's in the room that came after."""
    several = [players] if isinstance(players, (Player, int)) else list(players)
    return [_id_of(player) for player in several if not (isinstance(player, Player) and player.is_gone)]


def _resolve(answer: asyncio.Future[str], url: str) -> None:
    if not answer.done():
        answer.set_result(url)


def _fail(answer: asyncio.Future[str], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
