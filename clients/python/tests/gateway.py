"""
A server whose hosts and players are those of this package: ``/CREATE`` is a ``couchwire.host`` at the real server, ``/CODE`` a ``couchwire.join``. So
the checks of the conformance suite, which talk to it as WMBP's hosts and phones do, see what this client makes of the wire, both ways.
"""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Dict, List, Optional, Set, Tuple, Type, Union
from urllib.parse import parse_qs, urlsplit

import cbor2
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import couchwire
from couchwire import (
    Away,
    Back,
    Closed,
    CouchwireError,
    Health,
    HostMessage,
    HostRoom,
    Join,
    Leave,
    PlayerMessage,
    PlayerRoom,
    Problem,
    State,
    Tally,
)

#: No seat has this id: asking for a link to it is refused, behind everything that was said before.
NO_PLAYER = 0xFFFF_FFFF
EMPTY_STATE = {"cmd": "state", "name": "", "players": [], "max_players": 0, "accept_conns": False}
GOING_AWAY = 1001
NORMAL = 1000


class Gateway:
    """``async with Gateway(server, hosts, phones) as gateway``: the real server's address, and those at which hosts and phones reach it."""

    def __init__(self, server: str, hosts: str, phones: str) -> None:
        self._server_url = server
        self._hosts = hosts
        self._phones = phones
        #: Players, by code and id, that came with a session of their own: a host hears that they are away and back.
        self._with_session: Dict[str, Set[int]] = {}
        #: What hosts with a session have prepared: one that comes back says it no more.
        self._prepared: Dict[str, Dict[str, Any]] = {}
        #: Watchers that have come in at the real server, or what refused them, by the lines that are being opened here.
        self._watchers: Dict[ServerConnection, Union[PlayerRoom, Closed]] = {}

    async def __aenter__(self) -> Gateway:
        self._server = await serve(
            self._accept, "127.0.0.1", 0, process_request=self._look_up, compression=None, ping_interval=None
        )
        port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _look_up(self, line: ServerConnection, request: Request) -> Optional[Response]:
        """Without an upgrade it is the real server that answers. No frame tells a watcher that it is in, so its line here opens once it is."""
        if "Upgrade" in request.headers:
            path, query = _asked(request)
            if query.get("role") == "audience":
                self._watchers[line] = await self._join(path, query)
            return None
        return line.respond(*await asyncio.to_thread(_fetch, self._server_url + request.path))

    async def _accept(self, line: ServerConnection) -> None:
        assert line.request is not None
        path, query = _asked(line.request)
        try:
            if path == "/CREATE":
                await _Host(line, self._hosts, query.get("session"), self._with_session, self._prepared).play()
            else:
                me = self._watchers.pop(line, None) or await self._join(path, query)
                await self._play_phone(line, me, query)
        except (ConnectionClosed, Closed):
            pass  # either side has ended, and the other one was told

    async def _join(self, path: str, query: Dict[str, str]) -> Union[PlayerRoom, Closed]:
        """A phone at the real server, or what it is refused with."""
        shown = {name: query.get(name) for name in ("name", "pin", "session")}
        rescue = f"?rescue={query['rescue']}" if "rescue" in query else ""
        role = query.get("role", "player")
        try:
            return await couchwire.join(f"{self._phones}{path}{rescue}", role=role, max_rate=None, **shown)  # type: ignore[arg-type]
        except Closed as refusal:
            return refusal

    async def _play_phone(self, line: ServerConnection, me: Union[PlayerRoom, Closed], query: Dict[str, str]) -> None:
        if isinstance(me, Closed):
            await line.close(me.code, me.reason)
            return
        has_session = "session" in query
        if has_session and query.get("role", "player") == "player" and me.position is None:
            self._with_session.setdefault(me.code, set()).add(me.id)
        listening = asyncio.ensure_future(_hear(me, line))
        try:
            async for frame in line:
                await (me.vote(str(frame)) if me.role == "audience" else me.send(frame))
        except (ConnectionClosed, CouchwireError):
            pass  # it is over, which the other half tells
        finally:
            is_away = has_session and line.close_code != NORMAL
            await (me.detach() if is_away else me.close())
            await asyncio.wait([listening])


def _asked(request: Request) -> Tuple[str, Dict[str, str]]:
    """The path and the query of a request, of each parameter the first value."""
    address = urlsplit(request.path)
    return address.path, {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}


def _fetch(url: str) -> Tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "text/plain"})) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def _hear(me: PlayerRoom, line: ServerConnection) -> None:
    """Tells the phone what its host says, and how it ends."""
    try:
        async for event in me:
            if isinstance(event, HostMessage):
                await line.send(event.data)
    except CouchwireError:
        pass  # told below
    except ConnectionClosed:
        return
    if me.closed is not None:
        await line.close(me.closed.code, me.closed.reason)


class _Host:
    def __init__(
        self,
        line: ServerConnection,
        server: str,
        session: Optional[str],
        with_session: Dict[str, Set[int]],
        prepared: Dict[str, Dict[str, Any]],
    ) -> None:
        self._line = line
        self._server = server
        self._session = session
        self._with_session = with_session
        self._prepared = prepared
        self._is_locked = False
        #: Second `prepare`s whose answer has not come yet.
        self._marks = 0

    async def play(self) -> None:
        """Speaks for the host until its line or its room is over."""
        room = await self._opened()
        telling = asyncio.ensure_future(self._tell(room))
        try:
            async for frame in self._line:
                await self._follow(room, cbor2.loads(frame))  # type: ignore[arg-type]
        except (ConnectionClosed, CouchwireError):
            pass  # it is over, which the other half tells
        finally:
            is_away = self._session is not None and self._line.close_code != NORMAL
            await (room.detach() if is_away else room.close())
            await asyncio.wait([telling])

    async def _opened(self) -> HostRoom:
        known = None if self._session is None else self._prepared.get(self._session)
        options = await self._read_prepare() if known is None else known
        if self._session is not None:
            self._prepared[self._session] = options
        room = await couchwire.host(self._server, session=self._session, **options)
        await self._say_state(room)
        await self._say({"cmd": "prepare_reply", "key": room.code})
        return room

    async def _read_prepare(self) -> Dict[str, Any]:
        await self._say(EMPTY_STATE)
        while True:
            command = cbor2.loads(await self._line.recv())  # type: ignore[arg-type]
            if command["cmd"] == "prepare":
                break
            await self._say(EMPTY_STATE)
        more = {name: command[name] for name in ("audience", "overflow", "queue", "pin", "meta") if name in command}
        return {"game": command.get("name", ""), "max_players": command["max_players"], **more}

    async def _follow(self, room: HostRoom, command: Dict[str, Any]) -> None:
        cmd = command["cmd"]
        if cmd in ("to", "to_str"):
            await self._pass_on(room, command)
        elif cmd in ("to_audience", "to_audience_str"):
            await room.to_audience(_data(command))
        elif cmd == "start":
            await room.lock()
        elif cmd == "open":
            await room.open()
        elif cmd == "kick":
            await room.kick(command["player"], command.get("reason"), ban=command.get("ban", False))
        elif cmd == "poll":
            await room.poll(command.get("id"))
        elif cmd == "health":
            await room.health(command["every"])
        elif cmd == "stop":
            await room.close()
        elif cmd in ("rescue", "prepare"):
            # A second `prepare` is answered behind all that was said before; so is what is refused.
            self._marks += cmd == "prepare"
            player = command["player"] if cmd == "rescue" else NO_PLAYER
            asking = asyncio.ensure_future(self._ask_for_link(room, player))
            asking.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _ask_for_link(self, room: HostRoom, player: int) -> None:
        url = await room.rescue(player)
        await self._say({"cmd": "rescue_reply", "player": player, "url": url})

    async def _pass_on(self, room: HostRoom, command: Dict[str, Any]) -> None:
        how = {name: command[name] for name in ("volatile", "ttl", "retain") if name in command}
        if "except" in command:
            how["except_"] = command["except"]
        to: List[int] = command["to"]
        await (room.send(to, _data(command), **how) if to else room.broadcast(_data(command), **how))

    async def _tell(self, room: HostRoom) -> None:
        """Tells the host what happens, as WMBP has it: a state behind each join and leave. This client hears what changed instead (P5.9.12)."""
        try:
            async for event in room:
                if self._session is not None:
                    await room.save(None)  # a host that comes back knows its players, and is told what happened since
                if isinstance(event, State):
                    self._is_locked = not room.is_open and len(room.players) < room.max_players
                    await self._say_state(room)
                elif isinstance(event, Join):
                    player = event.player
                    told = {"cmd": "player_joined", "player": player.id}
                    await self._say({**told, "name": player.name} if player.name else told)
                    if not (room.is_open and len(room.players) == room.max_players):
                        await self._say_state(room)
                elif isinstance(event, Leave):
                    await self._say({"cmd": "player_left", "player": event.player.id})
                    if self._is_locked or len(room.players) < room.max_players - 1:
                        await self._say_state(room)
                elif isinstance(event, PlayerMessage):
                    is_text, data = event.is_text, event.data
                    cmd = "from_str" if is_text else "from"
                    await self._say(
                        {"cmd": cmd, "from": event.player.id, "data": data if is_text else list(event.data)}
                    )
                elif isinstance(event, (Away, Back)):
                    await self._say_presence(room, event)
                elif isinstance(event, Problem):
                    await self._say_problem(room, event)
                elif isinstance(event, Tally):
                    told = {"cmd": "audience", "count": event.watchers, "tally": dict(event.counts)}
                    await self._say(told if event.poll is None else {**told, "poll": event.poll})
                elif isinstance(event, Health):
                    players = {
                        str(id): {"rtt": one.rtt, "queued": one.queued, "away": one.is_away}
                        for id, one in event.players.items()
                    }
                    await self._say({"cmd": "health", "players": players})
        except CouchwireError:
            pass  # told below
        except ConnectionClosed:
            return
        if room.closed is not None:
            # The room was closed from here where the code is 1000: at a real server that is the end of the game.
            code = GOING_AWAY if room.closed.code == NORMAL else room.closed.code
            await self._line.close(code, room.closed.reason)

    async def _say_presence(self, room: HostRoom, event: Away | Back) -> None:
        """As a host of WMBP hears it: nothing of players that have no session of their own."""
        if event.player.id not in self._with_session.get(room.code, ()):
            return
        if isinstance(event, Back):
            await self._say({"cmd": "player_back", "player": event.player.id, "missed": event.missed})
        else:
            await self._say({"cmd": "player_away", "player": event.player.id})

    async def _say_problem(self, room: HostRoom, problem: Problem) -> None:
        if problem.command == "rescue" and self._marks > 0:
            self._marks -= 1
            await self._say({"cmd": "prepare_reply", "key": room.code})
        else:
            told = {"cmd": "error", "reason": problem.reason, "code": problem.code, "in": problem.command}
            await self._say(told)

    async def _say_state(self, room: HostRoom) -> None:
        state = {
            "cmd": "state",
            "name": room.name,
            "players": [player.id for player in room.players],
            "max_players": room.max_players,
            "accept_conns": room.is_open,
        }
        await self._say({**state, "audience": room.audience, "waiting": room.waiting})

    async def _say(self, event: Dict[str, Any]) -> None:
        await self._line.send(cbor2.dumps(event))


def _data(command: Dict[str, Any]) -> str | bytes:
    data = command["data"]
    return data if isinstance(data, str) else bytes(data)
