"""What goes wrong: refusals of the server, wrong arguments, and limits of this client's own."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List

import pytest
from cutting_proxy import CuttingProxy
from servers import ServerProcess
from waiting import the_next

import couchwire
from couchwire import (
    Closed,
    ConnectTimeout,
    HostMessage,
    InvalidArgument,
    Join,
    PlayerMessage,
    QueueFull,
    Reconnecting,
    TooLarge,
)
from couchwire.address import Server, parse_room_address, parse_server

HOST = "http://192.168.1.7:8081"


async def test_p4_1_a_room_that_is_not_there_is_final(servers: ServerProcess) -> None:
    server = servers.start()
    with pytest.raises(Closed, match="Game not found") as caught:
        await couchwire.join(server.url, code="BCDF")
    assert (caught.value.code, caught.value.name, caught.value.is_final) == (4504, "room_not_found", True)


async def test_p4_1_a_full_room_is_final(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=0) as room:
        with pytest.raises(Closed) as caught:
            await couchwire.join(server.url, code=room.code)
        assert caught.value.name == "room_full"


async def test_p5_2_2_a_name_that_is_too_long_is_final(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        with pytest.raises(Closed, match="name") as caught:
            await couchwire.join(server.url, code=room.code, name="x" * 65)
        assert caught.value.name == "bad_request"


async def test_a_server_that_is_not_there_is_told_after_the_time_given(servers: ServerProcess) -> None:
    server = servers.start()
    servers.close(server)
    with pytest.raises(ConnectTimeout, match=f"{server.port}/CREATE: "):
        await couchwire.host(server.url, connect_timeout=1)


async def test_p5_9_14_a_token_is_asked_for_before_each_attempt(servers: ServerProcess) -> None:
    asked: List[int] = []

    async def token() -> str:
        asked.append(1)
        if len(asked) == 1:
            raise OSError("no network yet")
        return "no.token.atall"

    server = servers.start(jwtSecret="s" * 32)
    with pytest.raises(Closed) as caught:
        await couchwire.host(server.url, token=token)
    assert (caught.value.name, len(asked)) == ("unauthorized", 2)


async def test_a_queue_that_is_full_refuses_where_it_may_not_wait(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code, when_full="refuse", outbox_bytes=1_000) as me:
            line.refuse(True)
            line.cut_now()
            await the_next(me, Reconnecting)
            await me.send("x" * 900)
            with pytest.raises(QueueFull, match="outbox_bytes"):
                await me.send("x" * 900)
            line.refuse(False)
            assert (await the_next(room, PlayerMessage)).text == "x" * 900


async def test_a_queue_that_is_full_waits_for_room(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code, outbox_bytes=1_000) as me:
            line.refuse(True)
            line.cut_now()
            await the_next(me, Reconnecting)
            await me.send("x" * 900)
            waiting = asyncio.ensure_future(me.send("y" * 900))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not waiting.done()
            line.refuse(False)
            await waiting
            assert [(await the_next(room, PlayerMessage)).text[0] for _ in range(2)] == ["x", "y"]


async def test_a_frame_that_the_server_would_not_take_is_refused_here(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        with pytest.raises(TooLarge, match="1048577 bytes"):
            await me.send(bytes(1_048_577))
        await me.send("it goes on")
        assert (await the_next(room, PlayerMessage)).data == "it goes on"


async def test_what_cannot_be_sent_is_refused_and_nothing_is_lost(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        player = (await the_next(room, Join)).player
        for data in ({1, 2}, float("nan"), object()):
            with pytest.raises(InvalidArgument):
                await room.send(player, data)
        for to in (-1, 2**32, "1"):
            with pytest.raises(InvalidArgument):
                await room.send(to, "x")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
            await room.save(object())
        await room.send(player, "it goes on")
        assert (await the_next(me, HostMessage)).data == "it goes on"


async def test_p5_8_1_a_player_that_sends_fast_is_paced_and_stays(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        for number in range(250):
            await me.send(str(number))
        assert [(await the_next(room, PlayerMessage)).text for _ in range(250)] == [
            str(number) for number in range(250)
        ]
        assert me.closed is None


@pytest.mark.parametrize(
    "options",
    [{"outbox_bytes": 0}, {"max_frame_bytes": -1}, {"pong_timeout": 0}, {"when_full": "wait?"}, {"session": "short"}],
)
async def test_options_that_make_no_sense_are_refused(options: Dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        await couchwire.host(HOST, **options)


@pytest.mark.parametrize(
    ("address", "code", "server", "room", "rescue"),
    [
        (f"{HOST}/bcdf", None, HOST, "BCDF", None),
        (f"{HOST}/BCDF?rescue=t0ken", None, HOST, "BCDF", "t0ken"),
        (f"{HOST}/party/BCDF/", None, f"{HOST}/party", "BCDF", None),
        (f"{HOST}/games/quiz/player.html?room=BCDF", None, HOST, "BCDF", None),
        (f"{HOST}/party/games/quiz/player.html?room=bcdf&rescue=t", None, f"{HOST}/party", "BCDF", "t"),
        (HOST, "bcdf", HOST, "BCDF", None),
        ("wss://example.org/", "BCDF", "https://example.org", "BCDF", None),
    ],
)
def test_addresses_of_rooms(address: str, code: str | None, server: str, room: str, rescue: str | None) -> None:
    assert parse_room_address(address, code) == (parse_server(server), room, rescue)


@pytest.mark.parametrize(
    "address", ["", "192.168.1.7:8081", "ftp://example.org/BCDF", HOST, f"{HOST}/ABC", f"{HOST}/ABCDE"]
)
def test_addresses_that_lead_nowhere(address: str) -> None:
    with pytest.raises(InvalidArgument):
        couchwire.join(address)


def test_addresses_of_servers() -> None:
    assert parse_server("HTTPS://example.org/party/") == Server("https://example.org/party", "wss://example.org/party")
