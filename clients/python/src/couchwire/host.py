"""``couchwire.host``: opens a room that phones join."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Union

from .address import parse_server
from .host_room import HostRoom
from .payload import to_json
from .plan import Plan, TokenSource
from .room import Opening, SessionFile


def host(
    server: str,
    *,
    game: str = "",
    max_players: int = 8,
    audience: Optional[int] = None,
    overflow: Optional[str] = None,
    queue: Optional[int] = None,
    pin: Optional[str] = None,
    meta: Any = None,
    join_url: Optional[str] = None,
    session: Optional[str] = None,
    session_file: Union[str, PathLike[str], None] = None,
    token: TokenSource = None,
    connect_timeout: Optional[float] = None,
    outbox_bytes: int = 8_388_608,
    max_frame_bytes: int = 4_194_304,
    when_full: str = "wait",
    pong_timeout: float = 5.0,
    connect_options: Optional[Mapping[str, Any]] = None,
) -> Opening[HostRoom]:
    """
    Opens a room: ``async with couchwire.host("http://192.168.1.7:8081", game="quiz") as room``. At the end of the block the room ends for all.

    :param server: The server's address.
    :param game: The game's name; it is the folder in which the server looks for the phones' page.
    :param max_players: Seats. The server's own bound may lower it.
    :param audience: Watchers beside the players; none without it.
    :param overflow: What becomes of a phone that finds the room full: ``"refuse"``, ``"queue"`` (it waits) or ``"audience"`` (it watches).
    :param queue: Phones that may wait.
    :param pin: What newcomers have to show, 1 to 32 bytes.
    :param meta: Anything worth knowing about the room, for the look-up: at most 4 KiB of JSON.
    :param join_url: Where phones join, if this server does not serve their page.
    :param session: A secret of 16 to 128 letters, by which a program that is started again gets its room back.
    :param session_file: Where such a secret is kept instead. A block that ends with an exception then keeps the room for the next start.
    :param token: A token, or a function that gives one before each attempt, for a server that asks for tokens.
    :param connect_timeout: Seconds after which ``ConnectTimeout`` is raised; by itself it tries for ever, and logs why.
    :param outbox_bytes: Bytes that are kept until they have arrived.
    :param max_frame_bytes: Bytes that the server takes in one frame.
    :param when_full: What ``send`` does past ``outbox_bytes``: ``"wait"``, ``"refuse"`` (raises ``QueueFull``) or ``"drop_oldest"`` (tells ``Gap``).
    :param pong_timeout: Seconds that the server may take to answer where the connection seems to be dead.
    :param connect_options: More arguments of ``websockets.connect``, such as ``ssl``.
    """
    kept_at = parse_server(server)
    prepare: Dict[str, Any] = {"cmd": "prepare", "max_players": max_players, "name": game}
    more = {"join_url": join_url, "pin": pin, "audience": audience, "overflow": overflow, "queue": queue}
    prepare.update({name: value for name, value in more.items() if value is not None})
    if meta is not None:
        prepare["meta"] = json.loads(to_json(meta))

    async def begin() -> HostRoom:
        kept = SessionFile(None if session_file is None else Path(session_file), session)
        plan = Plan(
            url=f"{kept_at.ws}/CREATE",
            query={"bytes": "string", "state": "delta"},
            session=kept.session,
            token=token,
            outbox_bytes=outbox_bytes,
            max_frame_bytes=max_frame_bytes,
            when_full=when_full,
            pong_timeout=pong_timeout,
            connect_options=connect_options or {},
        )
        keeps_session = session is not None or session_file is not None
        return await HostRoom(kept_at, plan, kept, keeps_session, prepare).connect(connect_timeout)

    return Opening(begin)
