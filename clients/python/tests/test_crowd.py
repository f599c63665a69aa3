"""The audience (P5.6) and the waiting line (P5.7), at a host and at a player of this client."""

from __future__ import annotations

import pytest
from cutting_proxy import CuttingProxy
from servers import ServerProcess
from waiting import the_next
from websockets.asyncio.client import connect

import couchwire
from couchwire import (
    Closed,
    HostMessage,
    InvalidArgument,
    Join,
    Leave,
    PlayerMessage,
    Queue,
    Reconnecting,
    Seated,
    State,
    Tally,
)


async def test_p5_6_the_audience_hears_the_host_and_votes(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=1, audience=10) as room:
        async with connect(f"ws://127.0.0.1:{server.port}/{room.code}?role=audience") as watcher:
            while room.audience == 0:
                await the_next(room, State)
            await room.to_audience("welcome")
            await room.to_audience({"round": 1})
            await room.to_audience(b"\x01")
            assert [await watcher.recv() for _ in range(3)] == ["welcome", '{"round":1}', b"\x01"]
            await room.poll("colour")
            await room.drain()
            await watcher.send("red")
            assert await the_next(room, Tally) == Tally({"red": 1}, 0, 1, "colour")
            await watcher.send("blue")
            assert await the_next(room, Tally) == Tally({"blue": 1}, 0, 1, "colour")
            await room.poll(None)
            assert room.players == []


async def test_p5_7_a_player_waits_for_a_seat_and_loses_nothing_that_it_says(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=1, overflow="queue") as room:
        first = await couchwire.join(server.url, code=room.code, name="Ada")
        await the_next(room, Join)
        async with couchwire.join(server.url, code=room.code, name="Bo") as second:
            assert (await the_next(second, Queue)).position == 1 and second.position == 1
            with pytest.raises(InvalidArgument, match="waits for a seat"):
                assert second.id
            async with couchwire.join(server.url, code=room.code) as third:
                assert third.position == 2
            while room.waiting != 1:  # the third has gone
                await the_next(room, State)
            await second.send("said while it waited")
            await first.close()
            await the_next(room, Leave)
            assert isinstance(await the_next(second, Seated), Seated)
            assert second.id == 2 and [second.position] == [None]
            assert (await the_next(room, Join)).player.name == "Bo"
            message = await the_next(room, PlayerMessage)
            assert (message.data, message.player.id) == ("said while it waited", 2)
            await room.send(message.player, "heard")
            assert (await the_next(second, HostMessage)).data == "heard"


async def test_p5_7_5_a_line_that_is_cut_while_it_waits_waits_again(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line:
        async with couchwire.host(server.url, max_players=1, overflow="queue") as room:
            first = await couchwire.join(server.url, code=room.code)
            async with couchwire.join(line.url, code=room.code) as second:
                await the_next(second, Queue)
                await second.send("kept")
                line.cut_now()
                await the_next(second, Reconnecting)
                assert (await the_next(second, Queue)).position == 1
                await first.close()
                await the_next(second, Seated)
                assert (await the_next(room, PlayerMessage)).data == "kept"


async def test_p5_7_6_a_player_that_could_only_watch_is_told_that_the_room_is_full(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=0, overflow="audience", audience=5) as room:
        with pytest.raises(Closed, match="audience") as caught:
            await couchwire.join(server.url, code=room.code)
        assert caught.value.name == "room_full"
